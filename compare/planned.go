package compare

import "slices"

// ownersDoings are the rules whose findings an owner explains who said beforehand that
// he would change the page: another design, other pictures and words, another
// service's code. No rule is among them that tells an intruder by what he says or
// does: those hold, whatever was announced.
var ownersDoings = set("defacement.replaced", "defacement.redesign", "defacement.emptied", "defacement.covered", "defacement.image",
	"defacement.logo", "defacement.images", "defacement.picture_only", "defacement.new_dialog", "defacement.character", "defacement.contact",
	"availability.own_page", "injection.script_host", "injection.frame", "injection.hidden_links", "injection.form_secrets",
	"injection.permission", "injection.redirect_hop")

// Planned reports that an announced change of the page explains the alarm: what is left
// of its findings without it would page nobody.
func Planned(r Report) bool {
	families := map[string]bool{}
	left := slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool { return ownersDoings[f.Rule] })
	for _, f := range left {
		family := ruleByID[f.Rule].family
		if family == "" {
			family = f.Rule
		}
		if f.Score >= voteScore {
			families[family] = true
		}
		if f.Score >= decisiveScore {
			return false
		}
	}
	return len(families) < 2
}
