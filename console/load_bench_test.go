package console

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"pasban/monitor"
)

// What the console is asked to bear: a national watch after a bad year.
const (
	loadSites     = 1527
	loadCaptures  = 200_000
	loadIncidents = 5000
	loadOpen      = 60 // incidents that are not over
	loadQuestions = 200
)

// load fills the room's store with a watch of that size.
func (r *room) load() {
	r.t.Helper()
	r.loadSites()
	r.loadCaptures()
	r.loadIncidents()
	r.loadLockdown()
}

func loadSite(n int) string { return fmt.Sprintf("www-%04d-gov-pk", n) }

func (r *room) loadSites() {
	tiers := []monitor.Tier{monitor.Federal, monitor.Provincial, monitor.Banking}
	regions := []string{"Islamabad", "Punjab", "Sindh", "Khyber Pakhtunkhwa", "Balochistan"}
	r.update(func(ctx context.Context, tx monitor.Tx) error {
		for n := range loadSites {
			id, owner, address := loadSite(n), fmt.Sprintf("office-%d", n/4), fmt.Sprintf("https://www%d.gov.example/", n)
			for _, err := range []error{
				tx.PutInstitution(ctx, monitor.Institution{
					ID: owner, Name: fmt.Sprintf("Directorate %d of Public Works", n/4), Tier: tiers[n%len(tiers)], Region: regions[n%len(regions)],
					Contacts: []string{owner + "@gov.example"}, Language: "en",
				}),
				tx.PutSite(ctx, monitor.Site{ID: id, Name: fmt.Sprintf("Public Works %d", n), Institution: owner, URL: address, Schedule: "*/15 * * * *"}),
				tx.PutTarget(ctx, monitor.Target{ID: id, Site: id, URL: address}),
				tx.PutFreshness(ctx, monitor.Freshness{Target: id, LastAttempt: r.now, LastGood: r.now, Outcome: "ok"}),
			} {
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// loadLook is the n-th look at a site, the 0th the newest: one in ten found a change.
func (r *room) loadLook(site string, n int) monitor.Capture {
	at := r.now.Add(-time.Duration(n) * 15 * time.Minute)
	c := monitor.Capture{
		ID: fmt.Sprintf("0198f6a2-%04d-7aaa-8bbb-%012x", n, hashOf(site)), Target: site, Site: site, At: at, Reason: monitor.ReasonSchedule,
		Title: "Directorate of Public Works", URL: "https://" + site + ".example/", FinalURL: "https://" + site + ".example/",
		Outcome: "ok", Status: http.StatusOK, Picture: r.picture, DOM: "d", TookMS: 2100, Judged: true, Baseline: 1,
	}
	c.Report.Verdict, c.Report.Why = "unchanged", "Picture, document and scripts are those of an approved look."
	if n%10 == 1 {
		c.Blobs = map[string]string{monitor.BlobPicture: r.picture}
		c.Report.Verdict, c.Report.Score, c.Report.Why = "benign", 0.05, "The page changed as living pages do, and nothing in it is out of place."
	}
	return c
}

func hashOf(s string) (h uint32) {
	for _, c := range []byte(s) {
		h = h*31 + uint32(c)
	}
	return h
}

func (r *room) loadCaptures() {
	each := loadCaptures / loadSites
	for n := each; n >= 0; n-- { // as they came: one round of the schedule after the other
		r.update(func(ctx context.Context, tx monitor.Tx) error {
			for s := range loadSites {
				if err := tx.AddCapture(ctx, r.loadLook(loadSite(s), n)); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

func (r *room) loadFinding(n int) (f monitor.IncidentFinding) {
	text := fmt.Sprintf(`{"rule": "defacement.phrase", "kind": "defacement", "severity": "critical", "score": 0.9,
		"why": "The page says that it was hacked.", "evidence": "hacked by crew %d", "region": {"X": 40, "Y": 300, "W": 800, "H": 200}}`, n%40)
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		r.t.Fatal(err)
	}
	return f
}

func (r *room) loadIncidents() {
	for first := 0; first < loadIncidents; first += 500 {
		r.update(func(ctx context.Context, tx monitor.Tx) error {
			for n := first; n < min(first+500, loadIncidents); n++ {
				if err := r.loadIncident(ctx, tx, n); err != nil {
					return err
				}
			}
			return nil
		})
	}
	r.update(func(ctx context.Context, tx monitor.Tx) error {
		for n := range loadQuestions {
			c := r.loadLook(loadSite(loadOpen+n), 0)
			c.Report.Verdict, c.Report.Score, c.Report.Why = "suspicious", 0.5, "A heading was never seen here."
			c.Report.Findings = append(c.Report.Findings, r.loadFinding(n).Finding)
			if _, err := tx.AddQuestion(ctx, monitor.Question{Site: c.Site, Target: c.Target, Capture: c.ID, Report: c.Report, Opened: r.now}); err != nil {
				return err
			}
		}
		return nil
	})
}

// loadIncident adds one with its findings, what was decided and who was told. The last
// ones are open.
func (r *room) loadIncident(ctx context.Context, tx monitor.Tx, n int) error {
	site := loadSite(n % loadSites)
	state := monitor.Resolved
	switch {
	case n >= loadIncidents-loadOpen:
		site, state = loadSite(n-(loadIncidents-loadOpen)), monitor.Open
	case n%12 == 0:
		state = monitor.FalseAlarm
	}
	look := r.loadLook(site, n%100)
	at := r.now.Add(-time.Duration(loadIncidents-n) * 90 * time.Minute)
	i := monitor.Incident{
		Site: site, Target: site, Kind: "defacement", Severity: "critical", State: state, Summary: "The page says that it was hacked.", Opened: at, Updated: at, Notices: 2,
	}
	for k := range 3 {
		f := r.loadFinding(n + k)
		f.Capture, f.Target, f.At, f.Seen = look.ID, site, at, 3
		i.Findings = append(i.Findings, f)
	}
	id, err := tx.AddIncident(ctx, i)
	if err != nil {
		return err
	}
	for k := range 3 {
		d := monitor.Delivery{Alert: fmt.Sprintf("%d.%d.opened", id, k), Incident: id, Sink: "smtp", Recipient: "cert@cert.example", Language: "en", State: monitor.Sent, Payload: []byte("{}"), Attempts: []monitor.Attempt{{At: at}}, Created: at, Updated: at}
		if _, err := tx.AddDelivery(ctx, d); err != nil {
			return err
		}
	}
	_, err = tx.AddDecision(ctx, monitor.Decision{At: at, Actor: "analyst:amina", Action: "incident.ack", Object: fmt.Sprintf("incident:%d", id), Reason: "seen"})
	return err
}

// loadLockdown orders the whole country to close every door; one in eleven is open.
func (r *room) loadLockdown() {
	_, sites, err := r.monitor.OrderLockdown(r.t.Context(), monitor.Order{Actor: "operator:lead", Reason: "exercise"},
		monitor.Directive{Scope: monitor.Scope{All: true}, Deadline: r.now.Add(time.Hour), Authority: "CERT, circular 12/2026"})
	if err != nil {
		r.t.Fatal(err)
	}
	r.update(func(ctx context.Context, tx monitor.Tx) error {
		for n, site := range sites {
			var all []monitor.Standing
			for k, c := range monitor.Controls() {
				is := monitor.Standing{Target: site.ID, Site: site.ID, Control: c.ID, State: monitor.DoorClosed, Why: "Nothing of it is there.", Since: r.now, Shut: r.now, Capture: r.loadLook(site.ID, 0).ID}
				if (n+k)%11 == 0 {
					is.State, is.Why, is.Evidence = monitor.DoorOpen, "Visitors can still use it.", []string{`<form action="/in">`}
				}
				all = append(all, is)
			}
			if err := tx.PutStandings(ctx, all); err != nil {
				return err
			}
		}
		return nil
	})
}

// BenchmarkScreens asks for every screen with a national watch in the store:
// p95-ms is what 95 of 100 answers take at most, page-kB what one weighs before pictures.
// Promised are 100 ms and 150 kB.
func BenchmarkScreens(b *testing.B) {
	r := newRoom(b)
	r.load()
	c := r.account("amina", monitor.Administrator, "")
	open, err := r.store.FindIncidents(b.Context(), monitor.IncidentQuery{OpenOnly: true, Limit: 1})
	if err != nil || len(open) == 0 {
		b.Fatal(open, err)
	}
	for name, path := range map[string]string{
		"wall": "/", "queue": "/queue", "incidents": "/incidents", "incident": fmt.Sprintf("/incidents/%d", open[0].ID), "sites": "/sites",
		"site": "/sites/" + loadSite(3), "review": fmt.Sprintf("/review/i%d", open[0].ID), "record": "/record", "settings": "/settings",
		"statistics": "/statistics", "statistics-year": "/statistics?from=2026-01-01&to=2026-12-31", "lockdown": "/lockdown", "lockdown-institutions": "/lockdown?by=institution",
		"lockdown-site": "/lockdown/" + loadSite(3), "snapshots": "/snapshots", "health": "/health",
	} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			size := 0
			for b.Loop() {
				r.now = r.now.Add(2 * time.Second) // nothing is answered from what was read for the last request
				began := time.Now()
				code, body := r.get(c, path)
				took = append(took, time.Since(began))
				if size = len(body); code != http.StatusOK {
					b.Fatalf("%s: %d\n%s", path, code, body)
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100])/float64(time.Millisecond), "p95-ms")
			b.ReportMetric(float64(size)/1000, "page-kB")
		})
	}
}
