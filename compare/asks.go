package compare

import (
	"regexp"
	"slices"
	"strings"
)

// The kinds of Ask that Compare tells apart; every other kind is something of the
// visitor's device.
const (
	writesClipboard = "clipboard_write"
	readsClipboard  = "clipboard_read"
	addsWorker      = "service_worker"
)

// mildAsks are what honest pages ask for as well, pushing as they may be: shops of
// notifications are sold to institutions, and maps want to know the place.
var mildAsks = set("notification", "geolocation")

// pastedCommand tells text that is made to be run by whoever pastes it.
var pastedCommand = regexp.MustCompile(commandText.String() +
	`|\|\s*(ba|z|da)?sh\b|\bmsiexec\b|\bosascript\b|\b[wc]script\b|\bregsvr32\b|\bbitsadmin\b|\bstart-process\b|\\\\[a-z0-9.-]+\\|\bpython3? -c`)

// askHits judges what the page asks the visitor's browser for by itself. Nobody
// clicked anything on it.
func askHits(c *comparison) []hit {
	if !c.knowsReach() {
		return nil
	}
	var hits []hit
	var devices []string
	severe := note
	for _, a := range c.look.View.Asks {
		switch {
		case slices.Contains(c.base.Asks, a.Kind):
		case a.Kind == writesClipboard && !isCommand(a.Detail):
			hits = append(hits, hit{rule: "injection.clipboard", strength: vote, evidence: excerpt(a.Detail)})
		case a.Kind == addsWorker:
			hits = append(hits, hit{rule: "injection.service_worker", strength: vote, evidence: excerpt(a.Detail)})
		case a.Kind == readsClipboard:
			hits = append(hits, hit{rule: "injection.clipboard_read", strength: vote})
		case a.Kind != writesClipboard:
			devices = merge(devices, a.Kind)
			if !mildAsks[a.Kind] {
				severe = vote
			}
		}
	}
	if len(devices) > 0 {
		hits = append(hits, hit{rule: "injection.permission", strength: severe, evidence: excerpt(strings.Join(devices, ", "))})
	}
	return oncePerRule(hits)
}

// commandHits judges a command that the page puts into the clipboard by itself. No
// approved look makes that right.
func commandHits(c *comparison) []hit {
	for _, a := range c.look.View.Asks {
		if a.Kind == writesClipboard && isCommand(a.Detail) {
			return []hit{{rule: "injection.clipboard", strength: decisive, severity: Critical, evidence: excerpt(a.Detail)}}
		}
	}
	return nil
}

func isCommand(text string) bool { return pastedCommand.MatchString(text) }

// oncePerRule keeps the first hit of each rule: a page that asks ten times has
// one thing wrong with it.
func oncePerRule(hits []hit) []hit {
	seen := map[string]bool{}
	return slices.DeleteFunc(hits, func(h hit) bool {
		again := seen[h.rule]
		seen[h.rule] = true
		return again
	})
}
