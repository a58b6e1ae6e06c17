package dbtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"testing"

	"pasban/compare"
	"pasban/compare/lockdown"
	"pasban/monitor"
)

// The tests in this file put each kind of object and read it back in every way
// there is.

func sites(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	institution := monitor.Institution{
		ID: "nadra", Name: "NADRA", Tier: monitor.Federal, Region: "Islamabad",
		Contacts: []string{"cert@example.gov.pk", "وزارت@example.pk"}, Language: "ur", TLP: "AMBER+STRICT",
	}
	site := monitor.Site{
		ID: "b", Name: "شناختی کارڈ", Institution: "nadra", URL: "https://b.example/", Schedule: "*/15 * * * *",
		AllowHosts:   []string{"10.0.0.1", "cdn.example"},
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")},
		Masks:        []monitor.Mask{{Page: "/news", X: 1, Y: 2, W: 3, H: 4}}, Lockdown: "read-only", Paused: true,
	}
	plain := monitor.Site{ID: "a", URL: "https://a.example/"}
	targets := []monitor.Target{
		{ID: "b", Site: "b", URL: "https://b.example/"},
		{ID: "b~news", Site: "b", URL: "https://b.example/news"},
		{ID: "b~old", Site: "b", URL: "https://b.example/old", Gone: true},
	}
	fresh := monitor.Freshness{Target: "b", LastAttempt: at(2), LastGood: at(1), Outcome: "dns_error", Reason: "no such name", Failures: 3}
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		err := errors.Join(tx.PutInstitution(ctx, institution), tx.PutSite(ctx, site), tx.PutSite(ctx, plain),
			tx.PutFreshness(ctx, fresh), tx.PutFreshness(ctx, monitor.Freshness{Target: "a"}))
		for _, target := range targets {
			err = errors.Join(err, tx.PutTarget(ctx, target))
		}
		return err
	})

	haveInstitution, err := store.Institution(ctx, "nadra")
	same(t, "Institution", err, haveInstitution, institution)
	haveSite, err := store.Site(ctx, "b")
	same(t, "Site", err, haveSite, site)
	all, err := store.Sites(ctx)
	same(t, "Sites", err, all, []monitor.Site{plain, site})
	haveTarget, err := store.Target(ctx, "b~old")
	same(t, "a gone Target", err, haveTarget, targets[2])
	haveTargets, err := store.Targets(ctx)
	same(t, "Targets", err, haveTargets, targets[:2])
	haveTargets, err = store.SiteTargets(ctx, "b")
	same(t, "SiteTargets", err, haveTargets, targets[:2])
	haveFresh, err := store.Freshness(ctx)
	same(t, "Freshness", err, haveFresh, []monitor.Freshness{{Target: "a"}, fresh})
	oneFresh, err := store.TargetFreshness(ctx, "b")
	same(t, "TargetFreshness", err, oneFresh, fresh)
	replaceSites(t, store, institution, site, targets[0], fresh)
}

// replaceSites puts what is there already with every field changed.
func replaceSites(t *testing.T, store monitor.Store, i monitor.Institution, s monitor.Site, g monitor.Target, f monitor.Freshness) {
	t.Helper()
	ctx := limit(t)
	i = monitor.Institution{ID: i.ID, Name: "new", Tier: monitor.Banking, Region: "new", Language: "en", TLP: "RED"}
	s = monitor.Site{ID: s.ID, Name: "new", Institution: "new", URL: "new", Schedule: "new", AllowHosts: []string{"new"}, Lockdown: "new"}
	g = monitor.Target{ID: g.ID, Site: "a", URL: "new", Gone: true}
	f = monitor.Freshness{Target: f.Target, LastAttempt: at(9), LastGood: at(9), Outcome: "ok"}
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		return errors.Join(tx.PutInstitution(ctx, i), tx.PutSite(ctx, s), tx.PutTarget(ctx, g), tx.PutFreshness(ctx, f))
	})
	haveInstitution, err := store.Institution(ctx, i.ID)
	same(t, "replaced Institution", err, haveInstitution, i)
	haveSite, err := store.Site(ctx, s.ID)
	same(t, "replaced Site", err, haveSite, s)
	haveTarget, err := store.Target(ctx, g.ID)
	same(t, "replaced Target", err, haveTarget, g)
	haveFresh, err := store.TargetFreshness(ctx, f.Target)
	same(t, "replaced Freshness", err, haveFresh, f)
}

// A fingerprint comes back byte for byte, and a later one takes its place.
func fingerprints(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	first := monitor.Fingerprint{Target: "b", Updated: at(1), Data: every}
	second := monitor.Fingerprint{Target: "b", Updated: at(2), Data: []byte("new")}
	none := monitor.Fingerprint{Target: "a", Data: []byte{}}
	put := func(all ...monitor.Fingerprint) {
		update(t, store, func(ctx context.Context, tx monitor.Tx) error {
			var err error
			for _, f := range all {
				err = errors.Join(err, tx.PutFingerprint(ctx, f))
			}
			return err
		})
	}
	put(first, none)
	have, err := store.Fingerprints(ctx)
	same(t, "Fingerprints", err, have, []monitor.Fingerprint{none, first})
	put(second)
	have, err = store.Fingerprints(ctx)
	same(t, "replaced Fingerprints", err, have, []monitor.Fingerprint{none, second})
}

// fullCapture has something in every field.
func fullCapture(id, target string, n int) monitor.Capture {
	return monitor.Capture{
		ID: id, Target: target, Site: "site of " + target, At: at(n), Reason: monitor.ReasonSweep, Confirms: "",
		URL: "https://x.example/", FinalURL: "https://x.example/home", Title: "صفحہ اول", Outcome: "http_error",
		Detail: "status 503", Status: 503, TookMS: 1234, Picture: "aa", DOM: "bb",
		Blobs: map[string]string{monitor.BlobPicture: "aa", monitor.BlobHTML: "bb"}, Baseline: 7,
		Lockdown: &lockdown.Page{URL: "https://a/", Doors: []lockdown.Door{{Method: "post", Name: "<b>", Inputs: []lockdown.Input{{Kind: "text", Off: true}}}}, Cookies: []string{"sid"}, TLS: &lockdown.TLS{Protocol: "TLS 1.3"}},
		Report: compare.Report{
			Verdict: compare.Alert, Score: 0.1 + 0.2, Why: "defaced", NotComparable: "no",
			Findings: []compare.Finding{{Kind: compare.Defacement, Rule: "defacement.phrase", Severity: compare.High,
				Score: 0.9, Why: "says so", Evidence: "hacked by", Region: &compare.Box{X: 1, Y: 2, W: 3, H: 4}}},
			Signals: []compare.Signal{{Name: "pixels", Value: 0.5, Weight: 0.25, Evidence: "half"}},
			Changed: []compare.Box{{X: 5, Y: 6, W: 7, H: 8}}, Gone: []compare.Box{{X: 9}}, ChangedShare: 1.0 / 3,
		},
		Judged: true, Visitor: monitor.Desktop,
	}
}

func captures(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	first, second, third := fullCapture("c1", "t", 1), fullCapture("c2", "t", 2), fullCapture("c3", "t", 2)
	second.Confirms, second.Reason = "c1", monitor.ReasonConfirm
	other := monitor.Capture{ID: "c4", Target: "other", At: at(3), Visitor: monitor.Desktop}
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		return errors.Join(tx.AddCapture(ctx, second), tx.AddCapture(ctx, first), tx.AddCapture(ctx, third), tx.AddCapture(ctx, other))
	})
	one, err := store.Capture(ctx, "c1")
	same(t, "Capture", err, one, first)
	one, err = store.Capture(ctx, "c4")
	same(t, "a Capture of nothing", err, one, other)
	one, err = store.Confirmation(ctx, "c1")
	same(t, "Confirmation", err, one, second)
	_, err = store.Confirmation(ctx, "c2")
	missing(t, "Confirmation of a confirmation", err)
	all, err := store.Captures(ctx, "t", 10)
	same(t, "Captures", err, all, []monitor.Capture{third, second, first})
	all, err = store.Captures(ctx, "t", 2)
	same(t, "2 Captures", err, all, []monitor.Capture{third, second})
	none, err := store.Captures(ctx, "t", 0)
	noneOf(t, "0 Captures", none, err)
	none, err = store.Captures(ctx, "t", -1)
	noneOf(t, "-1 Captures", none, err)

	again := fullCapture("c1", "elsewhere", 5)
	err = tryUpdate(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.AddCapture(ctx, again) })
	if err == nil {
		t.Error("a second capture of the same ID was stored")
	}
	one, err = store.Capture(ctx, "c1")
	same(t, "Capture after a second of its ID", err, one, first)
}

// What a phone or a robot saw must never pass for a look of the watch itself, nor
// for what the other of the two saw. A look that names no visitor is a desktop's.
func visitors(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	var phones, robots, desktops []monitor.Capture
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		phones, robots, desktops = nil, nil, nil
		for n := 9; n > 0; n-- {
			c := fullCapture(fmt.Sprintf("c%d", n), "t", n)
			c.Visitor = []monitor.Visitor{"", monitor.Phone, monitor.Search}[n%3]
			if err := tx.AddCapture(ctx, c); err != nil {
				return err
			}
			switch c.Visitor {
			case monitor.Phone:
				phones = append(phones, c)
			case monitor.Search:
				robots = append(robots, c)
			default:
				c.Visitor = monitor.Desktop
				desktops = append(desktops, c)
			}
		}
		return nil
	})
	all, err := store.Captures(ctx, "t", 10)
	same(t, "Captures", err, all, desktops)
	all, err = store.CapturesAs(ctx, "t", monitor.Desktop, 10)
	same(t, "CapturesAs Desktop", err, all, desktops)
	all, err = store.CapturesAs(ctx, "t", monitor.Phone, 10)
	same(t, "CapturesAs Phone", err, all, phones)
	all, err = store.CapturesAs(ctx, "t", monitor.Search, 2)
	same(t, "2 CapturesAs Search", err, all, robots[:2])
	none, err := store.CapturesAs(ctx, "other", monitor.Phone, 10)
	noneOf(t, "CapturesAs of a target without any", none, err)
}

// A year of looks at a page that does not change must cost little more than the
// moments themselves.
func sharedLooks(t *testing.T, s Subject) {
	store := s.open(t)
	ctx := limit(t)
	var want []monitor.Capture
	for i := range 20 {
		c := fullCapture(fmt.Sprintf("c%02d", i), "t", -i)
		c.TookMS, c.Judged = int64(i), i%2 == 0
		want = append(want, c)
	}
	var looks int
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		for _, c := range want {
			if err := tx.AddCapture(ctx, c); err != nil {
				return err
			}
		}
		return tx.SQL().QueryRowContext(ctx, "SELECT COUNT(*) FROM looks").Scan(&looks)
	})
	if looks != 1 {
		t.Errorf("20 equal looks take %d rows, want 1", looks)
	}
	have, err := store.Captures(ctx, "t", 100)
	same(t, "Captures", err, have, want)
}

func judging(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	c, twin, bare := fullCapture("c1", "t", 1), fullCapture("c2", "t", 2), monitor.Capture{ID: "c3", Target: "t", Visitor: monitor.Search}
	c.Judged, twin.Judged = false, false
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		err := errors.Join(tx.AddCapture(ctx, c), tx.AddCapture(ctx, twin), tx.AddCapture(ctx, bare))
		return errors.Join(err, tx.SetJudged(ctx, "c1", map[string]string{monitor.BlobBefore: "11", monitor.BlobPicture: "22"}),
			tx.SetJudged(ctx, "c3", map[string]string{monitor.BlobAfter: "33"}))
	})
	c.Judged = true
	c.Blobs = map[string]string{monitor.BlobHTML: "bb", monitor.BlobBefore: "11", monitor.BlobPicture: "22"}
	have, err := store.Capture(ctx, "c1")
	same(t, "a judged Capture", err, have, c)
	have, err = store.Capture(ctx, "c2")
	same(t, "its twin", err, have, twin)
	have, err = store.Capture(ctx, "c3")
	same(t, "a judged Capture without blobs", err, have,
		monitor.Capture{ID: "c3", Target: "t", Judged: true, Visitor: monitor.Search, Blobs: map[string]string{monitor.BlobAfter: "33"}})

	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.SetJudged(ctx, "c2", nil) })
	twin.Judged = true
	have, err = store.Capture(ctx, "c2")
	same(t, "a Capture judged without pictures", err, have, twin)
	missing(t, "SetJudged of nothing", tryUpdate(t, store, func(ctx context.Context, tx monitor.Tx) error {
		return tx.SetJudged(ctx, "c9", nil)
	}))
}

func baselines(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	version := func(target string, n int) monitor.Baseline {
		return monitor.Baseline{
			Target: target, Site: "site", Version: n, Created: at(n), Provisional: n == 1, ApprovedBy: "operator:amina",
			Decision: 1 << 40, Captures: []string{"c1", "c2"}, Manifest: "baselines/x.json",
			Looks: []monitor.Digests{{Picture: "aa", DOM: "bb"}, {DOM: "cc"}},
		}
	}
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		return errors.Join(tx.AddBaseline(ctx, version("b", 1)), tx.AddBaseline(ctx, version("a", 10)),
			tx.AddBaseline(ctx, version("a", 9)), tx.AddBaseline(ctx, version("a", 1)))
	})
	newest, err := store.Baseline(ctx, "a")
	same(t, "Baseline", err, newest, version("a", 10))
	all, err := store.Baselines(ctx, "a")
	same(t, "Baselines", err, all, []monitor.Baseline{version("a", 10), version("a", 9), version("a", 1)})
	latest, err := store.LatestBaselines(ctx)
	same(t, "LatestBaselines", err, latest, []monitor.Baseline{version("a", 10), version("b", 1)})

	other := version("a", 9)
	other.ApprovedBy = "operator:mallory"
	err = tryUpdate(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.AddBaseline(ctx, other) })
	if !errors.Is(err, monitor.ErrExists) {
		t.Errorf("a second version 9 gave %v, want ErrExists", err)
	}
	// Not even somebody with a database client changes what was approved.
	for _, statement := range []string{"UPDATE baselines SET approved_by = 'x'", "DELETE FROM baselines"} {
		if err := forge(t, store, statement); err == nil {
			t.Errorf("%q was obeyed", statement)
		}
	}
	after, err := store.Baselines(ctx, "a")
	same(t, "Baselines after attempts to change them", err, after, all)
}

// forge runs a statement that no method of a store would.
func forge(t *testing.T, store monitor.Store, statement string) error {
	t.Helper()
	return tryUpdate(t, store, func(ctx context.Context, tx monitor.Tx) error {
		_, err := tx.SQL().ExecContext(ctx, statement)
		return err
	})
}

func decisions(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	list := []monitor.Decision{
		{At: at(2), Actor: "operator:amina", Action: "incident.resolve", Object: "incident:1", Reason: "restored",
			Detail: json.RawMessage(`{"b": 1,  "a": [2.50, "\u0000"]}`)},
		{At: at(1), Actor: "policy:aged-and-clean", Action: "baseline.approve", Object: "target:t"},
		{At: at(3), Actor: "operator:amina", Action: "site.pause", Object: "incident:1"},
	}
	update(t, store, func(ctx context.Context, tx monitor.Tx) (err error) {
		for i := range list {
			if list[i].ID, err = tx.AddDecision(ctx, list[i]); err != nil {
				return err
			}
		}
		return nil
	})
	all, err := store.Decisions(ctx, "")
	same(t, "Decisions", err, all, list)
	some, err := store.Decisions(ctx, "incident:1")
	same(t, "Decisions about an incident", err, some, []monitor.Decision{list[0], list[2]})
	for _, statement := range []string{"UPDATE decisions SET actor = 'x'", "DELETE FROM decisions"} {
		if err := forge(t, store, statement); err == nil {
			t.Errorf("%q was obeyed", statement)
		}
	}
	after, err := store.Decisions(ctx, "")
	same(t, "Decisions after attempts to change them", err, after, list)
	err = tryUpdate(t, store, func(ctx context.Context, tx monitor.Tx) error {
		_, err := tx.AddDecision(ctx, monitor.Decision{Detail: json.RawMessage(`{"cut":`)})
		return err
	})
	if err == nil {
		t.Error("a detail that is no JSON was stored")
	}
}
