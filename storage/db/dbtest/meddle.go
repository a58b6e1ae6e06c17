package dbtest

import (
	"context"

	"pasban/monitor"
)

// Meddled is a store in which something else happens just before the next transaction,
// once: for tests of what is read before a transaction and written in it.
func Meddled(store monitor.Store, before func()) monitor.Store {
	return &meddled{Store: store, before: before}
}

type meddled struct {
	monitor.Store
	before func()
}

// Update implements monitor.Store.
func (m *meddled) Update(ctx context.Context, f func(monitor.Tx) error) error {
	if before := m.before; before != nil {
		m.before = nil
		before()
	}
	return m.Store.Update(ctx, f)
}
