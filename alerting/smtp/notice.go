package smtp

import (
	"fmt"
	"time"

	"github.com/wneessen/go-mail"

	"pasban/alerting"
)

// A notice to the CERT about the watch itself is English, as all mail to the CERT. One
// about an order speaks the language of the institution that it goes to. Neither has
// pictures.

// notice writes it.
func (s *Sink) notice(alert alerting.Alert, to alerting.Address) (*mail.Msg, error) {
	lang := alerting.English
	if alert.Notice.Order {
		lang = alerting.Language(to.Language)
	}
	content := newNotice(*alert.Notice, alert, lang, s.zone)
	l := letter{lang: lang, subject: content.Subject}
	if err := l.fill("notice", textNotice, htmlNotice, content); err != nil {
		return nil, err
	}
	return s.envelope(l, alert, to)
}

// noticeContent is what the templates show: bounded and defanged.
type noticeContent struct {
	Subject, Title, Label, Level, Text, At, More string
	Lang, Dir, Comma, Steps, SinceTitle, Footer  string
	Advice                                       []string
	Sites                                        []noticeSite
}

type noticeSite struct{ Name, Address, Since, Why string }

// maxNotice bounds the sentences of a notice: an error of a mail server or a browser
// is in them at times.
const maxNotice = 1000

// maxOrder bounds the text of an order, with room for what stands around it.
const maxOrder = 9000

// noticeWords are what stands around the words of a notice, in one language.
type noticeWords struct {
	subject, watch, order, over string
	one, more, steps, since     string
	own, footer                 string // the last line: to the CERT, and about an order
	addresses                   string
}

var noticeEnglish = noticeWords{
	subject: "[TLP:AMBER] Pasban: ", watch: "About the watch", order: "Order", over: "Over",
	one: "And 1 more site: see pasban status.", more: "And %d more sites: see pasban status.", steps: "What to do", since: "Last seen in good order",
	own:       "Sent by Pasban to the CERT alone. It is told once when it begins and once when it is over.",
	footer:    "Sent by Pasban on behalf of the CERT, because of an order about these sites. Answer this mail to reach the CERT.",
	addresses: "Addresses are written so that nobody opens them by accident: read hxxp as http and [.] as a dot.",
}

var noticeUrdu = noticeWords{
	subject: "[TLP:AMBER] پاسبان: ", order: "حکم", over: "ختم",
	one: "اور 1 سائٹ مزید ہے؛ پوری فہرست سرٹ سے معلوم کریں۔", more: "اور %d سائٹس مزید ہیں؛ پوری فہرست سرٹ سے معلوم کریں۔", steps: "اب کیا کریں",
	footer:    "یہ پیغام پاسبان نے سرٹ کی طرف سے بھیجا ہے، کیونکہ ان سائٹس کے بارے میں ایک حکم ہے۔ سرٹ سے رابطے کے لیے اسی پیغام کا جواب دیں۔",
	addresses: "پتے اس طرح لکھے گئے ہیں کہ غلطی سے نہ کھلیں: hxxp کو http اور [.] کو نقطہ پڑھیں۔",
}

func newNotice(n alerting.Notice, alert alerting.Alert, lang string, zone *time.Location) *noticeContent {
	w, words := words(lang), noticeEnglish
	if lang == alerting.Urdu {
		words = noticeUrdu
	}
	c := &noticeContent{
		Title: alerting.Inert(n.Title, maxSentence), Text: alerting.Inert(n.Text, maxNotice), Label: words.watch, Level: alert.Severity,
		At: w.time(alert.Observed, zone), Advice: n.Advice, Lang: lang, Dir: w.dir, Comma: w.comma, Steps: words.steps, SinceTitle: words.since, Footer: words.own + " " + words.addresses,
	}
	if n.Order {
		c.Label, c.Text, c.Footer = words.order, alerting.Inert(n.Text, maxOrder), words.footer+" "+words.addresses
	}
	c.Subject = words.subject + c.Title
	if n.Over {
		c.Label, c.Level = words.over, ""
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
		c.More = words.one
	case more > 1:
		c.More = fmt.Sprintf(words.more, more)
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
