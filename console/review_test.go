package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pasban/monitor"
)

// Where nobody has approved a look nobody knows what a page may show: what was found on
// it is blurred wherever it stands, until somebody asks. Where somebody has, it is not.
func TestUnknownPicturesAreBlurred(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	look := r.site("bank", "bank", "Bank", "x", "y")
	c := r.account("amina", monitor.Analyst, "")
	asked := r.question(look)
	i, err := r.monitor.Confirm(t.Context(), monitor.Order{Actor: "operator:x"}, r.question(look))
	if err != nil {
		t.Fatal(err)
	}
	pages := []string{"/queue", "/sites/bank", fmt.Sprintf("/incidents/%d", i.ID), fmt.Sprintf("/review/q%d", asked)}
	for _, path := range pages {
		if _, body := r.get(c, path); !strings.Contains(body, "blurred") || !strings.Contains(body, "<img src=\"http://127.0.0.2:1/") {
			t.Errorf("%s shows what is unknown", path)
		}
	}
	r.update(func(ctx context.Context, tx monitor.Tx) error {
		return tx.AddBaseline(ctx, monitor.Baseline{Target: "bank", Site: "bank", Version: 1, Created: r.now, ApprovedBy: "operator:x"})
	})
	for _, path := range pages[:3] {
		if _, body := r.get(c, path); strings.Contains(body, "blurred") {
			t.Errorf("%s hides a page that is known", path)
		}
	}
}

// ill is a store in which some things cannot be read.
type ill struct {
	monitor.Store
	capture, institution, target, baseline bool
}

var errAway = errors.New("the database is away")

func (s *ill) Capture(ctx context.Context, id string) (monitor.Capture, error) {
	if s.capture {
		return monitor.Capture{}, errAway
	}
	return s.Store.Capture(ctx, id)
}

func (s *ill) Institution(ctx context.Context, id string) (monitor.Institution, error) {
	if s.institution {
		return monitor.Institution{}, errAway
	}
	return s.Store.Institution(ctx, id)
}

func (s *ill) Target(ctx context.Context, id string) (monitor.Target, error) {
	if s.target {
		return monitor.Target{}, errAway
	}
	return s.Store.Target(ctx, id)
}

func (s *ill) Baseline(ctx context.Context, target string) (monitor.Baseline, error) {
	if s.baseline {
		return monitor.Baseline{}, errAway
	}
	return s.Store.Baseline(ctx, target)
}

// What cannot be read is not gone: a page says that something failed, and does not leave
// the evidence out as if there were none.
func TestFaultsAreNotTakenForNothing(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	look := r.site("bank", "bank", "Bank", "x", "y")
	next := r.site("clinic", "clinic", "Clinic", "x", "z")
	c := r.account("amina", monitor.Analyst, "")
	asked := r.question(look)
	r.question(next)
	i, err := r.monitor.Confirm(t.Context(), monitor.Order{Actor: "operator:x"}, r.question(look))
	if err != nil {
		t.Fatal(err)
	}
	incident := fmt.Sprintf("/incidents/%d", i.ID)
	for _, test := range []struct {
		path  string
		store *ill
	}{
		{"/queue", &ill{capture: true}},
		{"/queue", &ill{baseline: true}},
		{incident, &ill{capture: true}},
		{incident, &ill{institution: true}},
		{incident, &ill{baseline: true}},
		{fmt.Sprintf("/review/q%d", asked), &ill{baseline: true}},
	} {
		test.store.Store = r.store
		r.monitor.Store = test.store
		if code, _ := r.get(c, test.path); code != http.StatusInternalServerError {
			t.Errorf("%s with %+v: %d", test.path, *test.store, code)
		}
	}
	r.monitor.Store = &ill{Store: r.store, target: true}
	if code, _ := r.post(c, "/sites/bank", map[string][]string{"verb": {"look"}, "target": {"bank"}}); code != http.StatusInternalServerError {
		t.Errorf("asking for a look: %d", code)
	}
}
