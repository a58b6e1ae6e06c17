package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pasban/fixtures"
)

// lockdownHouse runs commands against one data directory.
type lockdownHouse struct {
	t    *testing.T
	data string
}

func (h lockdownHouse) run(code int, args ...string) string {
	h.t.Helper()
	var out, errs bytes.Buffer
	args = append([]string{"--data", h.data, "--egress-allow", "127.0.0.0/8"}, args...)
	if got := run(h.t.Context(), args, terminal{&out, &errs}); got != code {
		h.t.Fatalf("%v ended with %d, want %d: %s%s", args[4:], got, code, out.String(), errs.String())
	}
	return out.String()
}

// standing is what `lockdown status --json` says of one site.
type standing struct {
	Site     string
	State    string
	Controls []struct {
		Control, State, Why string
		Page                string
		Evidence            []string
		Box                 *struct{ X, Y, W, H int }
	}
}

func (h lockdownHouse) status() map[string]standing {
	h.t.Helper()
	out := map[string]standing{}
	for _, line := range strings.Split(strings.TrimSpace(h.run(0, "lockdown", "status", "--json")), "\n") {
		var s standing
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			h.t.Fatal(err)
		}
		if s.Site != "" {
			out[s.Site] = s
		}
	}
	return out
}

// Of every fixture site, the liars among them, each verdict is right: a real browser
// looked at the page, and the server was asked. Its own log shows that it was asked
// slowly, honestly and for nothing that changes anything.
func TestLockdownFixtures(t *testing.T) {
	doors, err := fixtures.StartDoors(t.Context(), "127.94.1.1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(doors.Close)
	list := "site_id,url,institution,tier,lockdown\n"
	for _, s := range doors.Sites() {
		list += fmt.Sprintf("%s,%s,Office of %s,federal,active\n", s.Name, s.URL, s.Name)
	}
	h := lockdownHouse{t, t.TempDir()}
	file := filepath.Join(t.TempDir(), "list.csv")
	if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	h.run(0, "sites", "import", file)
	h.run(0, "lockdown", "order", "--tier", "federal", "--within", "24h", "--authority", "CERT, exercise")
	h.run(0, "sweep", "--json")
	status := h.status()
	for _, s := range doors.Sites() {
		want := map[string]string{"origin": "unknown", "tls": "open", "hsts": "open"}
		for _, c := range s.Open {
			want[c] = "open"
		}
		if len(status[s.Name].Controls) != 22 {
			t.Errorf("%s has verdicts on %d controls, want 22", s.Name, len(status[s.Name].Controls))
		}
		for _, c := range status[s.Name].Controls {
			if right := want[c.Control]; c.State != right && (right != "" || c.State != "closed") {
				t.Errorf("%s: %s is %s (%s %q), want %s", s.Name, c.Control, c.State, c.Why, c.Evidence, right)
			}
			if c.Control == "form" && s.Name == "form" && (c.Box == nil || c.Box.W == 0) {
				t.Errorf("the open form has no box on the picture")
			}
		}
		checkAsked(t, s.Name, doors.Log(s.Name))
		if s.Name == "beyond" {
			form := status[s.Name].Controls[2]
			if form.Page != s.URL+"complaint" || len(form.Evidence) != 1 || !strings.HasPrefix(form.Evidence[0], form.Page+": form (post to ") || form.Box != nil {
				t.Errorf("the form that a script builds behind the menu is %+v", form)
			}
		}
	}
	reopen(t, h, doors, "form", "lockdown.form")
	reopen(t, h, doors, "beyond", "lockdown.form", "lockdown.script")
}

// reopen closes the form of a site and opens it again: that is one incident,
// however often it is seen.
func reopen(t *testing.T, h lockdownHouse, doors *fixtures.Doors, site string, rules ...string) {
	t.Helper()
	doors.Shut(site, true)
	h.run(0, "sweep", site, "--json")
	if s := h.status()[site]; s.Controls[2].Control != "form" || s.Controls[2].State != "closed" {
		t.Errorf("the form of %s that was closed is %+v", site, s.Controls[2])
	}
	doors.Shut(site, false)
	h.run(exitAlert, "sweep", site, "--json")
	h.run(exitAlert, "sweep", site, "--json")
	var incident struct {
		Kind, Site string
		Findings   []struct {
			Rule string
			Seen int
		}
	}
	list := strings.Split(strings.TrimSpace(h.run(0, "incidents", "list", "--json")), "\n")
	list = slices.DeleteFunc(list, func(line string) bool { return !strings.Contains(line, `"site":"`+site+`"`) })
	if len(list) != 1 {
		t.Fatalf("%d incidents: %q", len(list), list)
	}
	if err := json.Unmarshal([]byte(list[0]), &incident); err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range incident.Findings {
		if found = append(found, f.Rule); f.Seen != 2 {
			t.Errorf("%s was seen %d times", f.Rule, f.Seen)
		}
	}
	if slices.Sort(found); incident.Kind != "lockdown" || !slices.Equal(found, rules) {
		t.Errorf("the incident is %s", list[0])
	}
}

// checkAsked holds a server's own log against what docs/lockdown.md promises.
func checkAsked(t *testing.T, name string, log []fixtures.Asked) {
	t.Helper()
	checks := slices.DeleteFunc(log, func(a fixtures.Asked) bool { return !strings.HasPrefix(a.UserAgent, "Pasban-probe/1 (") })
	if len(checks) < 20 {
		t.Errorf("%s was asked %d times; the checks were not made", name, len(checks))
	}
	for i, a := range checks {
		if !slices.Contains([]string{"GET", "OPTIONS", "POST", "PASBAN-TEST"}, a.Method) || a.Body != 0 ||
			a.Method != "GET" && a.Path != "/" || a.Method == "POST" && a.Type != "application/x-pasban-nothing" {
			t.Errorf("%s was sent %+v", name, a)
		}
		// The pause is 500 ms; a clock and a scheduler may take a little off it.
		if i > 0 && a.At.Sub(checks[i-1].At) < 400*time.Millisecond {
			t.Errorf("%s was asked again after %v", name, a.At.Sub(checks[i-1].At))
		}
	}
}
