package dbtest

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"pasban/compare"
	"pasban/monitor"
)

// byteOrder fails on a database that sorts by the rules of a language: there
// "B" stands between "a" and "c", and "-" and "~" do not count.
func byteOrder(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	want := []string{"A", "B", "a", "a-b", "a.b", "aa", "a~b", "é", "ا"}
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		for i := range want {
			id := want[len(want)-1-i]
			err := errors.Join(tx.PutSite(ctx, monitor.Site{ID: id}), tx.PutTarget(ctx, monitor.Target{ID: id, Site: "a"}),
				tx.PutFreshness(ctx, monitor.Freshness{Target: id}), tx.AddBaseline(ctx, monitor.Baseline{Target: id, Version: 1}))
			if err != nil {
				return err
			}
		}
		return nil
	})
	have := map[string][]string{}
	sites, err := store.Sites(ctx)
	for _, s := range sites {
		have["Sites"] = append(have["Sites"], s.ID)
	}
	targets, err2 := store.Targets(ctx)
	for _, g := range targets {
		have["Targets"] = append(have["Targets"], g.ID)
	}
	siteTargets, err3 := store.SiteTargets(ctx, "a")
	for _, g := range siteTargets {
		have["SiteTargets"] = append(have["SiteTargets"], g.ID)
	}
	fresh, err4 := store.Freshness(ctx)
	for _, f := range fresh {
		have["Freshness"] = append(have["Freshness"], f.Target)
	}
	latest, err5 := store.LatestBaselines(ctx)
	for _, b := range latest {
		have["LatestBaselines"] = append(have["LatestBaselines"], b.Target)
	}
	for _, name := range []string{"Sites", "Targets", "SiteTargets", "Freshness", "LatestBaselines"} {
		same(t, name, errors.Join(err, err2, err3, err4, err5), have[name], want)
	}
}

func times(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	karachi := time.FixedZone("PKT", 5*60*60)
	for i, want := range []time.Time{
		{}, at(0), time.Date(1999, 12, 31, 23, 59, 59, 999999999, time.UTC),
		time.Date(1960, 1, 1, 0, 0, 0, 1, time.UTC), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 3, 23, 14, 0, 0, 1, karachi), time.Now(),
	} {
		id := string(rune('a' + i))
		in := incident(id, 0, monitor.Open)
		in.Opened, in.Findings[0].At = want, want
		addIncident(t, store, &in)
		update(t, store, func(ctx context.Context, tx monitor.Tx) error {
			return tx.PutFreshness(ctx, monitor.Freshness{Target: id, LastGood: want})
		})
		have, err := store.TargetFreshness(ctx, id)
		stored, err2 := store.Incident(ctx, in.ID)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		for _, h := range []time.Time{have.LastGood, stored.Opened, stored.Findings[0].At} {
			// Struct equality: the same instant, in UTC, without a monotonic clock.
			if h != want.UTC().Round(0) {
				t.Errorf("%#v came back as %#v", want, h)
			}
		}
	}
	err := tryUpdate(t, store, func(ctx context.Context, tx monitor.Tx) error {
		return tx.PutFreshness(ctx, monitor.Freshness{Target: "x", LastGood: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)})
	})
	if err == nil {
		t.Error("a time that cannot be kept exactly was stored as another one")
	}
}

// hostile puts what a page can put into a title. The two databases treat it
// differently on their own: SQLite keeps anything, PostgreSQL refuses NUL and
// what is not UTF-8.
func hostile(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	for i, pair := range []struct{ put, want string }{
		{"nul\x00byte", "nul\uFFFDbyte"},
		{"cut \xf0\x9f\x98", "cut \uFFFD"},
		{"\xff\xfe", "\uFFFD"},
		{"surrogate \xed\xa0\x80", "surrogate \uFFFD"},
		{"'; DROP TABLE captures; --", "'; DROP TABLE captures; --"},
		{`"$1 ?1 :a @b \u0000 \`, `"$1 ?1 :a @b \u0000 \`},
		{"\u202eright to left\u200b\ufeff\r\n\t\x1b[31m", "\u202eright to left\u200b\ufeff\r\n\t\x1b[31m"},
		{"پاسبان 😀", "پاسبان 😀"},
	} {
		c := fullCapture(string(rune('a'+i)), "t", i)
		c.Title, c.Detail, c.FinalURL = pair.put, pair.put, pair.put
		update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.AddCapture(ctx, c) })
		have, err := store.Capture(ctx, c.ID)
		c.Title, c.Detail, c.FinalURL = pair.want, pair.want, pair.want
		same(t, pair.put, err, have, c)
	}
	// Inside of a report a NUL byte survives, as JSON spells it.
	c := monitor.Capture{ID: "json", Target: "t", Report: compare.Report{Why: "nul\x00 cut \xf0\x9f"}}
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.AddCapture(ctx, c) })
	have, err := store.Capture(ctx, "json")
	if err != nil || !strings.HasPrefix(have.Report.Why, "nul\x00 cut \uFFFD") {
		t.Errorf("a report came back as %q, %v", have.Report.Why, err)
	}
	hostileKeys(t, store)
}

// hostileKeys: two keys must never become one, so a key is never mended.
func hostileKeys(t *testing.T, store monitor.Store) {
	t.Helper()
	for _, key := range []string{"", "a\x00", "a\xff"} {
		for what, f := range map[string]func(ctx context.Context, tx monitor.Tx) error{
			"PutInstitution": func(ctx context.Context, tx monitor.Tx) error {
				return tx.PutInstitution(ctx, monitor.Institution{ID: key})
			},
			"PutSite": func(ctx context.Context, tx monitor.Tx) error { return tx.PutSite(ctx, monitor.Site{ID: key}) },
			"PutTarget": func(ctx context.Context, tx monitor.Tx) error {
				return tx.PutTarget(ctx, monitor.Target{ID: key, Site: "s"})
			},
			"PutFreshness": func(ctx context.Context, tx monitor.Tx) error {
				return tx.PutFreshness(ctx, monitor.Freshness{Target: key})
			},
			"PutFingerprint": func(ctx context.Context, tx monitor.Tx) error {
				return tx.PutFingerprint(ctx, monitor.Fingerprint{Target: key})
			},
			"AddCapture": func(ctx context.Context, tx monitor.Tx) error {
				return tx.AddCapture(ctx, monitor.Capture{ID: key, Target: "t"})
			},
			"AddBaseline": func(ctx context.Context, tx monitor.Tx) error {
				return tx.AddBaseline(ctx, monitor.Baseline{Target: key})
			},
			"AddIncident": func(ctx context.Context, tx monitor.Tx) error {
				_, err := tx.AddIncident(ctx, monitor.Incident{Site: key})
				return err
			},
			"AddDelivery": func(ctx context.Context, tx monitor.Tx) error {
				_, err := tx.AddDelivery(ctx, monitor.Delivery{Alert: "1.opened", Sink: "smtp", Recipient: key})
				return err
			},
		} {
			if err := tryUpdate(t, store, f); err == nil {
				t.Errorf("%s stored the key %q", what, key)
			}
		}
	}
	ctx := limit(t)
	_, err := store.Site(ctx, "a\x00")
	missing(t, "Site with a NUL byte", err)
	_, err = store.Capture(ctx, "a\xff")
	missing(t, "Capture with invalid UTF-8", err)
}

// large: a payload of an alert with many findings, and a report to its bound.
func large(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	text := strings.Repeat("پاسبان & <b>", 200_000) // 3.6 MB
	payload, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	d := monitor.Delivery{Alert: "1.opened", Sink: "webhook", Recipient: "x", State: monitor.Pending, Payload: payload}
	update(t, store, func(ctx context.Context, tx monitor.Tx) (err error) {
		d.ID, err = tx.AddDelivery(ctx, d)
		return err
	})
	have, err := store.Delivery(ctx, d.ID)
	if err != nil || string(have.Payload) != string(payload) {
		t.Errorf("a payload of %d bytes came back with %d, %v", len(payload), len(have.Payload), err)
	}
}
