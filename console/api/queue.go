package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"pasban/console/desk"
	"pasban/monitor"
)

// waiting is something that waits for a decision.
type waiting struct {
	Key      string    `json:"key" doc:"i and a number for an incident that nobody has taken up, q and a number for a question."`
	Site     string    `json:"site"`
	Name     string    `json:"name"`
	Page     string    `json:"page"`
	Look     string    `json:"look"`
	Kind     string    `json:"kind"`
	Severity string    `json:"severity"`
	Score    float64   `json:"score"`
	Why      string    `json:"why"`
	Since    time.Time `json:"since"`
	Until    time.Time `json:"until,omitzero" doc:"It was put off until then."`
	Campaign string    `json:"campaign,omitempty"`
	Priority float64   `json:"priority" doc:"Higher comes first."`
	Alike    []string  `json:"alike" doc:"Keys of what one decision settles along with it."`
}

func waitingOf(l desk.Line) waiting {
	return waiting{
		Key: l.Key, Site: l.Site.ID, Name: name(l.Site.Name), Page: l.Target, Look: l.Capture, Kind: l.Kind, Severity: l.Severity, Score: l.Score, Why: why(l.Why),
		Since: l.Since, Until: l.Until, Campaign: l.Campaign, Priority: l.Priority, Alike: each(l.Like, func(w monitor.Waiting) string { return w.Key }),
	}
}

// review is something that waits, or any look, with what is seen beside the approved look.
type review struct {
	Key           string       `json:"key"`
	What          string       `json:"what" enum:"incident,question,look"`
	Waiting       bool         `json:"waiting" doc:"It waits for a decision."`
	Site          string       `json:"site"`
	Name          string       `json:"name"`
	Institution   institution  `json:"institution"`
	Page          string       `json:"page"`
	Look          *look        `json:"look,omitempty" doc:"Absent if it is on record no more."`
	Findings      []Finding    `json:"findings"`
	Cut           int          `json:"findings_left_out,omitempty"`
	Baseline      int          `json:"baseline,omitempty" doc:"The version it is compared with."`
	Approved      bool         `json:"approved" doc:"Somebody approved that version: it is not merely what was seen first."`
	TitleBefore   string       `json:"title_before,omitempty"`
	BeforeURL     string       `json:"before_url,omitempty" doc:"The approved picture. Holds for some minutes, as the other two."`
	AfterURL      string       `json:"after_url,omitempty"`
	DifferenceURL string       `json:"difference_url,omitempty"`
	Text          []textChange `json:"text"`
	Scripts       []script     `json:"scripts"`
	Destinations  []string     `json:"destinations" doc:"Hosts that the page talks to, and did not before."`
	Forms         []form       `json:"forms"`
	Links         []link       `json:"links" doc:"To hosts to which no link led before."`
	Headers       []header     `json:"headers"`
	Certificate   []header     `json:"certificate"`
	Missing       string       `json:"missing,omitempty" doc:"Which evidence could not be read."`
}

type textChange struct {
	Change string `json:"change" enum:"new,gone,same"`
	Text   string `json:"text"`
	Hidden bool   `json:"hidden,omitempty" doc:"It stands in the page and cannot be seen."`
}

type script struct {
	Change    string `json:"change" enum:"new,gone,changed"`
	Kind      string `json:"kind"`
	Host      string `json:"host,omitempty"`
	URL       string `json:"url,omitempty"`
	Bytes     int    `json:"bytes"`
	SHA256    string `json:"sha256"`
	NewHost   bool   `json:"new_host" doc:"Nothing came from its host before."`
	SourceURL string `json:"source_url,omitempty" doc:"Its source as plain text. Holds for some minutes."`
}

type form struct {
	Gone   bool     `json:"gone"`
	Method string   `json:"method"`
	Action string   `json:"action"`
	Fields []string `json:"fields"`
	Hidden bool     `json:"hidden"`
}

type link struct {
	URL    string `json:"url"`
	Text   string `json:"text"`
	Hidden bool   `json:"hidden"`
}

type header struct {
	Name   string `json:"name"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

type queueQuery struct {
	Paging
	Kind     string `query:"kind" enum:"defacement,injection,leak,lockdown,availability"`
	Severity string `query:"severity" enum:"low,medium,high,critical"`
	Tier     string `query:"tier" enum:"federal,banking,provincial,territory,private"`
	Region   string `query:"region" maxLength:"80"`
	Text     string `query:"q" maxLength:"80" doc:"What its site, owner or reason contains."`
	Later    bool   `query:"later" doc:"What was put off, instead."`
}

func (q queueQuery) filter() desk.Filter {
	return desk.Filter{Kind: q.Kind, Severity: q.Severity, Tier: q.Tier, Region: q.Region, Text: q.Text, Later: q.Later}
}

// choice is a decision about things of the queue.
type choice struct {
	Because
	Keys    []string `json:"keys" minItems:"1" maxItems:"10" uniqueItems:"true" doc:"What it is about: keys of the queue."`
	Verb    string   `json:"verb" enum:"accept,confirm,false_alarm,ignore,snooze" doc:"accept: the look is the approved one from now on. confirm: it is an attack. false_alarm: it is none, and the approved look stays. ignore: a region of the picture is not compared any more. snooze: decide later."`
	Force   bool     `json:"force,omitempty" doc:"Accept a look against the evidence. Takes the role lead, and a reason."`
	Region  *Box     `json:"region,omitempty" doc:"Of ignore, and needed there."`
	Minutes int      `json:"minutes,omitempty" minimum:"1" maximum:"10080" doc:"Of snooze. Default 60."`
}

// outcome is what became of a decision about one thing.
type outcome struct {
	Key     string  `json:"key"`
	Undo    []int64 `json:"undo,omitempty" doc:"Decisions that undoDecisions takes back, within a day."`
	Problem string  `json:"problem,omitempty" doc:"Why it was not decided."`
}

type outcomes struct {
	Outcomes []outcome `json:"outcomes" doc:"In the order of the keys."`
}

func (a *API) addQueue() {
	add(a, operation{method: http.MethodGet, path: "/queue", tag: "Queue", id: "listQueue", summary: "What waits for a decision", least: monitor.Viewer,
		text: "The most urgent first. What is alike stands once, where the most urgent of it stands."}, a.listQueue)
	add(a, operation{method: http.MethodGet, path: "/reviews/{key}", tag: "Queue", id: "getReview", summary: "Something that waits, or any look, beside the approved look", least: monitor.InstitutionRole,
		text: "A key of the queue, or c and the ID of a look."}, a.getReview)
	add(a, operation{method: http.MethodPost, path: "/decisions", tag: "Queue", id: "decide", summary: "Decide about what waits", least: monitor.Analyst,
		text: "About at most ten sites at once. Of several, those that can be decided are, and each outcome is told; a decision about one that is refused is answered as a problem."}, a.decide)
	add(a, operation{method: http.MethodPost, path: "/decisions/undo", tag: "Queue", id: "undoDecisions", summary: "Take decisions back", least: monitor.Analyst,
		text: "The last one first, within a day. What somebody else decided is taken back by a lead. The record keeps both."}, a.undo)
}

func (a *API) listQueue(ctx context.Context, _ desk.Who, q *queueQuery) (out pageOf[waiting], err error) {
	all, err := a.desk.Queue(ctx, q.filter())
	if err != nil {
		return out, err
	}
	all, out.Next, err = turn(all, q.Paging, func(l desk.Line) string { return l.Key })
	out.Items = each(all, waitingOf)
	return out, err
}

func (a *API) getReview(ctx context.Context, w desk.Who, in *struct {
	Key string `path:"key" maxLength:"80" example:"q7"`
},
) (out review, err error) {
	it, err := a.desk.Find(ctx, w, in.Key)
	if err != nil {
		return out, err
	}
	out = review{Key: it.Key, What: it.Kind(), Waiting: it.Waiting, Site: it.Site.ID, Name: name(it.Site.Name), Institution: institutionOf(it.Site.Institution, it.Owner), Page: it.Target.ID}
	c, err := a.desk.Monitor.Compare(ctx, it.Capture)
	if err != nil && !errors.Is(err, monitor.ErrNotFound) {
		return out, err
	}
	if err == nil {
		if it.Question != nil {
			c.Capture.Report = it.Question.Report
		}
		seen := a.lookOf(c.Capture)
		out.Look = &seen
	}
	a.compared(&out, c)
	return out, nil
}

// compared tells what is seen beside the approved look; of a look that is gone, nothing.
func (a *API) compared(out *review, c monitor.Comparison) {
	id := c.Capture.ID
	out.Findings, out.Cut = findingsOf(c.Capture), max(0, len(c.Capture.Report.Findings)-maxFindings)
	out.Baseline, out.Approved, out.TitleBefore, out.Missing = c.Version, c.Approved, name(c.TitleBefore), why(c.Missing)
	out.BeforeURL, out.AfterURL = a.picture(c.Before), a.picture(c.After)
	if c.Before != "" && c.After != "" && len(c.Capture.Blobs) > 0 {
		out.DifferenceURL = a.signer.Difference(id)
	}
	out.Text = each(c.Text, func(t monitor.TextChange) textChange {
		change := "same"
		if t.New {
			change = "new"
		} else if t.Gone {
			change = "gone"
		}
		return textChange{change, why(t.Text), t.Hidden}
	})
	out.Scripts = each(c.Scripts, func(s monitor.ScriptChange) script {
		one := script{Change: s.Change, Kind: s.Kind, Host: name(s.Host), URL: address(s.URL), Bytes: s.Length, SHA256: s.SHA256, NewHost: s.NewHost}
		if len(s.Source) > 0 {
			one.SourceURL = a.signer.Script(id, s.SHA256)
		}
		return one
	})
	out.Destinations = names(c.Destinations)
	out.Forms = each(c.Forms, func(f monitor.FormChange) form {
		return form{f.Gone, name(f.Method), address(f.Action), names(f.Fields), f.Hidden}
	})
	out.Links = each(c.Links, func(l monitor.LinkChange) link { return link{address(l.URL), name(l.Text), l.Hidden} })
	headers := func(h monitor.HeaderChange) header { return header{name(h.Name), why(h.Before), why(h.After)} }
	out.Headers, out.Certificate = each(c.Headers, headers), each(c.TLS, headers)
}

func (a *API) decide(ctx context.Context, w desk.Who, in *struct{ Body choice }) (out outcomes, err error) {
	b := in.Body
	c := desk.Choice{Verb: b.Verb, Keys: slices.Clone(b.Keys), Reason: b.Reason, Force: b.Force, Minutes: b.Minutes}
	if c.Verb == "false_alarm" {
		c.Verb = "false"
	}
	if b.Region != nil {
		c.Mask = &monitor.Mask{X: b.Region.X, Y: b.Region.Y, W: b.Region.W, H: b.Region.H}
	} else if c.Verb == "ignore" {
		return out, huma.Error422UnprocessableEntity("to ignore a region, send it along")
	}
	done, err := a.desk.Decide(ctx, w, c)
	out.Outcomes = each(done, func(o desk.Outcome) outcome { return outcome{o.Item.Key, o.Decisions, a.whyNot(ctx, w, o.Err)} })
	return out, err
}

// whyNot is why one of several things was not decided, "" if it was.
func (a *API) whyNot(ctx context.Context, w desk.Who, err error) string {
	if err == nil {
		return ""
	}
	return a.explain(ctx, caller{Who: w}, operation{id: "decide"}, err).Error()
}

func (a *API) undo(ctx context.Context, w desk.Who, in *struct {
	Body struct {
		Because
		Decisions []int64 `json:"decisions" minItems:"1" maxItems:"40" doc:"Their numbers in the record, as deciding answered them."`
	}
},
) (recorded, error) {
	return recorded{}, a.desk.Undo(ctx, w, in.Body.Decisions, in.Body.Reason)
}
