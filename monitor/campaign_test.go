package monitor_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pasban/alerting"
	"pasban/compare"
	"pasban/monitor"
	"pasban/render"
	"pasban/render/egress"
)

// fleet is a world of sites a, b, c ... each of an institution that reads its mail, with
// a clock that a test sets. All of them have been seen.
func fleet(t *testing.T, n int, change ...func(*monitor.Config)) (*world, *settable) {
	t.Helper()
	clock := &settable{}
	change = append(change, func(c *monitor.Config) { c.Clock = clock.now })
	w := newWorld(t, change...)
	list := "site_id,name,url,institution,tier,contacts,schedule\n"
	for i := range n {
		id := siteID(i)
		list += fmt.Sprintf("%s,Site %s,%s,Institution %s,provincial,web@%s.example,@every 1h\n", id, id, siteURL(i), id, id)
		w.stage.show(siteURL(i), ownPage(i))
	}
	w.importList(list)
	w.sweep()
	return w, clock
}

// campaign is the ID of a campaign of this year.
func campaign(n int) string { return fmt.Sprintf("C-%d-%04d", time.Now().UTC().Year(), n) }

func siteID(i int) string  { return fmt.Sprintf("site%02d", i) }
func siteURL(i int) string { return "http://" + siteID(i) + ".example/" }

// ownPage is a page that no other site of the fleet has.
func ownPage(i int) *render.Page {
	p := ministry()
	var lines []string
	for k := range 14 {
		var line []string
		for j := range 12 {
			line = append(line, words[(i*11+k*(7+i)+j*(k+3+i))%len(words)])
		}
		lines = append(lines, strings.Join(line, " "))
	}
	q := page(fmt.Sprintf("Office %d of Fixtures", i), lines...)
	q.Language = p.Language
	return q
}

// signed is a defacement in the name of a crew, that says on each site something of its own.
func signed(crew string, i int) *render.Page {
	return page("Hacked by "+crew, "HACKED BY "+strings.ToUpper(crew), fmt.Sprintf("we were inside %s for weeks", words[i%len(words)]), words[(i+5)%len(words)]+" greetz")
}

// hack makes a site show a page, and looks at all.
func (w *world) hack(i int, p *render.Page) {
	w.t.Helper()
	w.stage.show(siteURL(i), p)
	w.sweep()
}

// to are the letters to a mailbox, oldest first.
func (w *world) to(mailbox string) []alerting.Alert {
	var out []alerting.Alert
	for _, l := range w.mail.letters() {
		if l.to.To == mailbox {
			out = append(out, l.alert)
		}
	}
	return out
}

const cert = "cert@cert.example"

func eventsOf(all []alerting.Alert) string {
	var out []string
	for _, a := range all {
		out = append(out, string(a.Event))
	}
	return strings.Join(out, " ")
}

// campaignOf is the campaign of a site's newest incident.
func (w *world) campaignOf(i int) string {
	w.t.Helper()
	all := w.incidents()
	at := slices.IndexFunc(all, func(in monitor.Incident) bool { return in.Site == siteID(i) })
	if at < 0 {
		w.t.Fatalf("%s has no incident", siteID(i))
	}
	return all[at].Campaign
}

// One crew on several sites is one campaign: the first victim alarms at once, the second
// by one alarm that lists both and says what they share; each institution gets its own
// mail with its own pictures; somebody else's attack is none of it.
func TestCampaign(t *testing.T) {
	t.Parallel()
	w, _ := fleet(t, 4)
	w.hack(0, signed("Gr3y L4ntern", 0))
	if got := w.to(cert); eventsOf(got) != "opened" || len(got[0].Pictures) != 3 || w.campaignOf(0) != "" {
		t.Fatalf("the first victim was told as %q, campaign %q", eventsOf(got), w.campaignOf(0))
	}
	w.hack(1, signed("Red M00n Riders", 1))
	w.hack(2, signed("Grey Lantern", 2))
	got := w.to(cert)
	if eventsOf(got) != "opened opened campaign" {
		t.Fatalf("the CERT was told %q", eventsOf(got))
	}
	g := got[2].Group
	if g == nil || !g.First || g.Campaign != campaign(1) || g.Count != 2 || g.Institutions != 2 || len(g.Lines) != 2 {
		t.Fatalf("the campaign's mail says %+v", g)
	}
	if !slices.Contains(g.Shared, alerting.Shared{Kind: "signer", Value: "grey lantern", Sites: 2}) {
		t.Errorf("what they share is %+v; want the signer", g.Shared)
	}
	if w.campaignOf(0) != g.Campaign || w.campaignOf(2) != g.Campaign || w.campaignOf(1) != "" {
		t.Errorf("the campaigns are %q, %q and %q", w.campaignOf(0), w.campaignOf(1), w.campaignOf(2))
	}
	for i := range 3 {
		own := w.to("web@" + siteID(i) + ".example")
		if eventsOf(own) != "opened" || len(own[0].Pictures) != 3 || own[0].Site != siteID(i) {
			t.Errorf("%s was told %q", siteID(i), eventsOf(own))
		}
	}
}

// Of further victims the CERT hears in updates, at most one in ten minutes, and the last
// is always told, whoever serves by then.
func TestCampaignUpdates(t *testing.T) {
	t.Parallel()
	w, clock := fleet(t, 6)
	w.Solo = false
	for i := range 6 {
		w.stage.show(siteURL(i), signed("Grey Lantern", i))
	}
	clock.set(61 * time.Minute) // they are due
	w.runUntil(1, func() bool { return len(w.incidents()) == 6 && w.allTold() })
	// Both were due within the same second: which arrives first is up to the mail server.
	if got := eventsOf(w.to(cert)); got != "opened campaign" && got != "campaign opened" {
		t.Fatalf("within ten minutes the CERT was told %q", got)
	}
	clock.set(11 * time.Minute)
	w.runUntil(2, func() bool { return len(w.to(cert)) == 3 })
	got := w.to(cert)
	if g := got[2].Group; g == nil || g.First || g.Count != 6 || !g.Lines[3].New || g.Lines[4].New {
		t.Errorf("the update says %+v; want six, the four new ones first", g)
	}
	untold, err := w.Store.UntoldCampaigns(t.Context())
	if err != nil || len(untold) != 0 {
		t.Errorf("untold are %+v, %v", untold, err)
	}
}

// allTold reports an outbox that owes nothing.
func (w *world) allTold() bool {
	owed, err := w.Store.Undelivered(context.WithoutCancel(w.t.Context()))
	if err != nil {
		w.t.Error(err)
	}
	return len(owed) == 0
}

// Two campaigns that an incident links are one from then on, the older.
func TestCampaignsUnite(t *testing.T) {
	t.Parallel()
	w, _ := fleet(t, 5)
	for i := range 2 {
		w.hack(i, signed("Grey Lantern", i))
	}
	for i := range 2 {
		w.hack(2+i, signed("Red Moon Riders", 2+i))
	}
	if w.campaignOf(0) != campaign(1) || w.campaignOf(3) != campaign(2) {
		t.Fatalf("the campaigns are %q and %q", w.campaignOf(0), w.campaignOf(3))
	}
	link := w.incidents()[0]
	err := w.Store.Update(t.Context(), func(tx monitor.Tx) error {
		return tx.AddTrace(t.Context(), monitor.Trace{Trace: compare.Trace{Kind: compare.TraceSigner, Value: "grey lantern"}, Incident: link.ID, Site: link.Site, At: link.Opened})
	})
	if err != nil {
		t.Fatal(err)
	}
	w.hack(4, signed("Grey Lantern", 4))
	for i := range 5 {
		if got := w.campaignOf(i); got != campaign(1) {
			t.Errorf("%s is part of %q", siteID(i), got)
		}
	}
	c, err := w.Store.Campaign(t.Context(), campaign(2))
	if err != nil || c.PartOf != campaign(1) || c.Pending {
		t.Errorf("the younger campaign is %+v, %v", c, err)
	}
}

// What was called a false alarm makes no campaign.
func TestNoCampaignOfFalseAlarms(t *testing.T) {
	t.Parallel()
	w, _ := fleet(t, 2)
	w.hack(0, signed("Grey Lantern", 0))
	if _, err := w.Resolve(t.Context(), analyst, w.incidents()[0].ID, true); err != nil {
		t.Fatal(err)
	}
	w.stage.show(siteURL(0), ownPage(0))
	w.hack(1, signed("Grey Lantern", 1))
	if got := w.campaignOf(1); got != "" {
		t.Errorf("a false alarm is part of %q", got)
	}
}

// A trace is forgotten after a day, and not before.
func TestCampaignWindow(t *testing.T) {
	t.Parallel()
	w, clock := fleet(t, 4)
	for i, age := range []time.Duration{25 * time.Hour, 23 * time.Hour} {
		w.bear(i, clock.now().Add(-age), compare.Trace{Kind: compare.TraceSigner, Value: []string{"grey lantern", "silent otters"}[i]})
	}
	w.hack(2, signed("Grey Lantern", 2))
	w.hack(3, signed("Silent Otters", 3))
	if w.campaignOf(2) != "" || w.campaignOf(3) == "" || w.campaignOf(1) != w.campaignOf(3) {
		t.Errorf("after 25 hours it is part of %q, after 23 of %q", w.campaignOf(2), w.campaignOf(3))
	}
}

// bear puts an incident on record as another process may have done.
func (w *world) bear(site int, at time.Time, trace compare.Trace) {
	w.t.Helper()
	ctx := w.t.Context()
	err := w.Store.Update(ctx, func(tx monitor.Tx) error {
		id, err := tx.AddIncident(ctx, monitor.Incident{Site: siteID(site), Target: siteID(site), State: monitor.Open, Opened: at, Updated: at,
			Findings: []monitor.IncidentFinding{{Target: siteID(site), At: at}}})
		if err != nil {
			return err
		}
		return tx.AddTrace(ctx, monitor.Trace{Trace: trace, Incident: id, Site: siteID(site), At: at})
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// Neighbours on one server are one campaign from the third on, and no campaign by two.
func TestCampaignOfAServer(t *testing.T) {
	t.Parallel()
	w, _ := fleet(t, 4)
	for i := range 4 {
		p := signed([]string{"Grey Lantern", "Red Moon Riders", "Silent Otters", "Blue Ferry"}[i], i)
		p.Network = []egress.Verdict{{Host: siteID(i) + ".example", Allowed: true, Address: "198.51.100.7"}}
		if i == 3 {
			p.Network[0].Address = "198.51.100.8"
		}
		w.hack(i, p)
		if i == 1 && w.campaignOf(0) != "" {
			t.Errorf("two neighbours are campaign %q", w.campaignOf(0))
		}
	}
	if c := w.campaignOf(0); c == "" || w.campaignOf(1) != c || w.campaignOf(2) != c || w.campaignOf(3) != "" {
		t.Errorf("the campaigns are %q, %q, %q and %q", w.campaignOf(0), w.campaignOf(1), w.campaignOf(2), w.campaignOf(3))
	}
}

// Nobody is told a campaign's recovery by one mail a site.
func TestCampaignRecovers(t *testing.T) {
	t.Parallel()
	w, clock := fleet(t, 3)
	for i := range 3 {
		w.hack(i, signed("Grey Lantern", i))
	}
	clock.set(time.Hour)
	for i := range 3 {
		w.stage.show(siteURL(i), ownPage(i))
	}
	w.sweep()
	got := w.to(cert)
	var last *alerting.Group // by when it was written: mails overtake each other
	for _, a := range got {
		if a.Group != nil && (last == nil || a.Group.Made.After(last.Made)) {
			last = a.Group
		}
	}
	stillHit := func(l alerting.GroupLine) bool { return l.State != alerting.StateBack }
	if strings.Contains(eventsOf(got), "recovered") || last == nil || slices.ContainsFunc(last.Lines, stillHit) {
		t.Errorf("the CERT was told %q, at last %+v", eventsOf(got), last)
	}
	if own := w.to("web@site00.example"); eventsOf(own) != "opened recovered" {
		t.Errorf("an institution was told %q", eventsOf(own))
	}
}
