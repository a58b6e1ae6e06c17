package api

import (
	"time"

	"pasban/monitor"
)

// look is a page on record, as a browser saw it.
type look struct {
	ID         string    `json:"id"`
	Site       string    `json:"site"`
	Page       string    `json:"page" doc:"The ID of the page."`
	At         time.Time `json:"at"`
	Why        string    `json:"reason" doc:"Why it was made: schedule, confirm, click ..."`
	Visitor    string    `json:"visitor,omitempty" doc:"As whom, if not as a desktop."`
	URL        string    `json:"url"`
	FinalURL   string    `json:"final_url,omitempty"`
	Title      string    `json:"title"`
	Outcome    string    `json:"outcome" doc:"ok, or what the site did instead."`
	Status     int       `json:"status,omitempty" doc:"Of the HTTP answer."`
	TookMS     int64     `json:"took_ms"`
	Baseline   int       `json:"baseline,omitempty" doc:"The version of the approved look it was compared with."`
	Verdict    string    `json:"verdict" doc:"unchanged, benign, suspicious, alert or not_comparable"`
	Score      float64   `json:"score"`
	Says       string    `json:"why,omitempty" doc:"The verdict in one sentence."`
	Findings   int       `json:"findings" doc:"How many. getReview lists them."`
	PictureURL string    `json:"picture_url,omitempty" doc:"Holds for some minutes."`
}

func (a *API) lookOf(c monitor.Capture) look {
	return look{
		ID: c.ID, Site: c.Site, Page: c.Target, At: c.At, Why: string(c.Reason), Visitor: string(c.Visitor), URL: address(c.URL), FinalURL: address(c.FinalURL), Title: name(c.Title),
		Outcome: c.Outcome, Status: c.Status, TookMS: c.TookMS, Baseline: c.Baseline, Verdict: string(c.Report.Verdict), Score: c.Report.Score, Says: why(c.Report.Why),
		Findings: len(c.Report.Findings), PictureURL: a.picture(monitor.PictureOf(c)),
	}
}

// Finding is one thing that is wrong.
type Finding struct {
	Kind     string  `json:"kind" doc:"defacement, injection, leak, lockdown or availability"`
	Rule     string  `json:"rule"`
	Severity string  `json:"severity" doc:"low, medium, high or critical"`
	Score    float64 `json:"score"`
	Why      string  `json:"why"`
	Evidence string  `json:"evidence,omitempty"`
	Region   *Box    `json:"region,omitempty" doc:"Where on the picture."`
}

// maxFindings bounds what is answered of one look.
const maxFindings = 200

func findingsOf(c monitor.Capture) []Finding {
	out := []Finding{}
	for _, f := range c.Report.Findings[:min(maxFindings, len(c.Report.Findings))] {
		one := Finding{Kind: string(f.Kind), Rule: f.Rule, Severity: string(f.Severity), Score: f.Score, Why: why(f.Why), Evidence: why(f.Evidence)}
		if f.Region != nil {
			one.Region = &Box{f.Region.X, f.Region.Y, f.Region.W, f.Region.H}
		}
		out = append(out, one)
	}
	return out
}
