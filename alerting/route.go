package alerting

import (
	"net/mail"
	"strings"
)

// Names of the sinks in an Address.
const (
	SMTP    = "smtp"
	Webhook = "webhook"
)

// Route says where an alert goes: to the contacts of the institution in its
// language, to the hooks, and last to the CERT's own mailboxes, which read
// English. Nothing goes to one place twice; a contact that is also a mailbox of
// the CERT is the CERT's. An entry that is no address is kept, so that its
// delivery fails where people see it and does not silently not happen.
//
// The fragment of a hook's URL is its secret (see package webhook) and is left
// out: an Address is stored and shown.
func Route(contacts []string, lang string, cert []string, hooks []string) []Address {
	ours := map[string]bool{}
	for _, c := range cert {
		ours[mailKey(c)] = true
	}
	var out []Address
	seen := map[string]bool{}
	add := func(sink, to, key, lang string) {
		if to == "" || seen[key] {
			return
		}
		seen[key] = true
		out = append(out, Address{Sink: sink, To: to, Language: lang})
	}
	for _, c := range contacts {
		if key := mailKey(c); !ours[key] {
			add(SMTP, mailbox(c), key, Language(lang))
		}
	}
	for _, h := range hooks {
		url, _, _ := strings.Cut(strings.TrimSpace(h), "#")
		add(Webhook, url, Webhook+" "+url, English)
	}
	for _, c := range cert {
		add(SMTP, mailbox(c), mailKey(c), English)
	}
	return out
}

// mailbox returns the bare address of "Name <address>".
func mailbox(s string) string {
	if a, err := mail.ParseAddress(s); err == nil {
		return a.Address
	}
	return strings.TrimSpace(s)
}

// mailKey is what two spellings of one mailbox share. RFC 5321 section 2.4 lets
// the part before the @ be case-sensitive, but no mail provider of note makes
// two mailboxes of it, and a contact list does write it both ways.
func mailKey(s string) string { return SMTP + " " + strings.ToLower(mailbox(s)) }

// Languages an alert can speak.
const (
	English = "en"
	Urdu    = "ur"
)

// Language returns the language an alert will speak when lang is asked for:
// Urdu for "ur" and its regional forms, otherwise English.
func Language(lang string) string {
	lang, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(lang)), "-")
	if lang == Urdu {
		return Urdu
	}
	return English
}
