package monitor

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"pasban/compare"
	"pasban/render"
	"pasban/render/egress"
)

// Text belongs to the element it stands in; scripts and styles have none.
func TestElementsKeepTheirText(t *testing.T) {
	t.Parallel()
	nodes := []render.Node{
		{Parent: -1, Name: "#document"},
		{Parent: 0, Name: "html"},
		{Parent: 1, Name: "body"},
		{Parent: 2, Name: "p", Attrs: []render.Attr{{Name: "id", Value: "lead"}, {Name: "class", Value: "x css-1a2b3c4d note"}}},
		{Parent: 3, Name: "#text", Text: "  two\n words ", FontSize: 16},
		{Parent: 2, Name: "script"},
		{Parent: 5, Name: "#text", Text: "alert(1)"},
		{Parent: 2, Name: "div", Hidden: render.NotRendered},
		{Parent: 7, Name: "#shadow-root"},
		{Parent: 8, Name: "b"},
		{Parent: 9, Name: "#text", Text: "in the shadow"},
	}
	want := []compare.Element{
		{Parent: -1, Tag: "html"},
		{Parent: 0, Tag: "body"},
		{Parent: 1, Tag: "p", Key: "#lead.note.x", Text: "two words", FontSize: 16},
		{Parent: 1, Tag: "script"},
		{Parent: 1, Tag: "div", Hidden: "display-none"},
		{Parent: 4, Tag: "b", Text: "in the shadow"},
	}
	if diff := cmp.Diff(want, elements(nodes)); diff != "" {
		t.Errorf("elements (-want +got):\n%s", diff)
	}
}

// What a page tells search engines in noscript is a hidden link.
func TestLinksWithoutScript(t *testing.T) {
	t.Parallel()
	page := &render.Page{FinalURL: "https://court.example/cases/", Nodes: []render.Node{
		{Parent: -1, Name: "#document"},
		{Parent: 0, Name: "noscript"},
		{Parent: 1, Name: "#text", Text: `<p>Please</p><a href="https://essays.example/"> write <b>my</b> essay</a> or <a class=x href=" list ">list</a><a>none</a><a href="http://[">bad</a>`},
		{Parent: 0, Name: "p"},
		{Parent: 3, Name: "#text", Text: `<a href="https://shown.example/">as text</a>`},
	}}
	want := []compare.Link{
		{URL: "https://essays.example/", Text: "write my essay", Hidden: "noscript"},
		{URL: "https://court.example/cases/list", Text: "list", Hidden: "noscript"},
	}
	if diff := cmp.Diff(want, lookAt(page).View.Links); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
}

// What is no picture of the site must not be compared; an error page and a
// broken certificate still show what stands there.
func TestNotComparable(t *testing.T) {
	t.Parallel()
	shot := &render.Screenshot{}
	for _, c := range []struct {
		page render.Page
		want string
	}{
		{render.Page{Outcome: render.OK, Screenshot: shot}, ""},
		{render.Page{Outcome: render.TimeoutPartial, Screenshot: shot}, ""},
		{render.Page{Outcome: render.TLSError, Screenshot: shot}, ""},
		{render.Page{Outcome: render.HTTPError, Screenshot: shot}, ""},
		{render.Page{Outcome: render.OK, Screenshot: shot, Condition: render.Parked}, "parked"},
		{render.Page{Outcome: render.BlockedByWAF, Screenshot: shot, Detail: "cloudflare"}, "blocked_by_waf: cloudflare"},
		{render.Page{Outcome: render.TimeoutConnect}, "timeout_connect"},
		{render.Page{Outcome: render.Download, Screenshot: shot, Nodes: []render.Node{{Parent: -1, Name: "#document"}}}, ""},
		{render.Page{Outcome: render.Download, Detail: "a file"}, "download: a file"},
	} {
		if got := notComparable(&c.page); got != c.want {
			t.Errorf("outcome %q condition %q: %q, want %q", c.page.Outcome, c.page.Condition, got, c.want)
		}
	}
}

// What a page asks for, leads through, opens and hands out reaches the comparison.
func TestLookHoldsWhatAPageDoes(t *testing.T) {
	t.Parallel()
	v := lookAt(&render.Page{
		Redirects: []render.Redirect{{URL: "http://a.example/", Status: 302, Kind: "http"}, {URL: "http://b.example/", Kind: "script"}},
		Asks:      []render.Ask{{Kind: "clipboard_write", Detail: "x"}},
		Popups:    []string{"http://ad.example/"},
		Dialogs:   []render.Dialog{{Kind: "alert", Text: "hello"}},
		Downloads: []render.DownloadAttempt{{URL: "http://a.example/x.exe", Name: "x.exe", MIME: "application/hta"}},
	}).View
	got := compare.View{Hops: v.Hops, Asks: v.Asks, Popups: v.Popups, Dialogs: v.Dialogs, Downloads: v.Downloads}
	want := compare.View{
		Hops: []compare.Hop{{URL: "http://a.example/", Kind: "http"}, {URL: "http://b.example/", Kind: "script"}},
		Asks: []compare.Ask{{Kind: "clipboard_write", Detail: "x"}}, Popups: []string{"http://ad.example/"}, Dialogs: []string{"hello"},
		Downloads: []compare.Download{{URL: "http://a.example/x.exe", Name: "x.exe", MIME: "application/hta"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the look (-want +got):\n%s", diff)
	}
}

// Only what policy forbids is evidence; a name that does not exist is not.
func TestRefusalsAreThoseOfPolicy(t *testing.T) {
	t.Parallel()
	p := &render.Page{Network: []egress.Verdict{
		{Host: "169.254.169.254", Port: 80, Reason: egress.ReasonPrivate, Refused: "169.254.169.254"},
		{Host: "169.254.169.254", Port: 80, Reason: egress.ReasonPrivate, Refused: "169.254.169.254"},
		{Host: "gone.example", Port: 443, Reason: egress.ReasonNoName},
		{Host: "metadata.google.internal", Port: 80, Reason: egress.ReasonNoName},
		{Host: "cdn.example", Port: 443, Allowed: true},
		{Host: "irc.example", Port: 6667, Reason: egress.ReasonPort},
		{Host: "innocent.example", Port: 80, Reason: egress.ReasonPrivate, Refused: "169.254.169.254"},
	}}
	want := []compare.Refusal{
		{Host: "169.254.169.254", Port: 80, Reason: egress.ReasonPrivate},
		{Host: "metadata.google.internal", Port: 80, Reason: egress.ReasonNoName},
		{Host: "irc.example", Port: 6667, Reason: egress.ReasonPort},
		{Host: "innocent.example", Port: 80, Reason: egress.ReasonPrivate, Address: "169.254.169.254"},
	}
	if diff := cmp.Diff(want, refusals(p)); diff != "" {
		t.Errorf("refusals (-want +got):\n%s", diff)
	}
}

// Names that tools make up anew with every build tell nothing about a page.
func TestStableKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ id, class, want string }{
		{"main", "b a", "#main.a.b"},
		{"post-20394", "css-1a2b3c4d", ""},
		{"yui_3_18_1_1_1700000000000_23", "menu", ".menu"},
		{"", "col-md-6 row", ".col-md-6.row"},
	} {
		if got := stableKey(c.id, c.class); got != c.want {
			t.Errorf("stableKey(%q, %q) = %q, want %q", c.id, c.class, got, c.want)
		}
	}
}

// A manifest is read from storage that others can write to.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"format":1,"site":"a","target":"a","version":1,"profile":"x","captures":[{"id":"c","picture":"p","dom":"d"}]}`))
	f.Add([]byte(`{"format":2}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := parseManifest("fuzz", data)
		if err != nil {
			return
		}
		if b := doc.baseline("fuzz"); len(b.Looks) == 0 || b.Version < 1 {
			t.Errorf("an incomplete manifest was accepted: %+v", b)
		}
	})
}
