package probe

import (
	"slices"
	"sync"
	"time"

	"pasban/compare"
)

// A watched target: what it should look like, what it looked like last, and what
// was asked about it. One probe at a time works on it.
type watched struct {
	mu sync.Mutex
	Target
	next    time.Time // when it is probed
	beat    int       // rounds so far
	probing bool      // guarded by Prober.mu

	print imprint
	draft draft
	since time.Time // when Next was begun
	dirty bool      // the print is not kept yet

	validators        // of the last page
	body       uint64 // digest of the last page that was read
	drafted    time.Time
	trouble    uint64   // what is wrong with it, 0 if nothing is
	why        []string // in words
	grave      bool     // it is what a lively page has no excuse for
	files      []file

	asked   time.Time // for a look that has not ended yet; zero if there is none
	bad     bool      // the last look of a browser found something
	judged  uint64    // trouble that a browser has looked at and not cleared
	damp    damper    // of what a lively page may well do
	alarm   damper    // of what is grave
	outcome Outcome   // of the last probe
	streak  int       // probes in a row that saw nothing, or were refused
}

// file is a script, style or picture that the page loads from its own site.
type file struct {
	loaded
	validators
	slot, key uint32 // what it is, and what it held last; key is 0 before it was read
	trouble   bool
}

// waitLimit is how long a look that was asked for is waited for.
const waitLimit = 5 * time.Minute

// waits reports that a browser is about to look: what is seen meanwhile is not learnt.
func (w *watched) waits(now time.Time) bool {
	return !w.asked.IsZero() && now.Sub(w.asked).Abs() < waitLimit
}

// same takes in that the page is what it was at the last probe.
func (w *watched) same(now time.Time) {
	if w.trouble == 0 && !w.waits(now) {
		w.draft.again()
		w.drafted = now
	}
}

// read takes in a page that is not what it was.
func (w *watched) read(now time.Time, a answer) {
	seen := readPage(a, w.print.Salt, w.print.expects)
	w.keepFiles(seen.files)
	before := w.trouble
	w.trouble, w.why, w.grave = 0, nil, false
	if w.print.armed() {
		w.why, w.grave = w.print.compare(seen)
		if alerts := judgeText(a, seen.novel); len(alerts) > 0 {
			w.why, w.grave = append(alerts, w.why...), true
		}
		if len(w.why) > 0 {
			w.trouble = w.print.troubleOf(seen)
		}
	}
	if before != 0 && before != w.trouble {
		w.draft = draft{} // no later look sees what has gone: it vouches for nothing of it
	}
	if !w.waits(now) && !(w.bad && w.trouble != 0) {
		w.draft.observe(&w.print, seen, w.trouble != 0)
		w.drafted = now
	}
}

// troubleOf sums up what is wrong with a page, so that the same trouble behind
// another token is known again.
func (p *imprint) troubleOf(seen page) uint64 {
	sum := p.Salt | 1
	for _, f := range seen.features {
		if known, noisy := p.expects(f.key, f.slot); !known && (!noisy || f.kind.strict()) {
			sum = mix(sum, uint64(f.key))
		}
	}
	return mix(sum, uint64(missing(p.Core, seen.features)))
}

// judgeText holds new texts, those in places that always change too, against the
// rules that need no approved look: a headline may be new, but not a crew's.
func judgeText(a answer, texts []string) []string {
	if len(texts) == 0 {
		return nil
	}
	view := compare.View{URL: a.final.String(), FinalURL: a.final.String(), Status: 200}
	view.Elements = append(view.Elements, compare.Element{Parent: -1, Tag: "body"})
	for _, text := range texts {
		view.Elements = append(view.Elements, compare.Element{Parent: 0, Tag: "p", Text: text})
	}
	report := compare.Compare(nil, compare.Look{View: view}, nil)
	if len(report.Findings) == 0 {
		return nil
	}
	return []string{"a new text would alert: " + report.Findings[0].Rule}
}

func (w *watched) keepFiles(all []loaded) {
	files := make([]file, 0, len(all))
	for _, l := range all {
		if i := slices.IndexFunc(w.files, func(f file) bool { return f.url == l.url }); i >= 0 {
			files = append(files, w.files[i])
			continue
		}
		files = append(files, file{loaded: l, slot: short(hashString(w.print.Salt, "file "+l.url))})
	}
	w.files = files
}

// readFile takes in what a file holds. What it held when its page was vouched for
// is known; one that was never vouched for is no trouble.
func (w *watched) readFile(now time.Time, f *file, digest uint64) {
	key := short(mix(uint64(f.slot), digest))
	if f.trouble && key != f.key {
		w.draft = draft{}
	}
	f.key = key
	learnt := short(mix(uint64(f.slot), w.print.Salt)) // in the print when the file is
	known, noisy := w.print.expects(f.key, f.slot)
	expected, _ := w.print.expects(learnt, f.slot)
	f.trouble = w.print.armed() && expected && !known && !noisy
	if !known && !w.waits(now) && !(w.bad && f.trouble) {
		w.draft.file(f, learnt, expected)
		w.drafted = now
	}
}

// file takes in new content of a file.
func (d *draft) file(f *file, learnt uint32, expected bool) {
	for _, key := range []uint32{f.key, learnt} {
		if at, there := slices.BinarySearch(d.added, key); !there && len(d.added) < maxPrint {
			d.added = slices.Insert(d.added, at, key)
		}
	}
	if expected {
		if d.changes == nil {
			d.changes = map[uint32]uint8{}
		}
		d.changes[f.slot] = min(d.changes[f.slot]+1, noisyAfter)
	}
}

// state is the trouble of the page and its files together, why, and whether it is grave.
func (w *watched) state() (sum uint64, why []string, grave bool) {
	sum, why, grave = w.trouble, w.why, w.grave && w.trouble != 0
	for _, f := range w.files {
		if f.trouble {
			sum = mix(sum, uint64(f.key))
			why = append(why[:len(why):len(why)], "changed file "+clipped(f.url))
			grave = grave || f.runs
		}
	}
	return sum, why, grave
}

func clipped(s string) string { return s[:min(len(s), 120)] }

// want tells whether a browser should look now, why, and what damps that; nil if not.
func (w *watched) want(now time.Time, back bool) (why []string, by *damper) {
	trouble, why, grave := w.state()
	by = &w.damp
	switch {
	case trouble != 0 && trouble != w.judged:
		if grave {
			by = &w.alarm
		}
	case trouble == 0 && w.bad && w.print.armed():
		why = []string{"the approved page is back"}
	case back:
		why = []string{backWords}
	default:
		return nil, nil
	}
	if w.waits(now) || !by.ready(now) {
		return nil, nil
	}
	return why, by
}

const backWords = "the site answers again"

// A Verdict is what a browser's look came to, as far as a probe has use for it.
type Verdict int

const (
	// Unseen looks tell nothing: the page could not be compared, and is asked for again.
	Unseen Verdict = iota
	// Known is what a look found that vouches for nothing, as while an incident is
	// open, but knows the page as it is.
	Known
	Good
	Bad
)

// coreEvery is how long a core is in the making.
const coreEvery = 24 * time.Hour

// conclude takes in the look that began at a moment. Only what was seen before it
// is vouched for.
func (w *watched) conclude(now, at time.Time, v Verdict) {
	answers := w.asked.IsZero() || !at.Before(w.asked)
	if answers {
		w.asked = time.Time{}
	}
	trouble, _, _ := w.state()
	w.bad = v == Bad || w.bad && v != Good
	switch {
	case !answers:
		// It began before we asked, and may have seen the page as it was: ask again.
		w.asked, w.next, w.damp.last, w.alarm.last = time.Time{}, now, time.Time{}, time.Time{}
		if v != Good {
			w.forget(w.judged)
		}
	case v == Unseen:
		w.forget(w.judged)
	case v == Good:
		w.vouch(now, at)
	default:
		w.forget(trouble)
	}
}

// forget drops what was seen of a page that nobody vouched for. It is read anew, so
// that it can be learnt when somebody does.
func (w *watched) forget(trouble uint64) {
	w.judged, w.draft, w.body, w.validators = trouble, draft{}, 0, validators{}
}

// vouch makes the draft part of the print, unless some of it is newer than the look.
func (w *watched) vouch(now, at time.Time) {
	if w.drafted.After(at) {
		return
	}
	if trouble, _, _ := w.state(); trouble != 0 && w.draft.samples == 0 && len(w.draft.added) == 0 {
		w.forget(0) // what was called an attack is approved now: it is read and asked for anew
		return
	}
	w.dirty = w.print.accept(&w.draft) || w.dirty
	w.draft = draft{}
	w.trouble, w.why, w.grave, w.judged = 0, nil, false, 0
	for i := range w.files {
		w.files[i].trouble = false
	}
	if now.Sub(w.since).Abs() > coreEvery {
		if !w.since.IsZero() {
			w.print.renew()
			w.dirty = true
		}
		w.since = now
	}
}
