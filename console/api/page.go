package api

import (
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"pasban/monitor"
)

// Paging is how much of a list is wanted, and from where on.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many are answered at most."`
	Cursor string `query:"cursor" maxLength:"300" doc:"Where to go on: the next of the page before."`
}

// pageOf is one page of a list.
type pageOf[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"The cursor of the next page; absent on the last one."`
}

// turn keeps one page of a list whose entries have keys.
func turn[T any](all []T, p Paging, key func(T) string) (shown []T, next string, err error) {
	if p.Cursor != "" {
		at := slices.IndexFunc(all, func(x T) bool { return key(x) == p.Cursor })
		if at < 0 {
			return nil, "", huma.Error409Conflict("what the cursor names is in the list no more; begin anew without one")
		}
		all = all[at+1:]
	}
	if len(all) <= p.Limit {
		return all, "", nil
	}
	return all[:p.Limit], key(all[p.Limit-1]), nil
}

// each makes something else of everything in a list, which is never null.
func each[A, B any](all []A, f func(A) B) []B {
	out := make([]B, len(all))
	for i, x := range all {
		out[i] = f(x)
	}
	return out
}

// Bounds of what is answered, in characters.
const (
	maxName    = 200
	maxWhy     = 600
	maxAddress = 2000
)

// text is what somebody else says, made safe to read.
func text(s string, limit int) string { return monitor.Visible(s, limit) }
func name(s string) string            { return text(s, maxName) }
func why(s string) string             { return text(s, maxWhy) }
func address(s string) string         { return text(s, maxAddress) }

func names(all []string) []string { return each(all, name) }
