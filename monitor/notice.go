package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"pasban/alerting"
)

// A notice tells the CERT, and programs that hear every alert, about the watch itself.
// It belongs to no incident. Its ID says what is told, for ever: in one transaction
// with whatever it tells of, it is told once.

// announce puts a notice into the outbox.
func (m *Monitor) announce(ctx context.Context, tx Tx, id, severity string, n alerting.Notice) error {
	alert := alerting.Alert{ID: id + "." + string(eventOf(n)), Severity: severity, TLP: "AMBER"}
	return m.oweNotice(ctx, tx, alert, n, alerting.Route(nil, alerting.English, m.CERT, m.Hooks)...)
}

func eventOf(n alerting.Notice) alerting.Event {
	if n.Over {
		return alerting.Recovered
	}
	return alerting.Opened
}

// oweNotice puts a notice for some addresses into the outbox, under the name, the severity
// and the marking of an alert.
func (m *Monitor) oweNotice(ctx context.Context, tx Tx, alert alerting.Alert, n alerting.Notice, addresses ...alerting.Address) error {
	alert.Event, alert.Opened, alert.Observed, alert.Contact, alert.Notice = eventOf(n), m.now(), m.now(), m.Contact, &n
	payload, err := json.Marshal(alert)
	if err != nil {
		return fmt.Errorf("writing the notice %s: %w", alert.ID, err)
	}
	for _, to := range addresses {
		if err := m.owe(ctx, tx, alert, to, payload); err != nil {
			return err
		}
	}
	return nil
}

// owe puts an alert to one address into the outbox, with the job that delivers it,
// unless it is there.
func (m *Monitor) owe(ctx context.Context, tx Tx, alert alerting.Alert, to alerting.Address, payload []byte) error {
	id, err := tx.AddDelivery(ctx, Delivery{
		Alert: alert.ID, Incident: alert.Incident, Sink: to.Sink, Recipient: to.To, Language: to.Language,
		State: Pending, Payload: payload, Created: m.now(), Updated: m.now(),
	})
	if err != nil {
		return fmt.Errorf("writing to the outbox: %w", err)
	}
	if id == 0 {
		return nil // told already
	}
	return m.queue.insertDeliver(ctx, tx, id)
}

// inWords is a length of time as people say it: "42 min", "3 h 10 min", "52 days".
func inWords(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// onClock is a moment as the CERT's clocks show it, in English.
func onClock(t time.Time) string { return t.In(Zone).Format("2 January, 15:04 MST") }
