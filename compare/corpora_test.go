package compare

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// corpora is where histories of real pages lie, if this machine has them: one
// folder a site, in it one a version, numbered in time.
const corpora = "../../shared/corpora/benign"

// corpusPage is the page in a version's folder.
var corpusPage = map[string]string{
	"apachefriends-ur": "ur/index.html", "astropy-about": "about.html", "astropy-affiliated": "affiliated/index.html",
	"astropy-help": "help.html", "astropy-team": "team.html", "w3c-arabic-article": "articles/article-text-size.ar.html",
}

// version is one published version of a page.
type version struct{ url, html, dir string }

// historySources reads every version of every page, in order.
func historySources(t testing.TB) map[string][]version {
	t.Helper()
	sites, err := os.ReadDir(corpora)
	if os.IsNotExist(err) {
		t.Skipf("no page histories at %s", corpora)
	} else if err != nil {
		t.Fatal(err)
	}
	out := map[string][]version{}
	for _, s := range sites {
		dirs, err := os.ReadDir(filepath.Join(corpora, s.Name()))
		if err != nil {
			t.Fatal(err)
		}
		page := firstOf(corpusPage[s.Name()], "index.html")
		for _, d := range dirs {
			dir := filepath.Join(corpora, s.Name(), d.Name())
			source, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(page)))
			if err != nil {
				t.Fatal(err)
			}
			out[s.Name()] = append(out[s.Name()], version{"https://www." + s.Name() + ".gov.pk/" + page, string(source), dir})
		}
	}
	return out
}

func looksAt(t testing.TB, versions []version) []Look {
	t.Helper()
	var out []Look
	for _, v := range versions {
		out = append(out, lookAt(t, v.url, v.html, v.dir))
	}
	return out
}

// learnedOnce keeps baselines by site: many tests judge against the same one.
var learnedOnce = map[string]*Baseline{}

func baselines(t testing.TB, site string, versions []version) *Baseline {
	if b := learnedOnce[site]; b != nil {
		return b
	}
	b := learned(looksAt(t, versions)...)
	learnedOnce[site] = b
	return b
}

func names(h map[string][]version) []string {
	var out []string
	for n := range h {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// Real updates of real pages page nobody, and few of them reach the analysts.
func TestRealUpdates(t *testing.T) {
	h := map[string][]Look{}
	sources := historySources(t)
	for site, versions := range sources {
		h[site] = looksAt(t, versions)
	}
	for _, step := range []int{1, 3} {
		pairs, suspicious, alerts := 0, 0, 0
		for _, site := range names(sources) {
			looks := h[site]
			for i := 0; i+step < len(looks); i++ {
				r := Compare(learned(looks[max(0, i-2):i+1]...), looks[i+step], nil)
				pairs++
				switch r.Verdict {
				case Alert:
					alerts++
					t.Errorf("%s version %d after %d: %s", site, i+step+1, i+1, describe(r))
				case Suspicious:
					suspicious++
					t.Logf("%s version %d after %d: %s", site, i+step+1, i+1, describe(r))
				}
			}
		}
		t.Logf("%d versions later: %d pairs, %d suspicious, %d alerts", step, pairs, suspicious, alerts)
		if most := 5 * step; 100*suspicious > most*pairs {
			t.Errorf("%d versions later %d of %d pairs are suspicious, want at most %d %%", step, suspicious, pairs, most)
		}
	}
}
