package monitor

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"pasban/alerting"
)

// What institutions are told of an order, in their language. The CERT's own notices are
// English, as all mail to it.

// orderWords are the words of one language. Those with %s take a moment.
type orderWords struct {
	ordered, before, after, lifted, expires string
	again, exception, steps, open           string
	waiver                                  string // takes what is open, why, and who approved
	byOrder                                 string // takes the authority
	comma                                   string
	moment                                  func(time.Time) string
}

var orderEnglish = orderWords{
	ordered: "Lockdown ordered: read-only by %s",
	before:  "Still open before the deadline of %s",
	after:   "Still open after the deadline of %s",
	lifted:  "The lockdown is lifted",
	expires: "A waiver expires on %s",
	again:   "Pasban looks again by itself and tells you what is still open.", exception: "What must stay open needs a waiver of the CERT, with a reason and an end.",
	steps:   "Each line names what is open. `pasban rules --json` of the CERT has the steps for your server; ask for them.",
	open:    "Your sites may take input again. Open what is needed, and nothing else.",
	waiver:  "It leaves %s open: %s. Approved by %s. Close it by then, or ask for another.",
	byOrder: "%s", comma: ", ", moment: onClock,
}

var orderUrdu = orderWords{
	ordered: "لاک ڈاؤن کا حکم: %s تک سائٹس کو صرف پڑھنے کے لیے محدود کریں",
	before:  "مہلت %s کو ختم ہو رہی ہے، اور کچھ اب بھی کھلا ہے",
	after:   "مہلت %s کو ختم ہو چکی ہے، اور کچھ اب بھی کھلا ہے",
	lifted:  "لاک ڈاؤن ختم کر دیا گیا ہے",
	expires: "استثنا کی مدت %s کو ختم ہو رہی ہے",
	again:   "پاسبان خود دوبارہ جانچ کرتا ہے اور آپ کو بتاتا ہے کہ کیا اب بھی کھلا ہے۔", exception: "جسے کھلا رکھنا ضروری ہو، اس کے لیے سرٹ (CERT) سے تحریری استثنا لیں جس میں وجہ اور مدت درج ہو۔",
	steps:  "ہر سائٹ کے ساتھ لکھا ہے کہ کیا کھلا ہے۔ اپنے سرور پر اسے بند کرنے کا طریقہ سرٹ (CERT) سے معلوم کریں۔",
	open:   "آپ کی سائٹس پر دوبارہ معلومات لی جا سکتی ہیں۔ صرف وہی کھولیں جس کی ضرورت ہے، اس کے سوا کچھ نہیں۔",
	waiver: "اس کے تحت یہ کھلا ہے: %s۔ وجہ: %s۔ منظوری: %s۔ تب تک اسے بند کر دیں، یا نیا استثنا لیں۔", byOrder: "حکم: %s", comma: "، ",
	moment: inUrdu,
}

func orderIn(language string) orderWords {
	if alerting.Language(language) == alerting.Urdu {
		return orderUrdu
	}
	return orderEnglish
}

var urduMonths = [12]string{"جنوری", "فروری", "مارچ", "اپریل", "مئی", "جون", "جولائی", "اگست", "ستمبر", "اکتوبر", "نومبر", "دسمبر"}

// inUrdu is onClock in Urdu.
func inUrdu(t time.Time) string {
	t = t.In(Zone)
	return fmt.Sprintf("%d %s، %s", t.Day(), urduMonths[t.Month()-1], t.Format("15:04 MST"))
}

// orderedNotice tells of a new order.
func orderedNotice(language string, d Directive) alerting.Notice {
	w := orderIn(language)
	return alerting.Notice{
		Title: fmt.Sprintf(w.ordered, w.moment(d.Deadline)), Text: d.textFor(language) + "\n\n" + fmt.Sprintf(w.byOrder, d.Authority),
		Advice: []string{w.again, w.exception},
	}
}

// liftedNotice tells of its end.
func liftedNotice(language string, d Directive) alerting.Notice {
	w := orderIn(language)
	return alerting.Notice{Title: w.lifted, Over: true, Text: w.open + " " + fmt.Sprintf(w.byOrder, d.Authority)}
}

// reminderNotice tells what is open before the deadline, or after it.
func reminderNotice(language string, d Directive, overdue bool, sites []SiteStanding) alerting.Notice {
	w := orderIn(language)
	title := w.before
	if overdue {
		title = w.after
	}
	n := alerting.Notice{Title: fmt.Sprintf(title, w.moment(d.Deadline)), Text: fmt.Sprintf(w.byOrder, d.Authority), Advice: []string{w.steps}}
	var list []alerting.NoticeSite
	for _, s := range sites {
		list = append(list, alerting.NoticeSite{Name: s.Site.Name, URL: s.Site.URL, Since: s.Checked, Why: openIn(language, s, d)})
	}
	n.Sites, n.MoreSites = firstSites(list)
	return n
}

// openIn is whatIsOpen in a language. What has no words in it stands in English.
func openIn(language string, s SiteStanding, d Directive) string {
	if alerting.Language(language) == alerting.English {
		return whatIsOpen(s, d)
	}
	var out []string
	for _, c := range openTo(s, d) {
		out = append(out, cmp.Or(alerting.OpenDoor(c.Control, language), c.Why))
	}
	return strings.Join(out, " ")
}

// expiryNotice tells that a waiver ends.
func expiryNotice(language string, w Waiver) alerting.Notice {
	words := orderIn(language)
	var doors []string
	for _, c := range w.Controls {
		doors = append(doors, alerting.Door(c, language))
	}
	return alerting.Notice{
		Title: fmt.Sprintf(words.expires, words.moment(w.Expires)),
		Text:  fmt.Sprintf(words.waiver, strings.Join(doors, words.comma), w.Reason, w.Approver),
	}
}
