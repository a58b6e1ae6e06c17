package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A program acts for somebody with a token of his account: a long random secret that it
// sends along with each request. It may do what its scope and the account's role allow,
// both as they are at that moment, and only its digest is kept here. What it decides
// stands in the record as the account's, with the token that was used: see Order.Token.
// A token makes no token, and changes nothing of what lets its account in.

// Token lets a program act for an account.
type Token struct {
	ID        int64
	Account   string
	Name      string // what it is for, as its owner says
	Scope     TokenScope
	Digest    string // SHA-256 of the secret, in hex
	Created   time.Time
	Expires   time.Time
	Used      time.Time // last, give or take tokenUse; zero for never
	Revoked   time.Time // zero if it is not
	RevokedBy string    // actor
}

// TokenScope is what a token may do of what its account may.
type TokenScope string

const (
	TokenReads   TokenScope = "read"
	TokenDecides TokenScope = "decide" // and change
)

// TokenScopes in rising order.
var TokenScopes = []TokenScope{TokenReads, TokenDecides}

// Bounds of tokens.
const (
	TokenDefault = 90 * 24 * time.Hour // for how long one holds if nobody says
	TokenLongest = 365 * 24 * time.Hour
	maxTokens    = 20 // of one account, that hold
	maxTokenName = 60 // characters
	// tokenUse is how often it is noted that a token is used.
	tokenUse = time.Minute
)

// Holds reports a token that is neither revoked nor expired at a moment.
func (t Token) Holds(at time.Time) bool { return t.Revoked.IsZero() && at.Before(t.Expires) }

// TokenObject is how a token stands in the record.
func TokenObject(id int64) string { return fmt.Sprintf("token:%d", id) }

// ErrToken is returned for a token that lets nobody in: there is none with this digest,
// or it was revoked or has expired, or its account is disabled or gone. It does not say
// which, since whoever asks has shown nothing.
var ErrToken = errors.New("the token lets nobody in")

// MakeToken makes a token of an account for its owner, or for whoever owns the machine.
// Its Expires may be zero, for TokenDefault.
func (m *Monitor) MakeToken(ctx context.Context, o Order, t Token) (Token, error) {
	t.Created, t.Used, t.Revoked, t.RevokedBy = m.now(), time.Time{}, time.Time{}, ""
	if t.Expires.IsZero() {
		t.Expires = t.Created.Add(TokenDefault)
	}
	t.Expires = t.Expires.UTC()
	if err := checkToken(t); err != nil {
		return t, err
	}
	if byAccount(o) && o.Actor != UserActor(t.Account) {
		return t, fmt.Errorf("%w: people make tokens of their own accounts", ErrForbidden)
	}
	detail := map[string]any{"name": t.Name, "scope": t.Scope, "expires": t.Expires}
	err := m.decide(ctx, o, "token.make", "account:"+t.Account, detail, func(tx Tx, _ int64) (err error) {
		if err := m.mayHave(ctx, tx, t); err != nil {
			return err
		}
		t.ID, err = tx.AddToken(ctx, t)
		return err
	})
	return t, err
}

func checkToken(t Token) error {
	length := t.Expires.Sub(t.Created)
	switch {
	case t.Name == "" || runes(t.Name) > maxTokenName || Visible(t.Name, maxTokenName) != t.Name:
		return Refuse("a token has a name of at most %d characters, which says what it is for", maxTokenName)
	case !slices.Contains(TokenScopes, t.Scope):
		return Refuse("a token may read or decide")
	case length <= 0 || length > TokenLongest:
		return Refuse("a token holds for at most %d days", int(TokenLongest/(24*time.Hour)))
	}
	return nil
}

// mayHave refuses a token that its account could not use.
func (m *Monitor) mayHave(ctx context.Context, tx Tx, t Token) error {
	a, err := tx.Account(ctx, t.Account)
	if err != nil {
		return err
	}
	if a.Disabled {
		return Refuse("the account %s is disabled", a.Name)
	}
	if t.Scope == TokenDecides && !a.Role.AtLeast(Analyst) {
		return Refuse("an account with the role %s decides nothing; make a token that reads", a.Role)
	}
	all, err := tx.Tokens(ctx, a.Name)
	if err != nil {
		return err
	}
	if len(slices.DeleteFunc(all, func(o Token) bool { return !o.Holds(m.now()) })) >= maxTokens {
		return Refuse("%s has %d tokens already; revoke one first", a.Name, maxTokens)
	}
	return nil
}

// RevokeToken ends a token now. People revoke those of their own accounts;
// administrators, anybody's.
func (m *Monitor) RevokeToken(ctx context.Context, o Order, id int64) (Token, error) {
	t, err := m.Store.Token(ctx, id)
	if err != nil {
		return t, err
	}
	action := "token.revoke"
	if o.Actor != UserActor(t.Account) {
		action = "account.token" // takes an administrator
	}
	err = m.decide(ctx, o, action, TokenObject(id), map[string]any{"account": t.Account, "name": t.Name}, func(tx Tx, _ int64) error {
		var err error
		if t, err = tx.Token(ctx, id); err != nil {
			return err
		}
		if !t.Revoked.IsZero() {
			return Refuse("the token was revoked already")
		}
		t.Revoked, t.RevokedBy = m.now(), o.Actor
		return tx.PutToken(ctx, t)
	})
	return t, err
}

// revokeTokens ends those of an account whose password is a new one: whoever knew the
// old one is out, whatever he has made with it.
func (m *Monitor) revokeTokens(ctx context.Context, tx Tx, account, by string) error {
	all, err := tx.Tokens(ctx, account)
	if err != nil {
		return err
	}
	for _, t := range all {
		if !t.Holds(m.now()) {
			continue
		}
		t.Revoked, t.RevokedBy = m.now(), by
		if err := tx.PutToken(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// UseToken finds the token with a digest and the account it belongs to, or ErrToken, and
// notes that it was used.
func (m *Monitor) UseToken(ctx context.Context, digest string) (Token, Account, error) {
	t, a, err := m.holder(ctx, m.Store, digest)
	if err != nil || m.now().Sub(t.Used).Abs() < tokenUse {
		return t, a, err
	}
	err = m.Store.Update(ctx, func(tx Tx) error {
		if t, a, err = m.holder(ctx, tx, digest); err != nil {
			return err
		}
		t.Used = m.now()
		return tx.PutToken(ctx, t)
	})
	return t, a, err
}

func (m *Monitor) holder(ctx context.Context, from Reader, digest string) (Token, Account, error) {
	t, err := from.TokenByDigest(ctx, digest)
	if errors.Is(err, ErrNotFound) || err == nil && !t.Holds(m.now()) {
		return Token{}, Account{}, ErrToken
	}
	if err != nil {
		return Token{}, Account{}, fmt.Errorf("finding out whose token it is: %w", err)
	}
	a, err := from.Account(ctx, t.Account)
	if errors.Is(err, ErrNotFound) || err == nil && a.Disabled {
		return Token{}, Account{}, ErrToken
	}
	if err != nil {
		return Token{}, Account{}, fmt.Errorf("finding out whose token it is: %w", err)
	}
	return t, a, nil
}

// TokenMark is how the token that was used stands in the detail of a decision.
type TokenMark struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// ByToken is the token that a decision was taken with, nil for none.
func (d Decision) ByToken() *TokenMark {
	var detail struct {
		Token *TokenMark `json:"by_token"`
	}
	if json.Unmarshal(d.Detail, &detail) != nil {
		return nil // no object
	}
	return detail.Token
}

// deciding finds the token of an order in the transaction of its decision: one that was
// revoked a moment ago decides nothing.
func (m *Monitor) deciding(ctx context.Context, from Reader, o Order) (*TokenMark, error) {
	if o.Token == 0 {
		return nil, nil
	}
	t, err := from.Token(ctx, o.Token)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, fmt.Errorf("%w: there is no such token", ErrForbidden)
	case err != nil:
		return nil, fmt.Errorf("finding out what a token may do: %w", err)
	case UserActor(t.Account) != o.Actor:
		return nil, fmt.Errorf("%w: the token belongs to another account", ErrForbidden)
	case !t.Holds(m.now()):
		return nil, fmt.Errorf("%w: the token was revoked or has expired", ErrForbidden)
	case t.Scope != TokenDecides:
		return nil, fmt.Errorf("%w: the token may only read", ErrForbidden)
	}
	return &TokenMark{t.ID, t.Name}, nil
}

// marked is the detail of a decision with the token that it was taken with.
func marked(detail json.RawMessage, by *TokenMark) (json.RawMessage, error) {
	if by == nil {
		return detail, nil
	}
	all := map[string]json.RawMessage{}
	if len(detail) > 0 && string(detail) != "null" {
		if err := json.Unmarshal(detail, &all); err != nil {
			return nil, fmt.Errorf("writing down which token decides: %w", err)
		}
	}
	raw, err := json.Marshal(by)
	if err != nil {
		return nil, fmt.Errorf("writing down which token decides: %w", err)
	}
	all["by_token"] = raw
	return json.Marshal(all)
}
