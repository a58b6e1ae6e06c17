package desk

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"pasban/monitor"
)

// Board is the wall as one viewer may see it.
type Board struct {
	Tiers     []TierBoard
	Marks     map[monitor.Mark]int
	Share     float64
	Incidents []monitor.Incident // open ones, longest first
	Waiting   int
	Sites     int
	Names     map[string]string  // of sites with an open incident
	All       []monitor.WallSite // by ID
	whole     bool
	owns      map[string]bool
}

// TierBoard are the sites of one tier in one region.
type TierBoard struct {
	Tier   monitor.Tier
	Region string
	Sites  []monitor.WallSite
	Good   int
}

// tierOrder is that of the wall, from the top.
var tierOrder = []monitor.Tier{monitor.Federal, monitor.Banking, monitor.Provincial, monitor.Territory, monitor.Private}

// Board is the wall as far as it is the asker's business.
func (d *Desk) Board(ctx context.Context, w Who) (Board, error) {
	wall, err := d.walls.get(ctx)
	if err != nil {
		return Board{}, err
	}
	return boardOf(wall, w), nil
}

func boardOf(wall monitor.Wall, w Who) Board {
	b := Board{Marks: map[monitor.Mark]int{}, Share: wall.Share(), Waiting: wall.Questions, Names: map[string]string{}, whole: !w.Outside(), owns: map[string]bool{}}
	groups := map[string]*TierBoard{}
	for _, s := range wall.Sites {
		if !w.Sees(s.Site) {
			continue
		}
		b.owns[s.ID] = true
		b.All = append(b.All, s)
		b.Marks[s.Mark]++
		key := string(s.Owner.Tier) + "\x1f" + s.Owner.Region
		if groups[key] == nil {
			groups[key] = &TierBoard{Tier: s.Owner.Tier, Region: s.Owner.Region}
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
	b.Sites = len(b.All)
	for _, g := range groups {
		b.Tiers = append(b.Tiers, *g)
	}
	slices.SortFunc(b.Tiers, func(x, y TierBoard) int {
		return cmp.Or(slices.Index(tierOrder, x.Tier)-slices.Index(tierOrder, y.Tier), cmp.Compare(x.Region, y.Region))
	})
	for _, i := range wall.Incidents {
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

// Whole reports a board of everybody's sites.
func (b Board) Whole() bool { return b.whole }

// Owns reports a site that is on the board.
func (b Board) Owns(site string) bool { return b.owns[site] }

// Listed is another text when the list of incidents is another: a screen that has an old
// one asks for the page again.
func (b Board) Listed() string {
	sum := fnv.New64a()
	for _, i := range b.Incidents {
		fmt.Fprintf(sum, "%d %s %s\n", i.ID, i.State, i.Severity)
	}
	return strconv.FormatUint(sum.Sum64(), 36)
}

// Legend are the marks in the order of the legend.
func (b Board) Legend() []monitor.Mark {
	return []monitor.Mark{monitor.MarkGood, monitor.MarkChanged, monitor.MarkIncident, monitor.MarkStale, monitor.MarkPaused}
}
