package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"gopkg.in/yaml.v3"

	"pasban/compare/lockdown"
	"pasban/monitor"
)

type lockdownCommand struct {
	Order  lockdownOrder  `cmd:"" help:"Order sites into read-only: who, what, until when, by whose authority. The institutions are told."`
	Status lockdownStatus `cmd:"" help:"Who complied: each site and control, with evidence."`
	Lift   lockdownLift   `cmd:"" help:"End an order, or withdraw a waiver."`
	Waive  lockdownWaive  `cmd:"" help:"Leave controls of a site open for a while, for a reason that is written down."`
	Report lockdownReport `cmd:"" help:"The nation, its tiers, regions and institutions: how they stand, and how they stood."`
}

// refusedInput marks as bad input what the domain refuses because of how it was asked.
func refusedInput(err error) error {
	if errors.Is(err, monitor.ErrRefused) {
		return usageError{err}
	}
	return named(err)
}

type lockdownOrder struct {
	File        string   `help:"Read the order from a YAML file: scope (all, tiers, regions, institutions, sites), controls, deadline or within, authority, text_en, text_ur." placeholder:"FILE"`
	All         bool     `help:"All watched sites."`
	Tier        []string `help:"Sites of institutions of this tier (repeatable)." placeholder:"TIER"`
	Region      []string `help:"Sites of institutions of this region (repeatable)." placeholder:"REGION"`
	Institution []string `help:"Sites of this institution (repeatable)." placeholder:"ID"`
	Site        []string `help:"This site (repeatable)." placeholder:"ID"`
	Controls    []string `help:"Controls, or the groups all, doors, server, headers. Default all; see pasban rules." placeholder:"CONTROL"`
	Deadline    string   `help:"By when: 2026-11-27T22:00, here, or with a time zone." placeholder:"TIME"`
	Within      string   `help:"By when, from now, instead: 90m, 12h, 3d." placeholder:"DURATION"`
	Authority   string   `help:"Who orders it, and by what." placeholder:"TEXT"`
	Text        string   `help:"What the institutions are told, in English." placeholder:"TEXT"`
	TextUr      string   `help:"What they are told in Urdu." placeholder:"TEXT"`
	Reason      string   `help:"Why, for the record. Default the authority." placeholder:"TEXT"`
	JSON        bool     `help:"The order as one object."`
}

// directiveLine is an order as scripts read it.
type directiveLine struct {
	Directive int64         `json:"directive"`
	Scope     monitor.Scope `json:"scope"`
	Controls  []string      `json:"controls"`
	Deadline  string        `json:"deadline"`
	Authority string        `json:"authority"`
	Issued    string        `json:"issued"`
	By        string        `json:"by"`
	Lifted    string        `json:"lifted,omitempty"`
	Sites     int           `json:"sites"`
}

func directiveLineOf(d monitor.Directive, sites int) directiveLine {
	return directiveLine{Directive: d.ID, Scope: d.Scope, Controls: d.Controls, Deadline: stamp(d.Deadline), Authority: d.Authority,
		Issued: stamp(d.Issued), By: d.By, Lifted: stamp(d.Lifted), Sites: sites}
}

// Run puts the order in force.
func (o *lockdownOrder) Run(ctx context.Context, c *common, term terminal) error {
	d, err := o.directive(time.Now())
	if err != nil {
		return usageError{err}
	}
	return withHouse(ctx, c, term, func(h *house) error {
		reason := o.Reason
		if reason == "" {
			reason = d.Authority
		}
		d, sites, err := h.OrderLockdown(ctx, operator(reason, false), d)
		if err != nil {
			return refusedInput(err)
		}
		if o.JSON {
			return printJSON(term.out, directiveLineOf(d, len(sites)))
		}
		fmt.Fprintf(term.out, "directive %d: %s into read-only until %s\n", d.ID, count(len(sites), "site"), d.Deadline.Local().Format("2006-01-02 15:04 MST"))
		if n := passive(sites); n > 0 {
			fmt.Fprintf(term.err, "%d of them are judged by what their pages show only: their lockdown column does not say active\n", n)
		}
		return nil
	})
}

func passive(sites []monitor.Site) (n int) {
	for _, s := range sites {
		if !s.Policy().Active {
			n++
		}
	}
	return n
}

// directive reads the flags or the file.
func (o *lockdownOrder) directive(now time.Time) (monitor.Directive, error) {
	d := monitor.Directive{Authority: o.Authority, TextEN: o.Text, TextUR: o.TextUr}
	d.Scope = monitor.Scope{All: o.All, Regions: o.Region, Institutions: o.Institution, Sites: o.Site}
	for _, t := range o.Tier {
		d.Scope.Tiers = append(d.Scope.Tiers, monitor.Tier(strings.ToLower(t)))
	}
	d.Controls = o.Controls
	flags := o.All || len(o.Tier)+len(o.Region)+len(o.Institution)+len(o.Site)+len(o.Controls) > 0 || o.Authority+o.Text+o.TextUr != ""
	if o.File != "" {
		if flags || o.Deadline+o.Within != "" {
			return d, errors.New("an order is in a --file or in flags, not in both")
		}
		return readDirective(o.File, now)
	}
	var err error
	d.Deadline, err = deadline(o.Deadline, o.Within, now)
	return d, err
}

// deadline reads one of two ways to say when.
func deadline(at, within string, now time.Time) (time.Time, error) {
	if (at == "") == (within == "") {
		return time.Time{}, errors.New("an order has a deadline: say when with --deadline TIME or --within DURATION")
	}
	if at != "" {
		t, err := parseMoment(at)
		if err != nil {
			return t, fmt.Errorf("--deadline: %w", err)
		}
		return t, nil
	}
	length, err := parseLength(within)
	if err != nil {
		return time.Time{}, fmt.Errorf("--within: %w", err)
	}
	return now.Add(length), nil
}

// maxOrderFile bounds a file with an order.
const maxOrderFile = 256 << 10

// readDirective reads an order from a file. What is wrong with it is told with its line.
func readDirective(path string, now time.Time) (d monitor.Directive, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return d, fmt.Errorf("reading the order: %w", err)
	}
	if len(data) > maxOrderFile {
		return d, fmt.Errorf("%s is larger than %d KiB", path, maxOrderFile>>10)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return d, fmt.Errorf("%s: %s", path, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return d, fmt.Errorf("%s: line 1: expected keys and values: scope, controls, deadline or within, authority, text_en, text_ur", path)
	}
	fields := doc.Content[0].Content
	if err := unlike(fields, "deadline", "within"); err != nil {
		return d, fmt.Errorf("%s: %w", path, err)
	}
	for i := 0; i+1 < len(fields); i += 2 {
		if err := setDirective(&d, fields[i].Value, fields[i+1], now); err != nil {
			return d, fmt.Errorf("%s: line %d, %s: %w", path, fields[i+1].Line, fields[i].Value, err)
		}
	}
	return d, nil
}

// unlike refuses a key that stands twice, and two keys that say the same thing: which of
// them was meant is not ours to guess.
func unlike(fields []*yaml.Node, one, other string) error {
	lines := map[string]int{}
	for i := 0; i+1 < len(fields); i += 2 {
		key := fields[i]
		if before := lines[key.Value]; before > 0 {
			return fmt.Errorf("line %d: %s stands in line %d already", key.Line, plain(key.Value, 40), before)
		}
		lines[key.Value] = key.Line
	}
	if lines[one] > 0 && lines[other] > 0 {
		return fmt.Errorf("line %d: say %s or %s, not both; the other is in line %d", max(lines[one], lines[other]), one, other, min(lines[one], lines[other]))
	}
	return nil
}

func setDirective(d *monitor.Directive, key string, value *yaml.Node, now time.Time) (err error) {
	switch key {
	case "scope":
		return setScope(&d.Scope, value)
	case "controls":
		if d.Controls, err = words(value); err == nil {
			_, err = lockdown.Select(d.Controls)
		}
		return err
	case "deadline":
		d.Deadline, err = parseMoment(value.Value)
		return err
	case "within":
		length, err := parseLength(value.Value)
		d.Deadline = now.Add(length)
		return err
	case "authority":
		d.Authority = value.Value
	case "text_en":
		d.TextEN = value.Value
	case "text_ur":
		d.TextUR = value.Value
	default:
		return errors.New("unknown key; known are scope, controls, deadline, within, authority, text_en, text_ur")
	}
	if value.Kind != yaml.ScalarNode {
		return errors.New("expected a text")
	}
	return nil
}

func setScope(s *monitor.Scope, value *yaml.Node) error {
	if value.Kind == yaml.ScalarNode && value.Value == "all" {
		s.All = true
		return nil
	}
	if value.Kind != yaml.MappingNode {
		return errors.New("expected all, or tiers, regions, institutions, sites with their lists")
	}
	if err := unlike(value.Content, "", ""); err != nil {
		return err
	}
	for i := 0; i+1 < len(value.Content); i += 2 {
		list, err := words(value.Content[i+1])
		if err != nil {
			return fmt.Errorf("line %d: %w", value.Content[i+1].Line, err)
		}
		switch key := value.Content[i]; key.Value {
		case "tiers":
			for _, t := range list {
				s.Tiers = append(s.Tiers, monitor.Tier(strings.ToLower(t)))
			}
		case "regions":
			s.Regions = list
		case "institutions":
			s.Institutions = list
		case "sites":
			s.Sites = list
		default:
			return fmt.Errorf("line %d: unknown key %q; known are tiers, regions, institutions, sites", key.Line, key.Value)
		}
	}
	return nil
}

// words is a list of plain values, or one.
func words(value *yaml.Node) ([]string, error) {
	if value.Kind == yaml.ScalarNode {
		return []string{value.Value}, nil
	}
	var out []string
	for _, v := range value.Content {
		if value.Kind != yaml.SequenceNode || v.Kind != yaml.ScalarNode {
			return nil, errors.New("expected a list of plain values")
		}
		out = append(out, v.Value)
	}
	return out, nil
}

type lockdownStatus struct {
	Sites     []string `arg:"" optional:"" help:"Of these sites, whether anything is ordered of them or not. Default: all in lockdown."`
	Directive int64    `help:"Of the sites of this order." placeholder:"N"`
	JSON      bool     `help:"One object a site, then one summary."`
}

// standingLine is how a site stands, as scripts read it.
type standingLine struct {
	Site        string        `json:"site"`
	Institution string        `json:"institution"`
	Tier        string        `json:"tier"`
	Region      string        `json:"region"`
	URL         string        `json:"url"`
	State       string        `json:"state"` // the worst of its controls
	Score       int           `json:"score"`
	Directives  []int64       `json:"directives"` // 0 is the watchlist
	Deadline    string        `json:"deadline,omitempty"`
	Active      bool          `json:"active"`
	Checked     string        `json:"checked,omitempty"`
	Asked       string        `json:"asked,omitempty"`
	Controls    []controlLine `json:"controls"`
}

type controlLine struct {
	Control  string        `json:"control"`
	State    string        `json:"state"`
	Why      string        `json:"why,omitempty"`
	Evidence []string      `json:"evidence,omitempty"`
	Target   string        `json:"target"`         // the site's, if it is a page that nobody watches
	Page     string        `json:"page,omitempty"` // that page's address
	Box      *lockdown.Box `json:"box,omitempty"`
	Since    string        `json:"since,omitempty"`
	Capture  string        `json:"capture,omitempty"`
	Waiver   int64         `json:"waiver,omitempty"`
	Reopened bool          `json:"reopened,omitempty"` // it was closed under this order
}

type statusSummary struct {
	Sites    int `json:"sites"`
	Complied int `json:"complied"`
	Open     int `json:"open"`
	Unknown  int `json:"unknown"`
	Score    int `json:"score"`
}

func standingLineOf(s monitor.SiteStanding) standingLine {
	line := standingLine{
		Site: s.Site.ID, Institution: s.Owner.Name, Tier: string(s.Owner.Tier), Region: s.Owner.Region, URL: s.Site.URL, State: string(s.State()), Score: s.Score,
		Directives: []int64{}, Active: s.Active, Deadline: stamp(s.Deadline), Checked: stamp(s.Checked), Asked: stamp(s.Asked), Controls: []controlLine{},
	}
	for _, d := range s.Orders {
		line.Directives = append(line.Directives, d.ID)
	}
	for _, c := range s.Controls {
		line.Controls = append(line.Controls, controlLine{
			Control: c.Control, State: string(c.State), Why: c.Why, Evidence: c.Evidence, Target: c.On(), Page: c.Page(), Box: c.Box, Since: stamp(c.Since),
			Capture: c.Capture, Waiver: c.Waiver.ID, Reopened: c.State == lockdown.Open && !c.Shut.IsZero(),
		})
	}
	return line
}

// stamp is a time for scripts, "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(timeFormat)
}

func summaryOfSites(all []monitor.SiteStanding) statusSummary {
	sum := statusSummary{Score: 100}
	for _, t := range monitor.Tallies(all) {
		if t.Group == "nation" {
			sum = statusSummary{Sites: t.Sites, Complied: t.Complied, Open: t.Open, Unknown: t.Unknown, Score: t.Score}
		}
	}
	return sum
}

// Run shows how sites stand.
func (s *lockdownStatus) Run(ctx context.Context, c *common, term terminal) error {
	return withHouse(ctx, c, term, func(h *house) error {
		all, err := h.Compliance(ctx, s.Directive, s.Sites)
		if err != nil {
			return named(err)
		}
		sum := summaryOfSites(all)
		if s.JSON {
			for _, one := range all {
				if err := printJSON(term.out, standingLineOf(one)); err != nil {
					return err
				}
			}
			return printJSON(term.out, sum)
		}
		if err := printDirectives(ctx, h, term); err != nil {
			return err
		}
		return printStandings(all, sum, len(s.Sites) > 0, term)
	})
}

// printDirectives lists the orders in force, for people.
func printDirectives(ctx context.Context, h *house, term terminal) error {
	all, err := h.Store.Directives(ctx)
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.Lifted.IsZero() {
			fmt.Fprintf(term.out, "directive %d, until %s, by %s: %s\n", d.ID, d.Deadline.Local().Format("2006-01-02 15:04 MST"), plain(d.Authority, 100), plain(d.Scope.String(), 200))
		}
	}
	return nil
}

func printStandings(all []monitor.SiteStanding, sum statusSummary, full bool, term terminal) error {
	if len(all) == 0 {
		fmt.Fprintln(term.out, "nothing is ordered into lockdown")
		return nil
	}
	w := tabwriter.NewWriter(term.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "SITE\tSTATE\tSCORE\tOPEN\tUNKNOWN\tWAIVED\tWHAT IS OPEN")
	for _, s := range all {
		var open []string
		for _, c := range s.Controls {
			if c.State == lockdown.Open {
				open = append(open, c.Control)
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%s\n", s.Site.ID, s.State(), s.Score, s.Count(lockdown.Open), s.Count(lockdown.Unknown), s.Count(lockdown.Waived), strings.Join(open, ", "))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, s := range all {
		if !full {
			break
		}
		fmt.Fprintf(term.out, "\n%s (%s)\n", s.Site.ID, plain(s.Site.URL, 200))
		for _, c := range s.Controls {
			fmt.Fprintf(term.out, "  %-9s %-8s %s\n", c.Control, c.State, plain(c.Why, 300))
			for _, line := range c.Evidence {
				fmt.Fprintf(term.out, "  %-9s %-8s - %s\n", "", "", plain(line, 300))
			}
		}
	}
	fmt.Fprintf(term.out, "%s: %d complied, %d open, %d unknown, score %d\n", count(sum.Sites, "site"), sum.Complied, sum.Open, sum.Unknown, sum.Score)
	return nil
}

type lockdownLift struct {
	Directive int64  `arg:"" optional:"" help:"Number of the order."`
	Waiver    int64  `help:"Withdraw this waiver instead." placeholder:"N"`
	Reason    string `help:"Why, for the record." required:""`
	JSON      bool   `help:"The order or the waiver as one object."`
}

// Run ends an order or a waiver.
func (l *lockdownLift) Run(ctx context.Context, c *common, term terminal) error {
	if (l.Directive == 0) == (l.Waiver == 0) {
		return usageError{errors.New("name the order to lift by its number, or a waiver with --waiver N")}
	}
	return withHouse(ctx, c, term, func(h *house) error {
		if l.Waiver != 0 {
			w, err := h.EndWaiver(ctx, operator(l.Reason, false), l.Waiver)
			if err != nil {
				return named(err)
			}
			return l.print(term, waiverLineOf(w), "waiver %d is withdrawn\n", w.ID)
		}
		d, err := h.LiftLockdown(ctx, operator(l.Reason, false), l.Directive)
		if err != nil {
			return named(err)
		}
		sites, err := h.Store.DirectiveSites(ctx, d.ID)
		if err != nil {
			return err
		}
		return l.print(term, directiveLineOf(d, len(sites)), "directive %d is lifted\n", d.ID)
	})
}

func (l *lockdownLift) print(term terminal, line any, format string, id int64) error {
	if l.JSON {
		return printJSON(term.out, line)
	}
	fmt.Fprintf(term.out, format, id)
	return nil
}

type lockdownWaive struct {
	Site        string   `help:"Of this site." placeholder:"ID"`
	Institution string   `help:"Of all sites of this institution." placeholder:"ID"`
	Control     []string `help:"What is left open (repeatable)." placeholder:"CONTROL"`
	Until       string   `help:"When the waiver expires." placeholder:"TIME"`
	For         string   `help:"How long it holds instead: 12h, 30d. At most 90d." placeholder:"DURATION"`
	Approver    string   `help:"Who answers for it." placeholder:"NAME"`
	Reason      string   `help:"Why, for the record and for the reminder." placeholder:"TEXT"`
	JSON        bool     `help:"The waiver as one object."`
}

// waiverLine is a waiver as scripts read it.
type waiverLine struct {
	Waiver      int64    `json:"waiver"`
	Site        string   `json:"site,omitempty"`
	Institution string   `json:"institution,omitempty"`
	Controls    []string `json:"controls"`
	Reason      string   `json:"reason"`
	Approver    string   `json:"approver"`
	Expires     string   `json:"expires"`
	By          string   `json:"by"`
	Ended       string   `json:"ended,omitempty"`
}

func waiverLineOf(w monitor.Waiver) waiverLine {
	return waiverLine{Waiver: w.ID, Site: w.Site, Institution: w.Institution, Controls: w.Controls, Reason: w.Reason, Approver: w.Approver,
		Expires: stamp(w.Expires), By: w.By, Ended: stamp(w.Ended)}
}

// Run records the waiver.
func (l *lockdownWaive) Run(ctx context.Context, c *common, term terminal) error {
	w := monitor.Waiver{Site: l.Site, Institution: l.Institution, Controls: l.Control, Approver: l.Approver}
	switch {
	case l.Until != "" && l.For != "":
		return usageError{errors.New("say when the waiver expires with --until TIME or --for DURATION, not with both")}
	case l.Until != "":
		at, err := parseMoment(l.Until)
		if err != nil {
			return usageError{fmt.Errorf("--until: %w", err)}
		}
		w.Expires = at
	case l.For != "":
		length, err := parseLength(l.For)
		if err != nil {
			return usageError{fmt.Errorf("--for: %w", err)}
		}
		w.Expires = time.Now().Add(length)
	default:
		return usageError{errors.New("a waiver expires: say when with --until TIME or --for DURATION")}
	}
	return withHouse(ctx, c, term, func(h *house) error {
		w, err := h.Waive(ctx, operator(l.Reason, false), w)
		if err != nil {
			return refusedInput(err)
		}
		if l.JSON {
			return printJSON(term.out, waiverLineOf(w))
		}
		fmt.Fprintf(term.out, "waiver %d: %s until %s\n", w.ID, strings.Join(w.Controls, ", "), w.Expires.Local().Format("2006-01-02 15:04 MST"))
		return nil
	})
}

type lockdownReport struct {
	Directive int64 `help:"Of the sites of this order." placeholder:"N"`
	Days      int   `help:"How many days back the trend goes." default:"30" placeholder:"N"`
	JSON      bool  `help:"One object a line: tallies, the trend, waivers, and how often each control is open."`
}

// Run reports.
func (r *lockdownReport) Run(ctx context.Context, c *common, term terminal) error {
	if r.Days < 1 || r.Days > 366 {
		return usageError{fmt.Errorf("--days is from 1 to 366, not %d", r.Days)}
	}
	return withHouse(ctx, c, term, func(h *house) error {
		report, err := h.LockdownReport(ctx, r.Directive, r.Days)
		if err != nil {
			return named(err)
		}
		if r.JSON {
			return printReportJSON(report, term)
		}
		return printReport(report, term)
	})
}
