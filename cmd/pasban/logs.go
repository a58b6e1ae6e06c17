package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"pasban/compare/accesslog"
	"pasban/monitor/statistics"
)

type logsCommand struct {
	Scan logsScan `cmd:"" help:"What matters in access logs of one site: attacks that were answered, web shells, writes in a lockdown."`
	List logsList `cmd:"" help:"What serve found in the logs of a site that it reads, the oldest first."`
}

type logsScan struct {
	File          []string      `arg:"" help:"Access logs of one site, in any order, plain or packed with gzip or zstd; - for stdin." sep:"none"`
	JSON          bool          `help:"One finding a line, then a summary."`
	Site          string        `help:"ID of the site that they are of: a lockdown that is ordered of it counts from its deadline." placeholder:"ID"`
	LockdownSince string        `help:"When the site was ordered to take nothing: 2026-03-04T18:00:00+05:00, or 2026-03-04 18:00 in Pakistan (UTC+5). Default: what is ordered of --site." placeholder:"TIME"`
	LockdownUntil string        `help:"When that order ended, likewise. Default: it has not." placeholder:"TIME"`
	LearnFor      time.Duration `help:"How long the site is learnt before what is new on it is told; 0 for not at all." default:"24h" placeholder:"DURATION"`
	State         string        `help:"File that keeps what is known of the site from one scan to the next." placeholder:"FILE"`
}

// logSummary ends a scan.
type logSummary struct {
	Files     int               `json:"files"`
	Lines     int64             `json:"lines"`
	Entries   int64             `json:"entries"`
	Malformed int64             `json:"malformed"`
	Bad       []badLine         `json:"bad_lines"` // the first of them
	First     *time.Time        `json:"first"`
	Last      *time.Time        `json:"last"`
	Findings  int               `json:"findings"`
	LeftOut   int64             `json:"left_out"`
	Full      int64             `json:"memory_full"`
	TookMS    int64             `json:"took_ms"`
	Unread    map[string]string `json:"unread,omitempty"` // files that ended in an error
}

type badLine struct {
	File   string `json:"file"`
	Line   int64  `json:"line"`
	Reason string `json:"reason"`
	Text   string `json:"text"`
}

// maxBad bounds how many malformed lines are named; all are counted.
const maxBad = 10

// Run scans the files in the order of their times: of access.log and access.log.1 the
// second comes first.
func (l *logsScan) Run(ctx context.Context, c *common, term terminal) error {
	options, err := l.options()
	if err != nil {
		return err
	}
	if l.Site != "" {
		if err := l.standing(ctx, c, term, &options); err != nil {
			return err
		}
	}
	files, err := l.open()
	defer func() {
		for _, f := range files {
			_ = f.Close() // it was only read
		}
	}()
	if err != nil {
		return err
	}
	began := time.Now()
	s := accesslog.NewScanner(options)
	summary := logSummary{Files: len(files), Bad: []badLine{}}
	for _, f := range files {
		if err := scanLog(ctx, s, f, &summary); err != nil {
			return err
		}
	}
	report := s.Report()
	summary.Entries, summary.Findings, summary.LeftOut = report.Entries, len(report.Findings), report.LeftOut
	summary.Full, summary.TookMS = options.Memory.Full, time.Since(began).Milliseconds()
	if report.Entries > 0 {
		summary.First, summary.Last = &report.First, &report.Last
	}
	if err := l.keep(options.Memory); err != nil {
		return err
	}
	if err := l.print(term, report, summary); err != nil {
		return err
	}
	if len(summary.Unread) > 0 {
		return fmt.Errorf("%s could not be read to the end: what came before was judged", count(len(summary.Unread), "file"))
	}
	return nil
}

// standing asks what is ordered of the site, unless a flag says it.
func (l *logsScan) standing(ctx context.Context, c *common, term terminal, o *accesslog.Options) error {
	return withHouse(ctx, c, term, func(h *house) error {
		since, unknown, err := h.WritesForbidden(ctx, l.Site)
		switch {
		case err != nil:
			return named(fmt.Errorf("--site: %w", err))
		case l.LockdownSince != "":
		case unknown:
			fmt.Fprintln(term.err, "the watchlist has the site in lockdown and does not say since when; name it with --lockdown-since")
		}
		if l.LockdownSince == "" && !since.IsZero() {
			o.LockdownSince = since
			fmt.Fprintf(term.err, "writes are held against the lockdown since %s\n", since.In(statistics.Zone).Format("2006-01-02 15:04 MST"))
		}
		return nil
	})
}

func (l *logsScan) options() (accesslog.Options, error) {
	o := accesslog.Options{Learn: l.LearnFor, Memory: new(accesslog.Memory)}
	if l.LearnFor == 0 {
		o.Learn = -1
	}
	if l.LearnFor < 0 {
		return o, usageError{fmt.Errorf("--learn-for must be 0 or longer, not %v", l.LearnFor)}
	}
	if l.LockdownSince != "" {
		var err error
		if o.LockdownSince, err = logMoment(l.LockdownSince); err != nil {
			return o, usageError{fmt.Errorf("--lockdown-since: %w", err)}
		}
	}
	if l.LockdownUntil != "" {
		var err error
		if o.LockdownUntil, err = logMoment(l.LockdownUntil); err != nil {
			return o, usageError{fmt.Errorf("--lockdown-until: %w", err)}
		}
		if !o.LockdownSince.Before(o.LockdownUntil) || l.LockdownSince == "" {
			return o, usageError{errors.New("--lockdown-until: it ends a lockdown that --lockdown-since begins before it")}
		}
	}
	if l.State == "" {
		return o, nil
	}
	raw, err := os.ReadFile(l.State)
	if errors.Is(err, fs.ErrNotExist) {
		return o, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, o.Memory)
	}
	if err != nil {
		return o, usageError{fmt.Errorf("--state: reading what is known of the site: %w", err)}
	}
	return o, nil
}

// logMoment reads a time with its zone, or without one in that of Pakistan.
func logMoment(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, statistics.Zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time; expected something like 2026-03-04T18:00:00+05:00 or 2026-03-04 18:00", s)
}

// keep writes what is known now, all of it or nothing.
func (l *logsScan) keep(m *accesslog.Memory) error {
	if l.State == "" {
		return nil
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("writing what is known of the site: %w", err)
	}
	return replaceFile(l.State, raw, 0o600)
}

// replaceFile writes a file beside its place, puts it there, and makes both durable.
func replaceFile(path string, content []byte, mode fs.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".pasban-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	_, err = f.Write(content)
	if err == nil {
		err = errors.Join(f.Chmod(mode), f.Sync())
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", path, err), os.Remove(f.Name()))
	}
	folder, err := os.Open(filepath.Dir(path))
	if err == nil {
		err = errors.Join(folder.Sync(), folder.Close())
	}
	if err != nil {
		return fmt.Errorf("making the name of %s durable: %w", path, err)
	}
	return nil
}

// logFile is a file that is open, and when it begins.
type logFile struct {
	name  string
	begin time.Time
	r     io.Reader
	io.Closer
}

// open opens all files before anything is done with one, and orders them by time.
func (l *logsScan) open() ([]logFile, error) {
	var files []logFile
	for _, name := range l.File {
		f, begin, err := openLog(name)
		if err != nil {
			return files, usageError{err}
		}
		files = append(files, logFile{name: name, begin: begin, r: f, Closer: f})
	}
	slices.SortStableFunc(files, func(a, b logFile) int {
		return a.begin.Compare(b.begin)
	})
	return files, nil
}

func openLog(name string) (*os.File, time.Time, error) {
	if name == "-" {
		return os.Stdin, time.Time{}, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("opening the log: %w", err)
	}
	if info, err := f.Stat(); err != nil || info.IsDir() {
		return nil, time.Time{}, errors.Join(fmt.Errorf("%s is a folder; name the files in it", name), err, f.Close())
	}
	begin := firstTime(f)
	if _, err := f.Seek(0, io.SeekStart); err != nil { // a pipe: read it as it comes
		_ = f.Close() // nothing of it was read
		return nil, time.Time{}, fmt.Errorf("%s is no file that can be read twice; give it on stdin: %w", name, err)
	}
	return f, begin, nil
}

// firstTime is the time of the first entry among the first lines, zero if there is none.
func firstTime(f io.Reader) time.Time {
	plain, err := accesslog.Unpack(f)
	if err != nil {
		return time.Time{}
	}
	r := accesslog.NewReader(plain)
	for range 20 {
		e, err := r.Next()
		var bad *accesslog.LineError
		switch {
		case err == nil:
			return e.At
		case !errors.As(err, &bad):
			return time.Time{}
		}
	}
	return time.Time{}
}

// scanLog reads one log to its end. What goes wrong in the middle ends that file only.
func scanLog(ctx context.Context, s *accesslog.Scanner, f logFile, sum *logSummary) error {
	s.Name(f.name)
	plainText, err := accesslog.Unpack(f.r)
	if err != nil {
		sum.unread(f.name, err)
		return nil
	}
	r := accesslog.NewReader(plainText)
	defer func() { sum.Lines += r.Line() }()
	for n := 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		e, err := r.Next()
		var bad *accesslog.LineError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &bad):
			if sum.Malformed++; len(sum.Bad) < maxBad {
				sum.Bad = append(sum.Bad, badLine{f.name, bad.Line, bad.Reason, bad.Text})
			}
		case err != nil:
			sum.unread(f.name, err)
			return nil
		default:
			s.Add(e)
		}
	}
}

func (s *logSummary) unread(name string, err error) {
	if s.Unread == nil {
		s.Unread = map[string]string{}
	}
	s.Unread[name] = err.Error()
}

func (l *logsScan) print(term terminal, report accesslog.Report, sum logSummary) error {
	if l.JSON {
		for _, f := range report.Findings {
			if err := printJSON(term.out, f); err != nil {
				return err
			}
		}
		return printJSON(term.out, sum)
	}
	w := tabwriter.NewWriter(term.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "SEVERITY\tRULE\tFIRST\tTIMES\tCLIENT\tSTATUS\tREQUEST\tWHERE")
	for _, f := range report.Findings {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%d\t%s %s\t%s:%d\n", f.Severity, f.Rule, f.First.Local().Format("2006-01-02 15:04:05"), f.Count, plain(f.Client, 45), f.Status, plain(f.Method, 10), plain(f.Target, 100), plain(f.File, 60), f.Line)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(term.err, "%s of %s read, %s\n", count(int(sum.Lines), "line"), count(sum.Files, "file"), count(sum.Findings, "finding"))
	if sum.Malformed > 0 {
		fmt.Fprintf(term.err, "%s could not be read", count(int(sum.Malformed), "line"))
		if sum.Malformed > int64(len(sum.Bad)) {
			fmt.Fprintf(term.err, "; the first %d", len(sum.Bad))
		}
		fmt.Fprintln(term.err, ":")
	}
	for _, b := range sum.Bad {
		fmt.Fprintf(term.err, "  %s:%d: %s: %s\n", plain(b.File, 100), b.Line, b.Reason, plain(b.Text, 80))
	}
	for name, why := range sum.Unread {
		fmt.Fprintf(term.err, "%s: %s\n", plain(name, 100), plain(why, 200))
	}
	if sum.LeftOut > 0 || sum.Full > 0 {
		fmt.Fprintf(term.err, "%s did not fit into the list; %s of the site were not remembered\n", count(int(sum.LeftOut), "finding"), count(int(sum.Full), "trait"))
	}
	return nil
}
