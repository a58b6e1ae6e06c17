package webhook_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"pasban/alerting"
	"pasban/alerting/sinktest"
	"pasban/alerting/webhook"
)

// secret is base64 of 24 bytes, as the specification's examples have it.
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// hook is a receiving side that verifies signatures with the library.
type hook struct {
	t      *testing.T
	server *httptest.Server
	sink   *webhook.Sink
	quiet  chan struct{} // closed at the end: silent answers return

	mu       sync.Mutex
	answer   sinktest.Answer
	receipts []sinktest.Receipt
	bodies   [][]byte
}

func newHook(t *testing.T) *hook {
	h := &hook{t: t, quiet: make(chan struct{})}
	h.server = httptest.NewServer(h)
	t.Cleanup(func() {
		close(h.quiet)
		h.server.Close()
	})
	var err error
	if h.sink, err = webhook.New(webhook.Config{Hooks: []string{h.server.URL + "/alerts#" + secret}}); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		h.t.Errorf("reading the request: %v", err)
	}
	h.mu.Lock()
	answer := h.answer
	h.mu.Unlock()
	switch answer {
	case sinktest.Later:
		http.Error(w, "later", http.StatusServiceUnavailable)
		return
	case sinktest.Never:
		http.Error(w, "gone", http.StatusGone)
		return
	case sinktest.Silence:
		select {
		case <-r.Context().Done():
		case <-h.quiet:
		}
		return
	}
	readable, malformed := inspect(r, body)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bodies = append(h.bodies, body)
	h.receipts = append(h.receipts, sinktest.Receipt{
		Key: r.Header.Get("webhook-id"), Readable: readable, Malformed: malformed, Size: len(body),
	})
}

// inspect verifies a request as a receiver must, and lists every string in it.
func inspect(r *http.Request, body []byte) (string, error) {
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		return "", err
	}
	if err := verifier.Verify(body, r.Header); err != nil {
		return "", err
	}
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		return "", fmt.Errorf("it is a %s of %s", r.Method, r.Header.Get("Content-Type"))
	}
	var value map[string]any
	if err := json.Unmarshal(body, &value); err != nil {
		return "", err
	}
	var b strings.Builder
	flatten(&b, value)
	return b.String(), nil
}

func flatten(b *strings.Builder, value any) {
	switch v := value.(type) {
	case map[string]any:
		for _, inner := range v {
			flatten(b, inner)
		}
	case []any:
		for _, inner := range v {
			flatten(b, inner)
		}
	default:
		fmt.Fprintln(b, v)
	}
}

func (h *hook) Sink() alerting.Sink { return h.sink }

func (h *hook) Address(lang string) alerting.Address {
	return alerting.Address{Sink: alerting.Webhook, To: h.server.URL + "/alerts", Language: lang}
}

func (h *hook) Answer(a sinktest.Answer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer = a
}

func (h *hook) Receipts() []sinktest.Receipt {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]sinktest.Receipt(nil), h.receipts...)
}

func TestSink(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sinktest.Receiver { return newHook(t) })
}

// The body has the envelope of Standard Webhooks, and pictures go by reference.
func TestPayload(t *testing.T) {
	h := newHook(t)
	a := sinktest.Example()
	a.Pictures = []alerting.Picture{{Name: "after", MIME: "image/jpeg", Data: []byte("bytes of the picture"),
		Ref: "blob/ab12", SHA256: "ab12", Width: 1200, Height: 800}}
	if err := h.sink.Deliver(t.Context(), a, h.Address(alerting.English)); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Type, Timestamp string
		Data            struct {
			Incident int64
			Opened   string
			Advice   []string
			Pictures []struct {
				Name, Ref, SHA256 string
				Width             int
			}
		}
	}
	if err := json.Unmarshal(h.bodies[0], &got); err != nil {
		t.Fatal(err)
	}
	if got.Type != "incident.opened" || got.Timestamp == "" || got.Data.Incident != 12 || got.Data.Opened != "2026-03-01T04:05:06Z" {
		t.Errorf("envelope is %+v", got)
	}
	if p := got.Data.Pictures; len(p) != 1 || p[0].Name != "after" || p[0].Ref != "blob/ab12" || p[0].SHA256 != "ab12" || p[0].Width != 1200 {
		t.Errorf("pictures are %+v", p)
	}
	if len(got.Data.Advice) == 0 {
		t.Error("there is no advice")
	}
	if strings.Contains(string(h.bodies[0]), "bytes of the picture") {
		t.Error("the picture itself was sent")
	}
}

// Which answers mean that another attempt is in vain.
func TestStatus(t *testing.T) {
	for status, want := range map[int]struct{ delivered, permanent bool }{
		200: {true, false}, 202: {true, false}, 204: {true, false},
		302: {false, false}, 400: {false, true}, 401: {false, true}, 404: {false, true}, 410: {false, true},
		408: {false, false}, 425: {false, false}, 429: {false, false}, 500: {false, false}, 503: {false, false},
	} {
		asked := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked++
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
			fmt.Fprint(w, strings.Repeat("a long answer ", 1<<16))
		}))
		sink, err := webhook.New(webhook.Config{Hooks: []string{server.URL}})
		if err != nil {
			t.Fatal(err)
		}
		err = sink.Deliver(t.Context(), sinktest.Example(), alerting.Address{Sink: alerting.Webhook, To: server.URL})
		server.Close()
		if (err == nil) != want.delivered || errors.Is(err, alerting.ErrPermanent) != want.permanent {
			t.Errorf("%d: got %v, want delivered %v, permanent %v", status, err, want.delivered, want.permanent)
		}
		if err != nil && len(err.Error()) > 1000 {
			t.Errorf("%d: the error has %d bytes", status, len(err.Error()))
		}
		if asked != 1 {
			t.Errorf("%d: the hook was asked %d times; a redirect must not be followed", status, asked)
		}
	}
}

// A mistake in the configuration is found at the start and does not show a secret.
func TestNewRefuses(t *testing.T) {
	for name, hooks := range map[string][]string{
		"scheme":       {"ftp://hook.test/#" + secret},
		"no host":      {"https:///path#" + secret},
		"not base64":   {"https://hook.test/#whsec_!!!"},
		"short secret": {"https://hook.test/#whsec_c2hvcnQ="},
		"twice":        {"https://hook.test/#" + secret, "https://hook.test/"},
		"unreadable":   {"https://hook.test:port/#" + secret},
	} {
		_, err := webhook.New(webhook.Config{Hooks: hooks})
		if err == nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), secret[6:]) {
			t.Errorf("%s: the error %q shows the secret", name, err)
		}
	}
}

// A hook that is no longer configured is refused for good, not posted to.
func TestUnknownHook(t *testing.T) {
	h := newHook(t)
	err := h.sink.Deliver(t.Context(), sinktest.Example(), alerting.Address{Sink: alerting.Webhook, To: h.server.URL + "/other"})
	if !errors.Is(err, alerting.ErrPermanent) || len(h.Receipts()) != 0 {
		t.Errorf("got %v and %d requests, want ErrPermanent and none", err, len(h.Receipts()))
	}
}
