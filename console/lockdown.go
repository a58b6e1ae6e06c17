package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"pasban/monitor"
)

// lockdownFilter is what of the board is asked for, as the address says it.
type lockdownFilter struct {
	Text, State, Tier, Region, Control string
	Institution                        string // its ID
	By                                 string // "institution", or "" for a row a site
	Order                              int64  // 0 for all in force
}

func lockdownFilterOf(q url.Values) lockdownFilter {
	f := lockdownFilter{
		Text: monitor.Visible(q.Get("q"), 80), State: q.Get("state"), Tier: q.Get("tier"), Region: q.Get("region"),
		Control: q.Get("control"), Institution: q.Get("institution"),
	}
	if q.Get("by") == "institution" {
		f.By = "institution"
	}
	if n, err := strconv.ParseInt(q.Get("order"), 10, 64); err == nil && n > 0 {
		f.Order = n
	}
	return f
}

// fits reports a site that is asked for.
func (f lockdownFilter) fits(s monitor.SiteStanding) bool {
	text := strings.ToLower(s.Site.ID + " " + s.Site.Name + " " + s.Owner.Name)
	ordered := func(d monitor.Directive) bool { return d.ID == f.Order }
	return (f.Text == "" || strings.Contains(text, strings.ToLower(f.Text))) &&
		(f.Tier == "" || string(s.Owner.Tier) == f.Tier) && (f.Region == "" || monitor.Visible(s.Owner.Region, shownRegion) == f.Region) &&
		(f.Institution == "" || s.Site.Institution == f.Institution) && (f.Order == 0 || slices.ContainsFunc(s.Orders, ordered)) &&
		(f.State == "" || slices.ContainsFunc(s.Controls, f.shown))
}

// shown reports a control that is as is asked for.
func (f lockdownFilter) shown(c monitor.ControlStanding) bool {
	return (f.Control == "" || c.Control == f.Control) && (f.State == "" || stateOf(c) == f.State)
}

// again is a control that was shut and is open: somebody opened the door again.
const again = "again"

// stateOf is how a control stands, in a word of the board's.
func stateOf(c monitor.ControlStanding) string {
	if c.State == monitor.DoorOpen && !c.Shut.IsZero() {
		return again
	}
	return string(c.State)
}

// lockdownStates are the words of the board, gravest first.
var lockdownStates = []string{again, "open", "unknown", "waived", "closed"}

// boardRow is a site, or an institution with all its sites together.
type boardRow struct {
	Name, Owner string
	Link        string
	Sites       int
	Score       int
	Cells       []boardCell // by column
}

// boardCell is how a row stands to a control; "" where it is not demanded.
type boardCell struct {
	State, Link string
}

// boardOrder is a directive with how the viewer's sites stand to it.
type boardOrder struct {
	monitor.Directive
	Sites, Complied int
	Late            bool
}

// boardDoor is a control of one site.
type boardDoor struct {
	monitor.ControlStanding
	SiteName string
}

// lockdownBody is the board.
type lockdownBody struct {
	Made     time.Time
	Filter   lockdownFilter
	Columns  []monitor.Control
	Rows     []boardRow
	Orders   []boardOrder
	Waivers  []monitor.Waiver
	Names    map[string]string // of sites and institutions of waivers, by ID
	Reopened []boardDoor
	Counts   map[string]int // controls, by state
	Sites    int
	Complied int // sites with nothing open and nothing unknown
	Score    int
	Regions  []string
	More     string
	Whole    bool // the viewer sees everybody
}

// Bounds of one page of the board.
const (
	boardLength   = 30 // rows
	shownRegion   = 60 // characters
	shownReopened = 20
	shownWaivers  = 50
	boardKept     = time.Minute // for how long a report is good for all who ask, which says of when it is
)

// lockdownNow is the report that every viewer's board is made from.
func (s *Server) lockdownNow(ctx context.Context) (monitor.LockdownReport, error) {
	return s.Monitor.LockdownReport(ctx, 0, 1)
}

// lockdownOf is the report as far as the viewer may know of it.
func (s *Server) lockdownOf(ctx context.Context, v viewer) (monitor.LockdownReport, error) {
	r, err := s.lockdowns.get(ctx)
	if err != nil || v.Role != monitor.InstitutionRole {
		return r, err
	}
	mine, ordered := []monitor.SiteStanding{}, map[int64]bool{}
	for _, site := range r.Sites {
		if v.Institution != "" && v.sees(site.Site) {
			mine = append(mine, site)
			for _, d := range site.Orders {
				ordered[d.ID] = true
			}
		}
	}
	out := monitor.LockdownReport{Made: r.Made, Sites: mine}
	for _, d := range r.Orders {
		if ordered[d.ID] {
			d.Scope.Institutions, d.Scope.Sites = nil, nil // names of others
			out.Orders = append(out.Orders, d)
		}
	}
	for _, w := range r.Waivers {
		of := func(site monitor.SiteStanding) bool { return site.Site.ID == w.Site }
		if w.Institution == v.Institution && w.Institution != "" || w.Site != "" && slices.ContainsFunc(mine, of) {
			out.Waivers = append(out.Waivers, w)
		}
	}
	return out, nil
}

func (s *Server) lockdownPage(w http.ResponseWriter, r *http.Request, v viewer) error {
	report, err := s.lockdownOf(r.Context(), v)
	if err != nil {
		return err
	}
	b := lockdownBody{
		Made: report.Made, Filter: lockdownFilterOf(r.URL.Query()), Waivers: report.Waivers[:min(shownWaivers, len(report.Waivers))],
		Names: map[string]string{}, Counts: map[string]int{}, Whole: v.Role != monitor.InstitutionRole,
	}
	b.Orders = ordersOf(report)
	for _, site := range report.Sites {
		b.Names["site:"+site.Site.ID], b.Names["institution:"+site.Site.Institution] = site.Site.Name, site.Owner.Name
		if region := monitor.Visible(site.Owner.Region, shownRegion); region != "" && !slices.Contains(b.Regions, region) {
			b.Regions = append(b.Regions, region)
		}
	}
	slices.Sort(b.Regions)
	found := slices.DeleteFunc(slices.Clone(report.Sites), func(site monitor.SiteStanding) bool { return !b.Filter.fits(site) })
	b.sum(found)
	b.Columns = columnsOf(found, b.Filter)
	if b.Filter.By == "institution" {
		b.Rows, b.More = cut(institutionRows(found, b.Columns, r.URL.Query()), r.URL.Query())
	} else {
		found, b.More = cut(found, r.URL.Query())
		b.Rows = siteRows(found, b.Columns)
	}
	p := s.page(r, v, "lockdown", "Lockdown")
	p.Body, p.Wide = b, true
	return s.show(w, "lockdown", p)
}

// ordersOf are the orders in force, the most urgent first.
func ordersOf(r monitor.LockdownReport) []boardOrder {
	var out []boardOrder
	for _, d := range r.Orders {
		o := boardOrder{Directive: d, Late: d.Deadline.Before(r.Made)}
		for _, site := range r.Sites {
			if slices.ContainsFunc(site.Orders, func(x monitor.Directive) bool { return x.ID == d.ID }) {
				o.Sites++
				if complied(site, d.Controls) {
					o.Complied++
				}
			}
		}
		out = append(out, o)
	}
	slices.SortStableFunc(out, func(a, b boardOrder) int { return a.Deadline.Compare(b.Deadline) })
	return out
}

// complied reports a site with none of the controls open or unknown; nil for all of them.
func complied(s monitor.SiteStanding, controls []string) bool {
	return !slices.ContainsFunc(s.Controls, func(c monitor.ControlStanding) bool {
		return (controls == nil || slices.Contains(controls, c.Control)) && (c.State == monitor.DoorOpen || c.State == monitor.DoorUnknown)
	})
}

// sum counts what the sites of the board come to.
func (b *lockdownBody) sum(sites []monitor.SiteStanding) {
	b.Sites = len(sites)
	for _, site := range sites {
		b.Score += site.Score
		if complied(site, nil) {
			b.Complied++
		}
		for _, c := range site.Controls {
			state := stateOf(c)
			b.Counts[state]++
			if state == again {
				b.Reopened = append(b.Reopened, boardDoor{c, site.Site.Name})
			}
		}
	}
	b.Score /= max(1, b.Sites)
	slices.SortStableFunc(b.Reopened, func(x, y boardDoor) int { return y.Since.Compare(x.Since) })
	b.Reopened = b.Reopened[:min(shownReopened, len(b.Reopened))]
}

// columnsOf are the controls that something is demanded of, in their order.
func columnsOf(sites []monitor.SiteStanding, f lockdownFilter) []monitor.Control {
	demanded := map[string]bool{}
	for _, site := range sites {
		for _, c := range site.Controls {
			demanded[c.Control] = true
		}
	}
	return slices.DeleteFunc(monitor.Controls(), func(c monitor.Control) bool {
		return !demanded[c.ID] || f.Control != "" && f.Control != c.ID
	})
}

func siteRows(sites []monitor.SiteStanding, columns []monitor.Control) []boardRow {
	var out []boardRow
	for _, site := range sites {
		row := boardRow{Name: site.Site.Name, Owner: site.Owner.Name, Link: "/lockdown/" + site.Site.ID, Sites: 1, Score: site.Score}
		at := map[string]monitor.ControlStanding{}
		for _, c := range site.Controls {
			at[c.Control] = c
		}
		for _, column := range columns {
			var cell boardCell
			if c, ordered := at[column.ID]; ordered {
				cell = boardCell{stateOf(c), row.Link + "#" + column.ID}
			}
			row.Cells = append(row.Cells, cell)
		}
		out = append(out, row)
	}
	return out
}

// institutionRows are the sites of each institution together: the worst of them stands
// for it, and leads to its sites.
func institutionRows(sites []monitor.SiteStanding, columns []monitor.Control, q url.Values) []boardRow {
	byOwner := map[string][]boardRow{}
	var order []string
	for i, row := range siteRows(sites, columns) {
		owner := sites[i].Site.Institution
		if byOwner[owner] == nil {
			order = append(order, owner)
		}
		byOwner[owner] = append(byOwner[owner], row)
	}
	var out []boardRow
	for _, owner := range order {
		link := url.Values{"institution": {owner}}
		for _, name := range []string{"state", "order"} {
			if value := q.Get(name); value != "" {
				link.Set(name, value)
			}
		}
		all := byOwner[owner]
		row := boardRow{Name: all[0].Owner, Link: "/lockdown?" + link.Encode(), Sites: len(all), Cells: make([]boardCell, len(columns))}
		for _, one := range all {
			row.Score += one.Score
			for i, cell := range one.Cells {
				row.Cells[i] = worse(row.Cells[i], cell)
			}
		}
		row.Score /= len(all)
		out = append(out, row)
	}
	slices.SortStableFunc(out, func(a, b boardRow) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func worse(a, b boardCell) boardCell {
	rank := func(c boardCell) int {
		if i := slices.Index(lockdownStates, c.State); i >= 0 {
			return i
		}
		return len(lockdownStates)
	}
	if rank(b) < rank(a) {
		return b
	}
	return a
}

// cut keeps one page of what there is, and tells where the next one is, "" for nowhere.
func cut[T any](all []T, q url.Values) (shown []T, more string) {
	page, err := strconv.Atoi(q.Get("page"))
	if err != nil || page < 1 || page > 10_000 {
		page = 1
	}
	from := min((page-1)*boardLength, len(all))
	if from+boardLength < len(all) {
		q.Set("page", strconv.Itoa(page+1))
		more = "/lockdown?" + q.Encode()
	}
	return all[from:min(from+boardLength, len(all))], more
}

// Legend are the states of the board.
func (b lockdownBody) Legend() []string { return lockdownStates }

// lockdownSite is how one site stands, with all the evidence there is.
type lockdownSite struct {
	S         monitor.SiteStanding
	Doors     []door
	Snapshots []monitor.Snapshot
	Failure   string // why there is no newer copy
}

// door is a control with what was seen of it.
type door struct {
	monitor.ControlStanding
	Title string
	Word  string // how it stands
	Look  bool   // the look is still on record
}

func (s *Server) lockdownSitePage(w http.ResponseWriter, r *http.Request, v viewer) error {
	at, err := s.site(r, v)
	if err != nil {
		return err
	}
	ctx := r.Context()
	var b lockdownSite
	if b.S, err = s.standing(ctx, at.Site); err != nil {
		return err
	}
	titles := map[string]string{}
	for _, c := range monitor.Controls() {
		titles[c.ID] = c.Title
	}
	there := map[string]bool{} // looks that are on record
	for _, c := range b.S.Controls {
		d := door{ControlStanding: c, Title: titles[c.Control], Word: stateOf(c)}
		known, asked := there[c.Capture]
		if !asked && c.Capture != "" {
			_, err := s.Monitor.Store.Capture(ctx, c.Capture)
			if err != nil && !errors.Is(err, monitor.ErrNotFound) {
				return err
			}
			known = err == nil // else retention let it go
			there[c.Capture] = known
		}
		d.Look = known
		b.Doors = append(b.Doors, d)
	}
	slices.SortStableFunc(b.Doors, func(x, y door) int {
		return slices.Index(lockdownStates, x.Word) - slices.Index(lockdownStates, y.Word)
	})
	if b.Snapshots, err = s.Monitor.Store.SiteSnapshots(ctx, at.Site.ID); err != nil {
		return err
	}
	if b.Failure, _, err = s.Monitor.SnapshotFailure(ctx, at.Site.ID); err != nil {
		return err
	}
	p := s.page(r, v, "lockdown", at.Site.Name)
	p.Body = b
	return s.show(w, "lockdownsite", p)
}

// standing is how a site stands as the board has it, or would stand if nothing is ordered.
func (s *Server) standing(ctx context.Context, site monitor.Site) (monitor.SiteStanding, error) {
	report, err := s.lockdowns.get(ctx)
	if err != nil {
		return monitor.SiteStanding{}, err
	}
	of := func(x monitor.SiteStanding) bool { return x.Site.ID == site.ID }
	if i := slices.IndexFunc(report.Sites, of); i >= 0 {
		return report.Sites[i], nil
	}
	all, err := s.Monitor.Compliance(ctx, 0, []string{site.ID})
	if err != nil || len(all) == 0 {
		return monitor.SiteStanding{Site: site}, err
	}
	return all[0], nil
}

// copyRow is the newest copy of a site that can be used, or why there is none.
type copyRow struct {
	Site    monitor.WallSite
	Copy    monitor.Snapshot // zero without one
	Failure string
}

// copiesPage lists the copies from which sites can be shown while their servers are
// cleaned.
func (s *Server) copiesPage(w http.ResponseWriter, r *http.Request, v viewer) error {
	wall, err := s.walls.get(r.Context())
	if err != nil {
		return err
	}
	q := r.URL.Query()
	text, after := strings.ToLower(monitor.Visible(q.Get("q"), 80)), q.Get("after")
	var rows []copyRow
	total, more := 0, ""
	for _, site := range wall.Sites {
		if !v.sees(site.Site) || text != "" && !strings.Contains(strings.ToLower(site.ID+" "+site.Name+" "+site.Owner.Name), text) {
			continue
		}
		total++
		switch {
		case site.ID <= after:
		case len(rows) == boardLength:
			more = rows[len(rows)-1].Site.ID
		default:
			row, err := s.copyOf(r.Context(), site)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
	}
	if more != "" {
		q.Set("after", more)
		more = "/snapshots?" + q.Encode()
	}
	p := s.page(r, v, "lockdown", "Snapshots")
	p.Body = map[string]any{"Rows": rows, "Total": total, "More": more, "Query": monitor.Visible(q.Get("q"), 80)}
	return s.show(w, "snapshots", p)
}

// copyOf finds the newest proved copy of a site, else the newest.
func (s *Server) copyOf(ctx context.Context, site monitor.WallSite) (copyRow, error) {
	row := copyRow{Site: site}
	all, err := s.Monitor.Store.SiteSnapshots(ctx, site.ID)
	if err != nil {
		return row, err
	}
	if i := slices.IndexFunc(all, func(c monitor.Snapshot) bool { return c.State == monitor.Proved }); i >= 0 {
		row.Copy = all[i]
	} else if len(all) > 0 {
		row.Copy = all[0]
	}
	row.Failure, _, err = s.Monitor.SnapshotFailure(ctx, site.ID)
	return row, err
}

// Megabytes are bytes as people say them.
func (p *page) Megabytes(n int64) string {
	return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64)
}
