// Package dbtest is the behaviour that every monitor.Store must show. A store is
// tested by handing [Run] a function that names a new database and one that
// opens it; package db does so for SQLite and for a real PostgreSQL.
package dbtest

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"pasban/monitor"
)

// A Subject is the store under test.
type Subject struct {
	// Make returns the URL of an empty database that ends with the test.
	Make func(t *testing.T) string
	// Open opens it; the test closes it.
	Open func(ctx context.Context, url string) (monitor.Store, error)
}

// Run tests a store.
func Run(t *testing.T, subject Subject) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s Subject)
	}{
		{"nothing is found in an empty store", empty},
		{"institutions, sites, targets and freshness", sites},
		{"fingerprints", fingerprints},
		{"captures", captures},
		{"captures of an unchanged page share their content", sharedLooks},
		{"looks of other visitors stand apart", visitors},
		{"judging a capture", judging},
		{"baselines", baselines},
		{"incidents", incidents},
		{"one open incident a site", oneOpenIncident},
		{"questions", questions},
		{"trouble", trouble},
		{"campaigns and their traces", campaigns},
		{"campaigns are numbered by the year", campaignNumbers},
		{"silences", silences},
		{"directives and waivers", directives},
		{"how pages stand", standings},
		{"deliveries", deliveries},
		{"the last delivery", lastDelivery},
		{"deliveries that are held", heldDeliveries},
		{"decisions", decisions},
		{"decisions are a chain", chain},
		{"accounts", accounts},
		{"sessions", sessions},
		{"tokens", tokens},
		{"what was put off", snoozes},
		{"answers to questions", answers},
		{"incidents by what is asked for", findIncidents},
		{"how incidents went", courses},
		{"conditions", conditions},
		{"canaries are in no list", canaries},
		{"a site out of sight has no trouble", unseenIsNoTrouble},
		{"changes of the watchlist are counted", revision},
		{"the last look at each target", lastLooks},
		{"incidents of one site", siteIncidents},
		{"captures and their neighbours", past},
		{"what is named is not removed", pinned},
		{"what captures share", kept},
		{"old incidents let go", released},
		{"notes", notes},
		{"snapshots", snapshots},
		{"numbers of reports", reportNumbers},
		{"past incidents", pastIncidents},
		{"what logs told", logFindings},
		{"how far logs were read", logReadings},
		{"lists are sorted byte by byte", byteOrder},
		{"times are exact and in UTC", times},
		{"hostile strings", hostile},
		{"large texts", large},
		{"a failed transaction leaves nothing", rollback},
		{"a panic ends its transaction", panics},
		{"a transaction reads its own writes, others do not", isolation},
		{"transactions at once lose nothing", concurrent},
		{"check and write in one transaction is safe", checkThenWrite},
		{"a cancelled context ends everything", cancelled},
		{"all is there after opening again", reopen},
		{"two processes share a database", shared},
		{"opening at once", openAtOnce},
		{"jobs follow their transaction", jobsInTransaction},
		{"jobs are worked and retried", jobsWorked},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, subject) })
	}
}

// limit ends a test that hangs: a transaction that waits for itself, above all.
func limit(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// open opens a new store for the length of the test.
func (s Subject) open(t *testing.T) monitor.Store {
	t.Helper()
	return s.openAt(t, s.Make(t))
}

func (s Subject) openAt(t *testing.T, url string) monitor.Store {
	t.Helper()
	store, err := s.Open(limit(t), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// update runs f in a transaction that must succeed.
func update(t *testing.T, store monitor.Store, f func(ctx context.Context, tx monitor.Tx) error) {
	t.Helper()
	if err := tryUpdate(t, store, f); err != nil {
		t.Fatal(err)
	}
}

func tryUpdate(t *testing.T, store monitor.Store, f func(ctx context.Context, tx monitor.Tx) error) error {
	t.Helper()
	ctx := limit(t)
	return store.Update(ctx, func(tx monitor.Tx) error { return f(ctx, tx) })
}

// same compares what was found with what was put. Whether an empty list is nil
// makes no difference to anyone.
func same(t *testing.T, what string, err error, have, want any) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	} else if diff := cmp.Diff(want, have, cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Errorf("%s differs (- want, + have):\n%s", what, diff)
	}
}

// missing wants monitor.ErrNotFound.
func missing(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, monitor.ErrNotFound) {
		t.Errorf("%s gave %v, want ErrNotFound", what, err)
	}
}

// at is a time with nanoseconds, n seconds into the tests' day.
func at(n int) time.Time {
	return time.Date(2026, 3, 23, 9, 0, n, 123456789, time.UTC)
}

func empty(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	check := func(r monitor.Reader) {
		_, err := r.Institution(ctx, "x")
		missing(t, "Institution", err)
		_, err = r.Site(ctx, "x")
		missing(t, "Site", err)
		_, err = r.Target(ctx, "x")
		missing(t, "Target", err)
		_, err = r.TargetFreshness(ctx, "x")
		missing(t, "TargetFreshness", err)
		_, err = r.Capture(ctx, "x")
		missing(t, "Capture", err)
		_, err = r.Confirmation(ctx, "x")
		missing(t, "Confirmation", err)
		_, err = r.Confirmation(ctx, "")
		missing(t, "Confirmation of nothing", err)
		_, err = r.Baseline(ctx, "x")
		missing(t, "Baseline", err)
		_, err = r.Incident(ctx, 1)
		missing(t, "Incident", err)
		_, err = r.OpenIncident(ctx, "x")
		missing(t, "OpenIncident", err)
		_, err = r.Delivery(ctx, 1)
		missing(t, "Delivery", err)
		emptyLists(t, ctx, r)
	}
	check(store)
	update(t, store, func(_ context.Context, tx monitor.Tx) error { check(tx); return nil })
}

func emptyLists(t *testing.T, ctx context.Context, r monitor.Reader) {
	sites, err := r.Sites(ctx)
	noneOf(t, "Sites", sites, err)
	targets, err := r.Targets(ctx)
	noneOf(t, "Targets", targets, err)
	targets, err = r.SiteTargets(ctx, "x")
	noneOf(t, "SiteTargets", targets, err)
	fresh, err := r.Freshness(ctx)
	noneOf(t, "Freshness", fresh, err)
	prints, err := r.Fingerprints(ctx)
	noneOf(t, "Fingerprints", prints, err)
	captures, err := r.Captures(ctx, "x", 10)
	noneOf(t, "Captures", captures, err)
	captures, err = r.CapturesAs(ctx, "x", monitor.Phone, 10)
	noneOf(t, "CapturesAs", captures, err)
	baselines, err := r.Baselines(ctx, "x")
	noneOf(t, "Baselines", baselines, err)
	baselines, err = r.LatestBaselines(ctx)
	noneOf(t, "LatestBaselines", baselines, err)
	incidents, err := r.Incidents(ctx, false)
	noneOf(t, "Incidents", incidents, err)
	incidents, err = r.Incidents(ctx, true)
	noneOf(t, "open Incidents", incidents, err)
	questions, err := r.Questions(ctx)
	noneOf(t, "Questions", questions, err)
	deliveries, err := r.Deliveries(ctx, 1)
	noneOf(t, "Deliveries", deliveries, err)
	deliveries, err = r.Undelivered(ctx)
	noneOf(t, "Undelivered", deliveries, err)
	decisions, err := r.Decisions(ctx, "")
	noneOf(t, "Decisions", decisions, err)
	conditions, err := r.Conditions(ctx)
	noneOf(t, "Conditions", conditions, err)
}

// noneOf wants an empty list that is not nil: it becomes [] in JSON, not null.
func noneOf[T any](t *testing.T, what string, list []T, err error) {
	t.Helper()
	if err != nil || list == nil || len(list) != 0 {
		t.Errorf("%s = %#v, %v, want an empty list", what, list, err)
	}
}
