package compare

import "testing"

// A status or a header does not switch the rules off: where the approved page is
// still there it is compared as always, found benign or not.
func TestStillThereIsCompared(t *testing.T) {
	b := ministryBaseline(t)
	for _, reason := range []string{"", "blocked_by_waf: a challenge page stands before the site", "error_page: status 503", "maintenance", "placeholder", "captive"} {
		sick := func(do func(string) string) Look {
			l := edited(t, do)
			l.View.NotComparable, l.View.Status = reason, 503
			return l
		}
		for name, tt := range map[string]struct {
			do   func(string) string
			rule string
			want Verdict
		}{
			"as approved": {func(p string) string { return p }, "", Benign},
			"skimmer":     {into(inlineSkimmer, "</body>"), "injection.skimmer", Alert},
			"hidden link": {into(`<div style="display:none"><a href="https://x.evil-bet.top/">online casino</a></div>`, "</body>"), "injection.hidden_link", Alert},
			"numbers":     {into(identities(24), "</body>"), "leak.cnic", Alert},
		} {
			r := Compare(b, sick(tt.do), nil)
			if r.Verdict != tt.want || r.NotComparable != "" || tt.rule != "" && !hasRule(r, tt.rule) {
				t.Errorf("%s with %q: want %s by %q, got %s (%s)", name, reason, tt.want, tt.rule, describe(r), r.NotComparable)
			}
		}
		gone := sick(whole("Back soon", "<h1>We are working on it</h1>"))
		if r := Compare(b, gone, nil); r.Verdict != NotComparable || r.NotComparable == "" {
			t.Errorf("another page with %q: %s", reason, describe(r))
		}
	}
	if r := Compare(nil, Look{View: View{URL: ministryURL, Status: 503}}, nil); r.Verdict != NotComparable {
		t.Errorf("an error at first sight: %s", describe(r))
	}
}

// A page that was cut off is not taken for the whole one, however much of it is there.
func TestCutOffIsNotCompared(t *testing.T) {
	b := ministryBaseline(t)
	for _, reason := range []string{"too_big: network: bytes", "crashed: the renderer process died"} {
		l := ministryLook(t, 4)
		l.View.NotComparable = reason
		if r := Compare(b, l, nil); r.Verdict != NotComparable || r.NotComparable != reason {
			t.Errorf("%s: %s", reason, describe(r))
		}
	}
}

// An intruder's message stays one in the coat of a page that is not compared.
func TestMessageInACoat(t *testing.T) {
	b := ministryBaseline(t)
	for name, body := range map[string]string{
		"maintenance": "<h1>Under maintenance</h1><p>Hacked by QuietFox</p>",
		"suspended":   "<h1>Account suspended</h1><p>Your website has been hacked, admin</p>",
		"error":       "<h1>503 Service Unavailable</h1><p>تم اختراق الموقع</p>",
		"leak":        "<h1>Under maintenance</h1>" + identities(30),
	} {
		l := edited(t, whole("Under maintenance", body))
		l.View.NotComparable, l.View.Status = "maintenance: status 503", 503
		if r := Compare(b, l, nil); r.Verdict != Alert {
			t.Errorf("%s: %s", name, describe(r))
		}
	}
}
