package render

import (
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pasban/fixtures"
	"pasban/render/egress"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGoldenPages: what is read of a whole page, in English and in right-to-left
// Urdu, is what a person found right once. Pictures are not kept here, since
// every version of Chrome and of a font paints a little differently;
// TestDeterminism and TestFontsByLanguage hold those.
func TestGoldenPages(t *testing.T) {
	clock := func() time.Time { return time.Date(2026, 3, 1, 7, 0, 0, 0, time.UTC) }
	fleet, err := fixtures.Start(t.Context(), fixtures.Options{Base: "127.93.0.1", Sites: []string{"planning", "education", "bank"}, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fleet.Close)
	p := testPool(t, Options{Processes: 1, Egress: egress.Policy{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}})
	for _, site := range fleet.Sites() {
		t.Run(site.ID, func(t *testing.T) {
			page := visit(t, p, Request{URL: site.URL})
			wantOutcome(t, page, OK)
			compareGolden(t, filepath.Join("testdata", "golden", site.ID+".txt"), summary(page))
		})
	}
}

// summary is what a page says and asks for, without addresses, which differ
// from run to run.
func summary(p *Page) string {
	var b strings.Builder
	fmt.Fprintf(&b, "title: %s\nlanguage: %s, %s\nlinks: %d\n", p.Title, p.Language, p.Direction, len(p.Links))
	for _, f := range p.Forms {
		fmt.Fprintf(&b, "form: %s\n", f.Method)
		for _, in := range f.Inputs {
			fmt.Fprintf(&b, "  %s %q %s\n", in.Kind, in.Name, in.Hidden)
		}
	}
	for _, s := range p.Scripts {
		fmt.Fprintf(&b, "script: %s, ran %v\n", s.Kind, s.Ran)
	}
	fmt.Fprintf(&b, "\n%s\n", p.VisibleText())
	return b.String()
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs; if that is right, run `make golden` and read the diff. Got:\n%s", path, got)
	}
}
