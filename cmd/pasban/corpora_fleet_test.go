package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pasban/compare"
	"pasban/fixtures"
)

// corporaClock is a time that runs on by itself and can be moved forward.
type corporaClock struct {
	mu    sync.Mutex
	ahead time.Duration
}

// Now is the time that the fixture sites go by.
func (c *corporaClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *corporaClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// unseen attacks leave what a visitor sees of the page as it is.
var unseen = []fixtures.Attack{
	fixtures.TitleOnly, fixtures.AlertDialog, fixtures.SkimmerInline, fixtures.SkimmerExternal,
	fixtures.ScriptFile, fixtures.HiddenSpam, fixtures.HiddenFrame, fixtures.FormAction,
}

// Every attack of the fixture fleet is found by the whole product and told
// once, and what honest sites do in the meantime never is: pages that live,
// their updates, days of mourning, banners, redesigns.
//
// By default every attack is made on one site, and every occasion held on one
// or two. With PASBAN_CORPORA set, every attack is made on three sites and
// every occasion on all, and all pages are watched.
func TestCorporaFleet(t *testing.T) {
	t.Parallel()
	clock := &corporaClock{}
	fleet, err := fixtures.Start(t.Context(), fixtures.Options{Base: "127.92.0.1", Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fleet.Close)
	r := &fleetRun{t: t, fleet: fleet, clock: clock, full: os.Getenv("PASBAN_CORPORA") != ""}
	for _, s := range fleet.Sites() {
		r.sites = append(r.sites, s.ID)
	}
	r.w = newCorporaWatch(t, fleetWatchlist(fleet, r.full))
	r.calm("first sight")
	r.live()
	r.occasions()
	r.attacks()
	for _, row := range r.rows {
		t.Log(row)
	}
	t.Logf("%d benign looks: %d false alarms, %d for the analysts; %d attacks: %d missed or misjudged", r.benign, r.falsely, r.suspicious, r.attacked, r.missed)
}

func fleetWatchlist(fleet *fixtures.Fleet, allPages bool) string {
	var b strings.Builder
	b.WriteString("site_id,url,institution,tier,pages,contacts\n")
	for _, s := range fleet.Sites() {
		pages := ""
		if allPages {
			pages = strings.Join(s.Pages, ";")
		}
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s,webmaster@%s.example\n", s.ID, s.URL, "Keepers of "+s.ID, s.Tier, pages, s.ID)
	}
	return b.String()
}

// fleetRun takes the fleet through its days.
type fleetRun struct {
	t     *testing.T
	fleet *fixtures.Fleet
	clock *corporaClock
	w     *corporaWatch
	full  bool
	sites []string
	rows  []corporaRow

	benign, suspicious, falsely, attacked, missed int
}

func (r *fleetRun) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *fleetRun) note(row corporaRow) {
	r.t.Helper()
	r.rows = append(r.rows, row)
	if row.wrong != "" {
		r.t.Errorf("%s%s", row, row.signals())
	}
}

// calm looks at all sites and wants no alarm from any.
func (r *fleetRun) calm(what string) { r.calmly(func(string) string { return what }) }

func (r *fleetRun) calmly(what func(site string) string) {
	r.t.Helper()
	seen := r.w.sweep(r.sites...)
	for _, target := range sortedTargets(seen) {
		site := seen[target].Capture.Site
		report := seen[target].Capture.Report
		wrong := r.w.quiet(site, seen[target])
		r.benign++
		if wrong != "" {
			r.falsely++
		}
		if report.Verdict == compare.Suspicious {
			r.suspicious++
			r.t.Logf("%s %s: suspicious%s", target, what(site), corporaRow{report: report}.signals())
		}
		r.note(corporaRow{site: target, what: what(site), report: report, wrong: wrong})
		r.w.settle(site)
		r.w.mail.take(site)
	}
}

// live watches lively pages for some hours, and what webmasters publish.
func (r *fleetRun) live() {
	hours := []time.Duration{43 * time.Minute}
	if r.full {
		hours = append(hours, time.Minute, 5*time.Hour, 31*time.Hour)
	}
	for _, d := range hours {
		r.clock.advance(d)
		r.calm("lively after " + d.String())
	}
	for range len(hours) {
		for _, s := range r.sites {
			r.must(r.fleet.Update(s))
		}
		r.clock.advance(11 * time.Minute)
		r.calm("update")
	}
}

// occasions are held on one site each, all at once, or on every site in turn.
func (r *fleetRun) occasions() {
	all, rounds := fixtures.Occasions(), 1
	if r.full {
		rounds = len(all)
	}
	for round := range rounds {
		held := map[string]fixtures.Occasion{}
		for i, s := range r.sites {
			held[s] = all[(i+round)%len(all)]
			r.must(r.fleet.Mark(s, held[s]))
		}
		r.clock.advance(7 * time.Minute)
		r.calmly(func(site string) string { return "occasion " + string(held[site]) })
	}
	for _, s := range r.sites {
		r.must(r.fleet.Mark(s, fixtures.Ordinary))
	}
}

// attacks are made on as many sites at once as there are.
func (r *fleetRun) attacks() {
	all := fixtures.Attacks()
	n := len(all)
	if r.full {
		n *= 3
	}
	for from := 0; from < n; from += len(r.sites) {
		made := map[string]fixtures.Attack{}
		for k := from; k < min(n, from+len(r.sites)); k++ {
			site := r.sites[k%len(r.sites)]
			made[site] = all[k%len(all)]
			r.must(r.fleet.Attack(site, made[site]))
		}
		r.clock.advance(13 * time.Minute)
		r.attacked += len(made)
		r.attackRound(made)
	}
}

func (r *fleetRun) attackRound(made map[string]fixtures.Attack) {
	var on []string
	for _, s := range r.sites {
		if made[s] != "" {
			on = append(on, s)
		}
	}
	seen := r.w.sweep(on...)
	for _, site := range on {
		a := made[site]
		wrong := r.w.alarmed(site, compare.Kind(a.Kind()), !slices.Contains(unseen, a), 3)
		if wrong != "" {
			r.missed++
		}
		r.note(corporaRow{site: site, what: string(a), report: seen[site].Capture.Report, wrong: wrong})
		r.must(r.fleet.Restore(site))
		r.w.settle(site)
		r.w.mail.take(site)
	}
}
