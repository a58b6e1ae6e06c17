package monitor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"time"

	"pasban/compare/accesslog"
	"pasban/monitor/logdir"
)

// The folder is looked at again and again: that works on every file system, and costs a
// stat a file. What was found, how far was read and what is known of the site are kept
// in one transaction for several sites at once, so that fifteen hundred logs that grow
// do not make fifteen hundred commits.

const (
	logsEvery = 10 * time.Second
	// logBatch is how much plain text is read between two commits, and logShare how much
	// of one site in a round, so that a flood at one does not keep the others waiting.
	logBatch = 8 << 20
	logShare = 64 << 20
	// logVisitors bounds what a site's scanner keeps of visitors: 150 KB.
	logVisitors = 500
	// maxDesks bounds the sites whose scanner is kept from round to round. Of others,
	// what visitors did a minute ago is forgotten.
	maxDesks = 2000
	// maxSaid bounds what is said once.
	maxSaid = 1000
	// logAhead is how far the clock of a web server may be ahead of ours.
	logAhead = 24 * time.Hour
	logOld   = 10 * 365 * 24 * time.Hour
)

// logWatch reads the logs of all sites.
type logWatch struct {
	m        *Monitor
	revision int64
	sites    map[string]Site
	desks    map[string]*logDesk
	pending  []*logDesk // that have something to keep
	bytes    int64      // that they have read
	said     map[string]bool
	more     bool // a site has used up its share of the round
}

// logDesk is where the logs of one site are read.
type logDesk struct {
	site    Site
	reading LogReading
	scanner *accesslog.Scanner
	last    map[string]logdir.File // as they were when they were read to their end
	day     time.Time
	report  accesslog.Report // since the last commit
	waits   bool             // in pending
	since   time.Time        // of the standing lockdown
}

func newLogWatch(m *Monitor) *logWatch {
	return &logWatch{m: m, revision: -1, desks: map[string]*logDesk{}, said: map[string]bool{}}
}

// logLoop reads logs until the context ends.
func (m *Monitor) logLoop(ctx context.Context) error {
	every := m.LogsEvery
	if every <= 0 {
		every = logsEvery
	}
	t := time.NewTicker(every)
	defer t.Stop()
	w := newLogWatch(m)
	for {
		if err := w.round(ctx); err != nil && ctx.Err() == nil {
			m.calm.say(slog.LevelWarn, "logs", "access logs are not read; it is tried again in a moment", "error", err)
		} else if err == nil {
			m.calm.over("logs", "access logs are read again")
			if w.more && ctx.Err() == nil {
				continue
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// round reads what has come since the last one.
func (w *logWatch) round(ctx context.Context) (err error) {
	w.more = false
	if err := w.know(ctx); err != nil {
		return err
	}
	folder, err := logdir.Open(w.m.Logs)
	if err != nil {
		return err
	}
	defer folder.Close()
	names, left, err := folder.Names()
	if err != nil {
		return err
	}
	if left > 0 {
		w.sayOnce("\x00many", "there are too many folders of logs; the others are not read", "read", logdir.MaxSites, "left", left)
	}
	for _, name := range names {
		site, known := w.sites[name]
		if !known {
			w.sayOnce(name, "there is a folder of logs for a site that is not watched; it is not read", "folder", name[:min(len(name), 100)])
			continue
		}
		if err := w.folder(ctx, folder, site); err != nil {
			return errors.Join(err, w.flush(ctx)) // what is read is told
		}
	}
	return w.flush(ctx)
}

// know reads which sites are watched, if that has changed.
func (w *logWatch) know(ctx context.Context) error {
	revision, err := w.m.Store.Revision(ctx)
	if err != nil || revision == w.revision {
		return err
	}
	all, err := w.m.Store.Sites(ctx)
	if err != nil {
		return err
	}
	w.sites, w.revision = map[string]Site{}, revision
	for _, s := range all {
		w.sites[s.ID] = s
	}
	for id, d := range w.desks {
		d.site = w.sites[id]
	}
	return nil
}

func (w *logWatch) sayOnce(key, text string, args ...any) {
	if w.said[key] || len(w.said) >= maxSaid {
		return
	}
	w.said[key] = true
	w.m.Logger.Warn(text, args...)
}

// folder reads the logs of one site. Trouble with one of them is said, and is no error.
func (w *logWatch) folder(ctx context.Context, folder *logdir.Folder, site Site) error {
	s, err := folder.Site(site.ID)
	if err != nil {
		w.sayOnce(site.ID, "the logs of a site cannot be read", "site", site.ID, "error", err)
		return nil
	}
	defer s.Close()
	for _, name := range s.Unfit {
		w.sayOnce(site.ID+"\x00"+name, "what is no plain file is not read as a log; links are not followed", "site", site.ID, "file", name[:min(len(name), 100)])
	}
	if s.LeftOut > 0 {
		w.sayOnce(site.ID+"\x00many", "a site has too many logs; the others are not read", "site", site.ID, "read", logdir.MaxFiles, "left", s.LeftOut)
	}
	d := w.desks[site.ID]
	today := w.m.now().Truncate(24 * time.Hour)
	if d != nil && !d.day.Equal(today) {
		clear(d.last) // so that each is seen to lie there, once a day
	}
	files := s.Files
	if d != nil {
		files = slices.DeleteFunc(files, func(f logdir.File) bool { return f.Same(d.last[f.Name]) })
	}
	if len(files) == 0 {
		return nil
	}
	if d == nil {
		if d, err = w.desk(ctx, site); err != nil {
			return err
		}
	}
	d.day = today
	if d.since, err = w.m.writesSince(ctx, w.m.Store, site, &d.reading); err != nil {
		return err
	}
	d.scanner.Order(d.since, time.Time{})
	share := int64(logShare)
	for _, f := range files {
		if err := w.read(ctx, d, s, f, &share); err != nil {
			return err
		}
	}
	return nil
}

// desk begins to read the logs of a site, where it was left.
func (w *logWatch) desk(ctx context.Context, site Site) (*logDesk, error) {
	for id := range w.desks {
		if len(w.desks) < maxDesks {
			break
		}
		if !w.desks[id].waits {
			delete(w.desks, id)
		}
	}
	reading, err := w.m.Store.LogReading(ctx, site.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	d := &logDesk{site: site, reading: reading, last: map[string]logdir.File{}}
	d.scanner = accesslog.NewScanner(accesslog.Options{Memory: &d.reading.Memory, Visitors: logVisitors})
	w.desks[site.ID] = d
	return d, nil
}

// read reads on in one log, until its end or the site's share is used up.
func (w *logWatch) read(ctx context.Context, d *logDesk, s *logdir.Site, f logdir.File, share *int64) error {
	if *share <= 0 {
		w.more = true
		return nil
	}
	log, err := s.Open(ctx, f, d.reading.Places, w.m.now())
	if err != nil {
		if ctx.Err() == nil {
			d.last[f.Name] = f // until something happens to it
			w.m.calm.say(slog.LevelWarn, "log "+d.site.ID, "a log cannot be read", "site", d.site.ID, "error", err)
		}
		return ctx.Err()
	}
	defer log.Close()
	if log.Reader == nil {
		d.last[f.Name] = f
		if log.Place.Mark != "" {
			w.note(d, log.Place)
		}
		return nil
	}
	if log.Packed { // what comes first of it had to be unpacked again: make it worth it
		*share = max(*share, log.Place.Bytes)
	}
	d.scanner.Name(log.Place.Name)
	for {
		done, err := w.batch(ctx, d, log, *share)
		*share -= log.At(false).Bytes - log.Place.Bytes
		if ctx.Err() != nil {
			return ctx.Err() // nothing of the batch is kept
		}
		w.note(d, log.At(done && !errors.Is(err, io.ErrUnexpectedEOF)))
		log.Place = log.At(false)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			w.m.calm.say(slog.LevelWarn, "log "+d.site.ID, "a log could not be read to its end; what came before was judged", "site", d.site.ID, "file", log.Place.Name, "error", err)
		}
		if done {
			d.last[f.Name] = f
		}
		if w.bytes >= logBatch {
			if err := w.flush(ctx); err != nil {
				return err
			}
		}
		if done || *share <= 0 {
			w.more = w.more || !done
			return nil
		}
	}
}

// batch judges as much as is kept at once. done says that no more comes, because of err
// if that is not nil.
func (w *logWatch) batch(ctx context.Context, d *logDesk, log *logdir.Log, share int64) (done bool, err error) {
	oldest, newest := w.m.now().Add(-logOld), w.m.now().Add(logAhead)
	begin := log.Place.Place
	defer func() {
		at := log.Reader.Place()
		w.bytes += at.Bytes - begin.Bytes
		d.reading.Lines += at.Lines - begin.Lines
	}()
	for n := 1; ; n++ {
		if n%1024 == 0 {
			if ctx.Err() != nil {
				return false, ctx.Err()
			}
			if read := log.Reader.Place().Bytes - begin.Bytes; read >= min(logBatch, share) {
				return false, nil
			}
		}
		e, err := log.Reader.Next()
		var bad *accesslog.LineError
		switch {
		case errors.Is(err, io.EOF):
			return true, nil
		case errors.As(err, &bad):
			d.reading.Malformed++
		case err != nil:
			return true, err
		case e.At.Before(oldest) || e.At.After(newest):
			d.reading.Malformed++ // a clock that means nothing
		default:
			d.scanner.Add(e)
		}
	}
}

// note puts down how far a log was read; flush keeps it.
func (w *logWatch) note(d *logDesk, p logdir.Place) {
	if slices.ContainsFunc(d.reading.Places, func(q logdir.Place) bool { return q == p }) {
		return
	}
	d.reading.Places = logdir.Note(d.reading.Places, p)
	if !d.waits {
		d.waits = true
		w.pending = append(w.pending, d)
	}
}

// flush keeps what all desks have, in one transaction. If that fails, they begin anew
// from what is on record.
func (w *logWatch) flush(ctx context.Context) error {
	desks := w.pending
	w.pending, w.bytes = nil, 0
	if len(desks) == 0 {
		return nil
	}
	for _, d := range desks {
		d.waits, d.report = false, d.scanner.Take()
		d.reading.LeftOut += d.report.LeftOut
	}
	kept := make([]LogReading, len(desks))
	err := w.m.Store.Update(ctx, func(tx Tx) (err error) {
		for i, d := range desks {
			if kept[i], err = w.m.keepLog(ctx, tx, d); err != nil {
				return fmt.Errorf("site %s: %w", d.site.ID, err)
			}
		}
		return nil
	})
	for i, d := range desks {
		if err != nil {
			delete(w.desks, d.site.ID)
			continue
		}
		// The memory stays where the scanner has it.
		d.reading.Thinned, d.reading.Since, d.reading.Asked = kept[i].Thinned, kept[i].Since, kept[i].Asked
	}
	if err != nil {
		return fmt.Errorf("keeping what logs told: %w", err)
	}
	return nil
}

// keepLog keeps what was found in the logs of a site, with how far they were read.
func (m *Monitor) keepLog(ctx context.Context, tx Tx, d *logDesk) (LogReading, error) {
	r := d.reading
	byRule := map[string][]accesslog.Finding{}
	for _, f := range d.report.Findings {
		byRule[f.Rule] = append(byRule[f.Rule], f)
	}
	for _, rule := range slices.Sorted(maps.Keys(byRule)) {
		all := byRule[rule]
		slices.SortStableFunc(all, func(a, b accesslog.Finding) int { return b.First.Compare(a.First) })
		r.Thinned += int64(max(0, len(all)-maxLogFindings))
		for _, f := range all[:min(len(all), maxLogFindings)] {
			if err := tx.PutLogFinding(ctx, logFinding(d.site.ID, f)); err != nil {
				return r, err
			}
		}
		n, err := tx.ThinLogFindings(ctx, d.site.ID, rule, maxLogFindings)
		if err != nil {
			return r, err
		}
		r.Thinned += int64(n)
	}
	if err := m.askAboutWrites(ctx, tx, d, byRule[writeInLockdown], &r); err != nil {
		return r, err
	}
	return r, tx.PutLogReading(ctx, d.site.ID, r)
}
