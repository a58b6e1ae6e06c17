package compare

import (
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
		names := inputNames(f)
		turned := slices.ContainsFunc(c.base.Forms, func(k KnownForm) bool { return k.Inputs == names })
		h := hit{rule: "injection.form_action", strength: note, evidence: host, region: boxRegion(f.Box)}
		switch {
		case asksSecrets(f):
			h.strength, h.severity = decisive, Critical
		case turned && typed(f) >= 1:
			h.strength = decisive // the very form of before, answered by somebody else
		case typed(f) >= 2:
			h.strength = vote
		}
		hits = append(hits, h)
	}
	return hits
}
