package monitor

import (
	"fmt"
	"testing"
	"time"
)

// fleet is many targets on one schedule: as many hosts, the first with ten pages.
func fleet(hosts int) []Target {
	var all []Target
	for i := range hosts {
		all = append(all, Target{ID: fmt.Sprintf("s%d", i), Site: fmt.Sprintf("s%d", i), URL: fmt.Sprintf("http://s%d.example/", i)})
	}
	for i := range 9 {
		all = append(all, Target{ID: fmt.Sprintf("s0~%d", i), Site: "s0", URL: fmt.Sprintf("http://s0.example/%d", i)})
	}
	return all
}

// Each target falls due once in every period of its schedule, a little earlier or
// later each time; no minute has many more than its share, and the pages of one host
// are far apart.
func TestScheduleSpreads(t *testing.T) {
	t.Parallel()
	s, err := ParseSchedule(DefaultSchedule)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	targets := fleet(1527)
	phases := phasesOf(targets)
	const periods = 4
	minutes := make([]int, 15*(periods+1))
	var host []time.Time // when pages of the first host are due in the first period
	moved := false
	for _, target := range targets {
		var before time.Duration
		at := nextDue(target.ID, phases[target.ID], s, start)
		for i := range periods {
			if by := at.Sub(start) - time.Duration(i)*15*time.Minute; by < 0 || by > 15*time.Minute {
				t.Fatalf("%s is due at %v, look %d", target.ID, at, i)
			}
			minutes[int(at.Sub(start)/time.Minute)]++
			if target.Site == "s0" && i == 0 {
				host = append(host, at)
			}
			next := nextDue(target.ID, phases[target.ID], s, at)
			gap := next.Sub(at)
			if gap < 14*time.Minute || gap > 16*time.Minute {
				t.Fatalf("%s is looked at %v after the look before", target.ID, gap)
			}
			moved = moved || i > 0 && gap != before
			at, before = next, gap
		}
	}
	if !moved {
		t.Error("every look comes to the second after the one before, want jitter")
	}
	for i, n := range minutes[1 : 15*periods-1] {
		if share := len(targets) / 15; n > share*3/2 || n < share/2 {
			t.Errorf("%d looks in minute %d, want about %d", n, i+1, share)
		}
	}
	for i := range host {
		for j := range i {
			if gap := host[i].Sub(host[j]).Abs(); gap < 20*time.Second {
				t.Errorf("two pages of one host are due within %v", gap)
			}
		}
	}
}

// A schedule in a time zone of its own is followed in it.
func TestScheduleInATimeZone(t *testing.T) {
	t.Parallel()
	s, err := ParseSchedule("CRON_TZ=Asia/Karachi 0 9 * * *")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	due := nextDue("a", 0, s, start)
	nine := time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC) // in Karachi
	if by := due.Sub(nine); by < 0 || by > time.Hour/jitterPart {
		t.Errorf("due at %v, want at %v or a moment later", due, nine)
	}
}

// A site that is down is left alone for longer each time, a name that does not exist
// for longer than a server that times out, and nobody for ever; our own faults and
// one failure or two make no difference.
func TestRest(t *testing.T) {
	t.Parallel()
	const period = 15 * time.Minute
	gone := "dns_error: a.example: there is no such name (no-such-name)"
	for _, c := range []struct {
		outcome, reason string
		failures        int
		want            time.Duration
	}{
		{"ok", "", 0, 0},
		{"unreachable", "", 2, 0},
		{"unreachable", "", 3, 30 * time.Minute},
		{"unreachable", "", 4, time.Hour},
		{"timeout_connect", "", 400, time.Hour},
		{"dns_error", "dns_error: a.example: the name servers give no answer (dns-failed)", 400, time.Hour},
		{"dns_error", gone, 4, time.Hour},
		{"dns_error", gone, 5, 2 * time.Hour},
		{"dns_error", gone, 400, 4 * time.Hour},
		{"blocked_by_waf", "", 400, 4 * time.Hour},
		{"error", "", 400, 0},
	} {
		if got := rest(Freshness{Outcome: c.outcome, Reason: c.reason, Failures: c.failures}, period); got != c.want {
			t.Errorf("%s (%s) for %d times rests for %v, want %v", c.outcome, c.reason, c.failures, got, c.want)
		}
	}
	if got := rest(Freshness{Outcome: "unreachable", Failures: 9}, 24*time.Hour); got != 24*time.Hour {
		t.Errorf("a site that is looked at once a day rests for %v, want a day", got)
	}
}
