package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"pasban/console/desk"
	"pasban/monitor"
)

// The health page tells what is ill first and what to do about it, that nobody measures
// any more, and which pages nobody sees.
func TestHealth(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.site("bank", "bank", "Bank", "x", "y")
	r.site("tax", "tax", "Tax", "x", "y")
	r.update(func(ctx context.Context, tx monitor.Tx) error {
		return errors.Join(
			tx.PutFreshness(ctx, monitor.Freshness{Target: "bank", LastAttempt: r.now, LastGood: r.now}),
			tx.PutFreshness(ctx, monitor.Freshness{Target: "tax", LastAttempt: r.now, LastGood: r.now.Add(-3 * time.Hour), Outcome: "timeout_connect", Reason: "no answer <b>"}),
		)
	})
	c := r.account("amina", monitor.Analyst, "")
	if code, page := r.get(c, "/health"); code != http.StatusOK || !strings.Contains(page, "Nothing was measured yet") {
		t.Errorf("before anything was measured: %d", code)
	}
	r.update(func(ctx context.Context, tx monitor.Tx) error {
		return errors.Join(
			tx.PutCondition(ctx, monitor.Condition{Name: "canary", Text: "the alarm came after 40 s", Since: r.now, Measured: r.now}),
			tx.PutCondition(ctx, monitor.Condition{Name: "clock", Text: "all in step", Since: r.now, Measured: r.now.Add(-time.Hour)}),
			tx.PutCondition(ctx, monitor.Condition{Name: "disk", Ill: true, Text: "1.0 GB free", Since: r.now.Add(-time.Hour), Measured: r.now}),
		)
	})
	r.now = r.now.Add(desk.StatusKept)
	_, page := r.get(c, "/health")
	for _, want := range []string{
		`<b>50</b><i>%</i><span>seen in time`, `<b>1</b><span>blind spots`, `<b>1</b><span>not well`, "1.0 GB free", "Make room where --data is", "the alarm came after 40 s",
		`href="/sites/tax"`, "no answer &lt;b&gt;", "3 h ago", "30 min",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if found := regexp.MustCompile(`<h2>(Disk|Canaries|Clock)</h2><span class="state[^>]*>([a-z ]+)<`).FindAllStringSubmatch(page, -1); fmt.Sprint(found) == "" || len(found) != 3 ||
		found[0][1]+found[0][2] != "Diskill" || found[1][1]+found[1][2] != "Canarieswell" || found[2][1]+found[2][2] != "Clocknot measured" {
		t.Errorf("the checks are %q", found)
	}
	if strings.Contains(page, "too long") || strings.Contains(page, "and 0 more") {
		t.Error("the page says what is not so")
	}
	r.now = r.now.Add(desk.HealthOld)
	if _, page := r.get(c, "/health"); !strings.Contains(page, "Is pasban serve running?") {
		t.Error("nobody measures, and the page does not say so")
	}
}

// However many pages are out of sight, the page stays one that can be read.
func TestHealthIsBounded(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.update(func(ctx context.Context, tx monitor.Tx) error {
		for i := range 3 * desk.ShownBlind {
			id := fmt.Sprintf("site-%d", i)
			long := strings.Repeat("x", 3000)
			if err := errors.Join(tx.PutSite(ctx, monitor.Site{ID: id, Name: id, Schedule: "*/15 * * * *"}), tx.PutTarget(ctx, monitor.Target{ID: id, Site: id, URL: "https://" + long}),
				tx.PutFreshness(ctx, monitor.Freshness{Target: id, LastAttempt: r.now, Reason: long})); err != nil {
				return err
			}
		}
		return nil
	})
	_, page := r.get(r.account("amina", monitor.Analyst, ""), "/health")
	if !strings.Contains(page, fmt.Sprintf("and %d more", 2*desk.ShownBlind)) || len(page) > 150<<10 {
		t.Errorf("the page weighs %d bytes", len(page))
	}
}
