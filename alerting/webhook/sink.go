// Package webhook sends alerts to other programs as signed HTTP requests.
//
// The form is that of Standard Webhooks (https://www.standardwebhooks.com/): a
// POST of JSON with the headers webhook-id, webhook-timestamp and
// webhook-signature. The id is the same for every attempt at one alert, so that
// the receiver can drop what it has; the signature covers id, time and body, so
// that it can tell who sent it and refuse what is old.
//
//	{"type": "incident.opened", "timestamp": "2026-03-01T04:05:06Z", "data": {...}}
//
// Pictures go by reference: name, SHA-256 and the place in evidence storage.
package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"pasban/alerting"
)

// Bounds of a delivery. Standard Webhooks asks receivers to answer within 15 to
// 30 seconds.
const (
	deliverTimeout = 30 * time.Second
	maxAnswer      = 4 << 10 // bytes of the answer that are read
	maxShown       = 200     // characters of it in an error
)

// Config says where hooks are and how to sign.
type Config struct {
	// Hooks are the URLs of the receivers, each with its secret behind a #:
	// https://host/path#whsec_BASE64. Requests to a hook without a secret are
	// not signed; use that only inside one machine.
	Hooks []string
	// Client sends the requests. Default: a client of its own. Redirects are
	// never followed.
	Client *http.Client
	// Now is the clock. Default: time.Now.
	Now func() time.Time
}

// Sink is the alerting.Sink that posts to hooks.
type Sink struct {
	signers map[string]*standardwebhooks.Webhook // by URL without fragment; nil signs nothing
	client  *http.Client
	now     func() time.Time
}

var _ alerting.Sink = (*Sink)(nil)

// New checks config; it sends nothing.
func New(config Config) (*Sink, error) {
	s := &Sink{signers: map[string]*standardwebhooks.Webhook{}, now: config.Now}
	if s.now == nil {
		s.now = time.Now
	}
	for i, hook := range config.Hooks {
		address, signer, err := parseHook(hook)
		if err != nil {
			return nil, fmt.Errorf("webhook %d: %w", i+1, err)
		}
		if _, twice := s.signers[address]; twice {
			return nil, fmt.Errorf("webhook %d: %s is given twice", i+1, address)
		}
		s.signers[address] = signer
	}
	client := http.Client{}
	if config.Client != nil {
		client = *config.Client
	}
	// A redirect would carry the alert to a place nobody named, and a POST that
	// is redirected mostly arrives as a GET without a body.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.client = &client
	return s, nil
}

// parseHook takes the secret off a hook's URL. Its errors do not repeat the URL.
func parseHook(hook string) (address string, signer *standardwebhooks.Webhook, err error) {
	address, secret, _ := strings.Cut(strings.TrimSpace(hook), "#")
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return "", nil, errors.New("it must be given as https://host/path#whsec_SECRET")
	}
	if secret == "" {
		return address, nil, nil
	}
	signer, err = standardwebhooks.NewWebhook(secret)
	if err != nil || len(strings.TrimPrefix(secret, "whsec_")) < 32 {
		return "", nil, errors.New("its secret must be whsec_ and the base64 of at least 24 random bytes")
	}
	return address, signer, nil
}

// Name implements alerting.Sink.
func (s *Sink) Name() string { return alerting.Webhook }

// Deliver implements alerting.Sink. Only a 2xx is success. Its error wraps
// alerting.ErrPermanent if the hook is gone or refuses the request as such.
func (s *Sink) Deliver(ctx context.Context, alert alerting.Alert, to alerting.Address) error {
	ctx, cancel := context.WithTimeout(ctx, deliverTimeout)
	defer cancel()
	place := alerting.Defang(to.To)
	request, err := s.request(ctx, alert, to)
	if err != nil {
		return fmt.Errorf("writing the request to %s: %w", place, err)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return fmt.Errorf("posting to %s: %w", place, err)
	}
	defer response.Body.Close() //nolint:errcheck // nothing is lost by an unclosed answer
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if response.StatusCode/100 == 2 {
		return nil // what it says besides does not matter
	}
	said := alerting.Inert(string(answer), maxShown)
	if err != nil {
		said = err.Error()
	}
	if permanent(response.StatusCode) {
		return fmt.Errorf("posting to %s: %w: %s: %s", place, alerting.ErrPermanent, response.Status, said)
	}
	return fmt.Errorf("posting to %s: %s: %s", place, response.Status, said)
}

// permanent reports whether a status will not change by itself: the 4xx except
// those that mean "later". A 401, 403 or 404 is mostly a mistake in somebody's
// settings, but the receiver has said no, and asking for days helps nobody; the
// failed delivery is shown to the operators.
func permanent(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return status/100 == 4
}

// request makes the signed POST.
func (s *Sink) request(ctx context.Context, alert alerting.Alert, to alerting.Address) (*http.Request, error) {
	signer, known := s.signers[to.To]
	if !known {
		return nil, fmt.Errorf("%w: no such hook is configured", alerting.ErrPermanent)
	}
	now := s.now()
	body, err := json.Marshal(newPayload(alert, to.Language, now))
	if err != nil {
		return nil, fmt.Errorf("encoding the alert: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.To, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	id := "msg_" + alerting.Key(alert, to)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "pasban")
	request.Header.Set(standardwebhooks.HeaderWebhookID, id)
	request.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	if signer == nil {
		return request, nil
	}
	signature, err := signer.Sign(id, now, body)
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	request.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return request, nil
}
