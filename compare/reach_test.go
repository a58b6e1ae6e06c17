package compare

import (
	"slices"
	"strings"
	"testing"
)

// What an approved look did already is the page's way, however odd: a bank that
// talks to the token software on its customers' machines, a map that wants to
// know the place, an office that opens its notice in a window.
func TestDoingsOfApprovedLooksAreKnown(t *testing.T) {
	odd := func(v *View) {
		v.Asks = []Ask{{"clipboard_write", "notice 7"}, {"clipboard_read", ""}, {"camera", ""}, {"geolocation", ""}}
		v.Refused = []Refusal{{"localhost", 13579, refusedPrivate, ""}, {"10.1.1.1", 80, refusedPrivate, ""}, {"media.example-radio.com", 8000, refusedPort, ""}}
		v.Popups = slices.Repeat([]string{"https://partner.example-ads.com/"}, 8)
		v.Hops = []Hop{{ministryURL, "http"}, {"https://sso.example-id.com/", "script"}}
		v.Downloads = []Download{{"https://www.planning.gov.pk/reader.exe", "reader.exe", ""}, {"blob:https://www.planning.gov.pk/1-2-3", "made.zip", ""}}
		v.Dialogs = []string{"Welcome"}
	}
	first := ministryLook(t, 1)
	odd(&first.View)
	b := learned(first, ministryLook(t, 2), ministryLook(t, 3))
	again := seen(odd)(t)
	again.View.Asks[0].Detail = "notice 8"
	again.View.Refused[0].Port = 13580
	if r := Compare(b, again, nil); r.Verdict != Benign {
		t.Errorf("the same doings again: %s", describe(r))
	}
	if r := Compare(ministryBaseline(t), again, nil); r.Verdict != Alert {
		t.Errorf("all of it on a page that never did it: %s", describe(r))
	}
}

// A file is as grave as what it does to whoever opens it, whatever dress its name
// wears, and the gravest of several is the one that is told.
func TestDownloadsByDanger(t *testing.T) {
	b := ministryBaseline(t)
	for _, tt := range []struct {
		name, mime string
		want       Verdict
		severity   Severity
	}{
		{"plan.pdf", "application/pdf", Suspicious, Medium},
		{"plan", "", Suspicious, Medium},
		{"plans.zip", "application/zip", Suspicious, High},
		{"setup.exe", "application/octet-stream", Alert, Critical},
		{"setup.EXE. . ", "", Alert, Critical},
		{"invoice.pdf.lnk", "", Alert, Critical},
		{"notice\u202efdp.scr", "", Alert, Critical},
		{"update.hta", "", Alert, Critical},
		{"disk.iso", "", Alert, Critical},
		{"bank.apk", "", Alert, Critical},
		{"fix.js?v=1", "", Alert, Critical},
		{"letter", "application/x-msdownload", Alert, Critical},
	} {
		look := ministryLook(t, 4)
		look.View.Downloads = []Download{{"https://files.evil-drop.top/x", "first.pdf", "application/pdf"}, {"https://files.evil-drop.top/y", tt.name, tt.mime}}
		r := Compare(b, look, nil)
		if r.Verdict != tt.want || len(r.Findings) != 1 || r.Findings[0].Severity != tt.severity {
			t.Errorf("%q: want %s, %s, got %s", tt.name, tt.want, tt.severity, describe(r))
		}
		if e := r.Findings[0].Evidence; !strings.Contains(e, "files.evil-drop.top") {
			t.Errorf("%q: the evidence %q does not name the server", tt.name, e)
		}
	}
}

// A program that comes along with a page, a command in the clipboard and a reach
// for a cloud's keys need no approved look to be wrong. Nor can the page hide
// them, or what it says, behind an outcome that is not compared.
func TestCertainWithoutBaseline(t *testing.T) {
	b := ministryBaseline(t)
	for name, do := range map[string]func(*View){
		"program":  func(v *View) { v.Downloads = []Download{{ministryURL + "update.exe", "update.exe", ""}} },
		"command":  func(v *View) { v.Asks = []Ask{{"clipboard_write", "powershell -w hidden -c iwr x"}} },
		"metadata": func(v *View) { v.Refused = []Refusal{{"metadata.google.internal", 80, "no-such-name", ""}} },
		"metadata by another name": func(v *View) {
			v.Refused = []Refusal{{"cdn.example-ads.com", 80, refusedPrivate, "169.254.169.254"}}
		},
		"dialog": func(v *View) { v.Dialogs = []string{"Hacked by QuietFox"} },
	} {
		look := seen(do)(t)
		if r := Compare(nil, look, nil); r.Verdict != Alert {
			t.Errorf("%s at first sight: %s", name, describe(r))
		}
		look.View.NotComparable = "dialog_loop: more than 20 dialogs"
		if r := Compare(b, look, nil); r.Verdict != Alert || r.NotComparable == "" {
			t.Errorf("%s on a page that is not compared: %s", name, describe(r))
		}
	}
	file := Look{View: View{URL: ministryURL + "reader.exe", NotComparable: "download", Downloads: []Download{{ministryURL + "reader.exe", "reader.exe", ""}}}}
	if r := Compare(nil, file, nil); r.Verdict != NotComparable {
		t.Errorf("an address that is nothing but a program: %s", describe(r))
	}
	mild := seen(func(v *View) {
		v.Downloads = []Download{{ministryURL + "plan.pdf", "plan.pdf", "application/pdf"}}
		v.Asks = []Ask{{"clipboard_write", "hello"}, {"camera", ""}}
		v.Refused = []Refusal{{"10.0.0.1", 80, refusedPrivate, ""}}
		v.Popups = []string{"https://a.example-ads.com/"}
		v.Dialogs = slices.Repeat([]string{"Welcome"}, 3)
	})(t)
	if r := Compare(nil, mild, nil); r.Verdict != Benign {
		t.Errorf("what may be the page's way, at first sight: %s", describe(r))
	}
}

// Endless dialogs alert although the page under them cannot be compared.
func TestDialogLoopIsAnAttack(t *testing.T) {
	look := seen(func(v *View) {
		v.Dialogs = slices.Repeat([]string{"x"}, 21)
		v.NotComparable = "dialog_loop: more than 20 dialogs"
	})(t)
	if r := Compare(ministryBaseline(t), look, nil); r.Verdict != Alert || !hasRule(r, "defacement.dialog_loop") {
		t.Errorf("a dialog loop: %s", describe(r))
	}
}

// The metadata address is known in every spelling that a browser or a name server
// leaves, and its neighbours are not taken for it.
func TestIsMetadata(t *testing.T) {
	for host, want := range map[string]bool{
		"169.254.169.254": true, "::ffff:169.254.169.254": true, "[::ffff:a9fe:a9fe]": true, "Metadata.Google.Internal.": true,
		"fd00:ec2::254": true, "[fd00:ec2:0::254]": true, "100.100.100.200": true, "169.254.170.2": true,
		"169.254.169.25": false, "metadata.example.com": false, "10.0.0.1": false, "": false,
	} {
		if got := IsMetadata(host); got != want {
			t.Errorf("IsMetadata(%q) = %v", host, got)
		}
	}
}

// One leftover address of a developer is for the analysts; a page that tries one
// after the other searches a network.
func TestPortScan(t *testing.T) {
	b := ministryBaseline(t)
	scan := func(n int) *Report {
		return Compare(b, seen(func(v *View) {
			for i := range n {
				v.Refused = append(v.Refused, Refusal{"127.0.0.1", 5900 + i, refusedPrivate, ""})
			}
		})(t), nil)
	}
	if f := scan(1).Findings[0]; f.Severity != Medium || f.Evidence != "127.0.0.1:5900" {
		t.Errorf("one address: %+v", f)
	}
	if f := scan(9).Findings[0]; f.Severity != High || !strings.HasSuffix(f.Evidence, "and 6 more") {
		t.Errorf("nine addresses: %+v", f)
	}
}

// A page whose doings changed is not the approved look, though not a pixel did.
func TestDoingsAreNotUnchanged(t *testing.T) {
	look := ministryLook(t, 1)
	look.View.PictureDigest = "p"
	b := learned(look, ministryLook(t, 2))
	for name, do := range map[string]func(*View){
		"ask":     func(v *View) { v.Asks = []Ask{{"notification", ""}} },
		"refusal": func(v *View) { v.Refused = []Refusal{{"10.0.0.1", 80, refusedPrivate, ""}} },
		"hop":     func(v *View) { v.Hops = []Hop{{ministryURL, "http"}, {"https://a.example.org/", "http"}} },
	} {
		other := look
		do(&other.View)
		if r := Compare(b, other, nil); r.Verdict == Unchanged {
			t.Errorf("%s: %s", name, describe(r))
		}
	}
}

// To a baseline that was learnt before it could know such things, none is new.
func TestOldBaselinesDoNotAlarm(t *testing.T) {
	b := ministryBaseline(t)
	b.Version = 1
	look := seen(func(v *View) {
		v.Asks = []Ask{{"camera", ""}, {"clipboard_write", "hello"}}
		v.Refused = []Refusal{{"10.0.0.1", 80, refusedPrivate, ""}}
		v.Popups = []string{"https://a.example-ads.com/"}
		v.Hops = []Hop{{ministryURL, "script"}, {"https://sso.example-id.com/", "http"}}
	})(t)
	if r := Compare(b, look, nil); r.Verdict != Benign {
		t.Errorf("against a baseline of version 1: %s", describe(r))
	}
}
