package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"pasban/compare"
	"pasban/monitor"
)

type incidentsCommand struct {
	List    incidentsList    `cmd:"" help:"Incidents, newest first, or what waits for an analyst."`
	Show    incidentsShow    `cmd:"" help:"One incident with its findings, deliveries and decisions."`
	Resolve incidentsResolve `cmd:"" help:"Close an incident."`
	Import  incidentsImport  `cmd:"" help:"Add incidents from before the watch, or from elsewhere, for the statistics."`
	Export  incidentsExport  `cmd:"" help:"The evidence of an incident as a folder with a manifest of hashes."`
}

// incidentLine is an incident as scripts read it.
type incidentLine struct {
	ID       int64             `json:"id"`
	Site     string            `json:"site"`
	Target   string            `json:"target"`
	Kind     compare.Kind      `json:"kind"`
	Severity compare.Severity  `json:"severity"`
	State    monitor.State     `json:"state"`
	Opened   string            `json:"opened"`
	Updated  string            `json:"updated"`
	Findings []incidentFinding `json:"findings"`
	Campaign string            `json:"campaign"`
	Victims  int               `json:"victims,omitempty"` // incidents of the campaign, if it is part of one
	// Of show alone: what the site's access logs tell of its time.
	Logs        []monitor.LogFinding `json:"logs,omitempty"`
	LogsLeftOut int                  `json:"logs_left_out,omitempty"`
	LogsThinned int64                `json:"logs_thinned,omitempty"`
}

type incidentFinding struct {
	sweepFinding
	Target   string `json:"target"`
	Capture  string `json:"capture"`
	Evidence string `json:"evidence,omitempty"`
	Seen     int    `json:"seen"`
}

// victims counts the incidents of each campaign, false alarms left aside.
func victims(ctx context.Context, h *house) (map[string]int, error) {
	all, err := h.Store.Incidents(ctx, false)
	if err != nil {
		return nil, err
	}
	n := map[string]int{}
	for _, i := range all {
		if i.Campaign != "" && i.State != monitor.FalseAlarm {
			n[i.Campaign]++
		}
	}
	return n, nil
}

func incidentLineOf(i monitor.Incident, victims map[string]int) incidentLine {
	line := incidentLine{
		ID: i.ID, Site: i.Site, Target: i.Target, Kind: i.Kind, Severity: i.Severity, State: i.State,
		Opened: i.Opened.Format(timeFormat), Updated: i.Updated.Format(timeFormat), Campaign: i.Campaign, Victims: victims[i.Campaign],
		Findings: []incidentFinding{},
	}
	for _, f := range i.Findings {
		line.Findings = append(line.Findings, incidentFinding{
			sweepFinding: sweepFinding{f.Kind, f.Rule, f.Severity, f.Score, f.Why},
			Target:       f.Target, Capture: f.Capture, Evidence: f.Evidence, Seen: f.Seen,
		})
	}
	return line
}

type incidentsList struct {
	Open      bool   `help:"Only those that are not closed."`
	Campaign  string `help:"Only those of one campaign." placeholder:"ID"`
	Questions bool   `help:"What waits for an analyst instead: findings that alerted nobody, the most pressing first."`
	JSON      bool   `help:"One object a line."`
}

// Run lists incidents.
func (l *incidentsList) Run(ctx context.Context, c *common, term terminal) error {
	if l.Questions {
		return l.questions(ctx, c, term)
	}
	return withHouse(ctx, c, term, func(h *house) error {
		all, err := l.incidents(ctx, h)
		if err != nil {
			return err
		}
		hit, err := victims(ctx, h)
		if err != nil {
			return err
		}
		if l.JSON {
			for _, i := range all {
				if err := printJSON(term.out, incidentLineOf(i, hit)); err != nil {
					return err
				}
			}
			return nil
		}
		w := tabwriter.NewWriter(term.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tOPENED\tSEVERITY\tKIND\tSTATE\tSITE\tWHY")
		for _, i := range all {
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", i.ID, i.Opened.Local().Format("2006-01-02 15:04"), i.Severity, i.Kind, i.State, i.Site, campaignOf(i, hit)+plain(i.Summary, 100))
		}
		return w.Flush()
	})
}

// incidents are those that the flags name, newest first.
func (l *incidentsList) incidents(ctx context.Context, h *house) ([]monitor.Incident, error) {
	all, err := h.Store.Incidents(ctx, l.Open)
	if err != nil || l.Campaign == "" {
		return all, err
	}
	c, err := h.Store.Campaign(ctx, l.Campaign)
	if err != nil {
		return nil, named(fmt.Errorf("campaign %s: %w", l.Campaign, err))
	}
	id := cmp.Or(c.PartOf, c.ID)
	return slices.DeleteFunc(all, func(i monitor.Incident) bool { return i.Campaign != id }), nil
}

// campaignOf names the campaign of an incident and how many it hit, "" for none.
func campaignOf(i monitor.Incident, victims map[string]int) string {
	if i.Campaign == "" {
		return ""
	}
	return fmt.Sprintf("(%s, %s) ", i.Campaign, count(victims[i.Campaign], "site"))
}

type incidentsShow struct {
	ID   int64 `arg:"" help:"Number of the incident."`
	JSON bool  `help:"As one object."`
}

// Run shows one incident.
func (s *incidentsShow) Run(ctx context.Context, c *common, term terminal) error {
	return withHouse(ctx, c, term, func(h *house) error {
		i, err := h.Store.Incident(ctx, s.ID)
		if err != nil {
			return named(fmt.Errorf("incident %d: %w", s.ID, err))
		}
		hit, err := victims(ctx, h)
		if err != nil {
			return err
		}
		logs, err := h.IncidentLogs(ctx, h.Store, i)
		if err != nil {
			return err
		}
		if s.JSON {
			line := incidentLineOf(i, hit)
			line.Logs, line.LogsLeftOut, line.LogsThinned = logs.Findings, logs.LeftOut, logs.Thinned
			return printJSON(term.out, line)
		}
		if err := showIncident(ctx, h, i, hit, term.out); err != nil {
			return err
		}
		showLogs(logs, term.out)
		return nil
	})
}

func showIncident(ctx context.Context, h *house, i monitor.Incident, victims map[string]int, w io.Writer) error {
	fmt.Fprintf(w, "Incident %d: %s, %s, %s\n%s\n\n  site     %s\n  opened   %s\n  updated  %s\n", i.ID, i.Kind, i.Severity, i.State,
		plain(i.Summary, 300), i.Site, i.Opened.Local().Format("2006-01-02 15:04:05"), i.Updated.Local().Format("2006-01-02 15:04:05"))
	if !i.Recovered.IsZero() {
		fmt.Fprintf(w, "  back     %s (the approved look was seen again)\n", i.Recovered.Local().Format("2006-01-02 15:04:05"))
	}
	if i.Campaign != "" {
		fmt.Fprintf(w, "  part of  %s, %s\n", i.Campaign, count(victims[i.Campaign], "site"))
	}
	fmt.Fprintln(w, "\nFindings")
	for _, f := range i.Findings {
		fmt.Fprintf(w, "  %-9s %-28s %s\n", f.Severity, f.Rule, plain(f.Why, 200))
		if f.Evidence != "" {
			fmt.Fprintf(w, "  %-9s %-28s   %s\n", "", "", plain(f.Evidence, 200))
		}
	}
	deliveries, err := h.Store.Deliveries(ctx, i.ID)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "\nAlerts")
	for _, d := range deliveries {
		fmt.Fprintf(w, "  %-9s %-20s %s by %s, %s\n", d.State, d.Alert, plain(d.Recipient, 80), d.Sink, fate(d))
	}
	decisions, err := h.Store.Decisions(ctx, fmt.Sprintf("incident:%d", i.ID))
	if err != nil {
		return err
	}
	for _, d := range decisions {
		fmt.Fprintf(w, "\n%s by %s on %s: %s\n", d.Action, d.Actor, d.At.Local().Format("2006-01-02 15:04"), plain(d.Reason, 300))
	}
	return nil
}

// fate says what became of a delivery that was or was not tried.
func fate(d monitor.Delivery) string {
	switch {
	case d.State == monitor.Held && d.Silence == 0:
		return "for the next list"
	case d.State == monitor.Grouped:
		return fmt.Sprintf("told by delivery %d", d.Within)
	case d.Silence != 0:
		return fmt.Sprintf("by silence %d", d.Silence)
	}
	return count(len(d.Attempts), "attempt")
}

type incidentsResolve struct {
	ID         int64  `arg:"" help:"Number of the incident."`
	FalseAlarm bool   `help:"It never was one."`
	Reason     string `help:"Why, for the record." required:""`
	JSON       bool   `help:"The incident as one object."`
}

// Run closes an incident.
func (r *incidentsResolve) Run(ctx context.Context, c *common, term terminal) (err error) {
	// Judgement is opened for its sinks: those told of the attack are told of its end.
	h, err := c.open(ctx, term, use{judge: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	if _, err := h.Store.Incident(ctx, r.ID); err != nil {
		return named(fmt.Errorf("incident %d: %w", r.ID, err))
	}
	i, err := h.Resolve(ctx, operator(r.Reason, false), r.ID, r.FalseAlarm)
	if err != nil {
		return err
	}
	if r.JSON {
		hit, err := victims(ctx, h)
		if err != nil {
			return err
		}
		return printJSON(term.out, incidentLineOf(i, hit))
	}
	fmt.Fprintf(term.out, "incident %d is %s\n", i.ID, i.State)
	return nil
}

type incidentsExport struct {
	ID   int64  `arg:"" help:"Number of the incident."`
	Out  string `help:"Folder to make. Default incident-N." placeholder:"DIR"`
	JSON bool   `help:"The manifest on stdout as well."`
}

// Run writes the evidence of an incident into a new folder.
func (e *incidentsExport) Run(ctx context.Context, c *common, term terminal) error {
	dir := e.Out
	if dir == "" {
		dir = fmt.Sprintf("incident-%d", e.ID)
	}
	if _, err := os.Stat(dir); err == nil {
		return usageError{fmt.Errorf("%s exists already; name another folder with --out", dir)}
	}
	return withHouse(ctx, c, term, func(h *house) error {
		if _, err := h.Store.Incident(ctx, e.ID); err != nil {
			return named(fmt.Errorf("incident %d: %w", e.ID, err))
		}
		files, err := h.Evidence(ctx, e.ID)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("making the folder: %w", err)
		}
		for _, f := range files {
			if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o600); err != nil {
				return fmt.Errorf("writing %s: %w", f.Name, err)
			}
		}
		if e.JSON {
			return printJSON(term.out, json.RawMessage(files[len(files)-1].Data))
		}
		fmt.Fprintf(term.out, "%s written to %s; manifest.json lists their hashes\n", count(len(files), "file"), dir)
		return nil
	})
}
