package monitor

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"pasban/alerting"
	"pasban/compare"
)

// A mailbox that gets two hundred mails in an hour is read by nobody. To one recipient
// go so many mails in stormWindow; what more there is to say is held in the outbox, in
// the transaction that would have sent it, and told by one mail that lists it all. A
// held alert is never sent by itself as well, and never lost: the list and the mark
// on each alert that is in it are one transaction.

const (
	// stormWindow is over how long mails are counted, and how long an alert is held
	// at most.
	stormWindow = 10 * time.Minute
	// stormMails to one recipient within the window go out one by one. Ten is what a
	// person on duty reads in that time.
	stormMails = 10
)

// post puts a new delivery into the outbox: to be sent, or to be told in a list.
// Machines, which hooks are for, do not tire.
func (m *Monitor) post(ctx context.Context, tx Tx, d Delivery) error {
	stormy, err := m.stormy(ctx, tx, d)
	if err != nil {
		return err
	}
	if !stormy {
		return m.send(ctx, tx, d)
	}
	d.State = Held
	_, err = tx.AddDelivery(ctx, d)
	return err
}

// release is post for a delivery that was held.
func (m *Monitor) release(ctx context.Context, tx Tx, d Delivery) error {
	d.Silence, d.Created, d.Updated = 0, m.now(), m.now()
	stormy, err := m.stormy(ctx, tx, d)
	if err != nil {
		return err
	}
	if stormy {
		return tx.PutDelivery(ctx, d)
	}
	return m.letGo(ctx, tx, d)
}

// letGo sends a delivery that was held.
func (m *Monitor) letGo(ctx context.Context, tx Tx, d Delivery) error {
	d.State, d.Updated = Pending, m.now()
	if err := tx.PutDelivery(ctx, d); err != nil {
		return err
	}
	return m.queue.insertDeliver(ctx, tx, d.ID)
}

// stormy reports that a recipient has had enough mails for now, or is owed a list.
func (m *Monitor) stormy(ctx context.Context, tx Tx, d Delivery) (bool, error) {
	if d.Sink != alerting.SMTP || m.MailLimit < 0 {
		return false, nil
	}
	n, err := tx.MailsSince(ctx, d.Sink, d.Recipient, m.now().Add(-stormWindow))
	if err != nil {
		return false, err
	}
	held, err := tx.HeldDeliveries(ctx)
	if err != nil {
		return false, err
	}
	owed := len(inStorm(held, d.Recipient)) > 0
	return owed || n >= cmp.Or(m.MailLimit, stormMails), nil
}

// inStorm are the deliveries that a storm holds back from a recipient.
func inStorm(held []Delivery, recipient string) []Delivery {
	return slices.DeleteFunc(slices.Clone(held), func(d Delivery) bool { return d.Silence != 0 || d.Recipient != recipient })
}

// endStorms writes the lists that are due: those whose first alert has been held for
// long enough, and those with an incident of which now is told.
func (m *Monitor) endStorms(ctx context.Context, now func(incident int64) bool) error {
	all, err := m.Store.HeldDeliveries(ctx)
	if err != nil {
		return err
	}
	var recipients []string
	for _, d := range all {
		if d.Silence == 0 && !slices.Contains(recipients, d.Recipient) {
			recipients = append(recipients, d.Recipient)
		}
	}
	for _, to := range recipients {
		err := m.Store.Update(ctx, func(tx Tx) error {
			all, err := tx.HeldDeliveries(ctx)
			if err != nil {
				return err
			}
			held := inStorm(all, to)
			if len(held) == 0 || m.now().Sub(held[0].Created).Abs() < stormWindow && !slices.ContainsFunc(held, func(d Delivery) bool { return now(d.Incident) }) {
				return nil
			}
			return m.tellStorm(ctx, tx, held)
		})
		if err != nil {
			return fmt.Errorf("telling %s what was held back: %w", to, err)
		}
	}
	return nil
}

// tellStorm puts the list of what was held back from one recipient into the outbox. One
// alert needs no list.
func (m *Monitor) tellStorm(ctx context.Context, tx Tx, held []Delivery) error {
	if len(held) == 1 {
		return m.letGo(ctx, tx, held[0])
	}
	list, err := m.list(held)
	if err != nil {
		return err
	}
	d := held[0]
	d.ID, d.Alert, d.State, d.Attempts, d.Created, d.Updated = 0, list.ID, Pending, nil, m.now(), m.now()
	if d.Payload, err = json.Marshal(list); err != nil {
		return fmt.Errorf("writing the list: %w", err)
	}
	if d.ID, err = tx.AddDelivery(ctx, d); err != nil {
		return err
	}
	for _, h := range held {
		h.State, h.Within, h.Updated = Grouped, d.ID, m.now()
		if err := tx.PutDelivery(ctx, h); err != nil {
			return err
		}
	}
	return m.queue.insertDeliver(ctx, tx, d.ID)
}

// list is the alert that tells others, the gravest and newest first.
func (m *Monitor) list(held []Delivery) (alerting.Alert, error) {
	g := alerting.Group{Made: m.now(), Count: len(held)}
	a := alerting.Alert{
		ID: fmt.Sprintf("held.%d.%d", held[0].ID, held[len(held)-1].ID), Incident: held[0].Incident, Event: alerting.Held,
		Opened: held[0].Created, Observed: m.now(), Contact: m.Contact, TLP: "CLEAR",
	}
	var lines []alerting.GroupLine
	for _, d := range held {
		var one alerting.Alert
		if err := json.Unmarshal(d.Payload, &one); err != nil {
			return a, fmt.Errorf("reading the alert of delivery %d: %w", d.ID, err)
		}
		a.TLP = strictest(a.TLP, one.TLP)
		if compare.Severity(one.Severity).Rank() > compare.Severity(a.Severity).Rank() {
			a.Severity = one.Severity
		}
		lines = append(lines, alerting.GroupLine{
			Incident: one.Incident, Event: one.Event, Kind: one.Kind, Severity: one.Severity, Institution: one.Institution,
			SiteName: one.SiteName, URL: one.URL, Opened: one.Opened,
		})
	}
	slices.SortStableFunc(lines, func(x, y alerting.GroupLine) int {
		return cmp.Or(compare.Severity(y.Severity).Rank()-compare.Severity(x.Severity).Rank(), y.Opened.Compare(x.Opened))
	})
	g.Lines, g.More = cut(lines, alerting.GroupLines)
	a.Group = &g
	return a, nil
}

// strictest of two labels of the Traffic Light Protocol; what is none counts as AMBER.
func strictest(a, b string) string {
	order := []string{"CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"}
	rank := func(label string) int {
		if i := slices.Index(order, strings.ToUpper(label)); i >= 0 {
			return i
		}
		return 2
	}
	return order[max(rank(a), rank(b))]
}
