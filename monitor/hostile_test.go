package monitor_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"image"
	_ "image/jpeg"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"pasban/alerting"
	"pasban/compare"
	"pasban/monitor"
	"pasban/render"
	"pasban/storage/db"
	"pasban/storage/db/dbtest"
)

// Here is what pages write into our own records: cases 83 to 85 of the gauntlet,
// as far as records, alerts and exports go.

// nasty is what a page can put into any text of its own.
var nasty = "\x00nul \xff\xfe cut \xf0\x9f \u202egnp.exe\u202c \x1b]0;owned\x07\x1b[2J\u009b31m <script>alert(1)</script>'\"=cmd|' /C calc'!A0\r\nBcc: x@y.example " +
	strings.Repeat("پاکستان", 150_000)

// hostilePage is a defacement with nasty wherever text can be.
func hostilePage() *render.Page {
	p := defaced()
	p.Title = "Hacked by Gr3y L4ntern " + nasty
	p.FinalURL = homeURL + "?" + nasty
	p.Detail, p.Language = nasty, nasty
	p.Headers = []render.Header{{Name: "x-" + nasty, Value: nasty}}
	p.TLS = &render.TLS{Subject: nasty, Issuer: nasty, SANs: []string{nasty}}
	p.Dialogs = []render.Dialog{{Kind: "alert", Text: "Hacked by " + nasty}}
	p.Downloads = []render.DownloadAttempt{{URL: "http://a.example/" + nasty, Name: nasty + ".exe", MIME: nasty}}
	p.Asks = []render.Ask{{Kind: "clipboard_write", Detail: "powershell " + nasty}}
	p.Popups, p.Console, p.Truncated = []string{"http://" + nasty}, []string{nasty}, []string{nasty}
	p.Links = []render.Link{{URL: "http://b.example/" + nasty, Text: nasty}}
	return p
}

// stores are a new one of each kind.
func stores(t *testing.T) map[string]string {
	return map[string]string{"SQLite": filepath.Join(t.TempDir(), "hostile.db"), "PostgreSQL": dbtest.Postgres(t)}
}

// onStore opens a store for a world.
func onStore(t *testing.T, url string) func(*monitor.Config) {
	t.Helper()
	store, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return func(c *monitor.Config) { c.Store = store }
}

// Whatever a page writes, the attack is recorded and told on either database,
// and what is told of it is of a bounded length.
func TestGauntlet84HostileTextIsKept(t *testing.T) {
	t.Parallel()
	for name, url := range stores(t) {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, onStore(t, url))
			w.sweep()
			w.stage.show(homeURL, hostilePage())
			e := w.sweep()["ministry"]
			if e.Err != nil || e.Incident == nil || e.Incident.Kind != compare.Defacement {
				t.Fatalf("the sweep ended with %+v, %v; want a defacement", e.Incident, e.Err)
			}
			got := w.mail.letters()
			if len(got) != 2 {
				t.Fatalf("%d letters, want 2", len(got))
			}
			for _, r := range got[0].alert.Reasons {
				if n := utf8.RuneCountInString(r.Evidence); n > 200 {
					t.Errorf("the evidence of %s has %d characters", r.Rule, n)
				}
			}
			kept, err := w.Store.Capture(t.Context(), e.Incident.Findings[0].Capture)
			if err != nil {
				t.Fatal(err)
			}
			if !utf8.ValidString(kept.Title) || strings.Contains(kept.Title, "\x00") || !strings.HasPrefix(kept.Title, "Hacked by Gr3y") {
				t.Errorf("the title came back as %.60q", kept.Title)
			}
			for _, v := range []any{e.Incident, kept} {
				if text, err := json.Marshal(v); err != nil || !utf8.Valid(text) {
					t.Errorf("%T as JSON: %v", v, err)
				}
			}
		})
	}
}

// A mail server that answers with what no database keeps, at any length, only
// postpones the alert: the failure is on record in a few words, and the job waits
// for its next attempt.
func TestGauntlet84HostileAnswersArePutOff(t *testing.T) {
	t.Parallel()
	for name, url := range stores(t) {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, onStore(t, url))
			w.sweep()
			w.stage.show(homeURL, defaced())
			w.mail.fail = func(alerting.Alert, alerting.Address) error { return errors.New("450 " + nasty) }
			incident := w.sweep()["ministry"].Incident
			serveUntilPutOff(t, w, 2)
			owed, err := w.Store.Deliveries(t.Context(), incident.ID)
			if err != nil || len(owed) != 2 {
				t.Fatalf("%d deliveries on record, %v; want 2", len(owed), err)
			}
			for _, d := range owed {
				if n := len(d.Attempts); n == 0 || len(d.Attempts[0].Error) > 5000 || !strings.Contains(d.Attempts[0].Error, "450") {
					t.Errorf("the delivery to %s has %d attempts on record: %+.200v", d.Recipient, n, d.Attempts)
				}
			}
		})
	}
}

// serveUntilPutOff runs the pipeline until so many deliveries wait for their next
// attempt. Nothing tells when the queue has written that down, so it is asked.
func serveUntilPutOff(t *testing.T, w *world, want int) {
	t.Helper()
	config := w.Config
	config.Solo, config.Renderer = false, nil
	w.renew(config)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx, false) }()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for waiting(t, w) != want {
		select {
		case <-again.C:
			continue
		case <-ctx.Done():
			t.Errorf("%d deliveries wait for their next attempt after %v, want %d", waiting(t, w), patience, want)
		}
		break
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// waiting counts the deliveries that failed and will be tried again.
func waiting(t *testing.T, w *world) int {
	t.Helper()
	client, err := river.NewClient(w.Store.Driver(), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	jobs, err := client.JobList(t.Context(), river.NewJobListParams().Kinds("deliver").States(rivertype.JobStateRetryable))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, job := range jobs.Jobs {
		if len(job.Errors) > 0 && len(job.Errors[0].Error) < 6000 {
			n++
		}
	}
	return n
}

// ours are names that Pasban makes.
var ours = regexp.MustCompile(`^([0-9a-f-]{36}-(after|before|difference|html|page|picture|sources|view)\.(json\.gz|html\.gz|png|jpg)|manifest\.json)$`)

// A screenshot that is a web page as well loses that on its way into an alert,
// which has pictures that we painted, by names of ours; and no file of an
// incident is called what a page says.
func TestGauntlet83PicturesAreRepainted(t *testing.T) {
	t.Parallel()
	const payload = "<svg onload=alert(1)><script>alert(document.domain)</script>"
	w := newWorld(t)
	w.sweep()
	p := hostilePage()
	p.Screenshot.Data = append(bytes.Clone(p.Screenshot.Data), payload...)
	p.Screenshot.SHA256 = digest(p.Screenshot.Data)
	w.stage.show(homeURL, p)
	e := w.sweep()["ministry"]
	if e.Incident == nil || len(w.mail.letters()) == 0 {
		t.Fatal("no alert")
	}
	pictures := w.mail.letters()[0].alert.Pictures
	if len(pictures) != 3 {
		t.Errorf("%d pictures, want 3", len(pictures))
	}
	for _, pic := range pictures {
		if _, format, err := image.Decode(bytes.NewReader(pic.Data)); err != nil || pic.MIME != "image/"+format || format != "jpeg" {
			t.Errorf("%s is called %s and is %q, %v", pic.Name, pic.MIME, format, err)
		}
		if bytes.Contains(pic.Data, []byte("script")) || !slices.Contains([]string{"before", "after", "difference"}, pic.Name) {
			t.Errorf("the picture %q carries what the page brought", pic.Name)
		}
	}
	files, err := w.Evidence(t.Context(), e.Incident.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !ours.MatchString(f.Name) {
			t.Errorf("a file of the incident is called %q", f.Name)
		}
	}
}

// A list that was exported and opened in a spreadsheet computes nothing, and
// imports again as what it was, to the letter.
func TestGauntlet85FormulasInExport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	names := map[string]string{
		"a": "=cmd|' /C calc'!A0", "b": "+1+1", "c": "-2+3", "d": "@SUM(A1:A9)", "e": "'=quoted", "f": "''twice", "g": "'tis a name",
		"h": "＝HYPERLINK(\"http://evil.example\")", "i": `"quoted", with "commas"`, "j": "two\nlines", "k": "پاکستان\u200cی",
	}
	var list strings.Builder
	list.WriteString("- url: http://first.example/\n")
	for id, name := range names {
		quoted, err := json.Marshal(name)
		if err != nil {
			t.Fatal(err)
		}
		list.WriteString("- {site_id: " + id + ", url: 'http://" + id + ".example/', name: " + string(quoted) + ", institution: " + string(quoted) +
			", region: " + string(quoted) + ", schedule: '@daily', contacts: '=x@" + id + ".example;+y@" + id + ".example'}\n")
	}
	parsed, err := monitor.ParseWatchlist("list.yaml", strings.NewReader(list.String()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Import(t.Context(), monitor.Order{Actor: "operator:test"}, parsed, true); err != nil {
		t.Fatal(err)
	}
	exported := export(t, w)
	for _, cell := range cells(t, exported) {
		if cell != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(cell)[0]) {
			t.Errorf("a spreadsheet would compute the field %q", cell)
		}
	}
	w.importList(exported)
	for id, want := range names {
		site, err := w.Store.Site(t.Context(), id)
		if err != nil || site.Name != want || site.Schedule != "@daily" {
			t.Errorf("%q, scheduled @daily, came back as %q, scheduled %s: %v", want, site.Name, site.Schedule, err)
		}
		owner, err := w.Store.Institution(t.Context(), site.Institution)
		if err != nil || owner.Region != want || len(owner.Contacts) != 2 || owner.Contacts[0] != "=x@"+id+".example" {
			t.Errorf("the owner of %s came back as %+v, %v", id, owner, err)
		}
	}
	if again := export(t, w); again != exported {
		t.Errorf("the second export differs:\n%s\n%s", exported, again)
	}
}

func export(t *testing.T, w *world) string {
	t.Helper()
	var b bytes.Buffer
	if err := w.Export(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// cells are all fields of a CSV file.
func cells(t *testing.T, text string) []string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return slices.Concat(rows...)
}

// What cannot be seen has no place in a list of sites, and is refused with its place.
func TestGauntlet84UnseenCharactersInAWatchlist(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"a\x00b", "a\x1b[2Jb", "a\u009bb", "a\u202eb", "a\u2066b", "a\ufeffb", "a\xffb"} {
		_, err := monitor.ParseWatchlist("l.csv", strings.NewReader("url,name\nhttp://a.example/,"+bad+"\n"))
		var row monitor.RowError
		if !errors.As(err, &row) || row.Line != 2 || row.Column != "name" {
			t.Errorf("the name %q: %v, want a mistake in line 2, column name", bad, err)
		}
		if err != nil && strings.ContainsAny(err.Error(), "\x00\x1b\u009b\u202e\u2066\ufeff") {
			t.Errorf("the message about %q repeats it as it is", bad)
		}
	}
}

// A page that forces a file on its visitors is compared all the same: what it
// says is not hidden by that, and a page that always did so is well.
func TestDownloadDoesNotHideThePage(t *testing.T) {
	t.Parallel()
	file := []render.DownloadAttempt{{URL: homeURL + "form.pdf", Name: "form.pdf", MIME: "application/pdf"}}
	w := newWorld(t)
	calm := ministry()
	calm.Outcome, calm.Downloads = render.Download, file
	w.stage.show(homeURL, calm)
	w.sweep()
	if e := w.sweep()["ministry"]; e.Capture.Report.Verdict != compare.Unchanged {
		t.Errorf("a page that always hands out its form: %s, %s", e.Capture.Report.Verdict, e.Capture.Report.Why)
	}
	bad := defaced()
	bad.Outcome, bad.Downloads = render.Download, file
	w.stage.show(homeURL, bad)
	if e := w.sweep()["ministry"]; e.Incident == nil || e.Incident.Kind != compare.Defacement {
		t.Errorf("a defacement that hands out a file: %+v", e.Incident)
	}
}
