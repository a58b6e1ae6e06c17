package console

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"pasban/monitor"
)

func (s *Server) sitesPage(w http.ResponseWriter, r *http.Request, v viewer) error {
	wall, err := s.walls.get(r.Context())
	if err != nil {
		return err
	}
	q := r.URL.Query()
	text, mark := strings.ToLower(monitor.Visible(q.Get("q"), 80)), q.Get("mark")
	after := q.Get("after")
	var found []monitor.WallSite
	total, more := 0, ""
	for _, site := range wall.Sites {
		name := strings.ToLower(site.ID + " " + site.Name + " " + site.Owner.Name + " " + site.URL)
		if !v.sees(site.Site) || mark != "" && mark != string(site.Mark) || text != "" && !strings.Contains(name, text) {
			continue
		}
		total++
		switch {
		case site.ID <= after:
		case len(found) < pageLength:
			found = append(found, site)
		default:
			more = found[len(found)-1].ID
		}
	}
	if more != "" {
		q.Set("after", more)
		more = "/sites?" + q.Encode()
	}
	p := s.page(r, v, "sites", "Sites")
	p.Body = map[string]any{"Sites": found, "Total": total, "More": more, "Query": monitor.Visible(q.Get("q"), 80), "Mark": mark}
	return s.show(w, "sites", p)
}

// siteBody is a site with all that is known of it.
type siteBody struct {
	Site      monitor.Site
	Owner     monitor.Institution
	Pages     []sitePart
	Incidents []monitor.Incident
	Silences  []monitor.Silence
	Record    []monitor.Decision
}

// sitePart is one page of a site.
type sitePart struct {
	Target    monitor.Target
	Fresh     monitor.Freshness
	Captures  []monitor.Capture  // newest first
	Baselines []monitor.Baseline // newest first
}

// Blur reports a look with findings at a page of which nobody has approved a look.
func (p sitePart) Blur(c monitor.Capture) bool {
	return len(c.Report.Findings) > 0 && (len(p.Baselines) == 0 || p.Baselines[0].Provisional)
}

// thumbs is how many looks the strip of a page shows.
const thumbs = 10

func (s *Server) sitePage(w http.ResponseWriter, r *http.Request, v viewer) error {
	b, err := s.site(r, v)
	if err != nil {
		return err
	}
	ctx, store := r.Context(), s.Monitor.Store
	targets, err := store.SiteTargets(ctx, b.Site.ID)
	if err != nil {
		return err
	}
	for _, t := range targets {
		if t.Gone || len(b.Pages) == 20 {
			continue
		}
		part := sitePart{Target: t}
		if part.Fresh, err = store.TargetFreshness(ctx, t.ID); err != nil && !errors.Is(err, monitor.ErrNotFound) {
			return err
		}
		if part.Captures, err = store.Captures(ctx, t.ID, thumbs); err != nil {
			return err
		}
		if part.Baselines, err = store.Baselines(ctx, t.ID); err != nil {
			return err
		}
		part.Baselines = part.Baselines[:min(8, len(part.Baselines))]
		b.Pages = append(b.Pages, part)
	}
	if b.Incidents, err = store.FindIncidents(ctx, monitor.IncidentQuery{Site: b.Site.ID, Limit: 12}); err != nil {
		return err
	}
	if v.Role != monitor.InstitutionRole {
		all, err := store.Silences(ctx, s.Clock())
		if err != nil {
			return err
		}
		for _, x := range all {
			if x.Site == b.Site.ID || x.Site == "" && x.Institution == b.Site.Institution {
				b.Silences = append(b.Silences, x)
			}
		}
		if b.Record, err = store.Decisions(ctx, "site:"+b.Site.ID); err != nil {
			return err
		}
		b.Record = b.Record[max(0, len(b.Record)-12):]
	}
	p := s.page(r, v, "sites", b.Site.Name)
	p.Body = b
	return s.show(w, "site", p)
}

func (s *Server) site(r *http.Request, v viewer) (siteBody, error) {
	var b siteBody
	var err error
	if b.Site, err = s.Monitor.Store.Site(r.Context(), r.PathValue("id")); err != nil {
		return b, err
	}
	if !v.sees(b.Site) {
		return b, monitor.ErrNotFound
	}
	b.Owner, err = s.Monitor.Store.Institution(r.Context(), b.Site.Institution)
	if errors.Is(err, monitor.ErrNotFound) {
		err = nil
	}
	return b, err
}

// changeSite does what somebody decided about a site.
func (s *Server) changeSite(w http.ResponseWriter, r *http.Request, v viewer) error {
	b, err := s.site(r, v)
	if err != nil {
		return err
	}
	ctx, o := r.Context(), v.order(r.PostFormValue("reason"))
	text := "%s: recorded"
	switch r.PostFormValue("verb") {
	case "look":
		target := r.PostFormValue("target")
		text = "%s: a look is on its way"
		err = s.lookNow(ctx, o, b.Site, target)
	case "pause", "resume":
		err = s.Monitor.Pause(ctx, o, b.Site.ID, r.PostFormValue("verb") == "pause")
	case "silence":
		_, err = s.Monitor.PlaceSilence(ctx, o, monitor.Silence{Mode: monitor.Maintenance, Site: b.Site.ID, Until: s.Clock().Add(3 * time.Hour)})
	default:
		err = monitor.Refuse("there is no such decision")
	}
	if err != nil {
		return err
	}
	s.walls.drop()
	s.hub.changed()
	return s.answer(w, r, done{Text: say(v.lang, text, b.Site.Name), Next: "/sites/" + b.Site.ID})
}

// lookNow asks for a look at a page of a site, and of no other.
func (s *Server) lookNow(ctx context.Context, o monitor.Order, site monitor.Site, target string) error {
	t, err := s.Monitor.Store.Target(ctx, target)
	if err != nil {
		return err
	}
	if t.Site != site.ID {
		return monitor.ErrNotFound
	}
	return s.Monitor.LookNow(ctx, o, target)
}
