package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pasban/monitor"
)

type checkCommand struct {
	URL     []string        `arg:"" help:"Addresses to look at."`
	Profile monitor.Visitor `enum:"desktop,phone,search" default:"desktop" help:"As whom to look: desktop, phone, or search (a search engine's robot)."`
	Explain bool            `help:"Also every signal that was measured, and what each finding counts for."`
	JSON    bool            `help:"One object a URL on stdout; with --explain, its signals too."`
}

// Run looks at each URL once: watched ones go through the whole pipeline,
// others are judged by content rules alone and leave no trace.
func (k *checkCommand) Run(ctx context.Context, c *common, term terminal) (err error) {
	for _, raw := range k.URL {
		if _, err := monitor.CheckURL(raw); err != nil {
			return usageError{err}
		}
	}
	h, err := c.openToLook(ctx, term)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	watched, strangers, err := split(ctx, h.Monitor, k.URL)
	if err != nil {
		return err
	}
	swept, err := k.glances(ctx, h.Monitor, strangers, term)
	if err == nil && len(watched) > 0 {
		show := newSweepView(watched, k.JSON, term)
		show.explain = k.Explain
		var more monitor.Swept
		more, err = h.SweepAs(ctx, watched, k.Profile, monitor.ReasonClick, show.each)
		swept = swept.Plus(more)
		err = errors.Join(err, show.done())
	}
	if err != nil {
		return err
	}
	return verdictOf(swept)
}

// split tells watched addresses from others.
func split(ctx context.Context, m *monitor.Monitor, urls []string) (watched []monitor.Target, strangers []string, err error) {
	targets, err := m.Store.Targets(ctx)
	if err != nil {
		return nil, nil, err
	}
	byURL := map[string]monitor.Target{}
	for _, t := range targets {
		byURL[t.URL] = t
	}
	for _, raw := range urls {
		u, err := monitor.CheckURL(raw)
		if err != nil {
			return nil, nil, usageError{err}
		}
		if t, ok := byURL[u.String()]; ok {
			watched = append(watched, t)
		} else {
			strangers = append(strangers, u.String())
		}
	}
	return watched, strangers, nil
}

// glances looks at addresses that are not watched.
func (k *checkCommand) glances(ctx context.Context, m *monitor.Monitor, urls []string, term terminal) (monitor.Swept, error) {
	var swept monitor.Swept
	started := time.Now()
	for _, url := range urls {
		capture, err := m.Glance(ctx, url, k.Profile)
		if err != nil && ctx.Err() != nil {
			return swept, err
		}
		e := monitor.Event{Capture: capture, Err: err}
		swept.Count(e)
		if err := k.print(term, lineOf(e, monitor.Target{URL: url})); err != nil {
			return swept, fmt.Errorf("writing the result: %w", err)
		}
	}
	swept.Took = time.Since(started)
	return swept, nil
}

func (k *checkCommand) print(term terminal, line sweepLine) error {
	if k.JSON {
		return printLine(term.out, line, k.Explain)
	}
	return printCheck(term, line, k.Explain)
}

func printCheck(term terminal, l sweepLine, explained bool) error {
	_, err := fmt.Fprintf(term.out, "%s\n  outcome  %s\n  verdict  %s\n  %s\n", plain(l.URL, 200), l.Outcome, l.Verdict, plain(reasonOf(l), 300))
	if explained {
		return errors.Join(err, explain(term.out, l))
	}
	for _, f := range l.Findings {
		_, ferr := fmt.Fprintf(term.out, "  %-9s%-28s %s\n", f.Severity, f.Rule, plain(f.Why, 200))
		err = errors.Join(err, ferr)
	}
	return err
}
