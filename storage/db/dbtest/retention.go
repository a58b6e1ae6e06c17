package dbtest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pasban/monitor"
)

// revision: every change of sites and targets is told by one number, and nothing
// else changes it.
func revision(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	ask := func() int64 {
		n, err := store.Revision(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	last := ask()
	for what, f := range map[string]func(ctx context.Context, tx monitor.Tx) error{
		"a new site": func(ctx context.Context, tx monitor.Tx) error { return tx.PutSite(ctx, monitor.Site{ID: "b"}) },
		"a site put again": func(ctx context.Context, tx monitor.Tx) error {
			return tx.PutSite(ctx, monitor.Site{ID: "a", Paused: true})
		},
		"a new target": func(ctx context.Context, tx monitor.Tx) error {
			return tx.PutTarget(ctx, monitor.Target{ID: "b", Site: "a"})
		},
		"a target put anew": func(ctx context.Context, tx monitor.Tx) error {
			return tx.PutTarget(ctx, monitor.Target{ID: "a", Site: "a", Gone: true})
		},
	} {
		update(t, store, f)
		now := ask()
		if now <= last {
			t.Errorf("%s leaves the revision at %d", what, now)
		}
		last = now
	}
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		if err := tx.AddCapture(ctx, fullCapture("c", "a", 1)); err != nil {
			return err
		}
		return tx.PutFreshness(ctx, monitor.Freshness{Target: "a"})
	})
	if now := ask(); now != last {
		t.Errorf("a look changes the revision from %d to %d", last, now)
	}
}

func lastLooks(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		for _, g := range []monitor.Target{{ID: "a", Site: "s"}, {ID: "gone", Site: "s", Gone: true}, {ID: "never", Site: "s"}} {
			if err := tx.PutTarget(ctx, g); err != nil {
				return err
			}
		}
		for i, as := range []monitor.Visitor{monitor.Phone, monitor.Desktop, monitor.Desktop, monitor.Phone, monitor.Search} {
			for _, target := range []string{"a", "gone"} {
				c := fullCapture(fmt.Sprint(target, i), target, i)
				c.Visitor = as
				if err := tx.AddCapture(ctx, c); err != nil {
					return err
				}
			}
		}
		return nil
	})
	for as, want := range map[monitor.Visitor]time.Time{monitor.Desktop: at(2), monitor.Phone: at(3), monitor.Search: at(4)} {
		have, err := store.LastLooks(ctx, as)
		same(t, "LastLooks as "+string(as), err, have, map[string]time.Time{"a": want})
	}
}

// sameLook is a capture of an unchanged page: those with one title share what
// they saw.
func sameLook(id, target string, n int, title string) monitor.Capture {
	return monitor.Capture{
		ID: id, Target: target, Site: "s", At: at(n), Visitor: monitor.Desktop, URL: "https://a.example/", Title: title, Judged: true,
		Blobs: map[string]string{"picture": "digest of " + title},
	}
}

func addCaptures(t *testing.T, store monitor.Store, all ...monitor.Capture) {
	t.Helper()
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		for _, c := range all {
			if err := tx.AddCapture(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// past: what a capture's neighbours saw counts by target and visitor, in the
// order of time.
func past(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	phone := sameLook("5", "a", 5, "other")
	phone.Visitor = monitor.Phone
	open := sameLook("7", "a", 7, "same")
	open.Judged = false
	second := sameLook("8", "a", 8, "same")
	second.Confirms = "7"
	addCaptures(t, store, sameLook("1", "a", 1, "same"), sameLook("2", "b", 2, "other"), sameLook("3", "a", 3, "same"),
		sameLook("4", "a", 4, "same"), phone, sameLook("6", "a", 6, "same"), open, second, sameLook("9", "a", 9, "new"))
	have, err := store.Past(ctx, "", 100)
	want := []monitor.Past{
		{ID: "1", At: at(1), Judged: true},
		{ID: "2", At: at(2), Judged: true, Newest: true},
		{ID: "3", At: at(3), Judged: true, Repeats: true},
		{ID: "4", At: at(4), Judged: true, Repeats: true},
		{ID: "5", At: at(5), Judged: true, Newest: true},
		{ID: "6", At: at(6), Judged: true, Repeats: true},
		{ID: "7", At: at(7), Paired: true, Repeats: true},
		{ID: "8", At: at(8), Judged: true, Paired: true},
		{ID: "9", At: at(9), Judged: true, Newest: true},
	}
	same(t, "Past", err, have, want)
	have, err = store.Past(ctx, "3", 2)
	same(t, "Past after 3", err, have, want[3:5])
	have, err = store.Past(ctx, "", 0)
	noneOf(t, "Past for no limit", have, err)
}

// pinned: what a baseline, an incident or a question names is not removed, nor is
// the second look that was made for it, nor what waits to be judged.
func pinned(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	waiting := sameLook("waiting", "a", 1, "w")
	waiting.Judged = false
	confirms := sameLook("confirms", "a", 2, "c")
	confirms.Confirms = "found"
	var ids []string
	all := []monitor.Capture{waiting, confirms}
	for i, id := range []string{"approved", "found", "found later", "asked", "asked again", "free"} {
		all = append(all, sameLook(id, "a", 10+i, id))
	}
	addCaptures(t, store, all...)
	for _, c := range all {
		ids = append(ids, c.ID)
	}
	in := incident("s", 1, monitor.Open)
	in.Findings[0].Capture = "found"
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		if err := tx.AddBaseline(ctx, monitor.Baseline{Target: "a", Version: 1, Captures: []string{"approved"}}); err != nil {
			return err
		}
		_, err := tx.AddQuestion(ctx, monitor.Question{Site: "s", Target: "a", Capture: "asked", Second: "asked again"})
		return err
	})
	addIncident(t, store, &in)
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		more := in
		more.Findings = append(slices.Clone(in.Findings), in.Findings[0])
		more.Findings[1].Capture = "found later"
		return tx.PutIncident(ctx, more)
	})
	remove(t, store, 1, ids...)
	for _, id := range ids {
		_, err := store.Capture(ctx, id)
		if id == "free" {
			missing(t, "a capture that nothing names", err)
		} else if err != nil {
			t.Errorf("%s is gone: %v", id, err)
		}
	}
	remove(t, store, 0)
	remove(t, store, 0, "free", "never there")
	for id, want := range map[string]bool{"approved": true, "found": true, "confirms": true, "found later": true, "asked": true, "asked again": true, "waiting": false} {
		all, err := store.Past(ctx, "", 100)
		i := slices.IndexFunc(all, func(p monitor.Past) bool { return p.ID == id })
		if err != nil || i < 0 || all[i].Pinned != want {
			t.Errorf("Past says of %s: %+v (%v), want pinned %t", id, all, err, want)
		}
	}
}

func remove(t *testing.T, store monitor.Store, want int, ids ...string) {
	t.Helper()
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		if n, err := tx.RemoveCaptures(ctx, ids); err != nil || n != want {
			t.Errorf("RemoveCaptures(%q) = %d, %v, want %d", ids, n, err, want)
		}
		return nil
	})
}

// kept: what was seen stays as long as one capture shares it.
func kept(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	addCaptures(t, store, sameLook("1", "a", 1, "x"), sameLook("2", "a", 2, "x"), sameLook("3", "a", 3, "y"))
	rows, err := store.Kept(ctx, 0, 100)
	if err != nil || len(rows) != 2 || !rows[0].Used || rows[0].Blobs["picture"] != "digest of x" {
		t.Fatalf("Kept = %+v, %v, want two rows in use", rows, err)
	}
	later, err := store.Kept(ctx, rows[0].Row, 1)
	same(t, "Kept after the first", err, later, rows[1:])
	remove(t, store, 1, "1")
	remove(t, store, 1, "3")
	left, err := store.Kept(ctx, 0, 100)
	same(t, "Kept", err, left, rows[:1])
	// Judging with new pictures leaves a row behind that nothing shares.
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		return tx.SetJudged(ctx, "2", map[string]string{"after": "painted"})
	})
	left, err = store.Kept(ctx, 0, 100)
	if err != nil || len(left) != 2 || left[0].Used || !left[1].Used {
		t.Fatalf("Kept = %+v, %v, want one row that is not used", left, err)
	}
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		n, err := tx.RemoveKept(ctx, []int64{left[0].Row, left[1].Row})
		if n != 1 {
			t.Errorf("RemoveKept removed %d rows, want the one that is not used", n)
		}
		return err
	})
	c, err := store.Capture(ctx, "2")
	if err != nil || c.Blobs["after"] != "painted" || c.Blobs["picture"] != "digest of x" {
		t.Errorf("the capture came out as %+v, %v", c, err)
	}
}

// released: an incident lets go of what nothing else names, with the second looks.
func released(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	second := sameLook("second", "a", 3, "z")
	second.Confirms = "only here"
	addCaptures(t, store, sameLook("only here", "a", 1, "x"), sameLook("approved too", "a", 2, "y"), second)
	closed := incident("s", 1, monitor.Resolved)
	closed.Findings = append(closed.Findings, closed.Findings[0])
	closed.Findings[0].Capture, closed.Findings[1].Capture = "only here", "approved too"
	addIncident(t, store, &closed)
	open := incident("t", 1, monitor.Open)
	open.Updated = closed.Updated
	addIncident(t, store, &open)
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		return tx.AddBaseline(ctx, monitor.Baseline{Target: "a", Version: 1, Captures: []string{"approved too"}})
	})
	old, err := store.OldIncidents(ctx, closed.Updated, 10)
	noneOf(t, "OldIncidents before its last change", old, err)
	old, err = store.OldIncidents(ctx, closed.Updated.Add(time.Second), 10)
	same(t, "OldIncidents", err, old, []int64{closed.ID})
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		free, err := tx.Unpin(ctx, closed.ID)
		same(t, "Unpin", err, free, []string{"only here", "second"})
		return nil
	})
	remove(t, store, 2, "only here", "second", "approved too")
	old, err = store.OldIncidents(ctx, closed.Updated.Add(time.Second), 10)
	noneOf(t, "OldIncidents after it let go", old, err)
}

func notes(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	text, err := store.Note(ctx, "none")
	same(t, "a note that is not there", err, text, "")
	for _, want := range []string{"first", "second", ""} {
		update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.PutNote(ctx, "n", want) })
		text, err := store.Note(ctx, "n")
		same(t, "Note", err, text, want)
	}
	one, err := store.Note(ctx, "database")
	two, err2 := s.open(t).Note(ctx, "database")
	if err != nil || err2 != nil || len(one) != 32 || one == two {
		t.Errorf("two databases are called %q and %q (%v, %v)", one, two, err, err2)
	}
}

func siteIncidents(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	first, other, second := incident("s", 1, monitor.Resolved), incident("t", 2, monitor.Open), incident("s", 3, monitor.Open)
	for _, i := range []*monitor.Incident{&first, &other, &second} {
		addIncident(t, store, i)
	}
	have, err := store.SiteIncidents(ctx, "s")
	same(t, "SiteIncidents", err, have, []monitor.Incident{second, first})
	none, err := store.SiteIncidents(ctx, "u")
	noneOf(t, "SiteIncidents of another", none, err)
}
