package monitor_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"pasban/monitor"
)

// office is a world with an analyst's account and a clock that a test moves.
type office struct {
	*world
	t   *testing.T
	now *time.Time
}

func newOffice(t *testing.T) office {
	t.Helper()
	o := office{newWorld(t), t, new(time.Time)}
	*o.now = time.Now().UTC()
	o.Clock = func() time.Time { return *o.now }
	o.account(monitor.Account{Name: "amina", Role: monitor.Lead, Language: "en"})
	return o
}

func (o office) account(a monitor.Account) {
	o.t.Helper()
	if err := o.Store.Update(o.t.Context(), func(tx monitor.Tx) error { return tx.PutAccount(o.t.Context(), a) }); err != nil {
		o.t.Fatal(err)
	}
}

func (o office) token(scope monitor.TokenScope, digest string) monitor.Token {
	o.t.Helper()
	made, err := o.MakeToken(o.t.Context(), monitor.Order{Actor: "user:amina"}, monitor.Token{Account: "amina", Name: "siem", Scope: scope, Digest: digest})
	if err != nil {
		o.t.Fatal(err)
	}
	return made
}

// pause pauses the ministry by a token, and tells what came of it.
func (o office) pause(ctx context.Context, token int64) error {
	return o.Pause(ctx, monitor.Order{Actor: "user:amina", Token: token}, "ministry", true)
}

// What is decided with a token stands in the record as the account's, with the token
// that was used, and can be taken back like any other decision.
func TestDecidingByToken(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	by := o.token(monitor.TokenDecides, "d1")
	if want := o.now.Add(monitor.TokenDefault); !by.Expires.Equal(want) {
		t.Errorf("it expires at %v, want %v", by.Expires, want)
	}
	if err := o.pause(t.Context(), by.ID); err != nil {
		t.Fatal(err)
	}
	order := monitor.Order{Actor: "user:amina", Token: by.ID}
	var mask int64
	order.Decided = func(id int64) { mask = id }
	if err := o.AddMask(t.Context(), order, "ministry", monitor.Mask{W: 10, H: 10}); err != nil {
		t.Fatal(err)
	}
	if err := o.Undo(t.Context(), order, mask); err != nil {
		t.Errorf("taking back what was decided by a token: %v", err)
	}
	all, err := o.Store.Decisions(t.Context(), "site:ministry")
	if err != nil || len(all) != 3 {
		t.Fatalf("%d decisions, %v", len(all), err)
	}
	for _, d := range all {
		if mark := d.ByToken(); mark == nil || *mark != (monitor.TokenMark{ID: by.ID, Name: "siem"}) || d.Actor != "user:amina" {
			t.Errorf("%s by %s is marked %+v", d.Action, d.Actor, mark)
		}
	}
	if err := o.Pause(t.Context(), monitor.Order{Actor: "user:amina"}, "ministry", false); err != nil {
		t.Fatal(err)
	}
	all, err = o.Store.Decisions(t.Context(), "site:ministry")
	if err != nil || all[len(all)-1].ByToken() != nil {
		t.Errorf("what a person decided is marked: %+v, %v", all[len(all)-1], err)
	}
}

// A token that may not decide any more decides nothing, whatever was read of it before,
// and leaves no trace in the record.
func TestTokensThatDecideNothing(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(o office, by *monitor.Token){
		"only reads": func(o office, by *monitor.Token) { *by = o.token(monitor.TokenReads, "d2") },
		"revoked": func(o office, by *monitor.Token) {
			if _, err := o.RevokeToken(o.t.Context(), monitor.Order{Actor: "user:amina"}, by.ID); err != nil {
				o.t.Fatal(err)
			}
		},
		"expired": func(o office, by *monitor.Token) { *o.now = by.Expires },
		"unknown": func(_ office, by *monitor.Token) { by.ID = 99 },
		"of a disabled account": func(o office, _ *monitor.Token) {
			o.account(monitor.Account{Name: "amina", Role: monitor.Lead, Language: "en", Disabled: true})
		},
		"of an account with another role": func(o office, _ *monitor.Token) {
			o.account(monitor.Account{Name: "amina", Role: monitor.Viewer, Language: "en"})
		},
		"of a changed password": func(o office, _ *monitor.Token) {
			if err := o.ChangeOwn(o.t.Context(), "amina", "a new password", func(a *monitor.Account) { a.Password = "$other$" }); err != nil {
				o.t.Fatal(err)
			}
		},
		"of a password that an administrator set": func(o office, _ *monitor.Token) {
			c := monitor.AccountChange{Role: monitor.Lead, Password: "$other$"}
			if _, err := o.ChangeAccount(o.t.Context(), monitor.Order{Actor: "operator:root"}, "amina", c); err != nil {
				o.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			by := o.token(monitor.TokenDecides, "d1")
			end(o, &by)
			if err := o.pause(t.Context(), by.ID); !errors.Is(err, monitor.ErrForbidden) {
				t.Errorf("it paused a site: %v", err)
			}
			if all, err := o.Store.Decisions(t.Context(), "site:ministry"); err != nil || len(all) != 0 {
				t.Errorf("the record has %d decisions, %v", len(all), err)
			}
		})
	}
}

// Of somebody else's token a decision is refused, and so is what would give whoever
// stole one another way in.
func TestWhatATokenNeverDoes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.account(monitor.Account{Name: "root", Role: monitor.Administrator, Language: "en"})
	by := o.token(monitor.TokenDecides, "d1")
	root, err := o.MakeToken(t.Context(), monitor.Order{Actor: "operator:x"}, monitor.Token{Account: "root", Name: "x", Scope: monitor.TokenDecides, Digest: "d2"})
	if err != nil {
		t.Fatal(err)
	}
	as := monitor.Order{Actor: "user:root", Token: root.ID}
	for what, err := range map[string]error{
		"decides for another account": o.Pause(t.Context(), monitor.Order{Actor: "user:root", Token: by.ID}, "ministry", true),
		"makes an account":            o.MakeAccount(t.Context(), as, monitor.Account{Name: "mole", Role: monitor.Administrator, Language: "en"}),
		"makes a token":               second(o.MakeToken(t.Context(), as, monitor.Token{Account: "root", Name: "y", Scope: monitor.TokenDecides, Digest: "d3"})),
		"revokes a token":             second(o.RevokeToken(t.Context(), as, by.ID)),
	} {
		if !errors.Is(err, monitor.ErrForbidden) {
			t.Errorf("a token %s: %v", what, err)
		}
	}
	for what, err := range map[string]error{
		"makes a token of another": second(o.MakeToken(t.Context(), monitor.Order{Actor: "user:root"}, monitor.Token{Account: "amina", Name: "y", Scope: monitor.TokenReads, Digest: "d4"})),
		"revokes that of another":  second(o.RevokeToken(t.Context(), monitor.Order{Actor: "user:amina"}, root.ID)),
	} {
		if !errors.Is(err, monitor.ErrForbidden) {
			t.Errorf("somebody %s: %v", what, err)
		}
	}
	if _, err := o.RevokeToken(t.Context(), monitor.Order{Actor: "user:root"}, by.ID); err != nil {
		t.Errorf("an administrator revokes another's token: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

// A token has a name, an end within a year and an account that can use it; and nobody
// gathers more than he can keep an eye on.
func TestTokensThatAreNotMade(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.account(monitor.Account{Name: "wall", Role: monitor.Viewer, Language: "en"})
	o.account(monitor.Account{Name: "gone", Role: monitor.Lead, Language: "en", Disabled: true})
	fine := monitor.Token{Account: "amina", Name: "siem", Scope: monitor.TokenDecides, Digest: "d"}
	for what, change := range map[string]func(*monitor.Token){
		"without a name":         func(n *monitor.Token) { n.Name = "" },
		"with a hostile name":    func(n *monitor.Token) { n.Name = "a\u202eb" },
		"of an unknown scope":    func(n *monitor.Token) { n.Scope = "all" },
		"for two years":          func(n *monitor.Token) { n.Expires = o.now.Add(2 * monitor.TokenLongest) },
		"that has expired":       func(n *monitor.Token) { n.Expires = o.now.Add(-time.Hour) },
		"of a disabled account":  func(n *monitor.Token) { n.Account = "gone" },
		"to decide, of a viewer": func(n *monitor.Token) { n.Account = "wall" },
	} {
		n := fine
		change(&n)
		if _, err := o.MakeToken(t.Context(), monitor.Order{Actor: "operator:x"}, n); !errors.Is(err, monitor.ErrRefused) {
			t.Errorf("a token %s: %v", what, err)
		}
	}
	for i := range 20 {
		o.token(monitor.TokenReads, string(rune('a'+i)))
	}
	if _, err := o.MakeToken(t.Context(), monitor.Order{Actor: "user:amina"}, fine); !errors.Is(err, monitor.ErrRefused) {
		t.Errorf("the twenty-first token: %v", err)
	}
}

// The digest alone finds the account, while both are good; and it is noted once a minute.
func TestUsingAToken(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	by := o.token(monitor.TokenReads, "d1")
	for range 3 {
		used, a, err := o.UseToken(t.Context(), "d1")
		if err != nil || used.ID != by.ID || a.Name != "amina" {
			t.Fatalf("%+v of %+v, %v", used, a, err)
		}
		if have, err := o.Store.Token(t.Context(), by.ID); err != nil || o.now.Sub(have.Used) > 40*time.Second {
			t.Errorf("it was used at %v, %v", have.Used, err)
		}
		*o.now = o.now.Add(40 * time.Second)
	}
	if _, _, err := o.UseToken(t.Context(), "d2"); !errors.Is(err, monitor.ErrToken) {
		t.Errorf("a digest of nothing: %v", err)
	}
	*o.now = by.Expires
	if _, _, err := o.UseToken(t.Context(), "d1"); !errors.Is(err, monitor.ErrToken) {
		t.Errorf("an expired token: %v", err)
	}
}
