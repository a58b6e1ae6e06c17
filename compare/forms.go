package compare

import (
	"regexp"
	"slices"
	"strings"
)

// formSite is the registrable domain that a form submits to.
func formSite(v View, f Form) string {
	if h := hostOf(f.Action); h != "" {
		return siteOf(h)
	}
	return siteOf(hostOf(v.FinalURL))
}

func inputNames(f Form) string {
	var names []string
	for _, in := range f.Inputs {
		names = append(names, in.Kind+":"+in.Name)
	}
	return strings.Join(names, " ")
}

// asksSecrets reports a form that asks for what a thief wants.
func asksSecrets(f Form) bool {
	return slices.ContainsFunc(f.Inputs, func(in Input) bool {
		return in.Kind == "password" || sensitiveName.MatchString(in.Name) || sensitiveName.MatchString(in.Label)
	})
}

// typed counts the inputs a visitor types something into.
func typed(f Form) int {
	n := 0
	for _, in := range f.Inputs {
		switch in.Kind {
		case "hidden", "submit", "button", "reset", "image", "checkbox", "radio":
		default:
			n++
		}
	}
	return n
}

// paymentName tells the names of fields for what a card or an account is used with.
var paymentName = regexp.MustCompile(`(?i)card.?(num|no\b|holder|code|cvv|cvc|exp)|\bcc.?(num|exp|cvv|cvc)|\bcvv2?\b|\bcvc2?\b|security.?code|\biban\b|\bpin\b|\botp\b`)

// secretsIn tells which secrets a form with these inputs asks for: see inputNames.
func secretsIn(names string) (password, payment bool) {
	return strings.HasPrefix(names, "password:") || strings.Contains(names, " password:"), paymentName.MatchString(names)
}

// secretHits notes a page that begins to ask for passwords or cards. To whom they
// go is for formHits: what the site's own server is sent, an intruder can read there.
func secretHits(c *comparison) []hit {
	if c.base == nil {
		return nil
	}
	knowsPassword, knowsPayment := false, false
	for _, k := range c.base.Forms {
		password, payment := secretsIn(k.Inputs)
		knowsPassword, knowsPayment = knowsPassword || password, knowsPayment || payment
	}
	for _, f := range c.look.View.Forms {
		password, payment := secretsIn(inputNames(f))
		if password && !knowsPassword || payment && !knowsPayment {
			return []hit{{rule: "injection.form_secrets", strength: note, evidence: excerpt(inputNames(f)), region: boxRegion(f.Box)}}
		}
	}
	return nil
}

// formHits judges forms that submit to a site new to this one.
func formHits(c *comparison) []hit {
	if c.base == nil {
		return nil
	}
	var hits []hit
	for _, f := range c.look.View.Forms {
		host := hostOf(f.Action)
		if !c.foreign(host) || slices.ContainsFunc(c.base.Forms, func(k KnownForm) bool { return k.Site == siteOf(host) }) {
			continue
		}
		if c.inFrameOf(f, host) {
			continue // what a stranger's frame does is weighed with the frame
		}
		names := inputNames(f)
		turned := slices.ContainsFunc(c.base.Forms, func(k KnownForm) bool { return k.Inputs == names })
		h := hit{rule: "injection.form_action", strength: note, evidence: host, region: boxRegion(f.Box)}
		switch {
		case asksSecrets(f):
			h.strength, h.severity = decisive, Critical
		case turned && typed(f) >= 1:
			h.strength = decisive // the very form of before, answered by somebody else
			if c.identifies(f) {
				h.severity = Critical
			}
		case typed(f) >= 2:
			h.strength = vote
		}
		hits = append(hits, h)
	}
	return hits
}

// identityName tells the names of fields by which people say who they are.
var identityName = regexp.MustCompile(`(?i)\b(user|log-?in|account|consumer|customer|member|applicant|roll|registration|ntn|nic|id[_-]?card|passport|mobile|cell|dob|tracking)([_-]?(name|id|no|num|number|code))?\b|e-?mail|date.?of.?birth|mother.?s?.?name`)

// signIn are the words of links by which visitors go on to say who they are.
var signIn = regexp.MustCompile(`(?i)\b(log[ -]?in|sign[ -]?in|log[ -]?on|(internet|online|mobile|e-?) ?banking|my account|e-?services)\b|لاگ ?ان|تسجيل الدخول|giriş yap|girişi|लॉग ?इन|লগ ?ইন`)

// identifies reports a form in which people say who they are, or a page on which
// they do: whoever answers for it collects them.
func (c *comparison) identifies(f Form) bool {
	return identityName.MatchString(inputNames(f)) || c.asksSecrets() ||
		slices.ContainsFunc(c.look.View.Links, func(l Link) bool { return l.Hidden == "" && len(l.Text) <= closerLength && signIn.MatchString(l.Text) })
}

// inFrameOf reports a form that stands in a frame and answers to the host that
// the frame came from.
func (c *comparison) inFrameOf(f Form, host string) bool {
	return slices.ContainsFunc(c.look.View.Frames, func(fr Frame) bool { return siteOf(hostOf(fr.URL)) == siteOf(host) }) && c.framed(f)
}

// framed reports a form that is part of another document: an element of it has a
// frame above it.
func (c *comparison) framed(f Form) bool {
	es := c.look.View.Elements
	inside := make([]bool, len(es))
	for i, e := range es {
		up := e.Parent >= 0 && e.Parent < int32(i)
		inside[i] = up && (inside[e.Parent] || es[e.Parent].Tag == "iframe" || es[e.Parent].Tag == "frame")
		if inside[i] && e.Tag == "form" && e.Box == f.Box {
			return true
		}
	}
	return false
}

// frameAsks reports a frame from a host with a form that asks for secrets.
func (c *comparison) frameAsks(host string) bool {
	return slices.ContainsFunc(c.look.View.Forms, func(f Form) bool {
		answers := hostOf(f.Action)
		return answers != "" && siteOf(answers) == siteOf(host) && asksSecrets(f) && c.framed(f)
	})
}
