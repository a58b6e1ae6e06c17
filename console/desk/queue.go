package desk

import (
	"context"
	"net/url"
	"strings"

	"pasban/monitor"
)

// Filter is which part of the queue is wanted. It lives in the address, so that it can
// be sent to a colleague.
type Filter struct {
	Kind, Severity, Tier, Region, Text string
	Later                              bool // what was put off
}

// FilterOf reads a filter from an address.
func FilterOf(q url.Values) Filter {
	return Filter{
		Kind: q.Get("kind"), Severity: q.Get("severity"), Tier: q.Get("tier"), Region: monitor.Visible(q.Get("region"), 40),
		Text: monitor.Visible(q.Get("q"), 80), Later: q.Get("later") != "",
	}
}

// query is the filter as an address has it.
func (f Filter) query() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"kind": f.Kind, "severity": f.Severity, "tier": f.Tier, "region": f.Region, "q": f.Text} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.Later {
		q.Set("later", "1")
	}
	return q
}

// Suffix is the filter as the end of an address.
func (f Filter) Suffix() string {
	if q := f.query().Encode(); q != "" {
		return "?" + q
	}
	return ""
}

func (f Filter) wants(w monitor.Waiting) bool {
	text := strings.ToLower(f.Text)
	return (f.Kind == "" || f.Kind == w.Kind) && (f.Severity == "" || f.Severity == w.Severity) &&
		(f.Tier == "" || f.Tier == string(w.Owner.Tier)) && (f.Region == "" || f.Region == monitor.Visible(w.Owner.Region, 40)) &&
		(text == "" || strings.Contains(strings.ToLower(w.Site.ID+" "+w.Site.Name+" "+w.Owner.Name+" "+w.Why), text))
}

// Line is one entry of the queue: a thing that waits, with those that one decision
// settles along with it.
type Line struct {
	monitor.Waiting
	Like []monitor.Waiting
}

// Queue reads what waits. Things that are alike stand once, where the most urgent of
// them stands.
func (d *Desk) Queue(ctx context.Context, f Filter) ([]Line, error) {
	all, err := d.Monitor.Queue(ctx, f.Later)
	if err != nil {
		return nil, err
	}
	var out []Line
	at := map[string]int{}
	for _, w := range all {
		if !f.wants(w) {
			continue
		}
		if i, ok := at[w.Group]; ok && w.Group != "" {
			out[i].Like = append(out[i].Like, w)
			continue
		}
		at[w.Group] = len(out)
		out = append(out, Line{Waiting: w})
	}
	return out, nil
}
