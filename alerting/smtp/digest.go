package smtp

import (
	"fmt"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"pasban/alerting"
)

// The daily digest: one mail with what waits for an analyst. It is English, as all
// mail to the CERT, and a list rather than an alarm: no pictures, no advice.

// digest writes it.
func (s *Sink) digest(alert alerting.Alert, to alerting.Address) (*mail.Msg, error) {
	content := newDigest(*alert.Digest, alert.Contact, s.zone)
	l := letter{lang: alerting.English, subject: content.Subject}
	if err := l.fill("digest", textDigest, htmlDigest, content); err != nil {
		return nil, err
	}
	return s.envelope(l, alert, to)
}

// digestContent is what the templates show: bounded and defanged.
type digestContent struct {
	Subject, Title, Lead, More, Contact string
	Lines                               []digestLine
}

type digestLine struct {
	Priority                       int
	What, Where, Since, Score      string
	Evidence, Level, Severity, Why string
}

// Bounds on one line: fifty of the longest stay below what mail programs show whole.
const (
	maxDigestSites    = 3
	maxDigestSentence = 200
	maxDigestEvidence = 80
	maxDigestName     = 60
)

func newDigest(d alerting.Digest, contact string, zone *time.Location) *digestContent {
	waiting := "1 finding waits"
	if d.Waiting != 1 {
		waiting = fmt.Sprintf("%d findings wait", d.Waiting)
	}
	c := &digestContent{
		Subject: fmt.Sprintf("[TLP:AMBER] Pasban %s: %s for an analyst", alerting.Visible(d.Day, 20), waiting),
		Title:   waiting + " for an analyst",
		Lead:    "None of them was sure enough to alert anybody. The most pressing come first; the same change on several sites is one line.",
		Contact: alerting.Visible(contact, 2*maxName),
	}
	lines := d.Lines[:min(len(d.Lines), alerting.DigestLines)]
	for _, l := range lines {
		c.Lines = append(c.Lines, newDigestLine(l, zone))
	}
	if more := d.More + len(d.Lines) - len(lines); more > 0 {
		c.More = fmt.Sprintf("Changes that are not listed: %d, of lower priority.", more)
		if d.MoreWaiting > 0 {
			c.More = fmt.Sprintf("Changes that are not listed: %d, of lower priority, with %d findings.", more, d.MoreWaiting)
		}
	}
	return c
}

func newDigestLine(l alerting.DigestLine, zone *time.Location) digestLine {
	var where []string
	for _, s := range l.Sites[:min(len(l.Sites), maxDigestSites)] {
		where = append(where, alerting.Inert(s.Name, maxDigestName)+", "+alerting.Defang(s.URL))
	}
	if more := l.MoreSites + max(0, len(l.Sites)-maxDigestSites); more == 1 {
		where = append(where, "and 1 more site")
	} else if more > 1 {
		where = append(where, fmt.Sprintf("and %d more sites", more))
	}
	return digestLine{
		Priority: l.Priority, What: pick(english.kinds, l.Kind, ""), Where: strings.Join(where, "; "),
		Since: english.time(l.Since, zone), Score: fmt.Sprintf("%.2f", l.Score),
		Level: l.Severity, Severity: pick(english.severities, l.Severity, ""),
		Why: alerting.Inert(l.Why, maxDigestSentence), Evidence: alerting.Inert(l.Evidence, maxDigestEvidence),
	}
}
