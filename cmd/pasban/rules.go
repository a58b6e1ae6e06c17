package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"text/tabwriter"
	"time"

	"pasban/compare"
	"pasban/compare/accesslog"
	"pasban/compare/lockdown"
	"pasban/render"
)

type rulesCommand struct {
	JSON bool `help:"One object a line."`
}

// Run lists the rules.
func (r *rulesCommand) Run(_ context.Context, _ *common, term terminal) error {
	if r.JSON {
		for _, rule := range allRules() {
			if err := printJSON(term.out, rule); err != nil {
				return err
			}
		}
		for _, rule := range accesslog.Rules() {
			if err := printJSON(term.out, rule); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(term.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "RULE\tKIND\tSEVERITY\tWHAT IT SEES\tSOURCE")
	for _, rule := range allRules() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", rule.ID, rule.Kind, rule.Severity, rule.Title, rule.Source)
	}
	for _, rule := range accesslog.Rules() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", rule.ID, rule.Kind, rule.Severity, rule.Title, rule.Source)
	}
	return w.Flush()
}

// ruleLine is a rule or a control. A control says as well why it is demanded, how it is
// tested and how it is closed.
type ruleLine struct {
	compare.Rule
	Why    string        `json:"why,omitempty"`
	Tested string        `json:"tested,omitempty"`
	Active bool          `json:"active,omitempty"` // it needs the active checks
	Fix    *lockdown.Fix `json:"fix,omitempty"`
}

func allRules() []ruleLine {
	var all []ruleLine
	for _, rule := range compare.Rules() {
		all = append(all, ruleLine{Rule: rule})
	}
	for _, c := range lockdown.Controls() {
		rule := compare.Rule{ID: c.Rule(), Kind: compare.Lockdown, Severity: c.Severity, Title: c.Title, Source: c.Source}
		all = append(all, ruleLine{rule, c.Why, c.Tested, c.Active, &c.Fix})
	}
	return all
}

type versionCommand struct{}

// version is set by the Makefile from git.
var version = ""

// Run prints the version of the program and of its browser.
func (v *versionCommand) Run(ctx context.Context, c *common, term terminal) error {
	fmt.Fprintf(term.out, "pasban %s\n", versionString())
	path, err := c.findChrome()
	if err != nil {
		fmt.Fprintf(term.out, "browser not found\n")
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	browser, err := render.Version(ctx, path)
	if err != nil {
		return fmt.Errorf("asking the browser for its version: %w", err)
	}
	fmt.Fprintf(term.out, "browser %s\n", browser)
	return nil
}

func versionString() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

func (c *common) findChrome() (string, error) {
	if c.Chrome != "" {
		return c.Chrome, nil
	}
	return render.Find()
}
