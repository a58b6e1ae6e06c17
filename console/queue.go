package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"pasban/monitor"
)

// filter is which part of the queue is wanted. It lives in the address, so that it can
// be sent to a colleague.
type filter struct {
	Kind, Severity, Tier, Region, Text string
	Later                              bool // what was put off
}

func filterOf(q url.Values) filter {
	return filter{
		Kind: q.Get("kind"), Severity: q.Get("severity"), Tier: q.Get("tier"), Region: monitor.Visible(q.Get("region"), 40),
		Text: monitor.Visible(q.Get("q"), 80), Later: q.Get("later") != "",
	}
}

// query is the filter as an address has it.
func (f filter) query() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"kind": f.Kind, "severity": f.Severity, "tier": f.Tier, "region": f.Region, "q": f.Text} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.Later {
		q.Set("later", "1")
	}
	return q
}

// Suffix is the filter as the end of an address.
func (f filter) Suffix() string {
	if q := f.query().Encode(); q != "" {
		return "?" + q
	}
	return ""
}

func (f filter) wants(w monitor.Waiting) bool {
	text := strings.ToLower(f.Text)
	return (f.Kind == "" || f.Kind == w.Kind) && (f.Severity == "" || f.Severity == w.Severity) &&
		(f.Tier == "" || f.Tier == string(w.Owner.Tier)) && (f.Region == "" || f.Region == monitor.Visible(w.Owner.Region, 40)) &&
		(text == "" || strings.Contains(strings.ToLower(w.Site.ID+" "+w.Site.Name+" "+w.Owner.Name+" "+w.Why), text))
}

// line is one entry of the queue: a thing that waits, with those that one decision
// settles along with it.
type line struct {
	monitor.Waiting
	Like []monitor.Waiting
}

// queue reads what waits for a viewer. Things that are alike stand once, where the most
// urgent of them stands.
func (s *Server) queue(ctx context.Context, f filter) ([]line, error) {
	all, err := s.Monitor.Queue(ctx, f.Later)
	if err != nil {
		return nil, err
	}
	var out []line
	at := map[string]int{}
	for _, w := range all {
		if !f.wants(w) {
			continue
		}
		if i, ok := at[w.Group]; ok && w.Group != "" {
			out[i].Like = append(out[i].Like, w)
			continue
		}
		at[w.Group] = len(out)
		out = append(out, line{Waiting: w})
	}
	return out, nil
}

// shownLines bounds the page; the rest comes up as these are decided.
const shownLines = 60

func (s *Server) queuePage(w http.ResponseWriter, r *http.Request, v viewer) error {
	f := filterOf(r.URL.Query())
	lines, err := s.queue(r.Context(), f)
	if err != nil {
		return err
	}
	p := s.page(r, v, "queue", "Queue")
	p.Scripts = []string{"queue.js"}
	var regions []string
	for _, l := range lines {
		if g := monitor.Visible(l.Owner.Region, 40); g != "" && !slices.Contains(regions, g) {
			regions = append(regions, g)
		}
	}
	slices.Sort(regions)
	total := len(lines)
	heads, err := s.heads(r.Context(), lines[:min(total, shownLines)])
	if err != nil {
		return err
	}
	p.Body = map[string]any{"Lines": lines[:min(total, shownLines)], "Total": total, "Filter": f, "Regions": regions, "Heads": heads}
	return s.show(w, "queue", p)
}

// head is the picture of something that waits.
type head struct {
	Picture string // digest
	Blur    bool
}

// heads are the pictures of what waits, by the key of its line.
func (s *Server) heads(ctx context.Context, lines []line) (map[string]head, error) {
	out := map[string]head{}
	for _, l := range lines {
		c, err := s.Monitor.Store.Capture(ctx, l.Capture)
		if errors.Is(err, monitor.ErrNotFound) {
			continue // the look is gone: the line shows no picture
		}
		if err != nil {
			return nil, err
		}
		if d := monitor.PictureOf(c); d != "" {
			_, by, err := s.approved(ctx, c)
			if err != nil {
				return nil, err
			}
			out[l.Key] = head{d, !by}
		}
	}
	return out, nil
}
