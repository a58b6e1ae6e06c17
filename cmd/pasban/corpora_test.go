package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pasban/compare"
)

// corporaFolder is where histories of real pages lie, if this machine has them:
// one folder a site, in it one a published version, numbered in time.
const corporaFolder = "../../../shared/corpora/benign"

// corporaPages are the pages that are not /index.html.
var corporaPages = map[string]string{
	"apachefriends-ur": "/ur/index.html", "astropy-about": "/about.html", "astropy-affiliated": "/affiliated/index.html",
	"astropy-help": "/help.html", "astropy-team": "/team.html", "w3c-arabic-article": "/articles/article-text-size.ar.html",
}

// journey is a site on its way through some of its published versions.
type journey struct {
	id       string
	versions []string // folders
	host     *corporaHost
}

// Real updates of real pages cause no incident and no mail. Attacks on the new
// version, before anybody has approved it, cause exactly one incident of the
// right kind, and one mail with pictures to each who must know.
//
// By default one or two seeded steps of every other site are taken. PASBAN_CORPORA=all
// takes every site through all its versions, with each new look approved;
// PASBAN_CORPORA=fresh takes every step by itself, from a baseline of one
// version: 25 minutes on two cores that were busy with other work.
func TestCorporaEndToEnd(t *testing.T) {
	t.Parallel()
	journeys := chooseJourneys(t, os.Getenv("PASBAN_CORPORA"))
	w := newCorporaWatch(t, corporaWatchlist(journeys))
	attacks := corporaAttacks(t, startCorporaAttacker(t))
	run := &corporaRun{t: t, w: w, attacks: attacks, journeys: journeys}
	for _, j := range journeys {
		j.host.show(j.versions[0], nil)
	}
	first := w.sweep(idsOf(journeys)...)
	for _, j := range journeys {
		if wrong := w.quiet(j.id, first[j.id]); wrong != "" {
			run.note(j, "first sight of "+filepath.Base(j.versions[0]), first[j.id].Capture.Report, wrong)
		}
	}
	for step := 1; run.step(step); step++ {
	}
	run.sum()
}

// chooseJourneys picks what to do and starts the sites.
func chooseJourneys(t *testing.T, much string) []*journey {
	t.Helper()
	histories := corporaHistories(t)
	random := rand.New(rand.NewPCG(2026, 11))
	var out []*journey
	for i, site := range slices.Sorted(maps.Keys(histories)) {
		versions := histories[site]
		switch much {
		case "all":
			out = append(out, &journey{id: site, versions: versions})
		case "fresh":
			for at := range len(versions) - 1 {
				out = append(out, &journey{id: fmt.Sprintf("%s-%02d", site, at+1), versions: versions[at : at+2]})
			}
		default:
			if i%2 == 1 {
				continue
			}
			long := 2
			if i == 0 {
				long = 3 // one of them is approved and goes on
			}
			at := random.IntN(len(versions) - long + 1)
			out = append(out, &journey{id: site, versions: versions[at : at+long]})
		}
	}
	for i, j := range out {
		site := filepath.Base(filepath.Dir(j.versions[0]))
		page := corporaPages[site]
		if page == "" {
			page = "/index.html"
		}
		j.host = startCorporaHost(t, fmt.Sprintf("127.91.%d.%d", 1+i/200, 1+i%200), page)
	}
	return out
}

// corporaHistories lists the version folders of every site, in order of time.
func corporaHistories(t *testing.T) map[string][]string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(corporaFolder, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Skipf("no histories of real pages at %s", corporaFolder)
	}
	out := map[string][]string{}
	for _, folder := range found { // Glob sorts
		site := filepath.Base(filepath.Dir(folder))
		out[site] = append(out[site], folder)
	}
	return out
}

func corporaWatchlist(journeys []*journey) string {
	var b strings.Builder
	b.WriteString("site_id,url,institution,tier,contacts\n")
	for _, j := range journeys {
		fmt.Fprintf(&b, "%s,%s,Keepers of %s,federal,webmaster@%s.example\n", j.id, j.host.url, j.id, j.id)
	}
	return b.String()
}

func idsOf(journeys []*journey) []string {
	var ids []string
	for _, j := range journeys {
		ids = append(ids, j.id)
	}
	return ids
}

// corporaRun takes all journeys on together and keeps the results.
type corporaRun struct {
	t        *testing.T
	w        *corporaWatch
	attacks  []corporaAttack
	journeys []*journey
	rows     []corporaRow

	updates, suspicious, falsely int
	attacked, missed             int
}

func (r *corporaRun) note(j *journey, what string, report compare.Report, wrong string) {
	r.t.Helper()
	row := corporaRow{site: j.id, what: what, report: report, wrong: wrong}
	r.rows = append(r.rows, row)
	if wrong != "" {
		r.t.Errorf("%s%s", row, row.signals())
	}
}

// step moves every journey that goes on to its next version: the update, an
// attack on it, its end and the approval. It reports false when all are done.
func (r *corporaRun) step(n int) bool {
	on := slices.DeleteFunc(slices.Clone(r.journeys), func(j *journey) bool { return n >= len(j.versions) })
	if len(on) == 0 {
		return false
	}
	r.update(on, n)
	r.attack(on, n)
	r.approve(slices.DeleteFunc(on, func(j *journey) bool { return n+1 >= len(j.versions) }), n)
	return true
}

func (r *corporaRun) update(on []*journey, n int) {
	for _, j := range on {
		j.host.show(j.versions[n], nil)
	}
	seen := r.w.sweep(idsOf(on)...)
	for _, j := range on {
		report := seen[j.id].Capture.Report
		wrong := r.w.quiet(j.id, seen[j.id])
		if report.Verdict == compare.NotComparable {
			wrong = "a real page was taken for none"
		}
		r.updates++
		if wrong != "" {
			r.falsely++
		}
		row := "update to " + filepath.Base(j.versions[n])
		if report.Verdict == compare.Suspicious {
			if !redesigned(report) {
				r.suspicious++
			}
			r.t.Logf("%s %s: suspicious%s", j.id, row, corporaRow{report: report}.signals())
		}
		r.note(j, row, report, wrong)
		r.w.settle(j.id) // a false alarm must not hide the attack
		r.w.mail.take(j.id)
	}
}

// redesigned pages are for an analyst to approve, by design: nothing but his
// knowledge tells a redesign that keeps no text from a replacement that is polite.
func redesigned(report compare.Report) bool {
	return slices.ContainsFunc(report.Findings, func(f compare.Finding) bool { return f.Rule == "defacement.redesign" })
}

func (r *corporaRun) attack(on []*journey, n int) {
	done := map[string]corporaAttack{}
	for _, j := range on {
		a := r.attacks[(n+slices.Index(r.journeys, j))%len(r.attacks)]
		done[j.id] = a
		j.host.show(j.versions[n], a.do)
	}
	seen := r.w.sweep(idsOf(on)...)
	for _, j := range on {
		a := done[j.id]
		wrong := r.w.alarmed(j.id, a.kind, a.visible, 3)
		r.attacked++
		if wrong != "" {
			r.missed++
		}
		r.note(j, fmt.Sprintf("%s, %s", filepath.Base(j.versions[n]), a.name), seen[j.id].Capture.Report, wrong)
	}
}

// approve ends the attack and makes the new version the approved look.
func (r *corporaRun) approve(on []*journey, n int) {
	for _, j := range on {
		j.host.show(j.versions[n], nil)
	}
	r.w.sweep(idsOf(on)...)
	for _, j := range on {
		r.w.settle(j.id)
		r.w.mail.take(j.id)
		if _, err := r.w.Approve(r.t.Context(), corporaOrder, j.id); err != nil {
			r.t.Fatal(err)
		}
	}
}

// sum shows the results and holds them against the aims: at most 0.5 % of real
// updates alarm, which is none here, and at most 5 % of them reach the
// analysts. One of the few of a short run is within chance.
func (r *corporaRun) sum() {
	for _, row := range r.rows {
		r.t.Log(row)
	}
	r.t.Logf("%d updates: %d false alarms, %d for the analysts; %d attacks: %d missed or misjudged", r.updates, r.falsely, r.suspicious, r.attacked, r.missed)
	if most := max(1, r.updates*5/100); r.suspicious > most {
		r.t.Errorf("%d of %d updates are suspicious, want at most %d", r.suspicious, r.updates, most)
	}
}
