package access

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"pasban/monitor"
)

// lifetime of a session: a shift and its handover.
const lifetime = 12 * time.Hour

// NewSessions keeps sessions in the store, under the digest of their token, so that a
// restart signs nobody out and the database gives no session away. secure says that the
// console is reached over TLS.
func NewSessions(store monitor.Store, secure bool, now func() time.Time) *scs.SessionManager {
	m := scs.New()
	m.Store = &sessions{store: store, now: now}
	m.HashTokenInStore = true
	m.Lifetime = lifetime
	m.Cookie = scs.SessionCookie{Name: "pasban", Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: secure, Persist: true}
	if secure {
		m.Cookie.Name = "__Host-pasban"
	}
	return m
}

// sessions is a scs.CtxStore.
type sessions struct {
	store monitor.Store
	now   func() time.Time
}

var errContext = errors.New("sessions need the context of their request")

func (s *sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	found, err := s.store.Session(ctx, token, s.now())
	if errors.Is(err, monitor.ErrNotFound) {
		return nil, false, nil
	}
	return found.Data, err == nil, err
}

func (s *sessions) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	return s.store.Update(ctx, func(tx monitor.Tx) error {
		if err := tx.RemoveSessions(ctx, s.now()); err != nil {
			return err
		}
		return tx.PutSession(ctx, monitor.Session{Token: token, Data: data, Expires: expires})
	})
}

func (s *sessions) DeleteCtx(ctx context.Context, token string) error {
	return s.store.Update(ctx, func(tx monitor.Tx) error { return tx.RemoveSession(ctx, token) })
}

// The rest of scs.Store, which scs does not call where there is a context.
func (s *sessions) Find(string) ([]byte, bool, error)      { return nil, false, errContext }
func (s *sessions) Commit(string, []byte, time.Time) error { return errContext }
func (s *sessions) Delete(string) error                    { return errContext }
