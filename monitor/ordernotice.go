package monitor

import "context"

func (m *Monitor) tellOrdered(context.Context, Tx, Directive, []Site) error  { return nil }
func (m *Monitor) tellLifted(context.Context, Tx, Directive, []string) error { return nil }
