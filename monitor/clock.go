package monitor

import "time"

// The clock of a machine is set now and then: by an administrator, by NTP after
// a start with an empty battery, by a virtual machine that slept. Whatever is
// planned by the time of day must survive that: hours set back must not be
// hours without a look, hours set ahead must not be a look at everything at once.

// setBy is the least by which a clock must be off to count as having been set.
// NTP corrects less than that without a step.
const setBy = 10 * time.Second

// wall notices when the time of day does not go as time does.
type wall struct {
	clock func() time.Time // time of day
	at    time.Time
	ran   time.Time // with its monotonic reading
}

func newWall(clock func() time.Time) *wall {
	return &wall{clock: clock, at: clock().Round(0), ran: time.Now()}
}

// moved is by how much the clock was set since it was asked before: back if
// it is negative, zero if it ran as it should.
func (w *wall) moved() time.Duration {
	at, ran := w.clock().Round(0), time.Now()
	by := at.Sub(w.at) - ran.Sub(w.ran)
	w.at, w.ran = at, ran
	if by.Abs() < setBy {
		return 0
	}
	return by.Round(time.Second)
}

// skew is how far the clocks of machines that work together may be apart.
const skew = time.Minute

// after reports whether a look came after a moment on record. A moment that is
// still to come was recorded before the clock was set back; what was looked at
// by the new time came after it.
func (m *Monitor) after(look, moment time.Time) bool {
	now := m.now()
	if moment.After(now.Add(skew)) && !look.After(now.Add(skew)) {
		return true
	}
	return look.After(moment)
}

// riverClock gives the job queue the clock of the Monitor.
type riverClock func() time.Time

// NowUTC implements rivertype.TimeGenerator.
func (c riverClock) NowUTC() time.Time { return c().UTC() }

// NowUTCOrNil implements rivertype.TimeGenerator.
func (c riverClock) NowUTCOrNil() *time.Time {
	now := c().UTC()
	return &now
}
