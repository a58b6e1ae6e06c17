package db

import (
	"context"

	"pasban/monitor"
)

// What lets programs in.

const selectTokens = `SELECT id, account, name, scope, digest, created, expires, used, revoked, revoked_by FROM tokens `

func scanToken(r row) (t monitor.Token, err error) {
	err = r.Scan(&t.ID, &t.Account, &t.Name, &t.Scope, &t.Digest, instantInto{&t.Created}, instantInto{&t.Expires},
		instantInto{&t.Used}, instantInto{&t.Revoked}, &t.RevokedBy)
	return t, err
}

func (q queries) Token(ctx context.Context, id int64) (monitor.Token, error) {
	t, err := one(ctx, q, scanToken, selectTokens+`WHERE id = $1`, id)
	return t, wrap(err, "finding token %d", id)
}

func (q queries) TokenByDigest(ctx context.Context, digest string) (monitor.Token, error) {
	t, err := one(ctx, q, scanToken, selectTokens+`WHERE digest = $1`, digest)
	return t, wrap(err, "finding a token")
}

func (q queries) Tokens(ctx context.Context, account string) ([]monitor.Token, error) {
	all, err := list(ctx, q, scanToken, selectTokens+`WHERE account = $1 OR $1 = '' ORDER BY id DESC`, account)
	return all, wrap(err, "listing tokens")
}

func (t *tx) AddToken(ctx context.Context, n monitor.Token) (int64, error) {
	if err := checkKeys(n.Account, n.Digest); err != nil {
		return 0, wrap(err, "storing a token")
	}
	id, err := t.insert(ctx, `
		INSERT INTO tokens (account, name, scope, digest, created, expires, used, revoked, revoked_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`,
		n.Account, n.Name, n.Scope, n.Digest, instant(n.Created), instant(n.Expires), instant(n.Used), instant(n.Revoked), n.RevokedBy)
	return id, wrap(err, "storing a token")
}

func (t *tx) PutToken(ctx context.Context, n monitor.Token) error {
	err := touched(t.exec(ctx, `UPDATE tokens SET used = $2, revoked = $3, revoked_by = $4 WHERE id = $1`,
		n.ID, instant(n.Used), instant(n.Revoked), n.RevokedBy))
	return wrap(err, "storing token %d", n.ID)
}
