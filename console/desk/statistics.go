package desk

import (
	"context"
	"slices"
	"time"

	"pasban/monitor"
	"pasban/monitor/statistics"
)

// Period is what statistics are about: a quarter, or some days.
type Period struct {
	Quarter  string // "" for a span of days
	Span     statistics.Span
	From, To string // its first and last day
	quarter  statistics.Quarter
}

// ParsePeriod reads a quarter, such as 2026Q1, or a first and a last day, such as
// 2026-01-01. Without either it is the quarter that is on.
func ParsePeriod(quarter, from, to string, now time.Time) (p Period, err error) {
	switch {
	case from != "" || to != "":
		p.Span, err = statistics.ParseSpan(from, to)
	case quarter != "":
		p.quarter, err = statistics.ParseQuarter(quarter)
	default:
		p.quarter = statistics.Recent(now, 1)[0]
	}
	if err == nil && p.quarter.Year != 0 {
		p.Quarter, p.Span = p.quarter.String(), p.quarter.Span()
	}
	switch {
	case err != nil:
		return p, monitor.Refuse("this is neither a quarter, such as 2026Q1, nor two days, such as 2026-01-01 and 2026-03-31, at most a year apart")
	case p.Span.From.After(now):
		return p, monitor.Refuse("this time has not begun yet")
	}
	p.From, p.To = p.Span.From.In(statistics.Zone).Format(time.DateOnly), p.Span.Until.Add(-1).In(statistics.Zone).Format(time.DateOnly)
	return p, nil
}

// Statistics are what is told of a period.
type Statistics struct {
	Counts statistics.Counts
	Report statistics.Report // of the quarter in which the period ends
	Delays []statistics.Delay
	Alarms statistics.Alarms
	Flaky  []statistics.Flaky
	Own    bool // of one institution's sites only
	Open   bool // the period is not over
}

// flakiest is how many sites the list of the flakiest has.
const flakiest = 15

// Statistics counts a period, of the asker's own sites if it is an institution.
func (d *Desk) Statistics(ctx context.Context, w Who, p Period) (b Statistics, err error) {
	own, err := w.own()
	if err != nil {
		return b, err
	}
	now := d.Clock()
	b.Own, b.Open = own != "", p.Span.Until.After(now)
	cases, err := d.casesOf(ctx, p.Span)
	if err != nil {
		return b, err
	}
	if b.Own {
		cases = slices.DeleteFunc(slices.Clone(cases), func(c statistics.Case) bool { return c.Owner != own })
	}
	if p.Quarter != "" {
		b.Counts = statistics.CountQuarter(p.quarter, cases)
	} else {
		b.Counts = statistics.CountSpan(p.Span, cases)
	}
	b.Report = statistics.Make(p.Span.Last(), cases, now)
	courses, err := d.Monitor.Courses(ctx, p.Span, own)
	if err != nil {
		return b, err
	}
	b.Delays, b.Alarms, b.Flaky = statistics.Delays(courses), statistics.AlarmsOf(courses), statistics.Flakiest(courses, flakiest)
	return b, nil
}

// yearsBack is how many whole years before that of the period the tables of years reach.
const yearsBack = 3

// casesOf are the incidents that a period is compared with. Those up to this year are
// asked for by everybody, and are kept for a moment.
func (d *Desk) casesOf(ctx context.Context, span statistics.Span) ([]statistics.Case, error) {
	year := span.Last().Year
	if year == d.Clock().In(statistics.Zone).Year() {
		return d.cases.get(ctx)
	}
	return d.Monitor.CasesSince(ctx, yearsUpTo(year))
}

func yearsUpTo(year int) time.Time {
	return time.Date(year-yearsBack, 1, 1, 0, 0, 0, 0, statistics.Zone)
}

// casesNow are those up to this year.
func (d *Desk) casesNow(ctx context.Context) ([]statistics.Case, error) {
	return d.Monitor.CasesSince(ctx, yearsUpTo(d.Clock().In(statistics.Zone).Year()))
}
