package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"pasban/console/desk"
	"pasban/monitor"
)

// Order says which sites are to be read-only, and until when.
type Order struct {
	ID        int64       `json:"id" doc:"0 for what the watchlist orders of a site by itself."`
	Scope     orderScope  `json:"scope"`
	Controls  []string    `json:"controls"`
	Deadline  time.Time   `json:"deadline,omitzero"`
	Authority string      `json:"authority"`
	TextEN    string      `json:"text_en,omitempty"`
	TextUR    string      `json:"text_ur,omitempty"`
	Issued    time.Time   `json:"issued,omitzero"`
	By        string      `json:"by,omitempty"`
	Lifted    time.Time   `json:"lifted,omitzero"`
	LiftedBy  string      `json:"lifted_by,omitempty"`
	Standing  *compliance `json:"compliance,omitempty" doc:"Of an order in force."`
}

// orderScope is which sites an order is about: all, or those that fit at least one of
// what is named.
type orderScope struct {
	All          bool           `json:"all,omitempty"`
	Tiers        []monitor.Tier `json:"tiers,omitempty" maxItems:"5"`
	Regions      []string       `json:"regions,omitempty" maxItems:"100"`
	Institutions []string       `json:"institutions,omitempty" maxItems:"2000" doc:"IDs"`
	Sites        []string       `json:"sites,omitempty" maxItems:"2000" doc:"IDs"`
}

// compliance is who complied with an order.
type compliance struct {
	Sites    int  `json:"sites"`
	Complied int  `json:"complied" doc:"Sites with nothing open and nothing unknown."`
	Late     bool `json:"late" doc:"The deadline has passed."`
}

func orderOf(w desk.Who, d monitor.Directive) Order {
	o := Order{
		ID: d.ID, Scope: orderScope(d.Scope), Controls: d.Controls, Deadline: d.Deadline, Authority: why(d.Authority), TextEN: text(d.TextEN, 4000), TextUR: text(d.TextUR, 4000),
		Issued: d.Issued, Lifted: d.Lifted,
	}
	if !w.Outside() {
		o.By, o.LiftedBy = name(d.By), name(d.LiftedBy)
	}
	return o
}

func standingOrderOf(w desk.Who, s desk.OrderStanding) Order {
	o := orderOf(w, s.Directive)
	o.Standing = &compliance{s.Sites, s.Complied, s.Late}
	return o
}

// standing is how a site stands to what is ordered of it.
type standing struct {
	Site        string      `json:"site"`
	Name        string      `json:"name"`
	Institution institution `json:"institution"`
	Orders      []int64     `json:"orders" doc:"Numbers of the orders about it; 0 stands for its watchlist."`
	Deadline    time.Time   `json:"deadline,omitzero" doc:"The earliest."`
	State       string      `json:"state" doc:"The worst of its controls: closed, waived, unknown or open."`
	Score       int         `json:"score" doc:"0 to 100"`
	Checked     time.Time   `json:"checked,omitzero" doc:"When its home page was looked at last."`
	Asked       time.Time   `json:"asked,omitzero" doc:"When its server was asked last."`
	Active      bool        `json:"active" doc:"The watchlist authorises that its server is asked."`
	Controls    []control   `json:"controls"`
}

// control is how a site stands to one control.
type control struct {
	Control  string    `json:"control"`
	State    string    `json:"state" doc:"closed, open, unknown or waived"`
	Reopened bool      `json:"reopened" doc:"It was closed under this order, and is open."`
	Why      string    `json:"why,omitempty"`
	Evidence []string  `json:"evidence,omitempty"`
	Page     string    `json:"page" doc:"The page that stands worst."`
	Beyond   string    `json:"beyond,omitempty" doc:"The address of a page that nobody watches, to which the navigation of that page leads: it stands worst."`
	Region   *Box      `json:"region,omitempty"`
	Since    time.Time `json:"since,omitzero"`
	Look     string    `json:"look,omitempty" doc:"The look that showed it."`
	Waiver   int64     `json:"waiver,omitempty"`
}

func controlOf(c monitor.ControlStanding) control {
	out := control{
		Control: c.Control, State: string(c.State), Reopened: desk.StateOf(c) == desk.Again, Why: why(c.Why), Evidence: each(c.Evidence, why), Page: c.On(), Beyond: address(c.Page()),
		Since: c.Since, Look: c.Capture, Waiver: c.Waiver.ID,
	}
	if c.Box != nil {
		out.Region = &Box{c.Box.X, c.Box.Y, c.Box.W, c.Box.H}
	}
	return out
}

func standingOf(s monitor.SiteStanding) standing {
	return standing{
		Site: s.Site.ID, Name: name(s.Site.Name), Institution: institutionOf(s.Site.Institution, s.Owner), Orders: each(s.Orders, func(d monitor.Directive) int64 { return d.ID }),
		Deadline: s.Deadline, State: string(s.State()), Score: s.Score, Checked: s.Checked, Asked: s.Asked, Active: s.Active, Controls: each(s.Controls, controlOf),
	}
}

// waiver leaves controls of some sites open until a day, for a reason.
type waiver struct {
	ID          int64     `json:"id"`
	Site        string    `json:"site,omitempty"`
	Institution string    `json:"institution,omitempty"`
	Controls    []string  `json:"controls"`
	Reason      string    `json:"reason"`
	Approver    string    `json:"approver"`
	Issued      time.Time `json:"issued"`
	Expires     time.Time `json:"expires"`
	Ended       time.Time `json:"ended,omitzero"`
	By          string    `json:"by,omitempty"`
}

func waiverOf(w desk.Who, x monitor.Waiver) waiver {
	out := waiver{ID: x.ID, Site: x.Site, Institution: x.Institution, Controls: x.Controls, Reason: why(x.Reason), Approver: name(x.Approver), Issued: x.Issued, Expires: x.Expires, Ended: x.Ended}
	if !w.Outside() {
		out.By = name(x.By)
	}
	return out
}

// ordered is an order with the sites that it is about.
type ordered struct {
	Order
	Sites   []string `json:"sites" doc:"IDs"`
	Passive int      `json:"passive" doc:"How many of them are judged by what their pages show only: their watchlist does not say active."`
}

type newOrder struct {
	Body struct {
		Because
		Scope     orderScope `json:"scope"`
		Controls  []string   `json:"controls,omitempty" maxItems:"60" doc:"Controls, or the groups all, doors, server, headers. Default all. listControls tells them."`
		Deadline  time.Time  `json:"deadline"`
		Authority string     `json:"authority" minLength:"1" maxLength:"300" doc:"Who orders it, and by what."`
		TextEN    string     `json:"text_en,omitempty" maxLength:"4000" doc:"What the institutions are told, in English. Default our own words."`
		TextUR    string     `json:"text_ur,omitempty" maxLength:"4000"`
	}
}

type newWaiver struct {
	Body struct {
		Site        string    `json:"site,omitempty" maxLength:"200"`
		Institution string    `json:"institution,omitempty" maxLength:"120" doc:"All of its sites, instead of one."`
		Controls    []string  `json:"controls" minItems:"1" maxItems:"60"`
		Reason      string    `json:"reason" minLength:"1" maxLength:"500"`
		Approver    string    `json:"approver" minLength:"1" maxLength:"500" doc:"Who answers for it."`
		Expires     time.Time `json:"expires" doc:"90 days from now at most."`
	}
}

// controlKind is one thing that a site in lockdown must have closed.
type controlKind struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Severity string `json:"severity"`
}

type standingQuery struct {
	Paging
	Text        string `query:"q" maxLength:"80"`
	State       string `query:"state" enum:"again,open,unknown,waived,closed" doc:"Sites with a control that is so; again is open that was closed."`
	Control     string `query:"control" maxLength:"40"`
	Tier        string `query:"tier" enum:"federal,banking,provincial,territory,private"`
	Region      string `query:"region" maxLength:"80"`
	Institution string `query:"institution" maxLength:"120"`
	Order       int64  `query:"order" minimum:"1" doc:"The number of an order."`
}

func (a *API) addLockdown() {
	get := func(path, id, summary, text string, least monitor.Role) operation {
		return operation{method: http.MethodGet, path: path, tag: "Lockdown", id: id, summary: summary, text: text, least: least}
	}
	post := func(path, id, summary, text string, status int) operation {
		return operation{method: http.MethodPost, path: path, tag: "Lockdown", id: id, summary: summary, text: text, least: monitor.Administrator, status: status}
	}
	add(a, get("/lockdown/controls", "listControls", "What an order can demand", "The gravest doors first.", monitor.InstitutionRole), a.listControls)
	add(a, get("/lockdown/orders", "listOrders", "Orders in force", "The most urgent first. An institution sees those about its own sites.", monitor.InstitutionRole), a.listOrders)
	add(a, get("/lockdown/orders/{id}", "getOrder", "An order with its sites", "", monitor.Viewer), a.getOrder)
	add(a, get("/lockdown/sites", "listStandings", "Who complied", "By site. An institution sees its own. As of a minute ago at most.", monitor.InstitutionRole), a.listStandings)
	add(a, get("/lockdown/sites/{site}", "getStanding", "How a site stands to each control, with evidence", "Of a site that nothing is ordered of, how it would stand.", monitor.InstitutionRole), a.getStanding)
	add(a, get("/lockdown/waivers", "listWaivers", "Who explained", "Waivers that hold, newest first.", monitor.InstitutionRole), a.listWaivers)
	add(a, post("/lockdown/orders", "orderLockdown", "Order sites to be read-only", "The institutions are told. Each look at their pages is held against the controls from now on.", http.StatusCreated), a.orderLockdown)
	add(a, post("/lockdown/orders/{id}/lift", "liftLockdown", "End an order", "The institutions are told.", 0), a.liftLockdown)
	add(a, post("/lockdown/waivers", "waive", "Leave controls open for a while", "For a site, or for all sites of an institution.", http.StatusCreated), a.waive)
	add(a, post("/lockdown/waivers/{id}/end", "endWaiver", "Withdraw a waiver", "", 0), a.endWaiver)
}

func (a *API) listControls(_ context.Context, _ desk.Who, _ *nothing) (pageOf[controlKind], error) {
	return pageOf[controlKind]{Items: each(monitor.Controls(), func(c monitor.Control) controlKind {
		return controlKind{c.ID, c.Title, string(c.Severity)}
	})}, nil
}

func (a *API) listOrders(ctx context.Context, w desk.Who, in *Paging) (out pageOf[Order], err error) {
	r, err := a.desk.Lockdown(ctx, w)
	if err != nil {
		return out, err
	}
	all, next, err := turn(desk.OrdersOf(r), *in, func(s desk.OrderStanding) string { return strconv.FormatInt(s.ID, 10) })
	return pageOf[Order]{each(all, func(s desk.OrderStanding) Order { return standingOrderOf(w, s) }), next}, err
}

func (a *API) getOrder(ctx context.Context, w desk.Who, in *struct {
	ID int64 `path:"id" minimum:"1"`
},
) (out ordered, err error) {
	d, err := a.desk.Monitor.Store.Directive(ctx, in.ID)
	if err != nil {
		return out, err
	}
	r, err := a.desk.Lockdown(ctx, w)
	if err != nil {
		return out, err
	}
	out.Order = orderOf(w, d)
	all := desk.OrdersOf(r)
	if i := slices.IndexFunc(all, func(s desk.OrderStanding) bool { return s.ID == d.ID }); i >= 0 {
		out.Order = standingOrderOf(w, all[i])
	}
	out.Sites, err = a.desk.Monitor.Store.DirectiveSites(ctx, d.ID)
	for _, s := range r.Sites {
		if !s.Active && slices.Contains(out.Sites, s.Site.ID) {
			out.Passive++
		}
	}
	return out, err
}

func (a *API) listStandings(ctx context.Context, w desk.Who, q *standingQuery) (out pageOf[standing], err error) {
	r, err := a.desk.Lockdown(ctx, w)
	if err != nil {
		return out, err
	}
	f := desk.DoorFilter{Text: q.Text, State: q.State, Control: q.Control, Tier: q.Tier, Region: q.Region, Institution: q.Institution, Order: q.Order}
	found := slices.DeleteFunc(slices.Clone(r.Sites), func(s monitor.SiteStanding) bool { return !f.Fits(s) })
	found, out.Next, err = turn(found, q.Paging, func(s monitor.SiteStanding) string { return s.Site.ID })
	out.Items = each(found, standingOf)
	return out, err
}

func (a *API) getStanding(ctx context.Context, w desk.Who, in *OneSite) (out standing, err error) {
	s, _, err := a.desk.Site(ctx, w, in.Site)
	if err != nil {
		return out, err
	}
	at, err := a.desk.Standing(ctx, s)
	return standingOf(at), err
}

func (a *API) listWaivers(ctx context.Context, w desk.Who, in *Paging) (out pageOf[waiver], err error) {
	r, err := a.desk.Lockdown(ctx, w)
	if err != nil {
		return out, err
	}
	all, next, err := turn(r.Waivers, *in, func(x monitor.Waiver) string { return strconv.FormatInt(x.ID, 10) })
	return pageOf[waiver]{each(all, func(x monitor.Waiver) waiver { return waiverOf(w, x) }), next}, err
}

func (a *API) orderLockdown(ctx context.Context, w desk.Who, in *newOrder) (out ordered, err error) {
	b := in.Body
	if b.Reason == "" {
		b.Reason = b.Authority
	}
	d, sites, err := a.desk.OrderLockdown(ctx, w, b.Reason, monitor.Directive{
		Scope: monitor.Scope(b.Scope), Controls: b.Controls, Deadline: b.Deadline, Authority: b.Authority, TextEN: b.TextEN, TextUR: b.TextUR,
	})
	out.Order, out.Sites = orderOf(w, d), each(sites, func(s monitor.Site) string { return s.ID })
	for _, s := range sites {
		if !s.Policy().Active {
			out.Passive++
		}
	}
	return out, err
}

func (a *API) liftLockdown(ctx context.Context, w desk.Who, in *numbered) (Order, error) {
	d, err := a.desk.LiftLockdown(ctx, w, in.Body.Reason, in.ID)
	return orderOf(w, d), err
}

func (a *API) waive(ctx context.Context, w desk.Who, in *newWaiver) (waiver, error) {
	b := in.Body
	x, err := a.desk.Waive(ctx, w, b.Reason, monitor.Waiver{Site: b.Site, Institution: b.Institution, Controls: b.Controls, Approver: b.Approver, Expires: b.Expires})
	return waiverOf(w, x), err
}

func (a *API) endWaiver(ctx context.Context, w desk.Who, in *numbered) (waiver, error) {
	x, err := a.desk.EndWaiver(ctx, w, in.Body.Reason, in.ID)
	return waiverOf(w, x), err
}
