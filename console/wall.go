package console

import (
	"net/http"

	"pasban/console/desk"
)

// mine reports a happening that the viewer of a board may know of.
func mine(b desk.Board, x happening) bool {
	return b.Whole() || x.Kind != "failed" && b.Owns(x.Site) // what fails here is ours
}

// shownIncidents is how many open incidents the wall lists.
const shownIncidents = 14

func (s *Server) wallPage(w http.ResponseWriter, r *http.Request, v viewer) error {
	b, err := s.desk.Board(r.Context(), v.Who)
	if err != nil {
		return err
	}
	var feed []happening
	happenings, newest := s.hub.happenings()
	for _, x := range happenings {
		if mine(b, x) {
			feed = append(feed, x)
		}
	}
	p := s.page(r, v, "wall", "Wall")
	p.Wide, p.Scripts = true, []string{"wall.js"}
	more := max(0, len(b.Incidents)-shownIncidents)
	listed := b.Incidents[:len(b.Incidents)-more]
	p.Body = map[string]any{"Board": b, "Incidents": listed, "More": more, "Feed": feed, "Newest": newest}
	return s.show(w, "wall", p)
}
