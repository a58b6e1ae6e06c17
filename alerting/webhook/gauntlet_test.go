package webhook_test

import (
	"strings"
	"testing"
	"unicode"

	"pasban/alerting"
	"pasban/alerting/sinktest"
)

// Whatever a page writes, the JSON of a webhook holds no markup, no control or
// direction character and no address to follow, neither as it is sent nor once it
// is decoded, and stays below 100 kB.
func TestGauntlet81XSSInWebhook(t *testing.T) {
	for _, markup := range sinktest.Markup {
		h := newHook(t)
		if err := h.sink.Deliver(t.Context(), sinktest.Marked(markup), h.Address(alerting.English)); err != nil {
			t.Fatal(err)
		}
		body, decoded := string(h.bodies[0]), h.Receipts()[0]
		if decoded.Malformed != nil || len(body) > 100_000 {
			t.Errorf("%q: %d bytes, %v", markup, len(body), decoded.Malformed)
		}
		if strings.ContainsAny(body, "<>&") {
			t.Errorf("%q: the body holds what HTML takes for markup", markup)
		}
		for _, bad := range []string{"javascript:", "http://evil", "evil.example"} {
			if strings.Contains(decoded.Readable, bad) {
				t.Errorf("%q: a text holds %q", markup, bad)
			}
		}
		for _, r := range body + strings.ReplaceAll(decoded.Readable, "\n", "") {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("%q: a text holds %U", markup, r)
				break
			}
		}
	}
}

// Bidi overrides, megabytes and NUL bytes are written out, cut and counted.
func TestGauntlet84HostileTextInWebhook(t *testing.T) {
	a := sinktest.Marked("\u202egnp.exe\x00")
	a.PageTitle = strings.Repeat("\u202e\x00\x1bپاکستان ", 100_000)
	h := newHook(t)
	if err := h.sink.Deliver(t.Context(), a, h.Address(alerting.English)); err != nil {
		t.Fatal(err)
	}
	text := h.Receipts()[0].Readable
	for _, want := range []string{"[U+202E]", "[U+0000]", "characters)"} {
		if !strings.Contains(text, want) {
			t.Errorf("the message does not show %q", want)
		}
	}
	if n := len(h.bodies[0]); n > 100_000 {
		t.Errorf("the message has %d bytes", n)
	}
}
