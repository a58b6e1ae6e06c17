package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"pasban/compare"
	"pasban/monitor"
)

type silenceCommand struct {
	Add  silenceAdd  `cmd:"" help:"Hold the mails of some sites for some time, or a page that its owner is about to change."`
	List silenceList `cmd:"" help:"What is held and until when."`
	Lift silenceLift `cmd:"" help:"End a silence now. What it held goes out."`
}

// silenceLine is a silence as scripts read it.
type silenceLine struct {
	ID          int64        `json:"id"`
	Mode        monitor.Mode `json:"mode"`
	State       string       `json:"state"` // planned, holding, ended or lifted
	Site        string       `json:"site,omitempty"`
	Institution string       `json:"institution,omitempty"`
	Rule        string       `json:"rule,omitempty"`
	Kind        compare.Kind `json:"kind,omitempty"`
	From        string       `json:"from"`
	Until       string       `json:"until"` // when it ends or ended
	Reason      string       `json:"reason"`
	By          string       `json:"by"`
	LiftedBy    string       `json:"lifted_by,omitempty"`
	Held        int          `json:"held"` // alerts it holds now
}

func silenceLineOf(s monitor.Silence, held int, now time.Time) silenceLine {
	line := silenceLine{
		ID: s.ID, Mode: s.Mode, State: "ended", Site: s.Site, Institution: s.Institution, Rule: s.Rule, Kind: s.Kind,
		From: s.From.Format(timeFormat), Until: s.Ends().Format(timeFormat), Reason: s.Reason, By: s.By, LiftedBy: s.LiftedBy, Held: held,
	}
	switch {
	case !s.Lifted.IsZero():
		line.State = "lifted"
	case s.Holds(now):
		line.State = "holding"
	case now.Before(s.From):
		line.State = "planned"
	}
	return line
}

// scope is what a silence is about, for people.
func (l silenceLine) scope() string {
	var parts []string
	for _, p := range []struct{ name, value string }{{"site", l.Site}, {"institution", l.Institution}, {"rule", l.Rule}, {"kind", string(l.Kind)}} {
		if p.value != "" {
			parts = append(parts, p.name+" "+plain(p.value, 80))
		}
	}
	return strings.Join(parts, ", ")
}

type silenceAdd struct {
	Site        string       `help:"Of this site." placeholder:"ID"`
	Institution string       `help:"Of all sites of this institution." placeholder:"ID"`
	Rule        string       `help:"Of this rule's findings, unless something graver stands beside them." placeholder:"RULE"`
	Kind        compare.Kind `help:"Of findings of this kind: defacement, injection, leak, lockdown, availability." placeholder:"KIND"`
	Start       string       `help:"When it begins: 2026-11-27T22:00, here, or with a time zone. Default now." placeholder:"TIME"`
	Until       string       `help:"When it ends." placeholder:"TIME"`
	For         string       `help:"How long it lasts instead: 90m, 12h, 3d. At most 7d, 14d for a planned change." placeholder:"DURATION"`
	Maintenance bool         `help:"Somebody works on the site: the mails say so when they come after all."`
	Planned     bool         `help:"The owner announced a change of the page: what that explains waits for an analyst, what only an intruder does alarms."`
	By          string       `help:"Whose silence it is, for the mails that come when it ends. Default you." placeholder:"NAME"`
	Reason      string       `help:"Why, for the record and for those mails." required:""`
	JSON        bool         `help:"The silence as one object."`
}

// Run places a silence.
func (a *silenceAdd) Run(ctx context.Context, c *common, term terminal) error {
	s, err := a.silence(time.Now())
	if err != nil {
		return usageError{err}
	}
	return withHouse(ctx, c, term, func(h *house) error {
		s, err := h.PlaceSilence(ctx, operator(a.Reason, false), s)
		if errors.Is(err, monitor.ErrRefused) {
			return usageError{err}
		}
		if err != nil {
			return named(err)
		}
		line := silenceLineOf(s, 0, time.Now())
		if a.JSON {
			return printJSON(term.out, line)
		}
		fmt.Fprintf(term.out, "silence %d (%s) over %s until %s\n", s.ID, s.Mode, line.scope(), s.Until.Local().Format("2006-01-02 15:04 MST"))
		return nil
	})
}

// silence reads the flags.
func (a *silenceAdd) silence(now time.Time) (monitor.Silence, error) {
	s := monitor.Silence{Mode: monitor.Hush, Site: a.Site, Institution: a.Institution, Rule: a.Rule, Kind: a.Kind, By: a.By, From: now}
	switch {
	case a.Maintenance && a.Planned:
		return s, errors.New("a silence is --maintenance or --planned, not both")
	case a.Maintenance:
		s.Mode = monitor.Maintenance
	case a.Planned:
		s.Mode = monitor.PlannedWork
	}
	if (a.Until == "") == (a.For == "") {
		return s, errors.New("a silence ends: say when with --until TIME or --for DURATION")
	}
	var err error
	if a.Start != "" {
		if s.From, err = parseMoment(a.Start); err != nil {
			return s, fmt.Errorf("--start: %w", err)
		}
	}
	if a.Until != "" {
		if s.Until, err = parseMoment(a.Until); err != nil {
			return s, fmt.Errorf("--until: %w", err)
		}
		return s, nil
	}
	length, err := parseLength(a.For)
	if err != nil {
		return s, fmt.Errorf("--for: %w", err)
	}
	s.Until = s.From.Add(length)
	return s, nil
}

// parseMoment reads a time as people write it; without a zone it is the local one.
func parseMoment(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if t, err := time.ParseInLocation(layout, s, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time; expected something like 2026-11-27T22:00", s)
}

// parseLength reads a duration that may be one of days.
func parseLength(s string) (time.Duration, error) {
	if days, found := strings.CutSuffix(s, "d"); found {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n <= 1000 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is no duration; expected something like 90m, 12h or 3d", s)
	}
	return d, nil
}

type silenceList struct {
	All  bool `help:"Also those that have ended."`
	JSON bool `help:"One object a line."`
}

// Run lists silences, newest first.
func (l *silenceList) Run(ctx context.Context, c *common, term terminal) error {
	return withHouse(ctx, c, term, func(h *house) error {
		lines, err := silenceLines(ctx, h, l.All, time.Now())
		if err != nil {
			return err
		}
		if l.JSON {
			for _, line := range lines {
				if err := printJSON(term.out, line); err != nil {
					return err
				}
			}
			return nil
		}
		w := tabwriter.NewWriter(term.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tMODE\tSTATE\tFROM\tUNTIL\tHELD\tOVER\tBY\tREASON")
		for _, line := range lines {
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n", line.ID, line.Mode, line.State, line.From, line.Until, line.Held,
				line.scope(), plain(line.By, 60), plain(line.Reason, 100))
		}
		return w.Flush()
	})
}

func silenceLines(ctx context.Context, h *house, all bool, now time.Time) ([]silenceLine, error) {
	since := now
	if all {
		since = time.Time{}
	}
	silences, err := h.Store.Silences(ctx, since)
	if err != nil {
		return nil, err
	}
	deliveries, err := h.Store.HeldDeliveries(ctx)
	if err != nil {
		return nil, err
	}
	held := map[int64]int{}
	for _, d := range deliveries {
		held[d.Silence]++
	}
	var lines []silenceLine
	for _, s := range silences {
		if all || s.Ends().After(now) {
			lines = append(lines, silenceLineOf(s, held[s.ID], now))
		}
	}
	return lines, nil
}

type silenceLift struct {
	ID     int64  `arg:"" help:"Number of the silence."`
	Reason string `help:"Why, for the record." required:""`
	JSON   bool   `help:"The silence as one object."`
}

// Run ends a silence. What it held is put into the outbox, for a serve or a sweep to
// deliver.
func (l *silenceLift) Run(ctx context.Context, c *common, term terminal) error {
	return withHouse(ctx, c, term, func(h *house) error {
		if _, err := h.Store.Silence(ctx, l.ID); err != nil {
			return named(fmt.Errorf("silence %d: %w", l.ID, err))
		}
		s, err := h.LiftSilence(ctx, operator(l.Reason, false), l.ID)
		if err != nil {
			return err
		}
		if l.JSON {
			return printJSON(term.out, silenceLineOf(s, 0, time.Now()))
		}
		fmt.Fprintf(term.out, "silence %d is lifted\n", s.ID)
		return nil
	})
}
