package console

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"pasban/console/desk"
	"pasban/monitor"
)

// shownLines bounds the page; the rest comes up as these are decided.
const shownLines = 60

func (s *Server) queuePage(w http.ResponseWriter, r *http.Request, v viewer) error {
	f := desk.FilterOf(r.URL.Query())
	lines, err := s.desk.Queue(r.Context(), f)
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
func (s *Server) heads(ctx context.Context, lines []desk.Line) (map[string]head, error) {
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
			_, by, err := s.desk.Approved(ctx, c)
			if err != nil {
				return nil, err
			}
			out[l.Key] = head{d, !by}
		}
	}
	return out, nil
}
