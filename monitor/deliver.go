package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"pasban/alerting"
)

// maxAttempts of a delivery are kept on record; older ones are dropped.
const maxAttempts = 50

// deliverWorker hands one alert to one recipient.
type deliverWorker struct {
	river.WorkerDefaults[deliverArgs]
	m *Monitor
}

// Work implements river.Worker.
//
// A delivery is marked as sending before the first byte leaves. A process that
// is killed between the receiving server's consent and the mark "sent" leaves
// it in doubt; it is then sent again under the same Message-ID or idempotency
// key, by which the receiving side knows it for the same. No protocol of mail
// allows more: see docs/decisions.
func (w *deliverWorker) Work(ctx context.Context, job *river.Job[deliverArgs]) error {
	if !w.m.working.begin(job.ID) {
		return river.JobSnooze(overdue) // handed out twice; see working
	}
	defer w.m.working.end(job.ID)
	d, claimed, err := w.m.claim(ctx, job.Args.Delivery)
	if err != nil || !claimed {
		return err
	}
	alert, err := w.m.loadAlert(ctx, d)
	if err != nil {
		return err
	}
	sink, ok := w.m.Sinks[d.Sink]
	if !ok {
		return w.m.postpone(ctx, d)
	}
	sent := sink.Deliver(ctx, alert, alerting.Address{Sink: d.Sink, To: d.Recipient, Language: d.Language})
	return w.m.afterDelivery(context.WithoutCancel(ctx), d, sent)
}

// claim marks a delivery as being sent by this process. It is not claimed if
// it was sent, or while another process that lives is sending it.
func (m *Monitor) claim(ctx context.Context, id int64) (d Delivery, claimed bool, err error) {
	busy := false
	err = m.Store.Update(ctx, func(tx Tx) error {
		d, err = tx.Delivery(ctx, id)
		if err != nil {
			return err
		}
		claimed = d.State == Pending || d.State == Sending
		busy = d.State == Sending && d.Worker != m.queue.client.ID() && !orphaned(d.Worker) && m.now().Sub(d.Updated).Abs() < 2*jobTimeout
		if !claimed || busy {
			return nil
		}
		d.State, d.Worker, d.Updated = Sending, m.queue.client.ID(), m.now()
		return tx.PutDelivery(ctx, d)
	})
	switch {
	case err != nil:
		return d, false, fmt.Errorf("claiming delivery %d: %w", id, err)
	case busy:
		return d, false, river.JobSnooze(jobTimeout)
	}
	return d, claimed, nil
}

// unconfigured is how long a delivery waits for a process that has its sink.
const unconfigured = 5 * time.Minute

// postpone leaves a delivery for a process that can make it.
func (m *Monitor) postpone(ctx context.Context, d Delivery) error {
	if len(d.Attempts) == 0 {
		d.Attempts = []Attempt{{At: m.now(), Error: fmt.Sprintf("no %s is configured", d.Sink)}}
	}
	d.State = Pending
	if err := m.saveDelivery(ctx, d); err != nil {
		return err
	}
	m.observe(Event{Delivery: &d})
	return river.JobSnooze(unconfigured)
}

// afterDelivery records how an attempt ended, and asks for another one if that
// may help.
func (m *Monitor) afterDelivery(ctx context.Context, d Delivery, result error) error {
	attempt := Attempt{At: m.now()}
	switch {
	case result == nil:
		d.State = Sent
	case errors.Is(result, alerting.ErrPermanent):
		d.State = Failed
	default:
		d.State = Pending
	}
	if result != nil {
		attempt.Error = storable(result.Error())
	}
	d.Attempts = append(d.Attempts, attempt)
	if n := len(d.Attempts); n > maxAttempts {
		d.Attempts = d.Attempts[n-maxAttempts:]
	}
	if err := m.saveDelivery(ctx, d); err != nil {
		return err
	}
	m.observe(Event{Delivery: &d})
	if d.State == Failed {
		m.Logger.Error("an alert cannot be delivered", "alert", d.Alert, "to", d.Recipient, "error", result)
		return river.JobCancel(result)
	}
	if result != nil {
		return fmt.Errorf("delivering alert %s to %s: %w", d.Alert, d.Recipient, result)
	}
	return nil
}

func (m *Monitor) saveDelivery(ctx context.Context, d Delivery) error {
	d.Updated = m.now()
	if err := m.Store.Update(ctx, func(tx Tx) error { return tx.PutDelivery(ctx, d) }); err != nil {
		return fmt.Errorf("saving delivery %d: %w", d.ID, err)
	}
	return nil
}

// loadAlert rebuilds the alert of a delivery with its pictures.
func (m *Monitor) loadAlert(ctx context.Context, d Delivery) (alerting.Alert, error) {
	var alert alerting.Alert
	if err := json.Unmarshal(d.Payload, &alert); err != nil {
		return alert, fmt.Errorf("reading the alert of delivery %d: %w", d.ID, err)
	}
	for i := range alert.Pictures {
		p := &alert.Pictures[i]
		data, err := m.readBlob(ctx, p.SHA256)
		if errors.Is(err, ErrNotFound) || errors.Is(err, ErrCorrupt) {
			// The alert matters more than its picture.
			m.Logger.Error("a picture of an alert cannot be read", "alert", alert.ID, "picture", p.Name, "error", err)
			continue
		}
		if err != nil {
			return alert, fmt.Errorf("loading the pictures of alert %s: %w", alert.ID, err)
		}
		p.Data = data
	}
	return alert, nil
}

// requeue asks again for every delivery that has no job: the outbox, not the
// queue, says what is owed.
func (m *Monitor) requeue(ctx context.Context) error {
	owed, err := m.Store.Undelivered(ctx)
	if err != nil {
		return fmt.Errorf("reading the outbox: %w", err)
	}
	if len(owed) == 0 {
		return nil
	}
	return m.Store.Update(ctx, func(tx Tx) error {
		for _, d := range owed {
			if err := m.queue.insertDeliver(ctx, tx, d.ID); err != nil {
				return err
			}
		}
		return nil
	})
}
