package monitor_test

import (
	"testing"

	"pasban/compare"
	"pasban/render"
)

// A form that goes to a host on the site's own list is no finding, and the
// same form to the same host is one for the analysts without that list.
func TestAllowHostsKeepAFindingAway(t *testing.T) {
	t.Parallel()
	for allow, want := range map[string]compare.Verdict{
		"": compare.Suspicious, "zz.example;sso.partner.example;aa.example": compare.Benign,
	} {
		w := newWorld(t)
		w.importList("site_id,url,contacts,allow_hosts\nministry," + homeURL + ",webmaster@ministry.example," + allow + "\n")
		w.sweep()
		p := ministry()
		p.DOMDigest = digest([]byte("another tree"))
		p.Forms = []render.Form{{Action: "https://login.partner.example/", Method: "post", Inputs: []render.Input{{Kind: "text", Name: "case"}}}}
		w.stage.show(homeURL, p)
		if got := w.sweep()["ministry"].Capture.Report; got.Verdict != want {
			t.Errorf("with %q allowed: verdict %q (%s), want %q", allow, got.Verdict, got.Why, want)
		}
	}
}
