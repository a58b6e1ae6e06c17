package monitor

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"pasban/alerting"
	"pasban/compare"
	"pasban/render/egress"
)

// One intruder, or one hole, opens many sites at once. Incidents that share a trace are
// one campaign. Each institution hears of its own sites, with its own pictures; the CERT
// hears of the first victim at once, of the second by one alarm that lists both and
// what they share, and of further ones by updates of that list.
//
// Traces are stored with the incident, in its transaction, so that what is found to be
// one campaign depends on the incidents alone: not on which process judged them, nor
// on how often it was killed meanwhile.

const (
	// campaignWindow is how long after it was seen on one site a trace still joins
	// another to it. Waves over one server or one hole pass within a day; what comes
	// later is another, however the intruder signs.
	campaignWindow = 24 * time.Hour
	// One server holds hundreds of honest neighbours, so that its address joins
	// incidents only when addressVictims sites of it were hit within addressWindow.
	addressWindow  = time.Hour
	addressVictims = 3
	// campaignEvery is the least time between two mails about a campaign. The second
	// victim does not wait for it, and the last change is always told.
	campaignEvery = 10 * time.Minute
)

// Campaign is one attack on several sites.
type Campaign struct {
	ID      string    // "C-2026-0007": the seventh of its year
	Opened  time.Time // when its first victim was hit
	Updated time.Time // when a victim joined last, or something became of one
	Told    time.Time // when the CERT was last written to, zero for never
	Notices int       // mails written; it numbers them
	Pending bool      // something has changed since Told
	Listed  []int64   // the incidents that the CERT has a list of
	// PartOf is the campaign that this one turned out to be part of, "" for none. Its
	// incidents are there.
	PartOf string
}

// Trace is what the attack of an incident left by which it is known elsewhere.
type Trace struct {
	compare.Trace
	Incident int64
	Site     string
	At       time.Time // when it was seen
}

// tracesOf reads the traces of an alarm off its evidence. The alarm matters more than
// its kin, so that evidence which is lost is reported and done without.
func (m *Monitor) tracesOf(ctx context.Context, c Capture, picture string) ([]compare.Trace, error) {
	traces, err := m.readTraces(ctx, c, picture)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrCorrupt) {
		m.Logger.Error("the evidence of an alarm cannot be read; it will not be found to be part of a campaign", "capture", c.ID, "error", err)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the traces of %s: %w", c.Target, err)
	}
	return traces, nil
}

func (m *Monitor) readTraces(ctx context.Context, c Capture, picture string) ([]compare.Trace, error) {
	var look compare.Look
	if err := m.readJSON(ctx, c.Blobs[BlobView], &look.View); err != nil {
		return nil, err
	}
	leave, err := m.darkroom.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if picture != "" && !c.Visitor.other() {
		if look.Picture, err = m.readPicture(ctx, picture); err != nil {
			return nil, err
		}
	}
	p, err := m.profileOf(ctx, c)
	if err != nil {
		return nil, err
	}
	var known *compare.Baseline
	if p != nil {
		known = p.learned
	}
	traces := compare.Traces(known, look, c.Report)
	var page struct{ Network []egress.Verdict }
	if err := m.readJSON(ctx, c.Blobs[BlobPage], &page); err != nil {
		return nil, err
	}
	if a := hostedAt(c, page.Network); a != "" {
		traces = append(traces, compare.Trace{Kind: compare.TraceAddress, Value: a})
	}
	return traces, nil
}

// hostedAt is the public address at which the site of a capture answered, "" if it is
// not known.
func hostedAt(c Capture, network []egress.Verdict) string {
	u, err := url.Parse(c.URL)
	if err != nil {
		return ""
	}
	for _, v := range network {
		a, err := netip.ParseAddr(v.Address)
		if err == nil && v.Allowed && v.Host == strings.ToLower(u.Hostname()) && a.IsGlobalUnicast() && !a.IsPrivate() {
			return a.Unmap().String()
		}
	}
	return ""
}

// cluster stores the traces of an incident and makes it part of a campaign if another
// site bears one of them. What is done to a canary we do ourselves.
func (m *Monitor) cluster(ctx context.Context, tx Tx, i *Incident, seen Capture, traces []compare.Trace) error {
	if i.Site == CanarySite {
		return nil
	}
	kin, err := kinOf(ctx, tx, i, seen, traces)
	if err != nil {
		return fmt.Errorf("looking for the campaign of incident %d: %w", i.ID, err)
	}
	for _, t := range traces {
		if err := tx.AddTrace(ctx, Trace{Trace: t, Incident: i.ID, Site: i.Site, At: seen.At}); err != nil {
			return err
		}
	}
	if len(kin) == 0 {
		return nil
	}
	return m.unite(ctx, tx, i, kin)
}

// kinOf are the incidents that share a trace with one, by ID.
func kinOf(ctx context.Context, tx Tx, i *Incident, seen Capture, traces []compare.Trace) ([]Incident, error) {
	ids := map[int64]bool{}
	for _, t := range traces {
		alike, err := alikeTraces(ctx, tx, t, seen.At)
		if err != nil {
			return nil, err
		}
		sites := map[string]bool{}
		for _, other := range alike {
			if other.Site != i.Site {
				sites[other.Site] = true
			}
		}
		if t.Kind == compare.TraceAddress && len(sites)+1 < addressVictims {
			continue
		}
		for _, other := range alike {
			ids[other.Incident] = true
		}
	}
	delete(ids, i.ID)
	var kin []Incident
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		other, err := tx.Incident(ctx, id)
		if err != nil {
			return nil, err
		}
		// A site whose earlier incident was closed is no second victim.
		if other.State != FalseAlarm && (other.Site != i.Site || other.Campaign != "") {
			kin = append(kin, other)
		}
	}
	return kin, nil
}

// alikeTraces are the traces of other incidents that are the same as one, in its window.
func alikeTraces(ctx context.Context, from Reader, t compare.Trace, at time.Time) ([]Trace, error) {
	switch t.Kind {
	case compare.TraceAddress:
		return from.Traces(ctx, t.Kind, t.Value, at.Add(-addressWindow))
	case compare.TracePicture:
		all, err := from.Traces(ctx, t.Kind, "", at.Add(-campaignWindow))
		return slices.DeleteFunc(all, func(o Trace) bool { return !compare.SamePicture(o.Value, t.Value) }), err
	}
	return from.Traces(ctx, t.Kind, t.Value, at.Add(-campaignWindow))
}

// unite makes incidents one campaign: the oldest of those they are part of, or a new
// one. An incident may be the link by which two campaigns are found to be one.
func (m *Monitor) unite(ctx context.Context, tx Tx, i *Incident, kin []Incident) error {
	var campaigns []string
	first := i.Opened
	for _, other := range append(slices.Clone(kin), *i) {
		if c := other.Campaign; c != "" && !slices.Contains(campaigns, c) {
			campaigns = append(campaigns, c)
		}
		if other.Opened.Before(first) {
			first = other.Opened
		}
	}
	slices.Sort(campaigns)
	if len(campaigns) == 0 {
		id, err := tx.AddCampaign(ctx, Campaign{Opened: first, Updated: m.now()})
		if err != nil {
			return err
		}
		campaigns = []string{id}
	}
	id := campaigns[0]
	for _, later := range campaigns[1:] {
		moved, err := m.dissolve(ctx, tx, later, id)
		if err != nil {
			return fmt.Errorf("making campaign %s part of %s: %w", later, id, err)
		}
		kin = append(kin, moved...)
	}
	i.Campaign = id
	for _, other := range kin {
		if other.Campaign == id || other.ID == i.ID {
			continue
		}
		other.Campaign = id
		if err := tx.PutIncident(ctx, other); err != nil {
			return err
		}
	}
	return nil
}

// dissolve ends a campaign that is part of another, and returns its incidents.
func (m *Monitor) dissolve(ctx context.Context, tx Tx, id, into string) ([]Incident, error) {
	c, err := tx.Campaign(ctx, id)
	if err != nil {
		return nil, err
	}
	c.PartOf, c.Pending, c.Updated = into, false, m.now()
	if err := tx.PutCampaign(ctx, c); err != nil {
		return nil, err
	}
	return tx.CampaignIncidents(ctx, id)
}

// toldByCampaign reports an event of which the CERT hears by the list of its campaign. An
// attack that got worse is told by itself.
func (m *Monitor) toldByCampaign(i *Incident, event alerting.Event) bool {
	return i.Campaign != "" && event != alerting.Escalated && len(m.CERT) > 0
}

// noteCampaign writes to the CERT about the campaign of an incident, or leaves that to
// the next update.
func (m *Monitor) noteCampaign(ctx context.Context, tx Tx, i *Incident) error {
	c, err := tx.Campaign(ctx, i.Campaign)
	if err != nil {
		return err
	}
	c.Updated, c.Pending = m.now(), true
	if !m.campaignDue(c) {
		return tx.PutCampaign(ctx, c)
	}
	return m.tellCampaign(ctx, tx, c, i.ID)
}

// campaignDue reports that a mail about a campaign need not wait. A clock that was set
// back makes none wait longer.
func (m *Monitor) campaignDue(c Campaign) bool {
	since := m.now().Sub(c.Told)
	return c.Told.IsZero() || since >= campaignEvery || since < 0
}

// tellCampaign puts the list of a campaign into the outbox, in the transaction of what
// changed it. incident is the one with which the mails are listed.
func (m *Monitor) tellCampaign(ctx context.Context, tx Tx, c Campaign, incident int64) error {
	group, alert, err := m.describeCampaign(ctx, tx, c)
	if err != nil {
		return fmt.Errorf("describing campaign %s: %w", c.ID, err)
	}
	c.Told, c.Pending = m.now(), false
	c.Notices++
	c.Listed = nil
	for _, l := range group.Lines {
		c.Listed = append(c.Listed, l.Incident)
	}
	if err := tx.PutCampaign(ctx, c); err != nil {
		return err
	}
	alert.ID, alert.Incident, alert.Group = fmt.Sprintf("%s.%d", c.ID, c.Notices), incident, &group
	payload, err := json.Marshal(alert)
	if err != nil {
		return fmt.Errorf("writing about campaign %s: %w", c.ID, err)
	}
	for _, to := range alerting.Route(nil, alerting.English, m.CERT, nil) {
		if err := m.send(ctx, tx, m.delivery(alert, to, payload)); err != nil {
			return err
		}
	}
	return nil
}

// describeCampaign lists its victims, those first of which the CERT has not heard.
func (m *Monitor) describeCampaign(ctx context.Context, tx Tx, c Campaign) (alerting.Group, alerting.Alert, error) {
	victims, err := tx.CampaignIncidents(ctx, c.ID)
	if err != nil {
		return alerting.Group{}, alerting.Alert{}, err
	}
	g := alerting.Group{Campaign: c.ID, First: c.Notices == 0, Made: m.now()}
	a := alerting.Alert{Event: alerting.Mass, TLP: "AMBER", Opened: c.Opened, Observed: m.now(), Contact: m.Contact}
	var lines []alerting.GroupLine
	owners := map[string]bool{}
	worst := compare.Severity("")
	for _, i := range victims {
		if i.State == FalseAlarm {
			continue
		}
		line, owner, err := groupLine(ctx, tx, i)
		if err != nil {
			return g, a, err
		}
		line.New = !slices.Contains(c.Listed, i.ID)
		lines = append(lines, line)
		owners[cmp.Or(owner.Institution, i.Site)] = true
		a.TLP = strictest(a.TLP, owner.TLP)
		if i.Severity.Rank() > worst.Rank() {
			worst, a.Kind, a.Severity = i.Severity, string(i.Kind), string(i.Severity)
		}
	}
	slices.SortFunc(lines, func(x, y alerting.GroupLine) int {
		if x.New != y.New {
			return map[bool]int{true: -1, false: 1}[x.New]
		}
		return cmp.Or(y.Opened.Compare(x.Opened), cmp.Compare(y.Incident, x.Incident))
	})
	g.Count, g.Institutions = len(lines), len(owners)
	g.Lines, g.More = cut(lines, alerting.GroupLines)
	g.Shared, err = shared(ctx, tx, victims)
	return g, a, err
}

// cut keeps the first n of a list, and counts the others.
func cut[T any](list []T, n int) (kept []T, more int) {
	if len(list) <= n {
		return list, 0
	}
	return list[:n], len(list) - n
}

// groupLine is what a list says of an incident, and whose it is.
func groupLine(ctx context.Context, from Reader, i Incident) (alerting.GroupLine, Asked, error) {
	owner, err := ownerOf(ctx, from, i.Site)
	if err != nil {
		return alerting.GroupLine{}, owner, err
	}
	line := alerting.GroupLine{
		Incident: i.ID, Kind: string(i.Kind), Severity: string(i.Severity), Institution: owner.Institution, SiteName: owner.SiteName,
		URL: owner.URL, Opened: i.Opened, State: string(i.State),
	}
	if !i.State.Closed() && !i.Recovered.IsZero() {
		line.State = alerting.StateBack
	}
	if t, err := from.Target(ctx, i.Target); err == nil {
		line.URL = t.URL
	} else if !errors.Is(err, ErrNotFound) {
		return line, owner, fmt.Errorf("target %s: %w", i.Target, err)
	}
	return line, owner, nil
}

// sharedTraces are named of what the victims of a campaign have in common.
const sharedTraces = 8

// shared is what at least two victims of a campaign have in common, that of most first.
func shared(ctx context.Context, from Reader, victims []Incident) ([]alerting.Shared, error) {
	sites := map[compare.Trace]map[string]bool{}
	for _, i := range victims {
		traces, err := from.IncidentTraces(ctx, i.ID)
		if err != nil {
			return nil, err
		}
		for _, t := range traces {
			key := knownTrace(sites, t.Trace)
			if sites[key] == nil {
				sites[key] = map[string]bool{}
			}
			sites[key][t.Site] = true
		}
	}
	var out []alerting.Shared
	for t, at := range sites {
		if len(at) > 1 {
			out = append(out, alerting.Shared{Kind: string(t.Kind), Value: t.Value, Sites: len(at)})
		}
	}
	slices.SortFunc(out, func(a, b alerting.Shared) int {
		return cmp.Or(cmp.Compare(b.Sites, a.Sites), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value))
	})
	out, _ = cut(out, sharedTraces)
	return out, nil
}

// knownTrace is the trace under which one is counted: pictures of one page are one.
func knownTrace(known map[compare.Trace]map[string]bool, t compare.Trace) compare.Trace {
	if t.Kind != compare.TracePicture {
		return t
	}
	for k := range known {
		if k.Kind == t.Kind && compare.SamePicture(k.Value, t.Value) {
			return k
		}
	}
	return t
}

// updateCampaigns tells the CERT what has changed in campaigns since it was last written
// to. It waits for the time between two mails, except for those of which now is told.
func (m *Monitor) updateCampaigns(ctx context.Context, now func(incident int64) bool) error {
	untold, err := m.Store.UntoldCampaigns(ctx)
	if err != nil {
		return err
	}
	for _, c := range untold {
		err := m.Store.Update(ctx, func(tx Tx) error {
			c, err := tx.Campaign(ctx, c.ID) // another process may have told it
			if err != nil || !c.Pending {
				return err
			}
			victims, err := tx.CampaignIncidents(ctx, c.ID)
			if err != nil || len(victims) == 0 {
				return err
			}
			if !m.campaignDue(c) && !slices.ContainsFunc(victims, func(i Incident) bool { return now(i.ID) }) {
				return nil
			}
			return m.tellCampaign(ctx, tx, c, victims[len(victims)-1].ID)
		})
		if err != nil {
			return fmt.Errorf("telling of campaign %s: %w", c.ID, err)
		}
	}
	return nil
}
