package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"pasban/console/desk"
	"pasban/monitor"
)

// shownFindings bounds what is listed of a look.
const shownFindings = 40

// finding is one thing that is wrong, with its number on the picture.
type finding struct {
	N              int
	Rule, Severity string
	Kind           string
	Why, Evidence  string
	Score          float64
	Box            *box
}

// box is a region of a picture, in its pixels.
type box struct{ X, Y, W, H int32 }

// reviewBody is what the review shows.
type reviewBody struct {
	Item       desk.Item
	C          monitor.Comparison
	Findings   []finding
	Changed    []box
	Gone       []box
	Verdict    string
	Score      float64
	Why        string
	Difference bool
	Blur       bool // until somebody asks to see it
	Next, Prev string
	Place      string   // "3 of 17"
	Preload    []string // pictures of the next item
	Filter     desk.Filter
	Cut        int  // findings that are not listed
	Dead       bool // the look is not on record any more
}

func (s *Server) reviewPage(w http.ResponseWriter, r *http.Request, v viewer) error {
	ctx := r.Context()
	it, err := s.desk.Find(ctx, v.Who, r.PathValue("key"))
	if err != nil {
		return err
	}
	b := reviewBody{Item: it, Filter: desk.FilterOf(r.URL.Query())}
	b.C, err = s.Monitor.Compare(ctx, it.Capture)
	if errors.Is(err, monitor.ErrNotFound) {
		b.Dead = true // an incident about a site out of sight has no look
	} else if err != nil {
		return err
	}
	b.fill()
	if v.Role.AtLeast(monitor.Viewer) {
		if err := s.place(ctx, &b); err != nil {
			return err
		}
	}
	p := s.page(r, v, "queue", it.Site.Name)
	p.Wide, p.Scripts = true, []string{"review.js"}
	p.Body = b
	return s.show(w, "review", p)
}

// fill reads the report into what the page shows.
func (b *reviewBody) fill() {
	report := b.C.Capture.Report
	if q := b.Item.Question; q != nil {
		report = q.Report
	}
	b.Verdict, b.Score, b.Why = string(report.Verdict), report.Score, report.Why
	if b.Item.Incident != nil && b.Why == "" {
		b.Why = b.Item.Incident.Summary
	}
	for i, f := range report.Findings {
		if i == shownFindings {
			b.Cut = len(report.Findings) - i
			break
		}
		one := finding{N: i + 1, Rule: f.Rule, Severity: string(f.Severity), Kind: string(f.Kind), Why: f.Why, Evidence: f.Evidence, Score: f.Score}
		if f.Region != nil {
			one.Box = &box{f.Region.X, f.Region.Y, f.Region.W, f.Region.H}
		}
		b.Findings = append(b.Findings, one)
	}
	if len(b.Findings) == 0 && b.Item.Incident != nil {
		for i, f := range b.Item.Incident.Findings {
			if i == shownFindings {
				b.Cut = len(b.Item.Incident.Findings) - i
				break
			}
			b.Findings = append(b.Findings, finding{N: i + 1, Rule: f.Rule, Severity: string(f.Severity), Kind: string(f.Kind), Why: f.Why, Evidence: f.Evidence, Score: f.Score})
		}
	}
	for _, c := range report.Changed {
		b.Changed = append(b.Changed, box{c.X, c.Y, c.W, c.H})
	}
	for _, c := range report.Gone {
		b.Gone = append(b.Gone, box{c.X, c.Y, c.W, c.H})
	}
	b.Difference = b.C.Before != "" && b.C.After != "" && len(b.C.Capture.Blobs) > 0
	// Where nobody has approved a look, nobody knows what the page may show.
	b.Blur = !b.C.Approved && len(b.Findings) > 0
}

// place finds the item in the queue, what comes next, and the pictures of that.
func (s *Server) place(ctx context.Context, b *reviewBody) error {
	lines, err := s.desk.Queue(ctx, b.Filter)
	if err != nil {
		return err
	}
	at := -1
	for i, l := range lines {
		if l.Key == b.Item.Key {
			at, b.Item.Line = i, l
		}
	}
	next := at + 1
	if at >= 0 {
		b.Place = fmt.Sprintf("%d / %d", at+1, len(lines))
	}
	if at > 0 {
		b.Prev = lines[at-1].Key
	}
	if next >= len(lines) {
		return nil
	}
	b.Next = lines[next].Key
	c, err := s.Monitor.Store.Capture(ctx, lines[next].Capture)
	if errors.Is(err, monitor.ErrNotFound) {
		return nil // nothing to preload
	}
	if err != nil {
		return err
	}
	approved, _, err := s.desk.Approved(ctx, c)
	if err != nil {
		return err
	}
	for _, digest := range []string{monitor.PictureOf(c), approved} {
		if digest != "" {
			b.Preload = append(b.Preload, s.Signer.Picture(digest))
		}
	}
	if len(b.Preload) == 2 {
		b.Preload = append(b.Preload, s.Signer.Difference(c.ID))
	}
	return nil
}
