package smtp

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"pasban/alerting"
)

// fact is one line of the table. Foreign values, such as addresses, run left to
// right in every language.
type fact struct {
	Name, Value string
	Foreign     bool
}

// subject names what, who and where before a phone cuts the line. The host keeps
// its dots: subjects are not linked, and it is what people search their mail for.
func subject(a alerting.Alert, c *content, w *wording) string {
	what := c.Kind
	if c.Event != "" {
		what = c.Event + " – " + what
	}
	return fmt.Sprintf(w.subject, c.TLP, what, institution(a), host(a.URL), c.Severity, a.Incident)
}

func institution(a alerting.Alert) string {
	for _, name := range []string{a.Institution, a.SiteName, a.Site} {
		if name = alerting.Visible(name, maxName); name != "" {
			return name
		}
	}
	return "?"
}

// plainHost is a host name or address with nothing around it.
var plainHost = regexp.MustCompile(`^[\pL\pN._:-]+$`)

// host is the host name of an address, or what can be shown of the address if
// it has none.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || !plainHost.MatchString(u.Hostname()) {
		return alerting.Defang(address)
	}
	return alerting.Visible(u.Hostname(), maxName)
}

// facts are where, since when, and how sure.
func facts(a alerting.Alert, w *wording, zone *time.Location) []fact {
	name := institution(a)
	if site := alerting.Visible(a.SiteName, maxName); site != "" && site != name {
		name += " – " + site
	}
	list := []fact{
		{Name: w.site, Value: alerting.Inert(name, 3*maxName)},
		{Name: w.address, Value: alerting.Defang(a.URL), Foreign: true},
	}
	if a.FinalURL != "" && a.FinalURL != a.URL {
		list = append(list, fact{Name: w.ledTo, Value: alerting.Defang(a.FinalURL), Foreign: true})
	}
	if title := alerting.Inert(a.PageTitle, maxName); title != "" {
		list = append(list, fact{Name: w.title, Value: title, Foreign: true})
	}
	list = append(list, circumstances(a, w, zone)...)
	if as := w.visitors[a.Visitor]; as != "" {
		list = append(list, fact{Name: w.seenAs, Value: as})
	}
	when := func(name string, t time.Time) {
		if !t.IsZero() {
			list = append(list, fact{Name: name, Value: w.time(t, zone)})
		}
	}
	when(w.began, a.Opened)
	if !a.Observed.Equal(a.Opened) {
		when(w.observed, a.Observed)
	}
	when(w.lastGood, a.LastGood)
	if a.LastGood.IsZero() {
		list = append(list, fact{Name: w.lastGood, Value: w.never})
	}
	if sure := sureness(a, w); sure != "" {
		list = append(list, fact{Name: w.sure, Value: sure})
	}
	return list
}

// circumstances are what an alert is to be read with: the campaign it belongs to, and what
// held it until now.
func circumstances(a alerting.Alert, w *wording, zone *time.Location) (list []fact) {
	if id := alerting.Visible(a.Campaign, maxName); id != "" {
		list = append(list, fact{Name: w.groups.campaign, Value: fmt.Sprintf(w.groups.inCampaign, id)})
	}
	if e := a.Ended; e != nil {
		what := e.What
		if a.Event != alerting.Opened && a.Event != alerting.Escalated {
			what = "over"
		}
		list = append(list, fact{Name: w.groups.endedName, Value: fmt.Sprintf(pick(w.groups.ended, what, "over"),
			alerting.Inert(e.By, maxName), w.time(e.Until, zone), alerting.Inert(e.Reason, maxEvidence))})
	}
	return list
}

// sureness says how good the evidence is, "" if nothing is known about that or
// the question is over.
func sureness(a alerting.Alert, w *wording) string {
	if a.Event != alerting.Opened && a.Event != alerting.Escalated {
		return ""
	}
	var parts []string
	if a.Score > 0 {
		parts = append(parts, fmt.Sprintf(w.percent, int(min(a.Score, 1)*100+0.5)))
	}
	if a.Confirmed {
		parts = append(parts, w.confirmed)
	}
	return strings.Join(parts, " ")
}
