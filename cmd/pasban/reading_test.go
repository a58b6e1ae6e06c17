package main

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"pasban/alerting/smtp/smtptest"
	"pasban/compare"
	"pasban/monitor"
	"pasban/storage/db"
)

// banners are files of one site. Nothing of what they say is in its document.
var banners = []string{
	banner("#134", "#fff", "Office of Fixtures", "Open from nine to five"),
	banner("#363", "#fff", "National Conference on Records", "12 to 14 December, hosted by the Office of Fixtures"),
	banner("#000", "#e02020", "HACKED BY GR3Y L4NTERN", "Your security is zero, admin"),
}

func banner(ground, ink, title, line string) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 300"><rect width="1200" height="300" fill="%s"/>
<g fill="%s" font-family="Liberation Sans, DejaVu Sans, sans-serif"><text x="60" y="140" font-size="60" font-weight="bold">%s</text>
<text x="60" y="220" font-size="34">%s</text></g></svg>`, ground, ink, title, line)
}

// An exchanged banner whose words are in the picture alone is raised as a defacement
// that quotes them and boxes the place, after both looks were read; the banner of
// an event in the same place is not.
func TestWordsOfABannerAreRead(t *testing.T) {
	var shown atomic.Int32
	url := startAt(t, "127.94.10.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := shown.Load()
		if strings.HasSuffix(r.URL.Path, ".svg") {
			w.Header().Set("Content-Type", "image/svg+xml")
			fmt.Fprint(w, banners[n])
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, officePage(fmt.Sprintf(`<img src="/banner-%d.svg" width="1200" height="300" alt="">`, n)))
	}))
	mail, err := smtptest.Start(t.Context(), "127.0.0.1:0", smtptest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	sweep := sweeper(t, "site_id,url,name\noffice,"+url+"/,Office\n", mail.URL())
	data := filepath.Join(t.TempDir(), "pasban.db")
	sweep(0, "--db", data)
	shown.Store(1)
	said := sweep(0, "--db", data)
	if _, looks := onRecord(t, data); wordsRead(looks[0]) != "National Conference on Records / 12 to 14 December, hosted by the Office of Fixtures" {
		t.Errorf("of the banner of an event %q was read:\n%s", wordsRead(looks[0]), said)
	}
	shown.Store(2)
	said = sweep(exitAlert, "--db", data)
	incidents, looks := onRecord(t, data)
	if len(incidents) != 1 || incidents[0].Kind != compare.Defacement {
		t.Fatalf("incidents %+v after:\n%s", incidents, said)
	}
	for _, l := range looks[:2] {
		if got := wordsRead(l); !strings.HasPrefix(got, "HACKED BY GR3Y L4NTERN / Your security is zero") {
			t.Errorf("in the look for %s %q was read", l.Reason, got)
		}
	}
	at := incidents[0].Findings[0]
	if at.Rule != "defacement.picture_phrase" || !strings.HasPrefix(at.Evidence, "HACKED BY GR3Y L4NTERN") || at.Region == nil {
		t.Fatalf("finding %+v", at)
	}
	if r := *at.Region; r.X < 60 || r.W < 500 || r.W > 1000 || r.H < 30 || r.H > 160 {
		t.Errorf("the words are boxed at %v", r)
	}
	if mails := mail.Mails(); len(mails) == 0 || !strings.Contains(mails[len(mails)-1].Text, "HACKED BY GR3Y L4NTERN") {
		t.Errorf("%d mails, want one that quotes the words", len(mails))
	}
}

// onRecord is what a database knows of incidents and of the office's looks, newest
// first.
func onRecord(t *testing.T, path string) ([]monitor.Incident, []monitor.Capture) {
	t.Helper()
	store, err := db.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	incidents, err := store.Incidents(t.Context(), false)
	looks, lookErr := store.Captures(t.Context(), "office", 2)
	if err = errors.Join(err, lookErr, store.Close()); err != nil || len(looks) < 2 {
		t.Fatalf("%d looks on record, %v", len(looks), err)
	}
	return incidents, looks
}

// wordsRead are those that a look's record says were read in its picture.
func wordsRead(c monitor.Capture) string {
	for _, s := range c.Report.Signals {
		if s.Name == "picture_text" {
			return s.Evidence
		}
	}
	return ""
}
