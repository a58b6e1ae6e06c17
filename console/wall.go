package console

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"pasban/monitor"
)

// board is the wall as one viewer may see it.
type board struct {
	Tiers     []tierBoard
	Marks     map[monitor.Mark]int
	Share     float64
	Incidents []monitor.Incident // open ones, longest first
	Waiting   int
	Sites     int
	Names     map[string]string // of sites with an open incident
	sites     []monitor.WallSite
	whole     bool
	owns      map[string]bool
}

// tierBoard are the sites of one tier in one region.
type tierBoard struct {
	Tier   monitor.Tier
	Region string
	Sites  []monitor.WallSite
	Good   int
}

// tierOrder is that of the wall, from the top.
var tierOrder = []monitor.Tier{monitor.Federal, monitor.Banking, monitor.Provincial, monitor.Territory, monitor.Private}

func boardOf(w monitor.Wall, v viewer) board {
	b := board{Marks: map[monitor.Mark]int{}, Share: w.Share(), Waiting: w.Questions, Names: map[string]string{}, whole: v.Role != monitor.InstitutionRole, owns: map[string]bool{}}
	groups := map[string]*tierBoard{}
	for _, s := range w.Sites {
		if !v.sees(s.Site) {
			continue
		}
		b.owns[s.ID] = true
		b.sites = append(b.sites, s)
		b.Marks[s.Mark]++
		key := string(s.Owner.Tier) + "\x1f" + s.Owner.Region
		if groups[key] == nil {
			groups[key] = &tierBoard{Tier: s.Owner.Tier, Region: s.Owner.Region}
			if strings.EqualFold(s.Owner.Region, string(s.Owner.Tier)) {
				groups[key].Region = "" // lists name the region of federal sites so
			}
		}
		g := groups[key]
		g.Sites = append(g.Sites, s)
		if s.Mark == monitor.MarkGood {
			g.Good++
		}
		if s.Mark == monitor.MarkIncident {
			b.Names[s.ID] = s.Name
		}
	}
	b.Sites = len(b.sites)
	for _, g := range groups {
		b.Tiers = append(b.Tiers, *g)
	}
	slices.SortFunc(b.Tiers, func(x, y tierBoard) int {
		return cmp.Or(slices.Index(tierOrder, x.Tier)-slices.Index(tierOrder, y.Tier), cmp.Compare(x.Region, y.Region))
	})
	for _, i := range w.Incidents {
		if b.owns[i.Site] {
			b.Incidents = append(b.Incidents, i)
			if i.State == monitor.Open {
				b.Waiting++
			}
		}
	}
	slices.Reverse(b.Incidents)
	if !b.whole { // of its own sites only
		b.Share, b.Waiting = 1, 0
		if shown := b.Sites - b.Marks[monitor.MarkPaused]; shown > 0 {
			b.Share = 1 - float64(b.Marks[monitor.MarkStale])/float64(shown)
		}
	}
	return b
}

// mine reports a happening that the viewer may know of.
func (b board) mine(x happening) bool {
	return b.whole || x.Kind != "failed" && b.owns[x.Site] // what fails here is ours
}

// shownIncidents is how many open incidents the wall lists.
const shownIncidents = 14

func (s *Server) wallPage(w http.ResponseWriter, r *http.Request, v viewer) error {
	wall, err := s.walls.get(r.Context())
	if err != nil {
		return err
	}
	b := boardOf(wall, v)
	var feed []happening
	happenings, newest := s.hub.happenings()
	for _, x := range happenings {
		if b.mine(x) {
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

// Listed is another text when the list of incidents is another: a screen that has an old
// one asks for the page again.
func (b board) Listed() string {
	sum := fnv.New64a()
	for _, i := range b.Incidents {
		fmt.Fprintf(sum, "%d %s %s\n", i.ID, i.State, i.Severity)
	}
	return strconv.FormatUint(sum.Sum64(), 36)
}

// Legend are the marks in the order of the legend.
func (b board) Legend() []monitor.Mark {
	return []monitor.Mark{monitor.MarkGood, monitor.MarkChanged, monitor.MarkIncident, monitor.MarkStale, monitor.MarkPaused}
}
