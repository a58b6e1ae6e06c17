package compare

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"pasban/fixtures"
)

// fleet starts the fixture sites with a clock that the test moves.
func fleet(t *testing.T) (*fixtures.Fleet, *time.Time) {
	t.Helper()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	f, err := fixtures.Start(context.Background(), fixtures.Options{Base: "127.91.0.1", Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f, &now
}

func get(t *testing.T, page string) string {
	t.Helper()
	resp, err := http.Get(page)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// fetched is a look at a served page, with the sources of its external scripts
// and without a picture: nothing is run.
func fetched(t *testing.T, page string) Look {
	t.Helper()
	l := lookAt(t, page, get(t, page), "")
	for i, s := range l.View.Scripts {
		if s.Kind == "external" && strings.HasPrefix(s.URL, "http://127.") {
			source := get(t, s.URL)
			l.View.Scripts[i].SHA256, l.View.Scripts[i].Length = digest(source), len(source)
			l.Sources[digest(source)] = source
		}
	}
	return l
}

func threeLooks(t *testing.T, page string, now *time.Time) *Baseline {
	t.Helper()
	var looks []Look
	for range 3 {
		*now = now.Add(time.Minute)
		looks = append(looks, fetched(t, page))
	}
	return learned(looks...)
}

// Without scripts and pictures, these are out of sight: the look is at the bare document.
var needsBrowser = map[fixtures.Attack]bool{fixtures.ImageSwap: true, fixtures.AlertDialog: true, fixtures.FakeUpdate: true}

// Every attack on every fixture site alerts by the right kind, and nothing that
// the sites do by themselves does.
func TestFixtures(t *testing.T) {
	f, now := fleet(t)
	for _, site := range f.Sites() {
		b := threeLooks(t, site.URL, now)
		for range 5 {
			*now = now.Add(7 * time.Minute)
			if err := f.Update(site.ID); err != nil {
				t.Fatal(err)
			}
			if r := Compare(b, fetched(t, site.URL), nil); r.Verdict != Benign && r.Verdict != Unchanged {
				t.Errorf("%s by itself: %s", site.ID, describe(r))
			}
		}
		for _, o := range fixtures.Occasions() {
			if err := f.Mark(site.ID, o); err != nil {
				t.Fatal(err)
			}
			if r := Compare(b, fetched(t, site.URL), nil); r.Verdict == Alert {
				t.Errorf("%s at %s: %s", site.ID, o, describe(r))
			} else if r.Verdict != Benign {
				t.Logf("%s at %s: %s", site.ID, o, describe(r))
			}
		}
		if err := f.Restore(site.ID); err != nil {
			t.Fatal(err)
		}
		for _, a := range fixtures.Attacks() {
			if needsBrowser[a] {
				continue
			}
			if err := f.Attack(site.ID, a); err != nil {
				t.Fatal(err)
			}
			r := Compare(b, fetched(t, site.URL), nil)
			if r.Verdict != Alert || string(r.Findings[0].Kind) != a.Kind() {
				t.Errorf("%s under %s: %s", site.ID, a, describe(r))
			}
			if err := f.Restore(site.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
}
