package monitor_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"pasban/monitor"
	"pasban/render"
)

// Twelve institutions share a machine that does not answer, which is more than there
// are looks at once. A look at another that somebody waits for is taken all the same;
// and when the machine answers, each of its own is, as if nothing had been.
func TestCrowdedMachineHoldsUpNobody(t *testing.T) {
	t.Parallel()
	const crowd = 12
	looked := make(chan string, 2*crowd)
	w := newWorld(t, func(c *monitor.Config) {
		c.Addresses = func(_ context.Context, host string) ([]string, error) {
			if strings.HasPrefix(host, "crowd") {
				return []string{"192.0.2.1"}, nil
			}
			return []string{"192.0.2.2"}, nil
		}
		c.Observe = func(e monitor.Event) {
			if e.Concluded {
				looked <- e.Target
			}
		}
	})
	began, answers := make(chan struct{}), make(chan struct{})
	var first sync.Once
	list := "site_id,url\nquiet,http://quiet.example/\n"
	w.stage.show("http://quiet.example/", ministry())
	for i := range crowd {
		url := fmt.Sprintf("http://crowd%d.example/", i)
		list += fmt.Sprintf("crowd%d,%s\n", i, url)
		w.stage.play(url, func(int, render.Request) (*render.Page, error) {
			first.Do(func() { close(began) })
			<-answers
			return ministry(), nil
		})
	}
	w.importList(list)
	for i := range crowd {
		w.click(fmt.Sprintf("crowd%d", i))
	}
	ctx, stop := context.WithTimeout(t.Context(), patience)
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx, false) }()
	<-began // and by now the others have every place there is
	w.click("quiet")
	if first := next(ctx, looked); first != "quiet" {
		t.Errorf("the first look to end was at %q, want quiet", first)
	}
	close(answers)
	for range crowd {
		next(ctx, looked)
	}
	if ctx.Err() != nil {
		t.Errorf("not every page was looked at within %v", patience)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	w.wellSeen(crowd + 1)
}

func (w *world) click(target string) {
	w.t.Helper()
	if err := w.Click(w.t.Context(), target); err != nil {
		w.t.Fatal(err)
	}
}

// next is what comes first, "" if nothing does in time.
func next(ctx context.Context, from <-chan string) string {
	select {
	case s := <-from:
		return s
	case <-ctx.Done():
		return ""
	}
}

// wellSeen checks that so many targets were, and that no look at them failed.
func (w *world) wellSeen(want int) {
	w.t.Helper()
	all, err := w.Store.Freshness(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	well := 0
	for _, f := range all {
		if f.Failures > 0 {
			w.t.Errorf("%s: %d failures, %s", f.Target, f.Failures, f.Reason)
		}
		if !f.LastGood.IsZero() {
			well++
		}
	}
	if well != want {
		w.t.Errorf("%d targets were seen well, want %d", well, want)
	}
}
