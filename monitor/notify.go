package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"slices"
	"time"

	"pasban/alerting"
	"pasban/compare"
)

// draw makes the three pictures of an alarm and stores them.
func (m *Monitor) draw(ctx context.Context, c Capture) ([]alerting.Picture, error) {
	if c.Blobs[BlobPicture] == "" {
		return nil, nil
	}
	leave, err := m.darkroom.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	before, err := m.drawBefore(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("drawing the alarm of %s: %w", c.Target, err)
	}
	after, err := m.readPicture(ctx, c.Blobs[BlobPicture])
	if unshowable(err) {
		// Whoever spoils a picture must not spoil the alarm.
		m.Logger.Error("the picture of an alarm cannot be read; the alarm goes without", "target", c.Target, "capture", c.ID, "error", err)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("drawing the alarm of %s: %w", c.Target, err)
	}
	focus := focusOf(c.Report)
	shown, err := m.storePicture(ctx, BlobAfter, compare.DrawAfter(after, &c.Report), focus)
	if err != nil {
		return nil, err
	}
	// With nothing before there is nothing to differ from; and the pictures of two
	// visitors differ everywhere.
	if len(before) == 0 || c.Visitor.other() {
		return append(before, shown), nil
	}
	difference, err := m.storePicture(ctx, BlobDifference, compare.DrawDifference(after, &c.Report), focus)
	return append(before, shown, difference), err
}

// drawBefore draws and stores the approved look that a capture was compared with: one
// picture, or none.
func (m *Monitor) drawBefore(ctx context.Context, c Capture) ([]alerting.Picture, error) {
	before, err := m.pictureBefore(ctx, c)
	if unshowable(err) {
		m.Logger.Error("the approved picture cannot be read; the alarm goes without", "target", c.Target, "capture", c.ID, "error", err)
		return nil, nil
	}
	if err != nil || before == nil {
		return nil, err
	}
	p, err := m.storePicture(ctx, BlobBefore, compare.DrawBefore(before, &c.Report), focusOf(c.Report))
	return []alerting.Picture{p}, err
}

// pictureBefore loads the approved picture a capture was compared with, nil if
// there was none.
func (m *Monitor) pictureBefore(ctx context.Context, c Capture) (image.Image, error) {
	p, err := m.profileOf(ctx, c)
	if err != nil || p == nil {
		return nil, err
	}
	return m.approvedPicture(ctx, p)
}

// profileOf is what had been learned of the page of a capture when it was compared, nil
// if nothing had.
func (m *Monitor) profileOf(ctx context.Context, c Capture) (*profile, error) {
	if c.Baseline == 0 {
		return nil, nil
	}
	all, err := m.Store.Baselines(ctx, c.Target)
	if err != nil {
		return nil, err
	}
	for _, b := range all {
		if b.Version == c.Baseline {
			return m.profile(ctx, b)
		}
	}
	return nil, fmt.Errorf("baseline %s version %d: %w", c.Target, c.Baseline, ErrNotFound)
}

func (m *Monitor) storePicture(ctx context.Context, name string, img image.Image, focus image.Rectangle) (alerting.Picture, error) {
	data, mime, w, h, err := alerting.ShrinkAround(img, focus)
	if err != nil {
		return alerting.Picture{}, fmt.Errorf("making the %s picture: %w", name, err)
	}
	digest, err := m.Blobs.Put(ctx, data)
	if err != nil {
		return alerting.Picture{}, fmt.Errorf("storing the %s picture: %w", name, err)
	}
	return alerting.Picture{Name: name, MIME: mime, Ref: "sha256:" + digest, SHA256: digest, Width: w, Height: h}, nil
}

// focusOf is the part of a tall page that a picture must show: the gravest
// finding that has a place, else the largest change.
func focusOf(r compare.Report) image.Rectangle {
	var best *compare.Finding
	for i, f := range r.Findings {
		if f.Region != nil && (best == nil || f.Severity.Rank() > best.Severity.Rank()) {
			best = &r.Findings[i]
		}
	}
	switch {
	case best != nil:
		return rectangle(*best.Region)
	case len(r.Changed) > 0:
		return rectangle(r.Changed[0])
	}
	return image.Rectangle{}
}

func rectangle(b compare.Box) image.Rectangle {
	return image.Rect(int(b.X), int(b.Y), int(b.X+b.W), int(b.Y+b.H))
}

// drawn names the blobs of the pictures, for the capture's record.
func drawn(pictures []alerting.Picture) map[string]string {
	if len(pictures) == 0 {
		return nil
	}
	out := map[string]string{}
	for _, p := range pictures {
		out[p.Name] = p.SHA256
	}
	return out
}

// tell saves an incident and puts one alert for each recipient in the outbox,
// with the jobs that deliver them: all in the transaction of the judgement. What a
// silence covers is held there; of what a campaign's list tells, the CERT hears by that.
func (m *Monitor) tell(ctx context.Context, tx Tx, i *Incident, event alerting.Event, seen Capture, pictures []alerting.Picture) error {
	alert, owner, err := m.notice(ctx, tx, i, event, seen)
	if err != nil {
		return err
	}
	alert.Pictures = pictures
	payload, err := json.Marshal(alert)
	if err != nil {
		return fmt.Errorf("writing the alert of incident %d: %w", i.ID, err)
	}
	if i.Site == CanarySite {
		return m.swallow(ctx, tx, alert, payload)
	}
	if (i.unseenOnly() || aboutSight(seen.Report)) && (m.Guard == nil || !m.Guard.TellOwners) {
		owner.Contacts = nil // the CERT's business first: see unseen.go
	}
	return m.address(ctx, tx, i, event, owner, alert, payload)
}

// notice saves an incident as told once more, and writes the numbered alert that says so.
func (m *Monitor) notice(ctx context.Context, tx Tx, i *Incident, event alerting.Event, seen Capture) (alerting.Alert, Institution, error) {
	i.Notices++
	i.Updated = m.now()
	if err := tx.PutIncident(ctx, *i); err != nil {
		return alerting.Alert{}, Institution{}, fmt.Errorf("saving incident %d: %w", i.ID, err)
	}
	alert, owner, err := m.compose(ctx, tx, i, event, seen)
	if err == nil && i.Site != CanarySite {
		alert.Number, err = tx.NumberReport(ctx, i.ID, i.Opened.In(Zone).Year())
	}
	return alert, owner, err
}

// address puts an alert into the outbox for everybody whom it is for.
func (m *Monitor) address(ctx context.Context, tx Tx, i *Incident, event alerting.Event, owner Institution, alert alerting.Alert, payload []byte) error {
	silence, err := m.silenceOver(ctx, tx, *i)
	if err != nil {
		return err
	}
	unaware, err := m.withholdClosed(ctx, tx, *i)
	if err != nil {
		return err
	}
	cert, listed := m.certFor(owner), false
	report, err := m.asReport(ctx, tx, alert, owner, i)
	if err != nil {
		return err
	}
	reported, err := m.report(ctx, tx, alert, report)
	if err != nil {
		return err
	}
	for _, to := range alerting.Route(owner.Contacts, owner.Language, cert, m.Hooks) {
		d := m.delivery(alert, to, payload)
		if isOneOf(cert, to) || slices.Contains(m.Hooks, to.To) {
			d.Payload = report
		}
		switch {
		case slices.Contains(reported, to):
			continue
		case unaware[to]:
			continue // never told of it, and now it is over
		case silence != nil:
			d.State, d.Silence = Held, silence.ID
			_, err = tx.AddDelivery(ctx, d)
		case m.toldByCampaign(i, event) && isOneOf(cert, to):
			listed = true
		default:
			err = m.post(ctx, tx, d)
		}
		if err != nil {
			return fmt.Errorf("writing to the outbox: %w", err)
		}
	}
	if listed {
		return m.noteCampaign(ctx, tx, i)
	}
	return nil
}

// delivery of an alert to one recipient, as the outbox takes it.
func (m *Monitor) delivery(a alerting.Alert, to alerting.Address, payload []byte) Delivery {
	return Delivery{
		Alert: a.ID, Incident: a.Incident, Sink: to.Sink, Recipient: to.To, Language: to.Language,
		State: Pending, Payload: payload, Created: m.now(), Updated: m.now(),
	}
}

// send puts a delivery into the outbox, with the job that makes it, unless it is there.
func (m *Monitor) send(ctx context.Context, tx Tx, d Delivery) error {
	id, err := tx.AddDelivery(ctx, d)
	if err != nil {
		return fmt.Errorf("writing to the outbox: %w", err)
	}
	if id == 0 {
		return nil // told already
	}
	return m.queue.insertDeliver(ctx, tx, id)
}

// certFor are the mailboxes that hear of an institution's incidents beside its own. A
// sink that is not configured here may be in the process that delivers: a sweep
// without a mail server must not swallow what serve would tell.
func (m *Monitor) certFor(owner Institution) []string {
	if len(m.CERT) == 0 && len(owner.Contacts) == 0 && m.Fallback != "" {
		return []string{m.Fallback}
	}
	return m.CERT
}

// isOneOf reports an address that mailboxes of the CERT come to.
func isOneOf(cert []string, to alerting.Address) bool {
	return slices.Contains(alerting.Route(nil, alerting.English, cert, nil), to)
}

// compose writes the alert. Its ID is the incident's state: number, how many
// times it was told, and what happened.
func (m *Monitor) compose(ctx context.Context, tx Tx, i *Incident, event alerting.Event, seen Capture) (alerting.Alert, Institution, error) {
	site, err := tx.Site(ctx, i.Site)
	if err != nil {
		return alerting.Alert{}, Institution{}, fmt.Errorf("site %s: %w", i.Site, err)
	}
	owner, err := tx.Institution(ctx, site.Institution)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return alerting.Alert{}, owner, fmt.Errorf("institution %s: %w", site.Institution, err)
	}
	lastGood, err := m.lastGood(ctx, tx, seen)
	if err != nil {
		return alerting.Alert{}, owner, err
	}
	a := alerting.Alert{
		ID: fmt.Sprintf("%d.%d.%s", i.ID, i.Notices, event), Incident: i.ID, Event: event,
		Kind: string(i.Kind), Severity: string(i.Severity), TLP: owner.TLP,
		Institution: owner.Name, Site: site.ID, SiteName: site.Name,
		URL: seen.URL, FinalURL: seen.FinalURL, PageTitle: seen.Title,
		Opened: i.Opened, Observed: seen.At, LastGood: lastGood, Summary: seen.Report.Why, Contact: m.Contact,
		// Nothing is told before a second browser has seen it too.
		Score: seen.Report.Score, Confirmed: (event == alerting.Opened || event == alerting.Escalated) && !aboutSight(seen.Report),
		Campaign: i.Campaign,
	}
	if event == alerting.Opened {
		if a.Ended, err = announcedUntil(ctx, tx, site, seen.At); err != nil {
			return alerting.Alert{}, owner, err
		}
	}
	if seen.Visitor.other() {
		a.Visitor = string(seen.Visitor)
	}
	for _, f := range seen.Report.Findings {
		a.Reasons = append(a.Reasons, alerting.Reason{Rule: f.Rule, Severity: string(f.Severity), Why: f.Why, Evidence: f.Evidence})
	}
	return a, owner, nil
}

// lastGood is when the target of a capture last showed its visitor the approved
// look, as far as recent captures tell.
func (m *Monitor) lastGood(ctx context.Context, tx Tx, seen Capture) (time.Time, error) {
	if aboutSight(seen.Report) {
		f, err := tx.TargetFreshness(ctx, seen.Target)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return time.Time{}, err
		}
		return f.LastGood, nil
	}
	recent, err := tx.CapturesAs(ctx, seen.Target, seen.Visitor, 100)
	if err != nil {
		return time.Time{}, err
	}
	for _, c := range recent {
		if c.Report.Verdict == compare.Unchanged || c.Report.Verdict == compare.Benign {
			return c.At, nil
		}
	}
	return time.Time{}, nil
}
