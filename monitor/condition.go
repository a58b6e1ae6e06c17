package monitor

import "time"

// A Condition is how something of ours is that the watch depends on: the disk, the
// queue, the sight of the sites as a whole. It is measured by the process that keeps
// the schedule and kept in the database, where `pasban status` reads it.
//
// The CERT is told when one has been ill for as long as its rule says, and when it
// has been well again for as long: once each, whatever happens in between and however
// often the process is started.
type Condition struct {
	Name  string    `json:"name"`
	Ill   bool      `json:"ill"`   // as it was measured last
	Since time.Time `json:"since"` // since when it is as it is
	Told  bool      `json:"told"`  // the CERT was told that it is ill, and not yet that it is over
	// Episode counts the illnesses that were told. It names the mails.
	Episode int64 `json:"episode"`
	// Text is what was measured, in one sentence; hostile where it names what sites
	// or servers said.
	Text string `json:"text"`
	// Value is the same as a number, in the unit of the metric of that name.
	Value    float64   `json:"value"`
	Measured time.Time `json:"measured"`
}

// reading is one measurement of a condition.
type reading struct {
	ill   bool
	text  string
	value float64
}

// patience says how long an illness or its end must last before it is told.
type patience struct{ ill, well time.Duration }

// news is what a measurement makes worth telling.
type news int

const (
	noNews news = iota
	fellIll
	recoveredNow
)

// after is the condition once a reading was taken, and what is to be told of it.
func (c Condition) after(r reading, p patience, now time.Time) (Condition, news) {
	if c.Since.IsZero() || r.ill != c.Ill || c.Since.After(now) { // the clock was set back
		c.Since = now
	}
	c.Ill, c.Text, c.Value, c.Measured = r.ill, r.text, r.value, now
	lasted := now.Sub(c.Since)
	switch {
	case c.Ill && !c.Told && lasted >= p.ill:
		c.Told = true
		c.Episode++
		return c, fellIll
	case !c.Ill && c.Told && lasted >= p.well:
		c.Told = false
		return c, recoveredNow
	}
	return c, noNews
}
