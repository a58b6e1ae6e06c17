package monitor

import (
	"context"
	"fmt"

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
