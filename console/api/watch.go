package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"pasban/console/desk"
	"pasban/monitor"
	"pasban/monitor/statistics"
)

// wall is the whole watch at a glance.
type wall struct {
	Share     float64              `json:"share" doc:"The part of pages that were seen in time, 0 to 1."`
	Sites     int                  `json:"sites"`
	Marks     map[monitor.Mark]int `json:"marks" doc:"How many sites are how: good, changed, incident, stale, paused."`
	Waiting   int                  `json:"waiting" doc:"What waits for a decision; 0 for an institution, whose business it is not."`
	Incidents []Incident           `json:"incidents" doc:"Open ones, those that are open longest first; at most 200."`
}

// decision is an entry of the record.
type decision struct {
	ID     int64              `json:"id"`
	At     time.Time          `json:"at"`
	Actor  string             `json:"actor" doc:"user: and an account, operator: and who owns the machine, policy: and a rule of ours."`
	Action string             `json:"action"`
	Object string             `json:"object"`
	Reason string             `json:"reason,omitempty"`
	Token  *monitor.TokenMark `json:"token,omitempty" doc:"The token it was taken with."`
}

func decisionOf(d monitor.Decision) decision {
	return decision{ID: d.ID, At: d.At, Actor: name(d.Actor), Action: d.Action, Object: name(d.Object), Reason: text(d.Reason, 4000), Token: d.ByToken()}
}

// health is how the watch itself is.
type health struct {
	Share    float64    `json:"share" doc:"The part of pages that were seen in time, 0 to 1."`
	Silent   bool       `json:"silent" doc:"It was not measured for so long that nobody seems to watch."`
	Ailment  string     `json:"ailment,omitempty" doc:"Why no look succeeds at the moment."`
	Measured time.Time  `json:"measured,omitzero"`
	Checks   []check    `json:"checks" doc:"What is ill first."`
	Queues   []jobs     `json:"queues"`
	Blind    []blind    `json:"blind" doc:"Pages that were not seen well in time, those out of sight longest first."`
	More     int        `json:"blind_left_out,omitempty"`
	Counts   counts     `json:"counts"`
	Removed  statusDone `json:"removed" doc:"What retention has removed."`
}

type check struct {
	Name   string    `json:"name"`
	State  string    `json:"state" enum:"well,ill,not measured"`
	Since  time.Time `json:"since,omitzero"`
	Text   string    `json:"text"`
	Value  float64   `json:"value"`
	Advice []string  `json:"advice,omitempty"`
}

type jobs struct {
	Name    string `json:"name" enum:"look,judge,deliver"`
	Waiting int    `json:"waiting"`
	OldestS int64  `json:"oldest_s" doc:"For how long the oldest has waited, in seconds."`
}

type blind struct {
	Site     string    `json:"site"`
	Page     string    `json:"page"`
	URL      string    `json:"url"`
	LastGood time.Time `json:"last_good,omitzero"`
	Attempt  time.Time `json:"last_attempt,omitzero"`
	Reason   string    `json:"reason"`
	PromiseS int64     `json:"promise_s" doc:"How old a good look may be, in seconds."`
}

type counts struct {
	Sites       int `json:"sites"`
	Pages       int `json:"pages"`
	Paused      int `json:"paused"`
	Fresh       int `json:"fresh"`
	Baselines   int `json:"baselines"`
	Provisional int `json:"provisional"`
	Incidents   int `json:"incidents"`
	Questions   int `json:"questions"`
	Undelivered int `json:"undelivered"`
}

type statusDone = monitor.Removed

// figures are the statistics of a period.
type figures struct {
	Quarter  string      `json:"quarter,omitempty"`
	From     string      `json:"from" format:"date"`
	To       string      `json:"to" format:"date"`
	Open     bool        `json:"open" doc:"The period is not over."`
	Own      bool        `json:"own" doc:"They are of one institution's sites."`
	Total    int         `json:"total"`
	Before   int         `json:"before" doc:"In the period before."`
	YearAgo  int         `json:"year_ago"`
	Imported int         `json:"imported" doc:"Of the total, from the CERT's own records."`
	Kinds    []figure    `json:"kinds"`
	Tiers    []figure    `json:"tiers"`
	Regions  []figure    `json:"regions"`
	Owners   []figure    `json:"institutions"`
	Days     []dayFigure `json:"days"`
	Quarters []dayFigure `json:"quarters" doc:"The last nine."`
	Delays   []delay     `json:"delays" doc:"How long it took to detect, notify, acknowledge and recover."`
	Alarms   int         `json:"alarms"`
	False    int         `json:"false_alarms"`
	Flaky    []flaky     `json:"flaky" doc:"The sites with most false alarms and times out of sight."`
}

type figure struct {
	Name    string `json:"name"`
	Count   int    `json:"count"`
	Before  int    `json:"before"`
	YearAgo int    `json:"year_ago"`
}

type dayFigure struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

type delay struct {
	Step    string `json:"step" enum:"detect,notify,acknowledge,recover"`
	Count   int    `json:"count"`
	MedianS int64  `json:"median_s"`
	NinthS  int64  `json:"ninth_decile_s"`
}

type flaky struct {
	Site        string `json:"site"`
	Name        string `json:"name"`
	FalseAlarms int    `json:"false_alarms"`
	OutOfSight  int    `json:"out_of_sight"`
	Attacks     int    `json:"attacks"`
}

func (a *API) addWatch() {
	add(a, operation{method: http.MethodGet, path: "/wall", tag: "Watch", id: "getWall", summary: "The watch at a glance", least: monitor.InstitutionRole, text: "An institution sees its own sites."}, a.getWall)
	add(a, operation{method: http.MethodGet, path: "/statistics", tag: "Watch", id: "getStatistics", summary: "Incidents in numbers", least: monitor.InstitutionRole, text: "Of a quarter, or of some days up to a year. Default the quarter that is on."}, a.getStatistics)
	add(a, operation{method: http.MethodGet, path: "/health", tag: "Watch", id: "getHealth", summary: "How the watch itself is", least: monitor.Analyst}, a.getHealth)
	add(a, operation{method: http.MethodGet, path: "/audit", tag: "Watch", id: "listAudit", summary: "The record of decisions", least: monitor.Lead, text: "Newest first. The record is a chain; `pasban audit verify` checks it."}, a.listAudit)
}

func (a *API) getWall(ctx context.Context, w desk.Who, _ *nothing) (wall, error) {
	b, err := a.desk.Board(ctx, w)
	return wall{b.Share, b.Sites, b.Marks, b.Waiting, each(b.Incidents[:min(200, len(b.Incidents))], incidentOf)}, err
}

// before is the number of the last entry of the page before, 0 for the first page.
func before(p Paging) (int64, error) {
	if p.Cursor == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(p.Cursor, 10, 64)
	if err != nil || n < 1 {
		return 0, huma.Error422UnprocessableEntity("this is no cursor of this list")
	}
	return n, nil
}

func (a *API) listAudit(ctx context.Context, _ desk.Who, in *struct {
	Paging
	Actor string `query:"actor" maxLength:"80" example:"user:amina"`
},
) (out pageOf[decision], err error) {
	from, err := before(in.Paging)
	if err != nil {
		return out, err
	}
	all, err := a.desk.Monitor.Store.RecentDecisions(ctx, in.Actor, from, in.Limit+1)
	if err != nil {
		return out, err
	}
	all, out.Next, err = turn(all, Paging{Limit: in.Limit}, func(d monitor.Decision) string { return strconv.FormatInt(d.ID, 10) })
	out.Items = each(all, decisionOf)
	return out, err
}

func (a *API) getHealth(ctx context.Context, _ desk.Who, _ *nothing) (health, error) {
	h, err := a.desk.Health(ctx)
	if err != nil {
		return health{}, err
	}
	s := h.Status
	return health{
		Share: h.Share, Silent: h.Silent, Ailment: why(h.Ailment), Measured: h.Newest, More: h.More, Removed: s.Removed,
		Counts: counts{s.Sites, s.Targets, s.Paused, s.Fresh, s.Baselines, s.Provisional, s.Incidents, s.Questions, s.Undelivered},
		Checks: each(h.Checks, func(c desk.HealthCheck) check {
			return check{c.Name, c.Word(), c.Since, why(c.Text), c.Value, c.Advice}
		}),
		Queues: each(h.Queues, func(q desk.HealthQueue) jobs { return jobs{q.Name, q.Waiting, int64(q.Oldest / time.Second)} }),
		Blind: each(h.Blind, func(b desk.BlindSpot) blind {
			return blind{b.Site, b.Target, address(b.URL), b.LastGood, b.Attempt, why(b.Reason), b.Promise}
		}),
	}, nil
}

func (a *API) getStatistics(ctx context.Context, w desk.Who, in *struct {
	Quarter string `query:"quarter" pattern:"^[0-9]{4}Q[1-4]$" example:"2026Q1"`
	From    string `query:"from" format:"date" example:"2026-01-01"`
	To      string `query:"to" format:"date" example:"2026-02-15"`
},
) (out figures, err error) {
	p, err := desk.ParsePeriod(in.Quarter, in.From, in.To, a.desk.Clock())
	if err != nil {
		return out, err
	}
	s, err := a.desk.Statistics(ctx, w, p)
	if err != nil {
		return out, err
	}
	rows := func(r statistics.Row) figure { return figure{name(r.Name), r.Count, r.Before, r.YearAgo} }
	seconds := func(d time.Duration) int64 { return int64(d / time.Second) }
	return figures{
		Quarter: p.Quarter, From: p.From, To: p.To, Open: s.Open, Own: s.Own, Total: s.Counts.Total, Before: s.Counts.Before, YearAgo: s.Counts.YearAgo, Imported: s.Counts.Imported,
		Kinds: each(s.Counts.Kinds, rows), Tiers: each(s.Counts.Tiers, rows), Regions: each(s.Counts.Regions, rows), Owners: each(s.Counts.Institutions, rows),
		Days:     each(s.Counts.Days, func(d statistics.Day) dayFigure { return dayFigure{d.Day.Format(time.DateOnly), d.Count} }),
		Quarters: each(s.Report.Quarters, func(q statistics.Period) dayFigure { return dayFigure{q.Quarter.String(), q.Total} }),
		Delays:   each(s.Delays, func(d statistics.Delay) delay { return delay{d.Name, d.Count, seconds(d.Median), seconds(d.Slow)} }),
		Alarms:   s.Alarms.All, False: s.Alarms.False,
		Flaky: each(s.Flaky, func(f statistics.Flaky) flaky { return flaky{f.Site, name(f.Name), f.FalseAlarms, f.Unseen, f.Attacks} }),
	}, nil
}
