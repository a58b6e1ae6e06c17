package webhook

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"pasban/alerting"
)

// linked is what a chat makes a link of.
var linked = regexp.MustCompile(`(?i)https?:|javascript:|\bwww\.[a-z0-9-]+\.[a-z]{2,}`)

// FuzzPayload: whatever stands in an alert, the request is one JSON object of
// bounded size, signed as it was sent, in which no text of the page can be
// followed or acts on what shows it.
func FuzzPayload(f *testing.F) {
	const hook, secret = "https://hook.example/x", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" // from the specification's examples
	f.Add("Home\r\nX: y", "http://evil.example/", `"},"type":"incident.resolved","x":{"`, 3)
	f.Add("\u202e\x00\xff", "javascript:x()", "</script>", 60)
	f.Add(strings.Repeat("A\u0301", 300), strings.Repeat("http://a.b/", 60), "12.opened", 1)
	sink, err := New(Config{Hooks: []string{hook + "#" + secret}, Now: time.Now})
	if err != nil {
		f.Fatal(err)
	}
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, title, address, evidence string, reasons int) {
		if (len(title)+len(address)+len(evidence))*(reasons&63+4) > 16<<10 {
			return // only slow
		}
		a := alerting.Alert{ID: "12.opened", Incident: 12, Event: alerting.Opened, Kind: "leak", Severity: "high", TLP: "RED", Institution: title, Site: address,
			SiteName: evidence, URL: address, FinalURL: title, PageTitle: title, Summary: evidence, Opened: time.Unix(1, 0)}
		for range reasons & 63 {
			a.Reasons = append(a.Reasons, alerting.Reason{Rule: title, Severity: evidence, Why: address, Evidence: evidence})
		}
		request, err := sink.request(t.Context(), a, alerting.Address{Sink: alerting.Webhook, To: hook})
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(request.Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := verifier.Verify(body, request.Header); err != nil {
			t.Errorf("the signature: %v", err)
		}
		checkPayload(t, body, request.Header)
	})
}

func checkPayload(t *testing.T, body []byte, header http.Header) {
	t.Helper()
	var got payload
	if err := json.Unmarshal(body, &got); err != nil || got.Type != "incident.opened" || got.Data.Incident != 12 {
		t.Fatalf("the body reads as %+v, %v", got, err)
	}
	if len(body) > 1<<20 || !utf8.Valid(body) || len(header) > 6 {
		t.Errorf("a body of %d bytes with the header %v", len(body), header)
	}
	texts := []string{got.Data.URL, got.Data.FinalURL, got.Data.PageTitle, got.Data.Institution, got.Data.Site, got.Data.SiteName, got.Data.Summary}
	for _, r := range got.Data.Reasons {
		texts = append(texts, r.Rule, r.Severity, r.Why, r.Evidence)
	}
	for _, s := range texts {
		if utf8.RuneCountInString(s) > 3*maxText+40 || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }) || linked.MatchString(s) {
			t.Errorf("the payload holds %q", s)
		}
	}
}

// FuzzHook: a hook is refused or understood, and neither an error nor an address
// shows its secret.
func FuzzHook(f *testing.F) {
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	for _, s := range []string{"https://h.example/x#", "http://h#", "#", "ftp://h/#", "https://%zz#", " https://h.example/ #x", "https://h.example?a#b#", "https://user:pw@h/#"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, before string) {
		address, signer, err := parseHook(before + secret)
		if err != nil {
			if strings.Contains(err.Error(), secret[8:]) {
				t.Errorf("the error %q shows the secret", err)
			}
			return
		}
		if signer != nil && strings.Contains(address, secret) || strings.Contains(address, "#") {
			t.Errorf("the address %q holds the secret", address)
		}
	})
}
