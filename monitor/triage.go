package monitor

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"pasban/compare"
)

// Waiting is something that waits for a decision of an analyst: an incident that nobody
// has taken up, or a finding that a second look did not bear out.
type Waiting struct {
	Key      string // "i12" for an incident, "q7" for a question
	Incident int64  // one of the two is 0
	Question int64
	Site     Site
	Owner    Institution
	Target   string
	Capture  string // the look to decide about
	Kind     string
	Severity string
	State    State // of an incident
	Score    float64
	Why      string
	Since    time.Time
	Campaign string
	Priority float64 // higher first: see priority
	// Group is the same for things that one decision settles: what looks the same on
	// many sites, or one campaign. Size counts them, this one included.
	Group string
	Size  int
	Until time.Time // put off until then
}

// Object is how it stands in the record.
func (w Waiting) Object() string {
	if w.Incident != 0 {
		return IncidentObject(w.Incident)
	}
	return QuestionObject(w.Question)
}

// Queue lists what waits, most urgent first. With snoozed, only what was put off.
func (m *Monitor) Queue(ctx context.Context, snoozed bool) ([]Waiting, error) {
	known, err := m.known(ctx)
	if err != nil {
		return nil, err
	}
	incidents, err := m.Store.Incidents(ctx, true)
	if err != nil {
		return nil, err
	}
	questions, err := m.Store.Questions(ctx)
	if err != nil {
		return nil, err
	}
	later, err := m.Store.Snoozes(ctx, m.now())
	if err != nil {
		return nil, err
	}
	out := make([]Waiting, 0, len(incidents)+len(questions))
	for _, i := range incidents {
		if i.State == Open {
			out = append(out, m.waitingIncident(i))
		}
	}
	for _, q := range questions {
		out = append(out, waitingQuestion(q))
	}
	for i := range out {
		w := &out[i]
		w.Site = known.sites[w.Site.ID]
		w.Owner = known.institutions[w.Site.Institution]
		w.Priority = m.priority(*w)
		at, found := slices.BinarySearchFunc(later, w.Object(), func(s Snooze, o string) int { return strings.Compare(s.Object, o) })
		if found {
			w.Until = later[at].Until
		}
	}
	out = slices.DeleteFunc(out, func(w Waiting) bool { return w.Until.IsZero() == snoozed || w.Site.ID == "" })
	sizes := map[string]int{}
	for _, w := range out {
		sizes[w.Group]++
	}
	for i := range out {
		out[i].Size = sizes[out[i].Group]
	}
	slices.SortStableFunc(out, func(a, b Waiting) int {
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), a.Since.Compare(b.Since), strings.Compare(a.Key, b.Key))
	})
	return out, nil
}

func (m *Monitor) waitingIncident(i Incident) Waiting {
	top := topFinding(i.Findings)
	w := Waiting{
		Key: fmt.Sprintf("i%d", i.ID), Incident: i.ID, Site: Site{ID: i.Site}, Target: i.Target, Capture: top.Capture,
		Kind: string(i.Kind), Severity: string(i.Severity), State: i.State, Score: top.Score, Why: i.Summary,
		Since: i.Opened, Campaign: i.Campaign, Group: groupOf(i.Campaign, []compare.Finding{top.Finding}),
	}
	return w
}

func waitingQuestion(q Question) Waiting {
	w := Waiting{
		Key: fmt.Sprintf("q%d", q.ID), Question: q.ID, Site: Site{ID: q.Site}, Target: q.Target, Capture: q.Capture,
		Score: q.Report.Score, Why: q.Report.Why, Since: q.Opened, Group: groupOf("", q.Report.Findings),
	}
	var top compare.Finding
	for _, f := range q.Report.Findings {
		if f.Severity.Rank() > top.Severity.Rank() {
			top = f
		}
	}
	w.Kind, w.Severity = string(top.Kind), string(top.Severity)
	return w
}

// groupOf names what one decision can settle: a campaign, or the same findings with the
// same evidence. What has no evidence is like nothing else.
func groupOf(campaign string, findings []compare.Finding) string {
	if campaign != "" {
		return campaign
	}
	var parts []string
	for _, f := range findings {
		if f.Evidence != "" {
			parts = append(parts, f.Rule+"\x1f"+f.Evidence)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	slices.Sort(parts)
	return shortDigest(strings.Join(parts, "\x1e"))
}

func shortDigest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}

// priority orders the queue: how bad it is first, then whom it hits, how sure it is, and
// for how long it has waited, so that nothing waits for ever behind what is worse. A
// severity weighs more than a tier and certainty together, and a day of waiting as much
// as one severity.
func (m *Monitor) priority(w Waiting) float64 {
	kind := map[string]float64{string(compare.Leak): 0.6, string(compare.Injection): 0.5, string(compare.Defacement): 0.4}
	tier := map[Tier]float64{Banking: 0.9, Federal: 0.8, Provincial: 0.5, Territory: 0.5}
	age := m.now().Sub(w.Since).Hours() / 24
	p := 3*float64(compare.Severity(w.Severity).Rank()) + kind[w.Kind] + tier[w.Owner.Tier] + w.Score + min(3*max(age, 0), 9)
	if w.Incident != 0 {
		p += 6 // two looks agree, and people were told
	}
	return p
}

// knownSites are what everything else hangs on, read once.
type knownSites struct {
	list         []Site // by ID
	sites        map[string]Site
	institutions map[string]Institution
}

func (m *Monitor) known(ctx context.Context) (knownSites, error) {
	k := knownSites{sites: map[string]Site{}, institutions: map[string]Institution{}}
	var err error
	if k.list, err = m.Store.Sites(ctx); err != nil {
		return k, err
	}
	institutions, err := m.Store.Institutions(ctx)
	if err != nil {
		return k, err
	}
	for _, s := range k.list {
		k.sites[s.ID] = s
	}
	for _, i := range institutions {
		k.institutions[i.ID] = i
	}
	return k, nil
}
