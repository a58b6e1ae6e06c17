package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"pasban/fixtures"
)

// gauged is what a watch took while it was measured.
type gauged struct {
	Ended             time.Time
	Took              time.Duration
	Own, Chrome       []int64       // memory, bytes: sums of proportional set sizes, sorted
	OwnTime, TreeTime time.Duration // processor time, of serve and of all of it
	TownTime          time.Duration // of the fleet and the mail server, which are this process
}

// watchGauge samples a serve until it is told to stop.
type watchGauge struct {
	end    chan struct{}
	result chan gauged
}

const gaugeInterval = 2 * time.Second

func startGauge(pid int) *watchGauge {
	g := &watchGauge{end: make(chan struct{}), result: make(chan gauged, 1)}
	go func() {
		var m gauged
		began, own, tree, town := time.Now(), ownTime(pid), treeTime(pid), processorTime()
		tick := time.NewTicker(gaugeInterval)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				all, mine := treeMemory(pid), proportionalSize(pid)
				m.Own, m.Chrome = append(m.Own, mine), append(m.Chrome, max(0, all-mine))
				continue
			case <-g.end:
			}
			m.Ended, m.Took = time.Now(), time.Since(began)
			m.OwnTime, m.TreeTime, m.TownTime = ownTime(pid)-own, treeTime(pid)-tree, processorTime()-town
			slices.Sort(m.Own)
			slices.Sort(m.Chrome)
			g.result <- m
			return
		}
	}()
	return g
}

func (g *watchGauge) stop() gauged {
	close(g.end)
	return <-g.result
}

// watchRow is one promise and what came of it.
type watchRow struct {
	What    string  `json:"what"`
	Attacks int     `json:"attacks"`
	Told    int     `json:"told"`
	P50     float64 `json:"p50_s"` // -1 if that one was not told
	P95     float64 `json:"p95_s"`
	Max     float64 `json:"max_s"`
	Promise string  `json:"promise"`
	Kept    string  `json:"kept"` // yes, NO, or not known
}

// watchSummary is the line for machines.
type watchSummary struct {
	Sites       int        `json:"sites"`
	Processors  int        `json:"processors"`
	Seed        uint64     `json:"seed"`
	Seconds     float64    `json:"seconds"`
	Beginning   beginning  `json:"beginning"`
	Armed       int        `json:"armed"`
	Rows        []watchRow `json:"rows"`
	FalseAlarms int        `json:"false_alarms"`
	Questions   int        `json:"questions"`
	OwnMB       [2]int64   `json:"pasban_mb"` // median, peak
	ChromeMB    [2]int64   `json:"chrome_mb"`
	OwnCPU      float64    `json:"pasban_processors"`
	ChromeCPU   float64    `json:"chrome_processors"`
	TownCPU     float64    `json:"fleet_processors"`
}

// What is promised.
const (
	promisedHTML50   = 30 * time.Second
	promisedHTML95   = time.Minute
	promisedScript95 = 5 * time.Minute
	promisedRest     = 15 * time.Minute // the schedule
	promisedOwnMB    = 200
	promisedChromeMB = 2048
)

func (w *country) rows() []watchRow {
	html := w.row(byHTML, "p50 <= 30 s, p95 <= 60 s")
	html.keeps(within(html.P50, promisedHTML50) && within(html.P95, promisedHTML95))
	script := w.row(byScript, "p95 <= 5 min")
	script.keeps(within(script.P95, promisedScript95))
	rest := w.row(byRendering, "within the schedule, 15 min")
	_, waiting := w.book.times(byRendering, w.figures.Ended)
	late := len(waiting) > 0 && slices.Max(waiting) > promisedRest
	rest.keeps(within(rest.Max, promisedRest) && !late)
	if len(waiting) > 0 && !late {
		rest.Kept = "not over"
	}
	return []watchRow{html, script, rest}
}

func (w *country) row(kind shownBy, promise string) watchRow {
	told, untold := w.book.times(kind, w.figures.Ended)
	r := watchRow{What: string(kind), Attacks: len(told) + len(untold), Told: len(told), Promise: promise, P50: -1, P95: -1, Max: -1}
	if kind == byRendering {
		untold = nil // most of these are not late: see rows
	}
	at := func(q float64) float64 {
		i := int(q*float64(len(told)+len(untold)) + 0.999999)
		if i = max(i, 1); i > len(told) {
			return -1
		}
		return told[i-1].Seconds()
	}
	r.P50, r.P95, r.Max = at(0.50), at(0.95), at(1)
	return r
}

// within reports that a time was measured and is not above a limit.
func within(seconds float64, limit time.Duration) bool {
	return seconds >= 0 && seconds <= limit.Seconds()
}

func (r *watchRow) keeps(kept bool) {
	switch {
	case r.Attacks == 0:
		r.Kept = "not tried"
	case kept:
		r.Kept = "yes"
	default:
		r.Kept = "NO"
	}
}

// report is the table of a run, and a line for machines.
func (w *country) report() string {
	s := w.summary()
	var b strings.Builder
	fmt.Fprintf(&b, "%d sites for %v on %d processors, %d probed; seed %d\n", s.Sites, w.watching, s.Processors, s.Armed, s.Seed)
	fmt.Fprintf(&b, "before: first sight and approval %.0f s, learning %.0f s\n\n", s.Beginning.FirstSight, s.Beginning.Learning)
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "from the change to the mail\tattacks\ttold\tp50\tp95\tmax\tpromise\tkept")
	for _, r := range s.Rows {
		fmt.Fprintf(t, "%s\t%d\t%d\t%s\t%s\t%s\t%s\t%s\n", r.What, r.Attacks, r.Told, inSeconds(r.P50), inSeconds(r.P95), inSeconds(r.Max), r.Promise, r.Kept)
	}
	fmt.Fprintf(t, "false alarms\t\t\t\t\t%d\t0\t%s\n", s.FalseAlarms, yesNo(s.FalseAlarms == 0))
	fmt.Fprintf(t, "memory of pasban, MB\t\t\t%d\t\t%d\t<= %d\t%s\n", s.OwnMB[0], s.OwnMB[1], promisedOwnMB, yesNo(s.OwnMB[1] <= promisedOwnMB))
	fmt.Fprintf(t, "memory of Chrome, MB\t\t\t%d\t\t%d\t<= %d\t%s\n", s.ChromeMB[0], s.ChromeMB[1], promisedChromeMB, yesNo(s.ChromeMB[1] <= promisedChromeMB))
	_ = t.Flush() // a strings.Builder takes everything
	fmt.Fprintf(&b, "\nprocessors in use: %.2f by pasban, %.2f by Chrome; %.2f by the fleet and the mail server\n", s.OwnCPU, s.ChromeCPU, s.TownCPU)
	fmt.Fprintf(&b, "%d mails in all, %d questions for analysts; mails about no site alone: %q\n", w.book.mails, s.Questions, w.book.other)
	if untold := w.book.untold(); len(untold) > 0 {
		fmt.Fprintf(&b, "not told by the end: %q\n", untold)
	}
	line, err := json.Marshal(s)
	if err != nil {
		w.t.Fatal(err)
	}
	return b.String() + string(line) + "\n"
}

func (w *country) summary() watchSummary {
	m := w.figures
	return watchSummary{
		Sites: w.sites, Processors: runtime.NumCPU(), Seed: w.seed, Seconds: m.Took.Seconds(), Beginning: w.start, Armed: w.armed,
		Rows: w.rows(), FalseAlarms: len(w.book.wrong), Questions: w.asked, OwnMB: typicalMB(m.Own), ChromeMB: typicalMB(m.Chrome),
		OwnCPU: m.share(m.OwnTime), ChromeCPU: m.share(m.TreeTime - m.OwnTime), TownCPU: m.share(m.TownTime),
	}
}

// share of one processor.
func (m gauged) share(d time.Duration) float64 { return d.Seconds() / m.Took.Seconds() }

// typicalMB are the median and the largest of sorted sizes in bytes.
func typicalMB(sizes []int64) [2]int64 {
	if len(sizes) == 0 {
		return [2]int64{}
	}
	return [2]int64{sizes[len(sizes)/2] >> 20, sizes[len(sizes)-1] >> 20}
}

func inSeconds(seconds float64) string {
	if seconds < 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f s", seconds)
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "NO"
}

// An attack that nobody was told of counts as slower than all others; a picture that is
// not due yet is no promise broken, and one that is overdue is.
func TestWatchRows(t *testing.T) {
	end := time.Now()
	w := &country{t: t, book: newWatchBook(), figures: gauged{Ended: end, Took: time.Minute}}
	add := func(site string, a fixtures.Attack, ago, took time.Duration) *strike {
		s := &strike{site: site, attack: a, at: end.Add(-ago)}
		if took > 0 {
			s.told = s.at.Add(took)
		}
		w.book.strikes[site] = s
		return s
	}
	add("a", fixtures.FullBlack, time.Hour, 20*time.Second)
	add("b", fixtures.TitleOnly, time.Hour, 50*time.Second)
	c := add("c", fixtures.LeakCNIC, time.Hour, 0)
	d := add("d", fixtures.ImageSwap, time.Minute, 0)
	rows := w.rows()
	if r := rows[0]; r.Attacks != 3 || r.Told != 2 || r.P50 != 50 || r.P95 != -1 || r.Kept != "NO" {
		t.Errorf("one of three was not told: %+v", r)
	}
	if rows[1].Kept != "not tried" || rows[2].Kept != "not over" {
		t.Errorf("no script was attacked, and a picture a minute ago: %+v", rows[1:])
	}
	c.told, d.at = c.at.Add(55*time.Second), end.Add(-time.Hour)
	add("e", fixtures.FullQuiet, time.Hour, 10*time.Second)
	rows = w.rows()
	if r := rows[0]; r.P50 != 20 || r.P95 != 55 || r.Kept != "yes" {
		t.Errorf("all four were told in time: %+v", r)
	}
	if rows[2].Kept != "NO" {
		t.Errorf("a picture was overdue: %+v", rows[2])
	}
}
