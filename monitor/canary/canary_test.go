package canary_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"pasban/monitor/canary"
)

func get(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.Status + "\n" + string(body)
}

// Each page shows its other face while it is attacked, and nobody else's; and then its
// own again, to the byte.
func TestAttack(t *testing.T) {
	s, err := canary.Start(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	before := map[string]string{}
	for _, name := range canary.Names {
		before[name] = get(t, s.URL(name))
		if !strings.HasPrefix(before[name], "200") {
			t.Errorf("%s: %.40s", name, before[name])
		}
	}
	for _, attacked := range canary.Names {
		s.Attack(attacked)
		for _, name := range canary.Names {
			if changed := get(t, s.URL(name)) != before[name]; changed != (name == attacked) {
				t.Errorf("while %s is attacked, %s changed: %v", attacked, name, changed)
			}
		}
	}
	s.Restore()
	for _, name := range canary.Names {
		if get(t, s.URL(name)) != before[name] {
			t.Errorf("%s is not what it was", name)
		}
	}
	if got := get(t, s.URL("nothing")); !strings.HasPrefix(got, "404") {
		t.Errorf("what is not there answers %.40s", got)
	}
}

// The first free address is taken; one by which nobody can be let through exactly is none.
func TestStart(t *testing.T) {
	first, err := canary.Start(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second, err := canary.Start(t.Context(), first.Addr().String(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if first.Addr() == second.Addr() {
		t.Errorf("both serve on %v", first.Addr())
	}
	for _, bad := range []string{"0.0.0.0:0", "localhost:0", ":0", "[::]:0", "127.0.0.1", ""} {
		if s, err := canary.Start(context.Background(), bad); err == nil {
			t.Errorf("%q was taken: %v", bad, s.Close())
		}
	}
}
