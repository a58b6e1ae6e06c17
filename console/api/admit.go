package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/time/rate"

	"pasban/console/access"
	"pasban/console/desk"
	"pasban/monitor"
)

// caller is who asks, with what.
type caller struct {
	desk.Who
	scope monitor.TokenScope
}

type callerKey struct{}

// callerOf is who asks. Without one nobody does, who may nothing.
func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// admit finds out whose token came along, and answers for one that lets nobody in.
func (a *API) admit(w http.ResponseWriter, r *http.Request) (caller, bool) {
	kind, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") {
		w.Header().Set("WWW-Authenticate", `Bearer realm="pasban"`)
		problem(w, http.StatusUnauthorized, "send a token along: Authorization: Bearer pasban_...")
		return caller{}, false
	}
	digest, ok := access.TokenDigest(strings.TrimSpace(secret))
	if !ok {
		a.turnAway(w)
		return caller{}, false
	}
	token, account, err := a.desk.Monitor.UseToken(r.Context(), digest)
	switch {
	case errors.Is(err, monitor.ErrToken):
		a.turnAway(w)
		return caller{}, false
	case err != nil:
		a.logger.Error("a token cannot be looked up", "error", err)
		problem(w, http.StatusInternalServerError, ours)
		return caller{}, false
	}
	if wait := a.pace.wait(token.ID); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		problem(w, http.StatusTooManyRequests, "this token asks too often; wait as long as Retry-After says")
		return caller{}, false
	}
	return caller{desk.Who{Account: account, Token: token.ID}, token.Scope}, true
}

// turnAway answers all tokens that let nobody in alike.
func (a *API) turnAway(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", `Bearer realm="pasban", error="invalid_token"`)
	problem(w, http.StatusUnauthorized, "this is no token, or it was revoked, has expired, or belongs to a disabled account")
}

// How often one token may ask: rate a second in the long run, burst at once.
const (
	askRate  = 10
	askBurst = 60
)

// pace bounds how often each token asks.
type pace struct {
	now func() time.Time

	mu    sync.Mutex
	known map[int64]*rate.Limiter
}

func newPace(now func() time.Time) *pace { return &pace{now: now, known: map[int64]*rate.Limiter{}} }

// maxPaced is how many tokens are remembered before those that rest are forgotten.
const maxPaced = 1000

// wait is for how long a token has to wait before it may ask, 0 if it may now.
func (p *pace) wait(token int64) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	l := p.known[token]
	if l == nil {
		for id, rests := range p.known {
			if len(p.known) >= maxPaced && rests.TokensAt(now) >= askBurst {
				delete(p.known, id)
			}
		}
		l = rate.NewLimiter(askRate, askBurst)
		p.known[token] = l
	}
	if l.AllowN(now, 1) {
		return 0
	}
	return time.Duration((1 - l.TokensAt(now)) / askRate * float64(time.Second))
}

// What is told of a failure that is ours.
const ours = "something of ours failed; it is in the log, try again"

// problem answers with what is wrong, as RFC 9457 has it.
func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(huma.NewError(status, detail)) // to somebody who has gone
}

// explain says what is wrong with a wish, and nothing of ours. An institution is not told
// whether what it may not see is there.
func (a *API) explain(ctx context.Context, c caller, o operation, err error) error {
	var already huma.StatusError
	switch {
	case errors.As(err, &already):
		return err
	case errors.Is(err, monitor.ErrNotFound) && c.Outside():
		return huma.Error404NotFound("there is no such thing, or it is none of yours")
	case errors.Is(err, monitor.ErrNotFound):
		return huma.Error404NotFound(text(err.Error(), maxWhy))
	case errors.Is(err, monitor.ErrForbidden):
		return huma.Error403Forbidden(text(err.Error(), maxWhy))
	case errors.Is(err, monitor.ErrRefused):
		_, why, _ := strings.Cut(err.Error(), monitor.ErrRefused.Error()+": ")
		return huma.Error409Conflict(text(why, maxWhy))
	case ctx.Err() != nil:
		return huma.Error503ServiceUnavailable("nobody waits for the answer")
	}
	a.logger.Error("an operation of the API failed", "operation", o.id, "error", err)
	return huma.Error500InternalServerError(ours)
}
