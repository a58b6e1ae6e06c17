package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"pasban/monitor"
)

type sitesCommand struct {
	List   sitesList   `cmd:"" help:"Every site that is watched."`
	Import sitesImport `cmd:"" help:"Add a CSV or YAML list; columns: ${rowColumns}. Only url is required."`
	Export sitesExport `cmd:"" help:"The list as CSV, as import reads it."`
	Pause  sitesPause  `cmd:"" help:"Stop watching sites for the time being."`
	Resume sitesResume `cmd:"" help:"Watch them again."`
}

type sitesList struct {
	JSON bool `help:"One object a line."`
}

type siteLine struct {
	Site        string `json:"site"`
	Name        string `json:"name"`
	URL         string `json:"url"`
	Institution string `json:"institution"`
	Schedule    string `json:"schedule"`
	Paused      bool   `json:"paused"`
	Targets     int    `json:"targets"`
}

// Run lists sites.
func (l *sitesList) Run(ctx context.Context, c *common, term terminal) error {
	return withHouse(ctx, c, term, func(h *house) error {
		lines, err := siteLines(ctx, h.Monitor)
		if err != nil {
			return err
		}
		if l.JSON {
			for _, s := range lines {
				if err := printJSON(term.out, s); err != nil {
					return err
				}
			}
			return nil
		}
		w := tabwriter.NewWriter(term.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "SITE\tPAGES\tSCHEDULE\tURL\tNAME")
		for _, s := range lines {
			schedule := s.Schedule
			if s.Paused {
				schedule = "paused"
			}
			fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\n", s.Site, s.Targets, schedule, s.URL, plain(s.Name, 60))
		}
		return w.Flush()
	})
}

func siteLines(ctx context.Context, m *monitor.Monitor) ([]siteLine, error) {
	sites, err := m.Store.Sites(ctx)
	if err != nil {
		return nil, err
	}
	targets, err := m.Store.Targets(ctx)
	if err != nil {
		return nil, err
	}
	pages := map[string]int{}
	for _, t := range targets {
		pages[t.Site]++
	}
	var out []siteLine
	for _, s := range sites {
		if pages[s.ID] > 0 {
			out = append(out, siteLine{s.ID, s.Name, s.URL, s.Institution, s.Schedule, s.Paused, pages[s.ID]})
		}
	}
	return out, nil
}

type sitesImport struct {
	File    string `arg:"" help:"CSV or YAML file."`
	Replace bool   `help:"Stop watching what the list does not name. History is kept."`
}

// Run imports a list, all of it or nothing.
func (i *sitesImport) Run(ctx context.Context, c *common, term terminal) error {
	if _, err := readWatchlist(i.File); err != nil {
		return err // before a data directory is made
	}
	return withHouse(ctx, c, term, func(h *house) error {
		done, err := importFile(ctx, h.Monitor, i.File, i.Replace)
		if err != nil {
			return err
		}
		fmt.Fprintf(term.out, "watching %s with %s of %s\n", count(done.Sites, "site"), count(done.Targets, "page"), count(done.Institutions, "institution"))
		if done.Gone > 0 {
			fmt.Fprintf(term.out, "no longer watching %s\n", count(done.Gone, "page"))
		}
		return nil
	})
}

type sitesExport struct{}

// Run writes the list to stdout.
func (e *sitesExport) Run(ctx context.Context, c *common, term terminal) error {
	return withHouse(ctx, c, term, func(h *house) error { return h.Export(ctx, term.out) })
}

type sitesPause struct {
	Site   []string `arg:"" help:"Sites."`
	Reason string   `help:"Why, for the record." required:""`
}

// Run pauses sites.
func (p *sitesPause) Run(ctx context.Context, c *common, term terminal) error {
	return pauseSites(ctx, c, term, p.Site, p.Reason, true)
}

type sitesResume struct {
	Site   []string `arg:"" help:"Sites."`
	Reason string   `help:"Why, for the record."`
}

// Run resumes sites.
func (r *sitesResume) Run(ctx context.Context, c *common, term terminal) error {
	return pauseSites(ctx, c, term, r.Site, r.Reason, false)
}

func pauseSites(ctx context.Context, c *common, term terminal, sites []string, reason string, pause bool) error {
	word := map[bool]string{true: "paused", false: "resumed"}[pause]
	return withHouse(ctx, c, term, func(h *house) error {
		for _, s := range sites {
			if err := h.Pause(ctx, operator(reason, false), s, pause); err != nil {
				return named(err)
			}
			fmt.Fprintf(term.out, "%s %s\n", word, s)
		}
		return nil
	})
}
