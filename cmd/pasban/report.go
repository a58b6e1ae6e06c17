package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"pasban/monitor"
	"pasban/monitor/statistics"
	"pasban/render"
)

type reportCommand struct {
	Quarter string `help:"Quarter to report, as 2026Q1." required:"" placeholder:"QUARTER"`
	Format  string `help:"md, html, csv, json or pdf." enum:"md,html,csv,json,pdf" default:"md"`
	Out     string `help:"File to write. Default: stdout." placeholder:"FILE"`
}

// printTimeout bounds the printing of a report.
const printTimeout = 90 * time.Second

// Run writes the statistics of a quarter.
func (r *reportCommand) Run(ctx context.Context, c *common, term terminal) error {
	q, err := statistics.ParseQuarter(r.Quarter)
	if err != nil {
		return usageError{fmt.Errorf("--quarter: %w", err)}
	}
	if from, _ := q.Bounds(); from.After(time.Now()) {
		return usageError{fmt.Errorf("--quarter: %s has not begun yet", q)}
	}
	return withHouse(ctx, c, term, func(h *house) error {
		cases, err := h.Cases(ctx)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := r.write(ctx, c, term, statistics.Make(q, cases, time.Now()), &b); err != nil {
			return err
		}
		if r.Out == "" {
			_, err = term.out.Write(b.Bytes())
			return err
		}
		return replaceFile(r.Out, b.Bytes(), 0o644)
	})
}

func (r *reportCommand) write(ctx context.Context, c *common, term terminal, made statistics.Report, w io.Writer) error {
	switch r.Format {
	case "html":
		return statistics.WriteHTML(w, made)
	case "csv":
		return statistics.WriteCSV(w, made)
	case "json":
		return statistics.WriteJSON(w, made)
	case "pdf":
		var page bytes.Buffer
		if err := statistics.WriteHTML(&page, made); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, printTimeout)
		defer cancel()
		pdf, err := render.Print(ctx, render.Options{Chrome: c.Chrome, NoSandbox: c.NoSandbox, Logger: c.logger(term)}, page.String())
		if err != nil {
			return fmt.Errorf("printing the report: %w", err)
		}
		_, err = w.Write(pdf)
		return err
	}
	return statistics.WriteMarkdown(w, made)
}

type incidentsImport struct {
	File string `arg:"" help:"CSV file with the columns ${historyColumns}; date, type and tier are required."`
}

// Run imports past incidents, all of them or none.
func (i *incidentsImport) Run(ctx context.Context, c *common, term terminal) error {
	all, err := readHistory(i.File)
	if err != nil {
		return err // before a data directory is made
	}
	return withHouse(ctx, c, term, func(h *house) error {
		done, err := h.ImportHistory(ctx, operator("imported from "+filepath.Base(i.File), false), all)
		if err != nil {
			return err
		}
		fmt.Fprintf(term.out, "%s added, %d changed, %d there already\n", count(done.Added, "incident"), done.Changed, done.Same)
		return nil
	})
}

func readHistory(path string) (_ []monitor.PastIncident, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, usageError{fmt.Errorf("opening the file of past incidents: %w", err)}
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	all, err := monitor.ParseHistory(f, time.Now())
	if err != nil {
		return nil, usageError{fmt.Errorf("%s: nothing was imported:\n%w", path, err)}
	}
	return all, nil
}
