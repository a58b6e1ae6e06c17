package smtp

import (
	"fmt"
	"time"

	"github.com/wneessen/go-mail"

	"pasban/alerting"
)

// A notice to the CERT about the watch itself. It is English, as all mail to the
// CERT, and has no pictures.

// notice writes it.
func (s *Sink) notice(alert alerting.Alert, to alerting.Address) (*mail.Msg, error) {
	content := newNotice(*alert.Notice, alert, s.zone)
	l := letter{lang: alerting.English, subject: content.Subject}
	if err := l.fill("notice", textNotice, htmlNotice, content); err != nil {
		return nil, err
	}
	return s.envelope(l, alert, to)
}

// noticeContent is what the templates show: bounded and defanged.
type noticeContent struct {
	Subject, Title, Label, Level, Text, At, More string
	Order                                        bool
	Advice                                       []string
	Sites                                        []noticeSite
}

type noticeSite struct{ Name, Address, Since, Why string }

// maxNotice bounds the sentences of a notice: an error of a mail server or a browser
// is in them at times.
const maxNotice = 1000

// maxOrder bounds the text of an order, with room for what stands around it.
const maxOrder = 9000

func newNotice(n alerting.Notice, alert alerting.Alert, zone *time.Location) *noticeContent {
	c := &noticeContent{
		Title: alerting.Inert(n.Title, maxSentence), Text: alerting.Inert(n.Text, maxNotice), Label: "About the watch", Level: alert.Severity,
		At: english.time(alert.Observed, zone), Advice: n.Advice,
	}
	if n.Order {
		c.Label, c.Order, c.Text = "Order", true, alerting.Inert(n.Text, maxOrder)
	}
	c.Subject = "[TLP:AMBER] Pasban: " + c.Title
	if n.Over {
		c.Label, c.Level = "Over", ""
	}
	listed := n.Sites[:min(len(n.Sites), alerting.NoticeSites)]
	for _, site := range listed {
		one := newNoticeSite(site, zone)
		if n.Order {
			one.Since = ""
		}
		c.Sites = append(c.Sites, one)
	}
	switch more := n.MoreSites + len(n.Sites) - len(listed); {
	case more == 1:
		c.More = "And 1 more site: see pasban status."
	case more > 1:
		c.More = fmt.Sprintf("And %d more sites: see pasban status.", more)
	}
	return c
}

func newNoticeSite(s alerting.NoticeSite, zone *time.Location) noticeSite {
	since := english.never
	if !s.Since.IsZero() {
		since = english.time(s.Since, zone)
	}
	return noticeSite{
		Name: alerting.Inert(s.Name, maxDigestName), Address: alerting.Defang(s.URL),
		Since: since, Why: alerting.Inert(s.Why, maxDigestSentence),
	}
}
