package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pasban/console/desk"
	"pasban/monitor"
)

// orderAll orders every site to close two doors.
func (r *room) orderAll() {
	r.t.Helper()
	_, _, err := r.monitor.OrderLockdown(r.t.Context(), monitor.Order{Actor: "operator:lead", Reason: "exercise"}, monitor.Directive{
		Scope: monitor.Scope{All: true}, Controls: []string{"login", "form"}, Deadline: r.now.Add(time.Hour), Authority: "circular 12",
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// stand says how a site stands to a control, and since when it was ever shut.
func (r *room) stand(site, control string, is monitor.DoorState, shut time.Time, evidence string) {
	r.t.Helper()
	looks, err := r.store.Captures(r.t.Context(), site, 1)
	if err != nil {
		r.t.Fatal(err)
	}
	r.update(func(ctx context.Context, tx monitor.Tx) error {
		return tx.PutStandings(ctx, []monitor.Standing{{
			Target: site, Site: site, Control: control, State: is, Why: "Why it is so.", Evidence: []string{evidence}, Since: r.now, Capture: looks[0].ID, Shut: shut,
		}})
	})
}

// lockdownRoom has four sites in lockdown: one complied, one explained, one has a door
// open, and one opened a door again.
func lockdownRoom(t *testing.T) *room {
	r := newRoom(t)
	for _, id := range []string{"good", "explained", "opened", "reopened"} {
		r.site(id, id+"-owner", "The "+id, "x", "y")
	}
	r.orderAll()
	for _, id := range []string{"good", "explained", "opened", "reopened"} {
		r.stand(id, "login", monitor.DoorClosed, r.now, "")
		r.stand(id, "form", monitor.DoorClosed, r.now, "")
	}
	r.stand("explained", "form", monitor.DoorOpen, time.Time{}, "")
	r.stand("opened", "form", monitor.DoorOpen, time.Time{}, `<form action="/secret">`)
	r.stand("reopened", "form", monitor.DoorOpen, r.now.Add(-time.Hour), "")
	_, err := r.monitor.Waive(t.Context(), monitor.Order{Actor: "operator:lead", Reason: "The exam results need it."},
		monitor.Waiver{Site: "explained", Controls: []string{"form"}, Approver: "The Director", Expires: r.now.Add(48 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The board tells who complied, who explained and what was opened again, by site and by
// institution, and each filter leaves what it says.
func TestLockdownBoard(t *testing.T) {
	t.Parallel()
	r := lockdownRoom(t)
	c := r.account("amina", monitor.Analyst, "")
	code, page := r.get(c, "/lockdown")
	for _, want := range []string{
		`<b>2</b><i> / 4</i>`, `<b>1</b><span>opened again</span>`, "circular 12", "2 of 4 complied", "The exam results need it.", "The Director",
		`<a class="m d-open" href="/lockdown/opened#form">open</a>`, `<a class="m d-again" href="/lockdown/reopened#form">opened again</a>`,
		`<a class="m d-waived" href="/lockdown/explained#form">explained</a>`, `<a class="m d-closed" href="/lockdown/good#form">closed</a>`,
	} {
		if code != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("the board has no %s: %d", want, code)
		}
	}
	if n := strings.Count(page, `class="slant"`); n != 2 {
		t.Errorf("the board has %d columns, and two controls are demanded", n)
	}
	rows := func(path string) string {
		_, page := r.get(c, path)
		var out []string
		_, board, _ := strings.Cut(page, "<tbody>")
		board, _, _ = strings.Cut(board, "</tbody>")
		for _, id := range []string{"good", "explained", "opened", "reopened"} {
			if strings.Contains(board, "The "+id+"<") {
				out = append(out, id)
			}
		}
		return strings.Join(out, " ")
	}
	for path, want := range map[string]string{
		"/lockdown?state=open": "opened", "/lockdown?state=again": "reopened", "/lockdown?state=waived": "explained", "/lockdown?state=closed&control=form": "good",
		"/lockdown?q=plained": "explained", "/lockdown?institution=opened-owner": "opened", "/lockdown?region=The+opened": "opened", "/lockdown?tier=federal": "",
		"/lockdown?by=institution": "good explained opened reopened", "/lockdown?order=1": "good explained opened reopened", "/lockdown?order=99": "", "/lockdown?page=2": "", "/lockdown?page=-1&by=x": "good explained opened reopened",
	} {
		if got := rows(path); got != want {
			t.Errorf("%s lists %q, want %q", path, got, want)
		}
	}
	if _, page := r.get(c, "/lockdown?by=institution"); !strings.Contains(page, "/lockdown?institution=opened-owner") {
		t.Error("an institution does not lead to its sites")
	}
}

// A cell leads to what was seen, and to the look as long as it is on record.
func TestLockdownEvidence(t *testing.T) {
	t.Parallel()
	r := lockdownRoom(t)
	c := r.account("amina", monitor.Analyst, "")
	code, page := r.get(c, "/lockdown/opened")
	look, err := r.store.Captures(t.Context(), "opened", 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`id="form"`, "Why it is so.", "&lt;form action=&#34;/secret&#34;&gt;", "/review/c" + look[0].ID, "pasban snapshot export opened"} {
		if code != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("the evidence has no %s: %d", want, code)
		}
	}
	r.update(func(ctx context.Context, tx monitor.Tx) error {
		return tx.PutStandings(ctx, []monitor.Standing{{Target: "opened", Site: "opened", Control: "form", State: monitor.DoorOpen, Why: "Why it is so.", Since: r.now, Capture: "forgotten"}})
	})
	r.now = r.now.Add(desk.BoardKept)
	if _, page := r.get(c, "/lockdown/opened"); strings.Contains(page, "/review/cforgotten") || !strings.Contains(page, "Why it is so.") {
		t.Error("the evidence leads to a look that is gone, or went with it")
	}
	if code, _ := r.get(c, "/lockdown/nothing"); code != http.StatusNotFound {
		t.Errorf("a site that is not there: %d", code)
	}
}

// An institution sees how its own sites stand, and nobody else's name.
func TestLockdownOfAnInstitution(t *testing.T) {
	t.Parallel()
	r := lockdownRoom(t)
	_, _, err := r.monitor.OrderLockdown(t.Context(), monitor.Order{Actor: "operator:lead", Reason: "x"}, monitor.Directive{
		Scope: monitor.Scope{Sites: []string{"opened", "reopened"}}, Deadline: r.now.Add(time.Hour), Authority: "circular 13",
	})
	if err != nil {
		t.Fatal(err)
	}
	c := r.account("owner", monitor.InstitutionRole, "opened-owner")
	for _, path := range []string{"/lockdown", "/lockdown?by=institution", "/lockdown?institution=reopened-owner", "/lockdown?state=again", "/lockdown/opened", "/snapshots"} {
		code, page := r.get(c, path)
		if code != http.StatusOK || strings.Contains(page, "reopened<") || strings.Contains(page, "The reopened") || strings.Contains(page, "explained-owner") || strings.Contains(page, "exam results") || strings.Contains(page, "site opened, reopened") {
			t.Errorf("%s tells of others: %d", path, code)
		}
	}
	if _, page := r.get(c, "/lockdown"); !strings.Contains(page, "The opened") || !strings.Contains(page, "circular 13") || !strings.Contains(page, "0 of 1 complied") {
		t.Error("the board does not tell of its own site")
	}
	if code, _ := r.get(c, "/lockdown/reopened"); code != http.StatusNotFound {
		t.Errorf("another's site: %d", code)
	}
}

// A copy is shown with its likeness and age; where none can be made it is said why. The
// newest proved one counts, whatever came after it.
func TestSnapshotsPage(t *testing.T) {
	t.Parallel()
	r := lockdownRoom(t)
	r.update(func(ctx context.Context, tx monitor.Tx) error {
		var errs []error
		for i, state := range []monitor.SnapshotState{monitor.Unproved, monitor.Proved, monitor.Broken} {
			errs = append(errs, tx.PutSnapshot(ctx, monitor.Snapshot{
				ID: fmt.Sprintf("0198f6a2-2222-7aaa-8bbb-%012d", i), Site: "opened", Created: r.now.Add(-time.Duration(5-i) * time.Hour), Manifest: "m", State: state,
				Bytes: 2_500_000, Proofs: []monitor.SnapshotProof{{Likeness: 0.9 + float64(i)/50}}, Verified: r.now,
			}))
		}
		return errors.Join(append(errs, tx.PutNote(ctx, "snapshot.failed/good", `{"why":"it has no approved look","since":"2026-01-01T00:00:00Z"}`))...)
	})
	c := r.account("amina", monitor.Analyst, "")
	code, page := r.get(c, "/snapshots?q=opened")
	for _, want := range []string{`copy-proved">proved<`, "92&nbsp;%", "4 h ago", "2.5&nbsp;MB", ">missing<", "pasban snapshot export"} {
		if code != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("no %s: %d", want, code)
		}
	}
	if strings.Contains(page, "damaged") {
		t.Error("a damaged copy hides the one that can be used")
	}
	if _, page := r.get(c, "/snapshots"); !strings.Contains(page, "it has no approved look") {
		t.Error("it is not said why there is no copy")
	}
}
