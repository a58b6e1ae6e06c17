package accesslog

import (
	"bytes"
	"errors"
	"strings"
	"time"
)

var errNoTime = errors.New("no time")

const months = "JanFebMarAprMayJunJulAugSepOctNovDec"

// apacheTime reads 10/Oct/2026:13:55:36 +0500 from the beginning of a text. It is
// written by hand because it runs for each line: time.Parse takes five times as long.
func apacheTime(b []byte) (time.Time, error) {
	if len(b) < 26 || b[2] != '/' || b[6] != '/' || b[11] != ':' || b[14] != ':' || b[17] != ':' || b[20] != ' ' {
		return time.Time{}, errNoTime
	}
	m := strings.Index(months, string(b[3:6]))
	if m < 0 || m%3 != 0 {
		return time.Time{}, errNoTime
	}
	p := digits{b: b}
	day, year, hour, minute, second := p.at(0, 2), p.at(7, 4), p.at(12, 2), p.at(15, 2), p.at(18, 2)
	offset := p.at(22, 2)*3600 + p.at(24, 2)*60
	if b[21] == '-' {
		offset = -offset
	} else if b[21] != '+' {
		return time.Time{}, errNoTime
	}
	return p.date(year, m/3+1, day, hour, minute, second, offset)
}

// w3cTime reads 2026-10-10 and 13:55:36, which are UTC in IIS.
func w3cTime(day, clock []byte) (time.Time, error) {
	if len(day) != 10 || len(clock) < 8 || day[4] != '-' || day[7] != '-' || clock[2] != ':' || clock[5] != ':' {
		return time.Time{}, errNoTime
	}
	d, c := digits{b: day}, digits{b: clock}
	hour, minute, second := c.at(0, 2), c.at(3, 2), c.at(6, 2)
	if c.bad {
		return time.Time{}, errNoTime
	}
	return d.date(d.at(0, 4), d.at(5, 2), d.at(8, 2), hour, minute, second, 0)
}

// digits reads numbers at fixed places and remembers whether all were some.
type digits struct {
	b   []byte
	bad bool
}

func (d *digits) at(from, n int) int {
	v := 0
	for _, c := range d.b[from : from+n] {
		if c < '0' || c > '9' {
			d.bad = true
			return 0
		}
		v = 10*v + int(c-'0')
	}
	return v
}

// date is a moment in UTC; offset is in seconds. A second of 60 is a leap second.
func (d *digits) date(year, month, day, hour, minute, second, offset int) (time.Time, error) {
	if d.bad || year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 || offset > 24*3600 || offset < -24*3600 {
		return time.Time{}, errNoTime
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if t.Day() != day && second < 60 {
		return time.Time{}, errNoTime // such as the 31st of June
	}
	return t.Add(-time.Duration(offset) * time.Second), nil
}

// anyTime reads what JSON logs have: $time_iso8601, $time_local, or $msec and other
// seconds since 1970.
func anyTime(b []byte) (time.Time, error) {
	if len(b) >= 26 && b[2] == '/' {
		return apacheTime(b)
	}
	if len(b) >= 19 && b[4] == '-' {
		t, err := time.Parse(time.RFC3339Nano, string(b))
		if err != nil || t.Year() < 1970 || t.Year() > 9999 {
			return time.Time{}, errNoTime
		}
		return t.UTC(), nil
	}
	whole, fraction, _ := bytes.Cut(b, []byte("."))
	s := number(whole)
	if s <= 0 || len(fraction) > 9 {
		return time.Time{}, errNoTime
	}
	if s > 1e11 { // milliseconds
		return time.UnixMilli(min(s, 253402300799999)).UTC(), nil
	}
	nanos := number(fraction)
	for range 9 - len(fraction) {
		nanos *= 10
	}
	return time.Unix(s, nanos).UTC(), nil
}
