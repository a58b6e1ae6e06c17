package console

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"pasban/console/desk"
	"pasban/monitor"
)

// lockdownFilterOf is what of the board is asked for, as the address says it.
func lockdownFilterOf(q url.Values) desk.DoorFilter {
	f := desk.DoorFilter{
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

// boardDoor is a control of one site.
type boardDoor struct {
	monitor.ControlStanding
	SiteName string
}

// lockdownBody is the board.
type lockdownBody struct {
	Made     time.Time
	Filter   desk.DoorFilter
	Columns  []monitor.Control
	Rows     []boardRow
	Orders   []desk.OrderStanding
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
	shownReopened = 20
	shownWaivers  = 50
)

func (s *Server) lockdownPage(w http.ResponseWriter, r *http.Request, v viewer) error {
	report, err := s.desk.Lockdown(r.Context(), v.Who)
	if err != nil {
		return err
	}
	b := lockdownBody{
		Made: report.Made, Filter: lockdownFilterOf(r.URL.Query()), Waivers: report.Waivers[:min(shownWaivers, len(report.Waivers))],
		Names: map[string]string{}, Counts: map[string]int{}, Whole: v.Role != monitor.InstitutionRole,
	}
	b.Orders = desk.OrdersOf(report)
	for _, site := range report.Sites {
		b.Names["site:"+site.Site.ID], b.Names["institution:"+site.Site.Institution] = site.Site.Name, site.Owner.Name
		if region := monitor.Visible(site.Owner.Region, desk.ShownRegion); region != "" && !slices.Contains(b.Regions, region) {
			b.Regions = append(b.Regions, region)
		}
	}
	slices.Sort(b.Regions)
	found := slices.DeleteFunc(slices.Clone(report.Sites), func(site monitor.SiteStanding) bool { return !b.Filter.Fits(site) })
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

// sum counts what the sites of the board come to.
func (b *lockdownBody) sum(sites []monitor.SiteStanding) {
	b.Sites = len(sites)
	for _, site := range sites {
		b.Score += site.Score
		if desk.Complied(site, nil) {
			b.Complied++
		}
		for _, c := range site.Controls {
			state := desk.StateOf(c)
			b.Counts[state]++
			if state == desk.Again {
				b.Reopened = append(b.Reopened, boardDoor{c, site.Site.Name})
			}
		}
	}
	b.Score /= max(1, b.Sites)
	slices.SortStableFunc(b.Reopened, func(x, y boardDoor) int { return y.Since.Compare(x.Since) })
	b.Reopened = b.Reopened[:min(shownReopened, len(b.Reopened))]
}

// columnsOf are the controls that something is demanded of, in their order.
func columnsOf(sites []monitor.SiteStanding, f desk.DoorFilter) []monitor.Control {
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
				cell = boardCell{desk.StateOf(c), row.Link + "#" + column.ID}
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
		if i := slices.Index(desk.DoorStates, c.State); i >= 0 {
			return i
		}
		return len(desk.DoorStates)
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
func (b lockdownBody) Legend() []string { return desk.DoorStates }

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
	ctx := r.Context()
	site, _, err := s.desk.Site(ctx, v.Who, r.PathValue("id"))
	if err != nil {
		return err
	}
	var b lockdownSite
	if b.S, err = s.desk.Standing(ctx, site); err != nil {
		return err
	}
	titles := map[string]string{}
	for _, c := range monitor.Controls() {
		titles[c.ID] = c.Title
	}
	there := map[string]bool{} // looks that are on record
	for _, c := range b.S.Controls {
		d := door{ControlStanding: c, Title: titles[c.Control], Word: desk.StateOf(c)}
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
		return slices.Index(desk.DoorStates, x.Word) - slices.Index(desk.DoorStates, y.Word)
	})
	if b.Snapshots, err = s.Monitor.Store.SiteSnapshots(ctx, site.ID); err != nil {
		return err
	}
	if b.Failure, _, err = s.Monitor.SnapshotFailure(ctx, site.ID); err != nil {
		return err
	}
	p := s.page(r, v, "lockdown", site.Name)
	p.Body = b
	return s.show(w, "lockdownsite", p)
}

// copiesPage lists the copies from which sites can be shown while their servers are
// cleaned.
func (s *Server) copiesPage(w http.ResponseWriter, r *http.Request, v viewer) error {
	q := r.URL.Query()
	text, after := monitor.Visible(q.Get("q"), 80), q.Get("after")
	sites, err := s.desk.Sites(r.Context(), v.Who, desk.SiteFilter{Text: text})
	if err != nil {
		return err
	}
	shown, more := pageOf(sites, after, boardLength)
	var rows []desk.CopyRow
	for _, site := range shown {
		row, err := s.desk.CopyOf(r.Context(), site)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	if more != "" {
		q.Set("after", more)
		more = "/snapshots?" + q.Encode()
	}
	p := s.page(r, v, "lockdown", "Snapshots")
	p.Body = map[string]any{"Rows": rows, "Total": len(sites), "More": more, "Query": text}
	return s.show(w, "snapshots", p)
}

// Megabytes are bytes as people say them.
func (p *page) Megabytes(n int64) string {
	return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64)
}
