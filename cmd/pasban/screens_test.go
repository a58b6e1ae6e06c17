package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"pasban/compare"
	"pasban/compare/lockdown"
	"pasban/console"
	"pasban/console/evidence"
	"pasban/monitor"
	"pasban/storage/blob"
	"pasban/storage/db"
)

// past is a watch that has seen something: two years of incidents, a lockdown in which
// some complied and some explained, copies, and a machine that is not quite well.
type past struct {
	t       *testing.T
	now     time.Time
	store   *db.DB
	monitor *monitor.Monitor
	picture string
	origin  string
	link    string // signs an administrator in, once
}

func newPast(t *testing.T) *past {
	t.Helper()
	p := &past{t: t, now: time.Now()}
	var err error
	if p.store, err = db.Open(t.Context(), filepath.Join(t.TempDir(), "pasban.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.store.Close() })
	blobs, err := blob.Open(t.Context(), filepath.Join(t.TempDir(), "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { blobs.Close() })
	log := slog.New(slog.DiscardHandler)
	if p.monitor, err = monitor.New(monitor.Config{Store: p.store, Blobs: blobs, Logger: log}); err != nil {
		t.Fatal(err)
	}
	var picture bytes.Buffer
	page := image.NewGray(image.Rect(0, 0, 240, 180))
	for i := range page.Pix {
		page.Pix[i] = uint8(160 + i%60)
	}
	page.SetGray(1, 1, color.Gray{})
	if err := png.Encode(&picture, page); err != nil {
		t.Fatal(err)
	}
	if p.picture, err = blobs.Put(t.Context(), picture.Bytes()); err != nil {
		t.Fatal(err)
	}
	desk, pictures := httptest.NewServer(nil), httptest.NewServer(nil)
	t.Cleanup(desk.Close)
	t.Cleanup(pictures.Close)
	signer := evidence.NewSigner(pictures.URL, time.Now)
	server, err := console.New(console.Config{Monitor: p.monitor, Signer: signer, Origin: desk.URL, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	desk.Config.Handler, pictures.Config.Handler = server, evidence.New(p.monitor, signer, log)
	p.update(func(ctx context.Context, tx monitor.Tx) error {
		return tx.PutAccount(ctx, monitor.Account{Name: "amina", Role: monitor.Administrator, Language: "en", Password: "x"})
	})
	p.origin, p.link = desk.URL, server.SignInLink("amina")
	p.sites()
	p.incidents()
	p.lockdown()
	p.health()
	p.tokens()
	return p
}

func (p *past) update(f func(ctx context.Context, tx monitor.Tx) error) {
	p.t.Helper()
	if err := p.store.Update(p.t.Context(), func(tx monitor.Tx) error { return f(p.t.Context(), tx) }); err != nil {
		p.t.Fatal(err)
	}
}

var pastOwners = []struct{ id, name, region string }{
	{"finance", "Ministry of Finance", "federal"}, {"statebank", "State Bank", "federal"}, {"health", "Department of Health", "Punjab"},
	{"police", "Provincial Police", "Sindh"}, {"revenue", "Board of Revenue", "Balochistan"}, {"records", "محکمہ مال", "Khyber Pakhtunkhwa"},
}

// sites are two of each institution.
func (p *past) sites() {
	p.update(func(ctx context.Context, tx monitor.Tx) error {
		tiers := []monitor.Tier{monitor.Federal, monitor.Banking, monitor.Provincial}
		for i, owner := range pastOwners {
			errs := []error{tx.PutInstitution(ctx, monitor.Institution{ID: owner.id, Name: owner.name, Tier: tiers[min(i, 2)], Region: owner.region, Language: "en"})}
			for n := range 2 {
				id := fmt.Sprintf("%s-%d", owner.id, n+1)
				address := "https://" + id + ".example/"
				site := monitor.Site{ID: id, Name: owner.name + map[int]string{0: "", 1: ", services"}[n], Institution: owner.id, URL: address, Schedule: "*/15 * * * *"}
				look := monitor.Capture{ID: fmt.Sprintf("0198f6a2-1111-7aaa-8bbb-%06d%06d", i, n), Target: id, Site: id, At: p.now.Add(-5 * time.Minute), Reason: monitor.ReasonSchedule,
					URL: address, Outcome: "ok", Picture: p.picture, Blobs: map[string]string{monitor.BlobPicture: p.picture}, Judged: true}
				fresh := monitor.Freshness{Target: id, LastAttempt: p.now.Add(-5 * time.Minute), LastGood: p.now.Add(-5 * time.Minute), Outcome: "ok"}
				if i == 4 {
					fresh.LastGood, fresh.Outcome, fresh.Reason, fresh.Failures = p.now.Add(-7*time.Hour), "timeout_connect", "the server did not answer within 20 s", 9
				}
				errs = append(errs, tx.PutSite(ctx, site), tx.PutTarget(ctx, monitor.Target{ID: id, Site: id, URL: address}), tx.AddCapture(ctx, look), tx.PutFreshness(ctx, fresh))
			}
			if err := errors.Join(errs...); err != nil {
				return err
			}
		}
		return nil
	})
}

// incidents of two years, more of them lately, each seen, told, answered and over.
func (p *past) incidents() {
	kinds := []compare.Kind{compare.Defacement, compare.Injection, compare.Leak, compare.Defacement}
	p.update(func(ctx context.Context, tx monitor.Tx) error {
		for n := range 140 {
			opened := p.now.Add(-time.Duration(n*n/24+n) * 24 * time.Hour).Add(-time.Duration(n%9) * time.Hour)
			site := fmt.Sprintf("%s-%d", pastOwners[(n*n+n)%len(pastOwners)].id, 1+n%2)
			i := monitor.Incident{Site: site, Target: site, Kind: kinds[n%4], Severity: "high", State: monitor.Resolved, Opened: opened, Updated: opened, Recovered: opened.Add(time.Duration(1+n%5) * time.Hour)}
			if n%7 == 3 {
				i.State = monitor.FalseAlarm
			}
			id, err := tx.AddIncident(ctx, i)
			_, err2 := tx.AddDelivery(ctx, monitor.Delivery{Alert: fmt.Sprint("a", id), Incident: id, Sink: "smtp", Recipient: "x", State: monitor.Sent, Created: opened, Updated: opened.Add(time.Duration(25+n%40) * time.Second)})
			_, err3 := tx.AddDecision(ctx, monitor.Decision{At: opened.Add(time.Duration(4+n%30) * time.Minute), Actor: "user:amina", Action: "incident.acknowledged", Object: fmt.Sprintf("incident:%d", id)})
			before := monitor.Capture{ID: fmt.Sprintf("before-%d", n), Target: site, Site: site, At: opened.Add(-time.Duration(6+n%9) * time.Minute), Outcome: "ok", Judged: true}
			if err := errors.Join(err, err2, err3, tx.AddCapture(ctx, before)); err != nil {
				return err
			}
		}
		return nil
	})
}

// lockdown is an order to everybody, how they stand, and what they explained.
func (p *past) lockdown() {
	ctx := p.t.Context()
	_, sites, err := p.monitor.OrderLockdown(ctx, monitor.Order{Actor: "operator:lead", Reason: "exercise"},
		monitor.Directive{Scope: monitor.Scope{All: true}, Deadline: p.now.Add(30 * time.Hour), Authority: "CERT, circular 12/2026"})
	if err != nil {
		p.t.Fatal(err)
	}
	_, err = p.monitor.Waive(ctx, monitor.Order{Actor: "operator:lead", Reason: "Salaries are paid through it until the month ends."},
		monitor.Waiver{Institution: "finance", Controls: []string{"login"}, Approver: "Director IT", Expires: p.now.Add(9 * 24 * time.Hour)})
	if err != nil {
		p.t.Fatal(err)
	}
	controls := lockdown.Controls()
	p.update(func(ctx context.Context, tx monitor.Tx) error {
		for i, site := range sites {
			look := fmt.Sprintf("0198f6a2-1111-7aaa-8bbb-%06d%06d", i/2, i%2)
			var all []monitor.Standing
			for n, c := range controls {
				is := monitor.Standing{Target: site.ID, Site: site.ID, Control: c.ID, State: lockdown.Closed, Why: "Nothing of it is there.", Since: p.now.Add(-20 * time.Hour), Capture: look, Shut: p.now.Add(-20 * time.Hour)}
				switch (i*5 + n*3) % 11 {
				case 0:
					is.State, is.Why, is.Shut, is.Evidence = lockdown.Open, "Visitors can still use it.", time.Time{}, []string{`<form action="/in">`}
				case 4:
					is.State, is.Why, is.Shut = lockdown.Unknown, "It was not asked.", time.Time{}
				case 7:
					if i%4 == 1 {
						is.State, is.Why, is.Since = lockdown.Open, "Visitors can still use it.", p.now.Add(-time.Hour)
					}
				}
				if site.Institution == "statebank" {
					is.State = lockdown.Closed
				}
				all = append(all, is)
			}
			copied := monitor.Snapshot{ID: fmt.Sprintf("0198f6a2-2222-7aaa-8bbb-%012d", i), Site: site.ID, Created: p.now.Add(-time.Duration(2+i) * time.Hour), Manifest: "m", Pages: 12 + i, Files: 80, Bytes: 4 << 20,
				State: monitor.Proved, Proofs: []monitor.SnapshotProof{{Target: site.ID, Likeness: 0.99 - float64(i)/50, Text: 1, Picture: p.picture}}, Verified: p.now.Add(-time.Hour)}
			if i == 5 {
				copied.State, copied.Problem = monitor.Broken, "a file of it cannot be read"
			}
			if err := errors.Join(tx.PutStandings(ctx, all), tx.PutSnapshot(ctx, copied)); err != nil {
				return err
			}
		}
		return nil
	})
}

// health is what the guard measured a moment ago.
func (p *past) health() {
	p.update(func(ctx context.Context, tx monitor.Tx) error {
		for _, c := range []monitor.Condition{
			{Name: "watch", Value: float64(p.now.Add(-50 * time.Hour).Unix()), Text: "kept since 26 November"}, {Name: "canary", Text: "the alarm of the news canary came after 41 s"},
			{Name: "fleet", Text: "10 of 12 pages are seen"}, {Name: "looks", Text: "looks succeed"}, {Name: "queue", Text: "3 looks waiting, the oldest for 12 s; 0 judgements, the oldest for 0 s", Value: 12},
			{Name: "mail", Text: "the last alert arrived on 28 November at 07:12"}, {Name: "blobs", Text: "a blob stored, read and removed in 3 ms", Value: 0.003},
			{Name: "disk", Ill: true, Text: "1.4 GB free", Value: 1.4e9}, {Name: "browser", Text: "Chrome 142.0.7444.59, built 12 days ago", Value: 12 * 86400}, {Name: "clock", Text: "not set in the past hour, and no machine is ahead"},
		} {
			c.Since, c.Measured = p.now.Add(-3*time.Hour), p.now.Add(-20*time.Second)
			if err := tx.PutCondition(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// What there is to see after two years is shown without an inline style or script, has
// nothing that axe objects to, and fits from a phone to a wall, in both languages and
// both themes.
func TestScreensOfAWatchWithAPast(t *testing.T) {
	p := newPast(t)
	a := newAnalyst(t, p.origin)
	a.do(chromedp.Navigate(p.link))
	a.await("the console", `document.querySelector(".top") !== null`)
	a.crawl(map[string]string{
		"statistics": "/statistics", "statistics-days": "/statistics?from=2026-01-01&to=2026-12-31",
		"lockdown": "/lockdown", "lockdown-institutions": "/lockdown?by=institution", "lockdown-site": "/lockdown/health-2", "snapshots": "/snapshots", "health": "/health",
		"tokens": "/tokens", "reader": "/api/v1/docs",
	})
	a.readsTheManual()
}

// readsTheManual opens every chapter of what programs can ask for: what is folded away
// must be as clean and as narrow as what is not.
func (a *analyst) readsTheManual() {
	a.t.Helper()
	for _, language := range []string{"en", "ur"} {
		a.do(chromedp.EmulateViewport(1440, 900))
		a.open("/api/v1/docs")
		a.await("a change of language", fmt.Sprintf(`document.documentElement.lang === %q || (document.querySelector("button[name=language]")?.click(), false)`, language))
		a.await("everything unfolded", `(document.querySelectorAll("details").forEach((d) => { d.open = true; }), document.querySelectorAll("details[open]").length > 30)`)
		a.clean("the manual, unfolded, " + language)
		a.shoot("manual-" + language)
		a.fits("the manual, unfolded, "+language, 320, 640)
		a.shoot("manual-320-" + language)
	}
}

// tokens are one that is used and one that was revoked.
func (p *past) tokens() {
	p.update(func(ctx context.Context, tx monitor.Tx) error {
		for i, t := range []monitor.Token{
			{Account: "amina", Name: "SIEM of the CERT", Scope: monitor.TokenReads, Used: p.now.Add(-time.Minute)},
			{Account: "amina", Name: "ٹکٹ کا نظام", Scope: monitor.TokenDecides, Revoked: p.now.Add(-time.Hour), RevokedBy: "user:amina"},
			{Account: "bilal", Name: "lockdown by the ministry's own automation of orders", Scope: monitor.TokenDecides},
		} {
			t.Digest, t.Created, t.Expires = fmt.Sprint(i), p.now.Add(-24*time.Hour), p.now.Add(80*24*time.Hour)
			if _, err := tx.AddToken(ctx, t); err != nil {
				return err
			}
		}
		return nil
	})
}
