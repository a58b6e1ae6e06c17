package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"pasban/monitor"
)

// span is a length of time on the command line that may be long: 48h, 90d, 2y,
// forever.
type span time.Duration

// UnmarshalText implements encoding.TextUnmarshaler, which the flags go by.
func (s *span) UnmarshalText(text []byte) error {
	t := strings.TrimSpace(string(text))
	if t == "forever" {
		*s = span(monitor.Forever)
		return nil
	}
	for unit, length := range map[string]time.Duration{"d": 24 * time.Hour, "y": 365 * 24 * time.Hour} {
		digits, ok := strings.CutSuffix(t, unit)
		if n, err := strconv.ParseUint(digits, 10, 16); ok && err == nil && time.Duration(n) < monitor.Forever/length {
			*s = span(time.Duration(n) * length)
			return nil
		}
	}
	d, err := time.ParseDuration(t)
	if err != nil || d < 0 {
		return fmt.Errorf("%q is no length of time; expected something like 48h, 90d, 2y or forever", t)
	}
	*s = span(d)
	return nil
}
