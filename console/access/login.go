package access

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"pasban/monitor"
)

// Against guessing: an account that was given lockAfter wrong passwords in a row is
// locked for lockFor, and twice as long with each further one, up to longestLock. One
// address may try perAddress times in perWindow, whatever the accounts.
const (
	lockAfter   = 5
	lockFor     = time.Minute
	longestLock = time.Hour
	perAddress  = 20
	perWindow   = 5 * time.Minute
	maxTracked  = 10_000 // addresses
)

// Errors of Login. What they say does not tell whether an account exists.
var (
	ErrDenied = errors.New("the name, the password or the code is wrong")
	ErrLocked = errors.New("too many attempts: wait a minute, then try again")
)

// Door lets people in.
type Door struct {
	store monitor.Store
	note  func(ctx context.Context, name, action, from string) error
	now   func() time.Time

	mu    sync.Mutex
	tries map[string][]time.Time // by address
	codes map[string]string      // the last code that was used, by account
}

// NewDoor makes the door of a monitor's console.
func NewDoor(m *monitor.Monitor, now func() time.Time) *Door {
	return &Door{store: m.Store, note: m.NoteLogin, now: now, tries: map[string][]time.Time{}, codes: map[string]string{}}
}

// Login checks who somebody is. from is his address, for the limit and the record.
func (d *Door) Login(ctx context.Context, name, password, code, from string) (monitor.Account, error) {
	if !d.admit(from) {
		return monitor.Account{}, ErrLocked
	}
	a, err := d.store.Account(ctx, name)
	if err != nil && !errors.Is(err, monitor.ErrNotFound) {
		return a, fmt.Errorf("signing in: %w", err)
	}
	if d.now().Before(a.LockedUntil) {
		return a, ErrLocked // whatever the password: it is not tried
	}
	right := Matches(a.Password, password) && !a.Disabled
	if right && a.TOTP != "" {
		right = d.fresh(a, code)
	}
	if !right {
		return monitor.Account{}, d.wrong(ctx, a, from)
	}
	if a.Failures > 0 {
		if err := d.forget(ctx, name); err != nil {
			return monitor.Account{}, fmt.Errorf("signing in: %w", err)
		}
	}
	if err := d.note(ctx, a.Name, "session.begin", from); err != nil {
		return monitor.Account{}, fmt.Errorf("signing in: %w", err)
	}
	return a, nil
}

// Confirm checks the password of somebody who is signed in, before he changes what lets
// him in. It is counted like a Login.
func (d *Door) Confirm(ctx context.Context, name, password, from string) error {
	if !d.admit(from) {
		return ErrLocked
	}
	a, err := d.store.Account(ctx, name)
	if err != nil {
		return fmt.Errorf("confirming a password: %w", err)
	}
	if d.now().Before(a.LockedUntil) {
		return ErrLocked
	}
	if !Matches(a.Password, password) {
		return d.wrong(ctx, a, from)
	}
	return nil
}

// forget begins the count of wrong passwords anew. The account is read again: an
// administrator may have changed it since.
func (d *Door) forget(ctx context.Context, name string) error {
	return d.store.Update(ctx, func(tx monitor.Tx) error {
		now, err := tx.Account(ctx, name)
		if err != nil {
			return err
		}
		now.Failures, now.LockedUntil = 0, time.Time{}
		return tx.PutAccount(ctx, now)
	})
}

// fresh reports a right code that was not used before.
func (d *Door) fresh(a monitor.Account, code string) bool {
	if !CodeMatches(a.TOTP, code, d.now()) {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.codes[a.Name] == code {
		return false
	}
	d.codes[a.Name] = code
	return true
}

// wrong counts a wrong password, and locks the account when there were too many.
func (d *Door) wrong(ctx context.Context, a monitor.Account, from string) error {
	if a.Name == "" {
		return ErrDenied
	}
	locked := false
	err := d.store.Update(ctx, func(tx monitor.Tx) error {
		now, err := tx.Account(ctx, a.Name)
		if err != nil {
			return err
		}
		now.Failures++
		if over := now.Failures - lockAfter; over >= 0 {
			locked = true
			now.LockedUntil = d.now().Add(min(longestLock, lockFor<<min(over, 10)))
		}
		return tx.PutAccount(ctx, now)
	})
	if err == nil && locked {
		err = d.note(ctx, a.Name, "session.lock", from)
	}
	if err != nil {
		return fmt.Errorf("counting a wrong password: %w", err)
	}
	return ErrDenied
}

// admit counts an attempt from an address, and says whether it may be made.
func (d *Door) admit(from string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	if len(d.tries) >= maxTracked {
		for address, times := range d.tries {
			if now.Sub(times[len(times)-1]) > perWindow {
				delete(d.tries, address)
			}
		}
		if len(d.tries) >= maxTracked {
			return false // a flood from everywhere: nobody new until it is over
		}
	}
	recent := d.tries[from][:0:0]
	for _, t := range d.tries[from] {
		if now.Sub(t) < perWindow {
			recent = append(recent, t)
		}
	}
	if len(recent) >= perAddress {
		return false
	}
	d.tries[from] = append(recent, now)
	return true
}
