package lockdown

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// A door can be used if it has a control that takes something and is not switched
// off. Whether CSS hides it makes no difference: it is hidden from people only.

// usable reports a door that a program can send.
func (d Door) usable() bool {
	return slices.ContainsFunc(d.Inputs, func(in Input) bool {
		if in.Off {
			return false
		}
		switch in.Kind {
		case "button", "submit", "image", "hidden":
			// A form of hidden fields and a button votes, likes or deletes. One that only
			// gets a page is a link.
			return in.Kind != "hidden" && !d.Loose && d.Method == "post"
		case "reset":
			return false
		case "checkbox", "radio", "range", "select", "color":
			return !d.Loose // outside a form: menus and switches of the page's own
		}
		return true
	})
}

// asks reports a control that is not switched off and that fits.
func (d Door) asks(fits func(Input) bool) bool {
	return slices.ContainsFunc(d.Inputs, func(in Input) bool { return !in.Off && fits(in) })
}

// words that people and programs know a control by, lower case.
func (in Input) words() string {
	return strings.ToLower(in.Name + " " + in.Label + " " + in.Autocomplete)
}

var (
	loginWords  = regexp.MustCompile(`\b(log ?in|log ?on|sign ?in|signin)\b|لاگ ?ان|لاگ ?اِن|سائن ?ان|داخل ہوں`)
	whoWords    = regexp.MustCompile(`\b(user(name|id)?|login|log|uid|e-?mail|cnic)\b|user[_-]?name|صارف`)
	searchWords = regexp.MustCompile(`\bsearch|\bfind\b|تلاش|کھوج`)
	searchNames = []string{"q", "s", "search", "query", "keyword", "keywords", "searchword", "search_query", "searchtext", "search_block_form", "kw", "searchphrase", "keys"}
	sayWords    = regexp.MustCompile(`\b(comments?|feedback|guest ?book|reply|review)\b|تبصرہ|تبصرے|آراء|رائے`)
	sayActions  = regexp.MustCompile(`(?i)wp-comments-post|/comments?(/|$|\.)|addcomment|postcomment|guestbook`)
)

// isLogin reports a door that asks who you are.
func (d Door) isLogin() bool {
	if d.asks(func(in Input) bool {
		return in.Kind == "password" || strings.Contains(in.Autocomplete, "current-password")
	}) {
		return true
	}
	pressed := d.asks(func(in Input) bool {
		return (in.Kind == "submit" || in.Kind == "button") && loginWords.MatchString(in.words())
	})
	return pressed && d.asks(func(in Input) bool {
		return (in.Kind == "text" || in.Kind == "email") && whoWords.MatchString(in.words())
	})
}

// isUpload reports a door that takes files.
func (d Door) isUpload() bool { return d.asks(func(in Input) bool { return in.Kind == "file" }) }

// isSearch reports a door that takes one thing, and that to search.
func (d Door) isSearch() bool {
	if d.isLogin() || d.isUpload() {
		return false
	}
	if d.asks(func(in Input) bool { return in.Kind == "search" }) {
		return true
	}
	fields := 0
	named := searchWords.MatchString(strings.ToLower(d.Name)) || searchWords.MatchString(strings.ToLower(pathOf(d.Action)))
	for _, in := range d.Inputs {
		if in.Off || in.Kind == "hidden" || in.Kind == "reset" {
			continue
		}
		named = named || searchWords.MatchString(in.words()) || in.Kind == "text" && slices.ContainsFunc(strings.Fields(strings.ToLower(in.Name)), func(n string) bool { return slices.Contains(searchNames, n) })
		if in.Kind == "text" {
			fields++
		}
		if in.Kind == "textarea" || in.Kind == "contenteditable" || in.Kind == "email" || in.Kind == "tel" {
			return false
		}
	}
	return named && fields == 1
}

// isComment reports a door that takes what others will read.
func (d Door) isComment() bool {
	if d.isLogin() || d.isSearch() {
		return false
	}
	long := d.asks(func(in Input) bool { return in.Kind == "textarea" || in.Kind == "contenteditable" })
	if !long {
		return false
	}
	return sayActions.MatchString(d.Action) || sayWords.MatchString(strings.ToLower(d.Name)) ||
		d.asks(func(in Input) bool { return sayWords.MatchString(in.words()) })
}

func pathOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Path
}

// Each control of this family picks the doors that are its own.
func login(d Door) bool  { return d.isLogin() }
func upload(d Door) bool { return d.isUpload() }
func search(d Door) bool { return d.isSearch() }
func plain(d Door) bool {
	return !d.isLogin() && !d.isUpload() && !d.isSearch() && !d.isComment()
}

// door makes the test of a control out of what picks its doors.
func door(own func(Door) bool) func(Evidence) Verdict {
	return func(e Evidence) Verdict { return settle(openDoors(e, own), e, cutForms, cutInputs) }
}

// openDoors lists the doors that are a control's own.
func openDoors(e Evidence, own func(Door) bool) Verdict {
	v := closed("")
	for _, d := range e.Page.Doors {
		if d.usable() && own(d) {
			v.State = Open
			v.add(d.describe())
			v.show(d.place())
		}
	}
	return v
}

// settle takes back that nothing is open if what was not kept of the page might hold
// it: bounds are those that the control depends on.
func settle(v Verdict, e Evidence, bounds ...string) Verdict {
	for _, b := range bounds {
		if v.State == Closed && slices.Contains(e.Page.Cut, b) {
			return unknown("The page has more " + b + " than can be looked at.")
		}
	}
	return v
}

// place is the door's own box, or that of its first control that has one.
func (d Door) place() Box {
	if !d.Box.empty() {
		return d.Box
	}
	for _, in := range d.Inputs {
		if !in.Off && !in.Box.empty() {
			return in.Box
		}
	}
	return Box{}
}

// describe is a door in a line.
func (d Door) describe() string {
	var b strings.Builder
	if d.Loose {
		b.WriteString("fields outside a form")
	} else {
		fmt.Fprintf(&b, "form (%s", d.Method)
		if d.Action != "" {
			fmt.Fprintf(&b, " to %s", clip(d.Action, 120))
		}
		b.WriteString(")")
	}
	if d.Where != "" {
		fmt.Fprintf(&b, " in a %s", d.Where)
	}
	if d.Hidden != "" {
		fmt.Fprintf(&b, ", hidden from visitors by %s", d.Hidden)
	}
	var fields []string
	for _, in := range d.Inputs {
		if !in.Off && in.Kind != "hidden" && len(fields) < 5 {
			fields = append(fields, strings.TrimSpace(in.Kind+" "+clip(in.Name, 40)))
		}
	}
	if len(fields) > 0 {
		b.WriteString(": " + strings.Join(fields, ", "))
	}
	return b.String()
}

// Services that put a form, comments or a chat of theirs into a page: host, or host
// and the beginning of a path.
var (
	formServices    = []string{"docs.google.com/forms", "forms.gle", "forms.office.com", "forms.cloud.microsoft", "form.jotform.com", "jotform.com", "typeform.com", "surveymonkey.com", "forms.zohopublic.com", "wufoo.com", "hsforms.net", "hsforms.com", "formstack.com"}
	commentServices = []string{"disqus.com", "facebook.com/plugins/comments", "facebook.com/plugins/feedback", "commento.io", "talk.hyvor.com", "giscus.app", "utteranc.es", "cusdis.com", "graphcomment.com", "cackle.me"}
	chatServices    = []string{"tawk.to", "intercom.io", "intercomcdn.com", "crisp.chat", "tidio.co", "tidiochat.com", "livechatinc.com", "livechat.com", "olark.com", "smartsupp.com", "smartsuppchat.com", "jivosite.com", "jivo.ru", "drift.com", "driftt.com", "freshchat.com", "salesiq.zoho.com", "salesiq.zohopublic.com", "userlike.com", "userlike-cdn-widgets.s3-eu-west-1.amazonaws.com", "chatra.io", "purechat.com", "comm100.com", "zopim.com", "static.zdassets.com/ekr", "usemessages.com", "botpress.cloud", "collect.chat", "landbot.io", "chatbase.co", "kommunicate.io", "livehelpnow.net", "facebook.com/plugins/customerchat", "facebook.com/plugins/customer_chat"}
)

// served reports an address that is one of a service's.
func served(address string, services []string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	host := strings.ToLower(u.Hostname())
	for _, s := range services {
		name, path, _ := strings.Cut(s, "/")
		if (host == name || strings.HasSuffix(host, "."+name)) && (path == "" || strings.Contains(u.Path, path)) {
			return s
		}
	}
	return ""
}

// addServices notes frames and script hosts of services that embed a door.
func (e Evidence) addServices(v *Verdict, services []string, scripts bool) {
	for _, f := range e.Page.Frames {
		if s := served(f.URL, services); s != "" {
			v.State = Open
			v.add("frame of " + s)
			v.show(f.Box)
		}
	}
	if !scripts {
		return
	}
	for _, host := range e.Page.Hosts {
		if s := served("https://"+host+"/", services); s != "" {
			v.State = Open
			v.add("script of " + s)
		}
	}
}

// form is any door that no other control names, and those of others in a frame.
func form(e Evidence) Verdict {
	v := openDoors(e, plain)
	e.addServices(&v, formServices, false)
	return settle(v, e, cutForms, cutInputs, cutFrames)
}

func comment(e Evidence) Verdict {
	v := openDoors(e, Door.isComment)
	e.addServices(&v, commentServices, true)
	return settle(v, e, cutForms, cutInputs, cutFrames, cutHosts)
}

func chat(e Evidence) Verdict {
	v := closed("")
	e.addServices(&v, chatServices, true)
	return settle(v, e, cutFrames, cutHosts)
}
