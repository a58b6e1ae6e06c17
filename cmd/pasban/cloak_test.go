package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"pasban/alerting/smtp/smtptest"
)

// officePage is an honest page with some more text in it.
func officePage(more string) string {
	return "<!doctype html><html lang=en><title>Office of Fixtures</title><h1>Office of Fixtures</h1>" +
		"<p>The office is open from nine to five. Forms are at the counter, and the notice board is by the door.</p>" +
		"<p>Letters are answered within ten days, and complaints are heard on the first Monday of each month.</p>" + more
}

// What a hijacked site shows to search engines alone goes all the way from Chrome to
// a mail that says who is shown it. The owner's own look at the page neither finds it
// nor ends it; the next look as the robot, at the page put right, does.
func TestCloakedSpamIsMailed(t *testing.T) {
	var hijacked atomic.Bool
	url := startAt(t, "127.94.9.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Vary", "User-Agent")
		more := ""
		if hijacked.Load() && strings.Contains(r.UserAgent(), "Googlebot") {
			more = `<p>Situs slot gacor maxwin, togel online, casino online, sbobet: <a href="http://slot.example/">slot gacor</a></p>`
		}
		fmt.Fprint(w, officePage(more))
	}))
	mail, err := smtptest.Start(t.Context(), "127.0.0.1:0", smtptest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	sweep := sweeper(t, "site_id,url,name\noffice,"+url+"/,Office\n", mail.URL())
	sweep(0)
	sweep(0, "--as", "search")
	hijacked.Store(true)
	if report := sweep(0); len(mail.Mails()) > 0 {
		t.Fatalf("%d mails about what a desktop sees:\n%s", len(mail.Mails()), report)
	}
	report := sweep(exitAlert, "--as", "search")
	mails := mail.Mails()
	if len(mails) != 1 || !strings.Contains(mails[0].Text, "Shown to visitors from search engines only.") ||
		!strings.Contains(mails[0].Text, "a visitor from a search engine") {
		t.Fatalf("%d mails, want one that says who is shown it:\n%s", len(mails), report)
	}
	sweep(0, "--as", "phone")
	hijacked.Store(false)
	if sweep(0); len(mail.Mails()) != 1 {
		t.Errorf("%d mails after a desktop saw a good page, want 1", len(mail.Mails()))
	}
	if sweep(0, "--as", "search"); len(mail.Mails()) != 2 {
		t.Errorf("%d mails after the robot saw a good page, want 2: it is over", len(mail.Mails()))
	}
}
