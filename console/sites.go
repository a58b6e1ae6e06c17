package console

import (
	"net/http"

	"pasban/console/desk"
	"pasban/monitor"
)

func (s *Server) sitesPage(w http.ResponseWriter, r *http.Request, v viewer) error {
	q := r.URL.Query()
	text, mark := monitor.Visible(q.Get("q"), 80), q.Get("mark")
	sites, err := s.desk.Sites(r.Context(), v.Who, desk.SiteFilter{Text: text, Mark: mark})
	if err != nil {
		return err
	}
	found, more := pageOf(sites, q.Get("after"), pageLength)
	if more != "" {
		q.Set("after", more)
		more = "/sites?" + q.Encode()
	}
	p := s.page(r, v, "sites", "Sites")
	p.Body = map[string]any{"Sites": found, "Total": len(sites), "More": more, "Query": text, "Mark": mark}
	return s.show(w, "sites", p)
}

// pageOf keeps one page of sites, those after one, and tells after which the next page
// begins, "" for none.
func pageOf(sites []monitor.WallSite, after string, length int) (shown []monitor.WallSite, more string) {
	for _, site := range sites {
		switch {
		case site.ID <= after:
		case len(shown) == length:
			return shown, shown[length-1].ID
		default:
			shown = append(shown, site)
		}
	}
	return shown, ""
}

func (s *Server) sitePage(w http.ResponseWriter, r *http.Request, v viewer) error {
	b, err := s.desk.SiteFile(r.Context(), v.Who, r.PathValue("id"))
	if err != nil {
		return err
	}
	p := s.page(r, v, "sites", b.Site.Name)
	p.Body = b
	return s.show(w, "site", p)
}

// changeSite does what somebody decided about a site.
func (s *Server) changeSite(w http.ResponseWriter, r *http.Request, v viewer) error {
	verb := r.PostFormValue("verb")
	site, err := s.desk.ChangeSite(r.Context(), v.Who, r.PathValue("id"), verb, r.PostFormValue("target"), r.PostFormValue("reason"))
	if err != nil {
		return err
	}
	text := "%s: recorded"
	if verb == "look" {
		text = "%s: a look is on its way"
	}
	return s.answer(w, r, done{Text: say(v.lang, text, site.Name), Next: "/sites/" + site.ID})
}
