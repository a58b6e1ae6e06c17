package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"pasban/monitor"
)

type baselineCommand struct {
	List    baselineList    `cmd:"" help:"The newest version of each target."`
	Show    baselineShow    `cmd:"" help:"Every version of a target, and who approved it."`
	Approve baselineApprove `cmd:"" help:"Approve the newest comparable look of each target."`
	Reject  baselineReject  `cmd:"" help:"Refuse what was seen last; the baseline stays."`
	Restore baselineRestore `cmd:"" help:"Rebuild the baselines from their manifests, for when the database is lost."`
}

// withHouse opens what a command that only reads and decides needs.
func withHouse(ctx context.Context, c *common, term terminal, f func(*house) error) (err error) {
	h, err := c.open(ctx, term, use{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	return f(h)
}

type baselineList struct {
	JSON bool `help:"One object a line."`
}

// baselineLine is a baseline as scripts read it.
type baselineLine struct {
	Target      string   `json:"target"`
	Site        string   `json:"site"`
	Version     int      `json:"version"`
	Created     string   `json:"created"`
	Provisional bool     `json:"provisional"`
	ApprovedBy  string   `json:"approved_by"`
	Captures    []string `json:"captures"`
	Manifest    string   `json:"manifest"`
}

const timeFormat = "2006-01-02T15:04:05Z07:00"

func baselineLineOf(b monitor.Baseline) baselineLine {
	return baselineLine{b.Target, b.Site, b.Version, b.Created.Format(timeFormat), b.Provisional, b.ApprovedBy, b.Captures, b.Manifest}
}

// Run lists the newest baseline of each target.
func (l *baselineList) Run(ctx context.Context, c *common, term terminal) error {
	return withHouse(ctx, c, term, func(h *house) error {
		all, err := h.Store.LatestBaselines(ctx)
		if err != nil {
			return err
		}
		return printBaselines(term, all, l.JSON)
	})
}

func printBaselines(term terminal, all []monitor.Baseline, asJSON bool) error {
	if asJSON {
		for _, b := range all {
			if err := printJSON(term.out, baselineLineOf(b)); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(term.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "TARGET\tVERSION\tLOOKS\tAPPROVED BY\tWHEN")
	for _, b := range all {
		by := b.ApprovedBy
		if b.Provisional {
			by = "nobody yet (first sight)"
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%s\n", b.Target, b.Version, len(b.Captures), by, b.Created.Local().Format("2006-01-02 15:04"))
	}
	return w.Flush()
}

type baselineShow struct {
	Target string `arg:"" help:"Target."`
	JSON   bool   `help:"One object a version."`
}

// Run shows every version of a target.
func (s *baselineShow) Run(ctx context.Context, c *common, term terminal) error {
	return withHouse(ctx, c, term, func(h *house) error {
		if _, err := h.Select(ctx, []string{s.Target}); err != nil {
			return named(err)
		}
		all, err := h.Store.Baselines(ctx, s.Target)
		if err != nil {
			return err
		}
		return printBaselines(term, all, s.JSON)
	})
}

type baselineApprove struct {
	Site   []string `arg:"" optional:"" help:"Sites or targets."`
	All    bool     `help:"Every target."`
	Reason string   `help:"Why, for the record."`
	Force  string   `help:"Approve in spite of an open incident or evidence of an attack, for this reason." placeholder:"REASON"`
}

// Run approves; a target that is refused does not keep the others from it.
func (a *baselineApprove) Run(ctx context.Context, c *common, term terminal) error {
	if len(a.Site) == 0 && !a.All {
		return usageError{errors.New("name the sites to approve, or say --all")}
	}
	if len(a.Site) > 0 && a.All {
		return usageError{errors.New("name sites or say --all, not both")}
	}
	order := operator(a.Reason, false)
	if a.Force != "" {
		order = operator(a.Force, true)
	}
	return withHouse(ctx, c, term, func(h *house) error {
		targets, err := h.Select(ctx, a.Site)
		if err != nil {
			return named(err)
		}
		return approveAll(ctx, h.Monitor, order, targets, term)
	})
}

func approveAll(ctx context.Context, m *monitor.Monitor, order monitor.Order, targets []monitor.Target, term terminal) error {
	refused := 0
	for _, t := range targets {
		b, err := m.Approve(ctx, order, t.ID)
		if errors.Is(err, monitor.ErrRefused) {
			fmt.Fprintf(term.err, "pasban: %s\n", plainLines(err.Error()))
			refused++
			continue
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(term.out, "approved %s version %d (%s)\n", b.Target, b.Version, count(len(b.Captures), "look"))
	}
	if refused > 0 {
		return fmt.Errorf("%d of %d targets were not approved", refused, len(targets))
	}
	return nil
}

type baselineReject struct {
	Site   []string `arg:"" help:"Sites or targets."`
	Reason string   `help:"Why, for the record." required:""`
}

// Run records that what was seen last is not accepted.
func (r *baselineReject) Run(ctx context.Context, c *common, term terminal) error {
	return withHouse(ctx, c, term, func(h *house) error {
		targets, err := h.Select(ctx, r.Site)
		if err != nil {
			return named(err)
		}
		for _, t := range targets {
			if err := h.Reject(ctx, operator(r.Reason, false), t.ID); err != nil {
				return err
			}
			fmt.Fprintf(term.out, "rejected what was seen of %s; its baseline stays\n", t.ID)
		}
		return nil
	})
}

type baselineRestore struct{}

// Run rebuilds baselines from the blobs alone.
func (r *baselineRestore) Run(ctx context.Context, c *common, term terminal) error {
	return withHouse(ctx, c, term, func(h *house) error {
		done, err := h.Restore(ctx, operator("restored from the manifests", false))
		if err != nil {
			return err
		}
		fmt.Fprintf(term.out, "restored %s of %s on %s\n", count(done.Baselines, "baseline"), count(done.Targets, "new target"), count(done.Sites, "new site"))
		if done.Snapshots > 0 {
			fmt.Fprintf(term.out, "restored %s for recovery; see pasban snapshot list\n", count(done.Snapshots, "snapshot"))
		}
		for _, d := range done.Damaged {
			fmt.Fprintf(term.err, "pasban: not used: %s\n", plain(d, 500))
		}
		if len(done.Damaged) > 0 {
			return fmt.Errorf("%s could not be used", count(len(done.Damaged), "manifest"))
		}
		return nil
	})
}
