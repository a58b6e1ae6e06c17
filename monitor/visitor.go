package monitor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"pasban/compare"
	"pasban/render"
)

// A Visitor is as whom a page is looked at. Intruders who want to last show what
// they did to some visitors only: to those with a phone, to those whom a search
// engine sent, or to the search engine itself. Everybody else, the owner among
// them, sees the page as it was.
type Visitor string

const (
	Desktop Visitor = "desktop" // as whom every page is watched; what baselines hold
	Phone   Visitor = "phone"
	Search  Visitor = "search" // a search engine's robot that follows one of its own results
)

// others are the visitors beside the desktop.
var others = []Visitor{Search, Phone}

// other reports a visitor that is not the desktop, whose looks baselines hold.
func (v Visitor) other() bool { return v != "" && v != Desktop }

// words name those whom the visitor stands for.
func (v Visitor) words() string {
	switch v {
	case Phone:
		return "phones"
	case Search:
		return "visitors from search engines"
	}
	return "desktops"
}

// What servers tell visitors apart by. The phone's is what Chrome for Android
// says on every phone; the robot's is published by its engine.
const (
	phoneAgent     = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36"
	robotAgent     = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
	searchReferrer = "https://www.google.com/"
)

// as makes a request one of this visitor.
func (v Visitor) as(r render.Request) render.Request {
	switch v {
	case Phone:
		r.Mobile, r.UserAgent = true, phoneAgent
	case Search:
		r.UserAgent, r.Referrer = robotAgent, searchReferrer
	}
	return r
}

// siteAt is the watched site that an address belongs to, or one that nothing is
// known of.
func (m *Monitor) siteAt(ctx context.Context, address string) (Site, error) {
	targets, err := m.Store.Targets(ctx)
	if err != nil {
		return Site{}, fmt.Errorf("listing targets: %w", err)
	}
	for _, t := range targets {
		if t.URL == address {
			return m.Store.Site(ctx, t.Site)
		}
	}
	return Site{}, nil
}

// sameHour is how old a desktop's look may be to tell what everybody is shown.
const sameHour = time.Hour

// sayWho adds to the findings of another visitor's look who is shown them, as far as
// the desktop's newest look tells.
func (m *Monitor) sayWho(ctx context.Context, target Target, as Visitor, r *compare.Report) error {
	if len(r.Findings) == 0 {
		return nil
	}
	newest, err := m.Store.Captures(ctx, target.ID, 1)
	if err != nil {
		return fmt.Errorf("looking for what a desktop is shown: %w", err)
	}
	alone := len(newest) > 0 && newest[0].Report.Verdict != compare.NotComparable && m.now().Sub(newest[0].At).Abs() <= sameHour
	first := r.Findings[0].Why // which the report begins with
	for i, f := range r.Findings {
		switch {
		case len(newest) > 0 && slices.ContainsFunc(newest[0].Report.Findings, func(d compare.Finding) bool { return sameAttack(d, f) }):
			continue
		case alone:
			r.Findings[i].Why += " Shown to " + as.words() + " only."
		default:
			r.Findings[i].Why += " Shown to " + as.words() + "; what others are shown is not known."
		}
	}
	r.Why = strings.Replace(r.Why, first, r.Findings[0].Why, 1)
	return nil
}
