package db

import (
	"context"
	"time"

	"pasban/monitor"
)

// The outbox of alerts.

const selectDeliveries = `SELECT id, alert, incident, sink, recipient, language, state, worker, payload, attempts,
	silence, within, created, updated FROM deliveries `

func scanDelivery(r row) (d monitor.Delivery, err error) {
	err = r.Scan(&d.ID, &d.Alert, &d.Incident, &d.Sink, &d.Recipient, &d.Language, &d.State, &d.Worker, rawInto{&d.Payload},
		jsonInto{&d.Attempts}, &d.Silence, &d.Within, instantInto{&d.Created}, instantInto{&d.Updated})
	return d, err
}

func (q queries) Delivery(ctx context.Context, id int64) (monitor.Delivery, error) {
	d, err := one(ctx, q, scanDelivery, selectDeliveries+`WHERE id = $1`, id)
	return d, wrap(err, "finding delivery %d", id)
}

func (q queries) Deliveries(ctx context.Context, incident int64) ([]monitor.Delivery, error) {
	all, err := list(ctx, q, scanDelivery, selectDeliveries+`WHERE incident = $1 ORDER BY id`, incident)
	return all, wrap(err, "listing deliveries of incident %d", incident)
}

func (q queries) Undelivered(ctx context.Context) ([]monitor.Delivery, error) {
	all, err := list(ctx, q, scanDelivery, selectDeliveries+`
		WHERE state IN ('pending', 'sending') AND sink <> '`+monitor.CanarySink+`' ORDER BY created, id`)
	return all, wrap(err, "listing undelivered alerts")
}

// LastDelivery orders by the index deliveries_sent.
func (q queries) LastDelivery(ctx context.Context) (time.Time, error) {
	all, err := list(ctx, q, scanInstant, `SELECT updated FROM deliveries
		WHERE state = 'sent' AND sink <> '`+monitor.CanarySink+`' ORDER BY updated DESC LIMIT 1`)
	if err != nil || len(all) == 0 {
		return time.Time{}, wrap(err, "looking for the last delivery")
	}
	return all[0], nil
}

func scanInstant(r row) (t time.Time, err error) {
	err = r.Scan(instantInto{&t})
	return t, err
}

func (q queries) HeldDeliveries(ctx context.Context) ([]monitor.Delivery, error) {
	all, err := list(ctx, q, scanDelivery, selectDeliveries+`WHERE state = 'held' ORDER BY created, id`)
	return all, wrap(err, "listing held alerts")
}

func (q queries) MailsSince(ctx context.Context, sink, recipient string, since time.Time) (int, error) {
	n, err := one(ctx, q, scanID, `
		SELECT COUNT(*) FROM deliveries WHERE sink = $1 AND recipient = $2 AND created >= $3
			AND state NOT IN ('held', 'grouped', 'withheld')`, sink, recipient, instant(since))
	return int(n), wrap(err, "counting the alerts to %q", recipient)
}

func (t *tx) AddDelivery(ctx context.Context, d monitor.Delivery) (int64, error) {
	err := checkKeys(d.Alert, d.Sink, d.Recipient)
	var id int64
	if err == nil {
		id, err = t.insert(ctx, `
			INSERT INTO deliveries (alert, incident, sink, recipient, language, state, worker, payload, attempts,
				silence, within, created, updated)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
			ON CONFLICT (alert, sink, recipient) DO NOTHING RETURNING id`,
			d.Alert, d.Incident, d.Sink, d.Recipient, d.Language, d.State, d.Worker, rawJSON(d.Payload),
			asJSON{utcAttempts(d.Attempts)}, d.Silence, d.Within, instant(d.Created), instant(d.Updated))
	}
	return id, wrap(err, "storing the delivery of alert %q to %q", d.Alert, d.Recipient)
}

// PutDelivery replaces a delivery that AddDelivery made, except for what
// identifies it: alert, sink and recipient. monitor.ErrNotFound if there is
// none with this ID.
func (t *tx) PutDelivery(ctx context.Context, d monitor.Delivery) error {
	err := touched(t.exec(ctx, `
		UPDATE deliveries SET incident = $2, language = $3, state = $4, worker = $5, payload = $6, attempts = $7,
			silence = $8, within = $9, created = $10, updated = $11 WHERE id = $1`,
		d.ID, d.Incident, d.Language, d.State, d.Worker, rawJSON(d.Payload), asJSON{utcAttempts(d.Attempts)},
		d.Silence, d.Within, instant(d.Created), instant(d.Updated)))
	return wrap(err, "storing delivery %d", d.ID)
}

// utcAttempts makes the times in JSON come back in UTC, as those in columns do.
func utcAttempts(attempts []monitor.Attempt) []monitor.Attempt {
	utc := make([]monitor.Attempt, len(attempts))
	for i, a := range attempts {
		a.At = a.At.UTC()
		utc[i] = a
	}
	return utc
}
