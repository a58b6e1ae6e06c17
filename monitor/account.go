package monitor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Role says what a person may do. Each may do what the one before it may.
type Role string

const (
	// InstitutionRole sees the sites of one institution and changes nothing.
	InstitutionRole Role = "institution"
	Viewer          Role = "viewer"  // sees everything: the screen on the wall
	Analyst         Role = "analyst" // decides what waits in the queue
	// Lead also decides against the evidence, and what is watched.
	Lead          Role = "lead"
	Administrator Role = "administrator" // also accounts and the watchlist
)

// Roles in rising order.
var Roles = []Role{InstitutionRole, Viewer, Analyst, Lead, Administrator}

// AtLeast reports a role that may do what another may. An unknown role may nothing.
func (r Role) AtLeast(other Role) bool {
	have, want := slices.Index(Roles, r), slices.Index(Roles, other)
	return have >= 0 && want >= 0 && have >= want
}

// Account is somebody who may use the console.
type Account struct {
	Name        string // in lower case: what is typed to sign in, and stands in the record
	FullName    string
	Role        Role
	Institution string // Institution.ID, of InstitutionRole only
	Language    string // "en" or "ur"
	Password    string // an argon2id hash in its usual text form, "" if there is none
	TOTP        string // base32 secret of the second factor, "" if there is none
	Created     time.Time
	Disabled    bool
	// Epoch is raised to end every session of the account.
	Epoch int64
}

// Session is somebody who has signed in. Token is the digest of what his browser
// holds, so that who reads the database cannot go on with it.
type Session struct {
	Token   string
	Data    []byte
	Expires time.Time
}

// ErrForbidden is returned, wrapped with what was asked, when an account may not do it.
var ErrForbidden = errors.New("not allowed")

// userActor begins the actors that are accounts. Others are the command line, which
// belongs to whoever owns the data directory, and policies.
const userActor = "user:"

// UserActor is how an account stands in the record.
func UserActor(name string) string { return userActor + name }

// needs is the least role for an action of an account. To force one takes a lead, or
// whoever it takes anyway.
func needs(action string, o Order) Role {
	least := needsUnforced(action)
	if o.Force && !least.AtLeast(Lead) {
		return Lead
	}
	return least
}

// needsUnforced is the same for what nothing speaks against. What is not listed takes an
// administrator.
func needsUnforced(action string) Role {
	kind, _, _ := strings.Cut(action, ".")
	switch {
	case action == "account.self", kind == "token":
		return InstitutionRole
	case kind == "baseline", kind == "incident", kind == "question", kind == "silence", kind == "snooze", kind == "look", action == "undo":
		return Analyst
	case action == "site.mask":
		return Analyst
	case kind == "site":
		return Lead
	}
	return Administrator
}

// byAccount reports an order that an account gives, and not whoever owns the machine.
func byAccount(o Order) bool { return strings.HasPrefix(o.Actor, userActor) }

// authorise checks in the transaction of a decision that who takes it may: a role that
// was taken away a moment ago is not what a page still says it is. It returns the token
// that the decision is taken with, nil for none.
func (m *Monitor) authorise(ctx context.Context, from Reader, o Order, action string) (*TokenMark, error) {
	by, err := m.deciding(ctx, from, o)
	if err != nil || !byAccount(o) {
		return by, err
	}
	name := strings.TrimPrefix(o.Actor, userActor)
	a, err := from.Account(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return nil, fmt.Errorf("%w: there is no account %s any more", ErrForbidden, name)
	}
	if err != nil {
		return nil, fmt.Errorf("finding out what %s may do: %w", name, err)
	}
	if a.Disabled {
		return nil, fmt.Errorf("%w: the account %s is disabled", ErrForbidden, name)
	}
	if by != nil && opens(action) {
		return nil, fmt.Errorf("%w: %s is for people who have signed in, and not for a token", ErrForbidden, action)
	}
	if least := needs(action, o); !a.Role.AtLeast(least) {
		return nil, fmt.Errorf("%w: %s takes the role %s, and %s is %s", ErrForbidden, action, least, name, a.Role)
	}
	return by, nil
}

// opens reports an action by which somebody gets another way in: what was stolen must
// not outlive the day on which it is found out.
func opens(action string) bool {
	kind, _, _ := strings.Cut(action, ".")
	return kind == "token" || kind == "account"
}

// MakeAccount makes an account, and refuses if there is one of that name.
func (m *Monitor) MakeAccount(ctx context.Context, o Order, a Account) error {
	detail := map[string]any{"made": true, "role": a.Role, "disabled": a.Disabled, "institution": a.Institution}
	return m.decide(ctx, o, "account.put", "account:"+a.Name, detail, func(tx Tx, _ int64) error {
		if err := checkAccount(ctx, tx, a); err != nil {
			return err
		}
		switch _, err := tx.Account(ctx, a.Name); {
		case err == nil:
			return Refuse("there is an account %s already", a.Name)
		case !errors.Is(err, ErrNotFound):
			return err
		}
		return tx.PutAccount(ctx, a)
	})
}

// AccountChange is what an administrator makes of an account.
type AccountChange struct {
	Role        Role
	Institution string // of InstitutionRole only
	Disabled    bool
	Password    string // a new hash, "" to leave it as it is
	NoFactor    bool   // takes the second factor off: the phone was lost
}

// ChangeAccount changes an account and ends its sessions: what it may do, or who knows
// its password, is another now. A new password ends its tokens as well. It returns the account as it is then. What is changed is
// read in the transaction that changes it, so that nothing of another change is lost.
func (m *Monitor) ChangeAccount(ctx context.Context, o Order, name string, c AccountChange) (Account, error) {
	detail := map[string]any{"role": c.Role, "disabled": c.Disabled, "institution": c.Institution, "password_changed": c.Password != "", "factor_removed": c.NoFactor}
	var a Account
	err := m.decide(ctx, o, "account.put", "account:"+name, detail, func(tx Tx, _ int64) error {
		var err error
		if a, err = tx.Account(ctx, name); err != nil {
			return err
		}
		a.Role, a.Institution, a.Disabled = c.Role, c.Institution, c.Disabled
		a.Password = cmp.Or(c.Password, a.Password)
		if c.NoFactor {
			a.TOTP = ""
		}
		a.Epoch++
		if err := checkAccount(ctx, tx, a); err != nil {
			return err
		}
		if err := keepsAdministrator(ctx, tx, a); err != nil {
			return err
		}
		if c.Password != "" {
			if err := m.revokeTokens(ctx, tx, name, o.Actor); err != nil {
				return err
			}
		}
		return tx.PutAccount(ctx, a)
	})
	return a, err
}

// FirstAccount makes the first administrator, and refuses if there is an account.
func (m *Monitor) FirstAccount(ctx context.Context, a Account) error {
	a.Role = Administrator
	o := Order{Actor: "operator:first-run", Reason: "the first administrator, by the link in the terminal"}
	return m.decide(ctx, o, "account.first", "account:"+a.Name, nil, func(tx Tx, _ int64) error {
		if err := checkAccount(ctx, tx, a); err != nil {
			return err
		}
		all, err := tx.Accounts(ctx)
		if err != nil {
			return err
		}
		if len(all) > 0 {
			return Refuse("there is an account already")
		}
		return tx.PutAccount(ctx, a)
	})
}

// ChangeOwn changes what an account may change of itself: password, second factor,
// language. The record says which.
func (m *Monitor) ChangeOwn(ctx context.Context, name, what string, change func(*Account)) error {
	o := Order{Actor: UserActor(name), Reason: what}
	return m.decide(ctx, o, "account.self", "account:"+name, nil, func(tx Tx, _ int64) error {
		a, err := tx.Account(ctx, name)
		if err != nil {
			return err
		}
		before := a
		change(&a)
		if a.Role != before.Role || a.Institution != before.Institution || a.Name != before.Name || a.Disabled != before.Disabled {
			return fmt.Errorf("%w: nobody changes his own role", ErrForbidden)
		}
		if a.Password != before.Password {
			if err := m.revokeTokens(ctx, tx, name, o.Actor); err != nil {
				return err
			}
		}
		return tx.PutAccount(ctx, a)
	})
}

// BeginSession records that somebody signed in. It reports whether he may still: not if
// the account was disabled or given another password since it was read.
func (m *Monitor) BeginSession(ctx context.Context, a Account, from string) (still bool, err error) {
	err = m.Store.Update(ctx, func(tx Tx) error {
		now, err := tx.Account(ctx, a.Name)
		if err != nil {
			return err
		}
		if still = !now.Disabled && now.Password == a.Password && now.Epoch == a.Epoch; !still {
			return nil
		}
		return m.noteAccess(ctx, tx, a.Name, "session.begin", from)
	})
	return still, err
}

// NoteLock records that guessing at an account was stopped.
func (m *Monitor) NoteLock(ctx context.Context, name, from string) error {
	return m.Store.Update(ctx, func(tx Tx) error { return m.noteAccess(ctx, tx, name, "session.lock", from) })
}

func (m *Monitor) noteAccess(ctx context.Context, tx Tx, name, action, from string) error {
	_, err := tx.AddDecision(ctx, Decision{At: m.now(), Actor: UserActor(name), Action: action, Object: "account:" + name, Reason: "from " + from})
	return err
}

// checkAccount refuses an account that nobody could use.
func checkAccount(ctx context.Context, from Reader, a Account) error {
	switch {
	case len(a.Name) < 2 || len(a.Name) > 40 || strings.Trim(a.Name, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != "":
		return Refuse("a name has 2 to 40 small letters, digits, dots and dashes")
	case !slices.Contains(Roles, a.Role):
		return Refuse("there is no role %q", a.Role)
	case a.Language != "en" && a.Language != "ur":
		return Refuse("the language is en or ur")
	case (a.Role == InstitutionRole) != (a.Institution != ""):
		return Refuse("an institution belongs to the role %s, and to no other", InstitutionRole)
	}
	if a.Institution != "" {
		if _, err := from.Institution(ctx, a.Institution); err != nil {
			return fmt.Errorf("the account's institution: %w", err)
		}
	}
	return nil
}

// keepsAdministrator refuses to take the last administrator's role away.
func keepsAdministrator(ctx context.Context, tx Tx, change Account) error {
	all, err := tx.Accounts(ctx)
	if err != nil {
		return err
	}
	rest, was := 0, false
	for _, a := range all {
		able := a.Role == Administrator && !a.Disabled
		if a.Name == change.Name {
			was = able
		} else if able {
			rest++
		}
	}
	if was && rest == 0 && (change.Role != Administrator || change.Disabled) {
		return Refuse("%s is the last administrator", change.Name)
	}
	return nil
}
