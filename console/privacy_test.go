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

// The owner of a site sees what happened to it, and nothing of what the CERT says to
// itself: no note, no reason, nobody's name, no fault of ours, and nothing of others.
func TestInstitutionSeesOnlyItsOwn(t *testing.T) {
	r := newRoom(t)
	question := r.question(r.site("bank", "bank", "Bank", "x", "y"))
	r.account("amina", monitor.Lead, "")
	i, err := r.monitor.Confirm(t.Context(), monitor.Order{Actor: "user:amina", Reason: "reason-secret"}, question)
	if err != nil {
		t.Fatal(err)
	}
	order := monitor.Order{Actor: "user:amina", Reason: "note-secret"}
	_, resolved := r.monitor.Resolve(t.Context(), monitor.Order{Actor: "user:amina", Reason: "reason-secret"}, i.ID, false)
	if err := errors.Join(r.monitor.Note(t.Context(), order, i.ID), r.monitor.Assign(t.Context(), order, i.ID, "amina"),
		resolved, r.monitor.Reopen(t.Context(), order, i.ID)); err != nil {
		t.Fatal(err)
	}
	r.update(func(ctx context.Context, tx monitor.Tx) error {
		return tx.AddBaseline(ctx, monitor.Baseline{Target: "bank", Site: "bank", Version: 1, Created: r.now, ApprovedBy: "user:amina"})
	})
	r.server.Observe(monitor.Event{Err: errors.New("fault-secret"), Target: "bank"})
	owner, analyst := r.account("owner", monitor.InstitutionRole, "bank"), r.account("sara", monitor.Analyst, "")
	page := fmt.Sprintf("/incidents/%d", i.ID)
	for _, path := range []string{"/", page, "/sites/bank", "/incidents?state=any", fmt.Sprintf("/review/i%d", i.ID)} {
		code, body := r.get(owner, path)
		if code != http.StatusOK {
			t.Errorf("%s: %d", path, code)
		}
		for _, secret := range []string{"note-secret", "reason-secret", "amina", "fault-secret", "assign"} {
			if strings.Contains(body, secret) {
				t.Errorf("%s tells the institution %q", path, secret)
			}
		}
	}
	if _, body := r.get(owner, page); !strings.Contains(body, "<b>resolved</b>") || !strings.Contains(body, "<b>reopen</b>") {
		t.Error("the institution does not see that its incident was closed and opened again")
	}
	if _, body := r.get(analyst, page); !strings.Contains(body, "note-secret") || !strings.Contains(body, "amina") {
		t.Error("the CERT does not see its own notes")
	}
}
