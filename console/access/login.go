package access

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"pasban/monitor"
)

// Errors of Login. What they say does not tell whether an account exists.
var (
	ErrDenied = errors.New("the name, the password or the code is wrong")
	ErrLocked = errors.New("too many attempts: wait a minute, then try again")
)

// Door lets people in.
type Door struct {
	store monitor.Store
	begin func(ctx context.Context, a monitor.Account, from string) (still bool, err error)
	lock  func(ctx context.Context, name, from string) error
	now   func() time.Time
	guard *guard

	mu    sync.Mutex
	steps map[string]int64 // of the last code that was used, by account
}

// NewDoor makes the door of a monitor's console.
func NewDoor(m *monitor.Monitor, now func() time.Time) *Door {
	return &Door{store: m.Store, begin: m.BeginSession, lock: m.NoteLock, now: now, guard: newGuard(now), steps: map[string]int64{}}
}

// Login checks who somebody is. from is his address, for the limits and the record.
func (d *Door) Login(ctx context.Context, name, password, code, from string) (monitor.Account, error) {
	a, err := d.try(ctx, name, password, from, func(a monitor.Account) bool {
		return !a.Disabled && (a.TOTP == "" || d.fresh(a, code))
	})
	if err != nil {
		return a, err
	}
	still, err := d.begin(ctx, a, from)
	if err != nil {
		return monitor.Account{}, fmt.Errorf("signing in: %w", err)
	}
	if !still { // it was changed while its password was tried
		return monitor.Account{}, ErrDenied
	}
	return a, nil
}

// Confirm checks the password of somebody who is signed in, before he changes what lets
// him in. It is counted like a Login.
func (d *Door) Confirm(ctx context.Context, name, password, from string) error {
	_, err := d.try(ctx, name, password, from, func(monitor.Account) bool { return true })
	return err
}

// try tries a password, and what else has to be right. Every way through it takes the
// time of one hash and gives the same answers, whether there is such an account or not.
func (d *Door) try(ctx context.Context, name, password, from string, also func(monitor.Account) bool) (monitor.Account, error) {
	if !d.guard.admit(from) {
		return monitor.Account{}, ErrLocked
	}
	if d.guard.locked(name, from) {
		Matches("", password)
		return monitor.Account{}, ErrLocked // whatever the password: it is not tried
	}
	a, err := d.store.Account(ctx, name)
	if err != nil && !errors.Is(err, monitor.ErrNotFound) {
		return monitor.Account{}, fmt.Errorf("reading an account: %w", err)
	}
	known := err == nil
	if Matches(a.Password, password) && known && also(a) {
		d.guard.right(name, from)
		return a, nil
	}
	if d.guard.wrong(name, from) && known {
		if err := d.lock(ctx, name, from); err != nil {
			return monitor.Account{}, fmt.Errorf("recording that guessing was stopped: %w", err)
		}
	}
	return monitor.Account{}, ErrDenied
}

// fresh reports a right code of a half minute in which, and after which, none was used.
func (d *Door) fresh(a monitor.Account, code string) bool {
	step, ok := stepOf(a.TOTP, code, d.now())
	if !ok {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if last, used := d.steps[a.Name]; used && step <= last {
		return false
	}
	d.steps[a.Name] = step
	return true
}
