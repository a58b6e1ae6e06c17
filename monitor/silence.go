package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pasban/alerting"
	"pasban/compare"
)

// Somebody works on a server all night; a finding is known and its mails help nobody; an
// institution tells us that its new page comes on Friday. Each is a Silence: of some
// sites, for some time, for a reason that is written down, decided by somebody.
//
// A silence and a maintenance window hold mails. What is seen meanwhile is recorded and
// shown as ever; each alert waits in the outbox. When the silence ends and the page is
// still under attack, the last thing there is to say goes out and names who held it
// until when. What is over by then is not sent.
//
// A planned change holds the page. An alarm that it explains waits as a question for an
// analyst; what only an intruder does alarms as ever. When the notice ends and the page
// still is not what was approved, it is an alarm that says so.

// Kind of a finding.
type Kind = compare.Kind

// Mode says what a silence holds.
type Mode string

const (
	Hush        Mode = "silence"     // mails
	Maintenance Mode = "maintenance" // mails, while somebody works on a site
	PlannedWork Mode = "planned"     // the page, while its owner changes it
)

// Bounds of a silence: what nobody remembers must not hold an alarm.
const (
	maxSilence = 7 * 24 * time.Hour
	maxPlanned = 14 * 24 * time.Hour
	maxAhead   = 90 * 24 * time.Hour // from now to its beginning
	// silenceTold is how long after a planned change ended an alarm names it.
	silenceTold = 24 * time.Hour
	maxReason   = 500 // characters
)

// Silence holds what there is to tell of some sites, for some time. Of Site,
// Institution, Rule and Kind at least one is set, and those that are must all fit.
type Silence struct {
	ID          int64
	Mode        Mode
	Site        string // Site.ID
	Institution string // Institution.ID
	Rule        string
	Kind        compare.Kind
	From, Until time.Time
	Reason      string
	By          string // whose it is: who decided it, or for whom
	Decision    int64
	Lifted      time.Time // when a person ended it early, zero if nobody did
	LiftedBy    string
}

// Ends is when it ends or ended.
func (s Silence) Ends() time.Time {
	if !s.Lifted.IsZero() && s.Lifted.Before(s.Until) {
		return s.Lifted
	}
	return s.Until
}

// Holds reports whether it holds at a moment.
func (s Silence) Holds(at time.Time) bool { return !at.Before(s.From) && at.Before(s.Ends()) }

// of reports a site that it is about.
func (s Silence) of(site Site) bool {
	return (s.Site == "" || s.Site == site.ID) && (s.Institution == "" || s.Institution == site.Institution)
}

// PlaceSilence puts a silence in force. It refuses one without end, scope or reason.
func (m *Monitor) PlaceSilence(ctx context.Context, o Order, s Silence) (Silence, error) {
	if s.From.IsZero() {
		s.From = m.now()
	}
	s.From, s.Until, s.Reason = s.From.UTC(), s.Until.UTC(), strings.TrimSpace(o.Reason)
	if s.By == "" {
		s.By = o.Actor
	}
	if err := m.checkSilence(ctx, s); err != nil {
		return s, err
	}
	err := m.decide(ctx, o, "silence.place", s.scope(), s, func(tx Tx, decision int64) (err error) {
		s.Decision = decision
		s.ID, err = tx.AddSilence(ctx, s)
		return err
	})
	if err != nil {
		return s, fmt.Errorf("placing the silence: %w", err)
	}
	return s, nil
}

func (m *Monitor) checkSilence(ctx context.Context, s Silence) error {
	longest := maxSilence
	if s.Mode == PlannedWork {
		longest = maxPlanned
	}
	switch {
	case s.Mode != Hush && s.Mode != Maintenance && s.Mode != PlannedWork:
		return fmt.Errorf("%w: %q is no mode of a silence; there are silence, maintenance and planned", ErrRefused, s.Mode)
	case s.Reason == "" || len([]rune(s.Reason)) > maxReason || len([]rune(s.By)) > maxReason:
		return Refuse("a silence needs a reason, of at most %d characters", maxReason)
	case !s.Until.After(s.From) || !s.Until.After(m.now()):
		return fmt.Errorf("%w: the silence would end before it begins, or has ended already", ErrRefused)
	case s.Until.Sub(s.From) > longest:
		return fmt.Errorf("%w: a %s lasts %d days at most; place the next one when it ends", ErrRefused, s.Mode, longest/(24*time.Hour))
	case s.From.Sub(m.now()) > maxAhead:
		return fmt.Errorf("%w: a silence begins within %d days", ErrRefused, maxAhead/(24*time.Hour))
	case s.Mode == PlannedWork && (s.Site == "" && s.Institution == "" || s.Rule != "" || s.Kind != ""):
		return fmt.Errorf("%w: a planned change is one of a site or of an institution's sites, whatever the rule", ErrRefused)
	}
	return m.checkScope(ctx, s)
}

func (m *Monitor) checkScope(ctx context.Context, s Silence) error {
	known := func(r compare.Rule) bool { return r.ID == s.Rule }
	switch {
	case s.Site == "" && s.Institution == "" && s.Rule == "" && s.Kind == "":
		return fmt.Errorf("%w: a silence over everything is blindness; name a site, an institution, a rule or a kind", ErrRefused)
	case s.Rule != "" && !strings.HasPrefix(s.Rule, "lockdown.") && !slices.ContainsFunc(compare.Rules(), known):
		return fmt.Errorf("%w: there is no rule %q; `pasban rules` lists them", ErrRefused, s.Rule)
	case s.Kind != "" && !slices.Contains([]compare.Kind{compare.Defacement, compare.Injection, compare.Leak, compare.Lockdown, compare.Availability}, s.Kind):
		return fmt.Errorf("%w: %q is no kind; there are defacement, injection, leak, lockdown and availability", ErrRefused, s.Kind)
	}
	if s.Site != "" {
		if _, err := m.Store.Site(ctx, s.Site); err != nil {
			return fmt.Errorf("site %s: %w; `pasban sites list` shows what is watched", s.Site, err)
		}
	}
	if s.Institution != "" {
		if _, err := m.Store.Institution(ctx, s.Institution); err != nil {
			return fmt.Errorf("institution %s: %w; `pasban sites list` shows them", s.Institution, err)
		}
	}
	return nil
}

// LiftSilence ends a silence now, and lets go what it held.
func (m *Monitor) LiftSilence(ctx context.Context, o Order, id int64) (Silence, error) {
	var s Silence
	err := m.decide(ctx, o, "silence.lift", fmt.Sprintf("silence:%d", id), nil, func(tx Tx, _ int64) (err error) {
		if s, err = tx.Silence(ctx, id); err != nil {
			return fmt.Errorf("silence %d: %w", id, err)
		}
		if !s.Ends().After(m.now()) {
			return fmt.Errorf("%w: silence %d has ended already", ErrRefused, id)
		}
		s.Lifted, s.LiftedBy = m.now(), o.Actor
		if err := tx.PutSilence(ctx, s); err != nil {
			return err
		}
		held, err := tx.HeldDeliveries(ctx)
		if err != nil {
			return err
		}
		return m.endSilence(ctx, tx, slices.DeleteFunc(held, func(d Delivery) bool { return d.Silence != id }))
	})
	return s, err
}

// silenceOver is the silence that holds the mails of an incident, of several the one
// that ends last; nil if there is none.
func (m *Monitor) silenceOver(ctx context.Context, from Reader, i Incident) (*Silence, error) {
	silences, site, err := silencesOf(ctx, from, i.Site, m.now())
	if err != nil {
		return nil, err
	}
	now := m.now()
	silences = slices.DeleteFunc(silences, func(s Silence) bool { return s.Mode == PlannedWork || !s.Holds(now) || !s.of(site) })
	// Every grave finding must be covered: a silence over a moved logo must not hold
	// the news of a skimmer beside it.
	for _, f := range i.Findings {
		covered := slices.ContainsFunc(silences, func(s Silence) bool {
			return (s.Rule == "" || s.Rule == f.Rule) && (s.Kind == "" || s.Kind == f.Kind)
		})
		if !covered && f.Severity.Rank() >= min(compare.High.Rank(), i.Severity.Rank()) {
			return nil, nil
		}
	}
	var last *Silence
	for k, s := range silences {
		if last == nil || s.Ends().After(last.Ends()) {
			last = &silences[k]
		}
	}
	return last, nil
}

// silencesOf are all silences that end at a moment or later, and a site to hold
// against them.
func silencesOf(ctx context.Context, from Reader, id string, since time.Time) ([]Silence, Site, error) {
	silences, err := from.Silences(ctx, since)
	if err != nil || len(silences) == 0 {
		return nil, Site{}, err
	}
	site, err := from.Site(ctx, id)
	if err != nil {
		return nil, site, fmt.Errorf("site %s: %w", id, err)
	}
	return silences, site, nil
}

// announced is the notice that explains the alarm of a look, nil if there is none.
func announced(ctx context.Context, from Reader, c Capture) (*Silence, error) {
	if !compare.Planned(c.Report) {
		return nil, nil
	}
	silences, site, err := silencesOf(ctx, from, c.Site, c.At)
	if err != nil {
		return nil, err
	}
	for k, s := range silences {
		if s.Mode == PlannedWork && s.of(site) && s.Holds(c.At) {
			return &silences[k], nil
		}
	}
	return nil, nil
}

// expected is a report of what was announced: nobody is paged for it.
func expected(r compare.Report, s Silence) compare.Report {
	r.Verdict = compare.Suspicious
	r.Why += fmt.Sprintf(" A change was announced by %s until %s: %s", s.who(), s.Ends().Format("2006-01-02 15:04 MST"), s.Reason)
	return r
}

// announcedUntil is the notice of a change of a site that ended not long before a
// moment, nil if there is none.
func announcedUntil(ctx context.Context, from Reader, site Site, at time.Time) (*alerting.Ended, error) {
	silences, err := from.Silences(ctx, at.Add(-silenceTold))
	if err != nil {
		return nil, err
	}
	var last *alerting.Ended
	for _, s := range silences {
		recent := !s.Ends().After(at) && at.Sub(s.Ends()) < silenceTold
		if s.Mode == PlannedWork && s.of(site) && recent && (last == nil || s.Ends().After(last.Until)) {
			last = s.ended()
		}
	}
	return last, nil
}

func (s Silence) ended() *alerting.Ended {
	return &alerting.Ended{What: string(s.Mode), By: s.who(), Reason: s.Reason, Until: s.Ends()}
}

// who is By for people to read.
func (s Silence) who() string { return strings.TrimPrefix(s.By, "operator:") }

// scope is what it is about, as the object of a decision.
func (s Silence) scope() string {
	for _, part := range []struct{ name, value string }{{"site", s.Site}, {"institution", s.Institution}, {"rule", s.Rule}, {"kind", string(s.Kind)}} {
		if part.value != "" {
			return part.name + ":" + part.value
		}
	}
	return ""
}

// withholdClosed gives up what silences hold of an incident that a person has closed, and
// tells which recipients never heard of it.
func (m *Monitor) withholdClosed(ctx context.Context, tx Tx, i Incident) (map[alerting.Address]bool, error) {
	if !i.State.Closed() {
		return nil, nil
	}
	all, err := tx.Deliveries(ctx, i.ID)
	if err != nil {
		return nil, err
	}
	unaware := map[alerting.Address]bool{}
	for _, d := range all {
		if d.State != Held || d.Silence == 0 {
			continue
		}
		d.State, d.Updated = Withheld, m.now()
		if err := tx.PutDelivery(ctx, d); err != nil {
			return nil, err
		}
		unaware[d.address()] = !wasTold(all, d)
	}
	return unaware, nil
}

func (d Delivery) address() alerting.Address {
	return alerting.Address{Sink: d.Sink, To: d.Recipient, Language: d.Language}
}

// wasTold reports that the recipient of a delivery was told something else of its incident,
// or is about to be.
func wasTold(all []Delivery, d Delivery) bool {
	return slices.ContainsFunc(all, func(o Delivery) bool {
		return o.address() == d.address() && o.ID != d.ID && o.Silence == 0
	})
}

// endSilences lets go what is held by silences that have ended.
func (m *Monitor) endSilences(ctx context.Context) error {
	all, err := m.Store.HeldDeliveries(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(d Delivery) bool { return d.Silence != 0 }) {
		return nil
	}
	return m.Store.Update(ctx, func(tx Tx) error {
		all, err := tx.HeldDeliveries(ctx)
		if err != nil {
			return err
		}
		ended := map[int64]bool{}
		for _, d := range all {
			if _, known := ended[d.Silence]; known || d.Silence == 0 {
				continue
			}
			s, err := tx.Silence(ctx, d.Silence)
			if err != nil {
				return err
			}
			ended[d.Silence] = !s.Ends().After(m.now())
		}
		return m.endSilence(ctx, tx, slices.DeleteFunc(all, func(d Delivery) bool { return !ended[d.Silence] }))
	})
}

// endSilence decides on deliveries whose silence has ended: to one recipient goes the
// last word on an incident, if the page is still attacked or he knows of it.
func (m *Monitor) endSilence(ctx context.Context, tx Tx, held []Delivery) error {
	last := map[string]Delivery{} // of each incident and recipient
	key := func(d Delivery) string { return fmt.Sprintf("%d %s %s", d.Incident, d.Sink, d.Recipient) }
	for _, d := range held {
		if d.ID > last[key(d)].ID {
			last[key(d)] = d
		}
	}
	for _, d := range held {
		var err error
		if newest := last[key(d)]; newest.ID != d.ID {
			d.State, d.Within, d.Updated = Grouped, newest.ID, m.now()
			err = tx.PutDelivery(ctx, d)
		} else {
			err = m.lastWord(ctx, tx, d)
		}
		if err != nil {
			return fmt.Errorf("letting go alert %s to %s: %w", d.Alert, d.Recipient, err)
		}
	}
	return nil
}

func (m *Monitor) lastWord(ctx context.Context, tx Tx, d Delivery) error {
	i, err := tx.Incident(ctx, d.Incident)
	if err != nil {
		return err
	}
	next, err := m.silenceOver(ctx, tx, i)
	if err != nil {
		return err
	}
	if next != nil {
		d.Silence, d.Updated = next.ID, m.now()
		return tx.PutDelivery(ctx, d)
	}
	all, err := tx.Deliveries(ctx, i.ID)
	if err != nil {
		return err
	}
	over := i.State.Closed() || !i.Recovered.IsZero()
	if over && !wasTold(all, d) {
		d.State, d.Updated = Withheld, m.now()
		return tx.PutDelivery(ctx, d)
	}
	if d.Payload, err = sayWhyNow(ctx, tx, d); err != nil {
		return err
	}
	return m.release(ctx, tx, d)
}

// sayWhyNow is the payload of a delivery with the silence that held it.
func sayWhyNow(ctx context.Context, tx Tx, d Delivery) (json.RawMessage, error) {
	s, err := tx.Silence(ctx, d.Silence)
	if errors.Is(err, ErrNotFound) {
		return d.Payload, nil
	}
	if err != nil {
		return nil, err
	}
	var a alerting.Alert
	if err := json.Unmarshal(d.Payload, &a); err != nil {
		return nil, fmt.Errorf("reading the alert: %w", err)
	}
	a.Ended = s.ended()
	return json.Marshal(a)
}
