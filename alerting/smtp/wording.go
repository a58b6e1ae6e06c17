package smtp

import (
	"fmt"
	"time"

	"pasban/alerting"
)

// wording is everything a mail says in one language, apart from the advice.
type wording struct {
	dir                                            string // of the script: ltr or rtl
	kinds, leads, severities, events, outcomes     map[string]string
	tlp                                            map[string]string
	rules                                          map[string]string // what a rule says, by its ID; English comes with the finding
	months                                         [12]string
	subject                                        string // kind, institution, host, severity, incident
	site, address, ledTo, title, began, observed   string
	seenAs                                         string
	visitors                                       map[string]string // that are no desktop
	lastGood, never, sure, confirmed, percent      string
	reasons, evidence, more, picturesTitle         string
	now, before, difference, altNow, altBefore     string
	altDifference, noPictures, inHTML, lostPicture string
	advice, next, console, incident, contact       string
	sharing, footer                                string
	comma                                          string
	afterwards                                     map[string][]string
	groups                                         *groupWording
}

// words returns the wording for a language.
func words(lang string) *wording {
	if alerting.Language(lang) == alerting.Urdu {
		return &urdu
	}
	return &english
}

// pick returns m's text for key, or the text for other if there is none.
func pick(m map[string]string, key, other string) string {
	if s, ok := m[key]; ok {
		return s
	}
	return m[other]
}

// time writes a moment for people: "22 November 2026, 05:12 PKT".
func (w *wording) time(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	return fmt.Sprintf("%d %s %d%s %s", t.Day(), w.months[t.Month()-1], t.Year(), w.comma, t.Format("15:04 MST"))
}

var english = wording{
	groups: &englishGroups,
	dir:    "ltr",
	comma:  ",",
	kinds: map[string]string{
		"defacement": "Defacement", "injection": "Malicious code", "leak": "Data leak",
		"lockdown": "Lockdown not kept", "availability": "Site not available", "": "Security incident",
	},
	leads: map[string]string{
		"defacement":   "The content of this page has been replaced or altered.",
		"injection":    "This page carries code or links that its owner did not put there.",
		"leak":         "This page shows data that must not be public.",
		"lockdown":     "This site is under a read-only order and still accepts changes.",
		"availability": "Pasban has not seen this page in good order for longer than it promises to.",
		"":             "Something on this page is not as it should be.",
	},
	severities: map[string]string{
		"low": "low", "medium": "medium", "high": "high", "critical": "critical", "": "not rated",
	},
	events: map[string]string{
		"opened": "", "escalated": "Worse", "recovered": "Recovered",
		"resolved": "Closed", "false_alarm": "False alarm",
		"acknowledged": "Being handled", "contained": "Contained",
	},
	outcomes: map[string]string{
		"escalated":    "This incident is more serious now than when we last wrote.",
		"acknowledged": "An analyst looks after this incident.",
		"contained":    "An analyst has found that this attack does no more harm. It is not over yet.",
		"recovered":    "The page shows its approved content again.",
		"resolved":     "An analyst has closed this incident.",
		"false_alarm":  "An analyst has looked at this and found that it was a false alarm. We are sorry for the trouble.",

		"recovered.availability": "Pasban sees this page in good order again.",
	},
	tlp: map[string]string{
		"RED":          "For the people this was sent to, and nobody else.",
		"AMBER+STRICT": "For your own organisation only, to those who need to know it.",
		"AMBER":        "For your organisation and those it serves, to those who need to know it.",
		"GREEN":        "For the security community; not for publication.",
		"CLEAR":        "May be shared freely.",
	},
	months: [12]string{"January", "February", "March", "April", "May", "June", "July",
		"August", "September", "October", "November", "December"},
	subject:  "[TLP:%s] %s: %s – %s (%s, incident %d)",
	seenAs:   "Seen as",
	visitors: map[string]string{"phone": "a phone", "search": "a visitor from a search engine"},
	site:     "Site", address: "Address", ledTo: "It led to", title: "Title of the page",
	began: "Since", observed: "Last seen", lastGood: "Last seen in good order", never: "not yet",
	sure: "How sure", confirmed: "A second look with another browser saw the same.",
	percent: "The evidence weighs %d out of 100.",
	reasons: "Why we say so", evidence: "Found", more: "%d more findings are kept with the incident.",
	picturesTitle: "Before, and the difference",
	now:           "Now: what visitors see", before: "Before: the approved page",
	difference: "Difference: what has changed is marked",
	altNow:     "Screenshot of the page as visitors see it now", altBefore: "Screenshot of the page as it was approved",
	altDifference: "The page with the changed parts marked",
	inHTML:        "The pictures are in the HTML part of this mail.",
	lostPicture:   "A picture could not be added; it is kept with the incident.",
	noPictures:    "There is no picture for this alert.",
	advice:        "What to do in the first hour", next: "What to do now",
	console: "Open the incident in Pasban", incident: "Incident", contact: "Reach the CERT",
	sharing: "Sharing",
	footer: "Sent by Pasban, which watches web sites for the CERT. The site's address is written so that " +
		"nobody opens it by accident: read hxxp as http and [.] as a dot. Do not visit the page to check; look at the pictures.",
	afterwards: map[string][]string{
		"recovered": {
			"Keep the copies and logs you saved: the content is back, but the way in may still be open.",
			"Find out how the change was made, and close it. Change the passwords if you have not done so.",
			"Tell the CERT what you found. The incident stays open until an analyst closes it.",
		},
		"resolved": {
			"You need not do anything more. If the same thing shows again, a new incident will be opened.",
			"Keep the logs and copies of this incident for at least 90 days.",
		},
		"false_alarm": {
			"You need not do anything. If you know why the page changed, tell the CERT, so that it does not happen again.",
		},
		"recovered.availability": {
			"You need not do anything more; this incident is closed. If it happens often, find out why: nobody watches the page in the meantime.",
		},
	},
}
