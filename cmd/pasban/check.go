package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"pasban/compare"
	"pasban/monitor"
)

type checkCommand struct {
	URL  []string `arg:"" help:"Addresses to look at."`
	JSON bool     `help:"One object a URL on stdout, then one summary."`
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
	alert, err := k.checkStrangers(ctx, h.Monitor, strangers, term)
	if err != nil {
		return err
	}
	if len(watched) > 0 {
		if err := sweep(ctx, h.Monitor, watched, monitor.ReasonClick, k.JSON, term); err != nil {
			return err
		}
	}
	if alert {
		return errAlert
	}
	return nil
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

// checkStrangers looks at addresses that are not watched.
func (k *checkCommand) checkStrangers(ctx context.Context, m *monitor.Monitor, urls []string, term terminal) (alert bool, err error) {
	for _, url := range urls {
		capture, err := m.Glance(ctx, url)
		if err != nil {
			return false, err
		}
		alert = alert || capture.Report.Verdict == compare.Alert
		line := lineOf(monitor.Event{Capture: capture}, monitor.Target{URL: url})
		if k.JSON {
			err = json.NewEncoder(term.out).Encode(line)
		} else {
			err = printCheck(term, line)
		}
		if err != nil {
			return false, err
		}
	}
	return alert, nil
}

func printCheck(term terminal, l sweepLine) error {
	_, err := fmt.Fprintf(term.out, "%s\n  outcome  %s\n  verdict  %s\n  %s\n", plain(l.URL, 200), l.Outcome, l.Verdict, plain(reasonOf(l), 300))
	for _, f := range l.Findings {
		_, ferr := fmt.Fprintf(term.out, "  %-9s%-28s %s\n", f.Severity, f.Rule, plain(f.Why, 200))
		err = errors.Join(err, ferr)
	}
	return err
}
