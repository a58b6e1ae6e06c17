package db

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"pasban/monitor"
)

// Who may use the console, and who has signed in.

const selectAccounts = `SELECT name, full_name, role, institution, language, password, totp, created, disabled,
	epoch FROM accounts `

func scanAccount(r row) (a monitor.Account, err error) {
	err = r.Scan(&a.Name, &a.FullName, &a.Role, &a.Institution, &a.Language, &a.Password, &a.TOTP, instantInto{&a.Created},
		&a.Disabled, &a.Epoch)
	return a, err
}

func (q queries) Account(ctx context.Context, name string) (monitor.Account, error) {
	a, err := one(ctx, q, scanAccount, selectAccounts+`WHERE name = $1`, name)
	return a, wrap(err, "finding account %q", name)
}

func (q queries) Accounts(ctx context.Context) ([]monitor.Account, error) {
	all, err := list(ctx, q, scanAccount, selectAccounts+`ORDER BY name`)
	return all, wrap(err, "listing accounts")
}

// PutAccount writes 0 where the version before counted wrong passwords: it needs the
// columns as long as it may run beside this one.
func (t *tx) PutAccount(ctx context.Context, a monitor.Account) error {
	err := checkKeys(a.Name)
	if err == nil {
		_, err = t.exec(ctx, `
			INSERT INTO accounts (name, full_name, role, institution, language, password, totp, created, disabled,
				epoch, failures, locked_until)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0)
			ON CONFLICT (name) DO UPDATE SET full_name = excluded.full_name, role = excluded.role,
				institution = excluded.institution, language = excluded.language, password = excluded.password,
				totp = excluded.totp, disabled = excluded.disabled, epoch = excluded.epoch`,
			a.Name, a.FullName, a.Role, a.Institution, a.Language, a.Password, a.TOTP, instant(a.Created), a.Disabled,
			a.Epoch)
	}
	return wrap(err, "storing account %q", a.Name)
}

func scanSession(r row) (s monitor.Session, err error) {
	var text string
	if err := r.Scan(&s.Token, &text, instantInto{&s.Expires}); err != nil {
		return s, err
	}
	if s.Data, err = base64.StdEncoding.DecodeString(text); err != nil {
		return s, fmt.Errorf("decoding a session: %w", err)
	}
	return s, nil
}

func (q queries) Session(ctx context.Context, token string, at time.Time) (monitor.Session, error) {
	s, err := one(ctx, q, scanSession, `SELECT token, data, expires FROM sessions WHERE token = $1 AND expires > $2`, token, instant(at))
	return s, wrap(err, "finding a session")
}

func (t *tx) PutSession(ctx context.Context, s monitor.Session) error {
	err := checkKeys(s.Token)
	if err == nil {
		_, err = t.exec(ctx, `
			INSERT INTO sessions (token, data, expires) VALUES ($1, $2, $3)
			ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires = excluded.expires`,
			s.Token, base64.StdEncoding.EncodeToString(s.Data), instant(s.Expires))
	}
	return wrap(err, "storing a session")
}

func (t *tx) RemoveSession(ctx context.Context, token string) error {
	_, err := t.exec(ctx, `DELETE FROM sessions WHERE token = $1`, token)
	return wrap(err, "ending a session")
}

func (t *tx) RemoveSessions(ctx context.Context, expired time.Time) error {
	_, err := t.exec(ctx, `DELETE FROM sessions WHERE expires <= $1`, instant(expired))
	return wrap(err, "removing sessions that have expired")
}
