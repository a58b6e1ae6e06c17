package lockdown_test

import (
	"strings"
	"testing"

	"pasban/compare/lockdown"
)

// What one look costs that is held against all controls, and what a script costs that
// nobody has read before, beside going over its bytes once.
func BenchmarkJudge(b *testing.B) {
	e := evidence(page(withDoor(lockdown.Door{Method: "post", Inputs: []lockdown.Input{input("text", "name")}})), server(nil))
	for b.Loop() {
		lockdown.Judge(e, nil)
	}
}

func BenchmarkReadScript(b *testing.B) {
	source := strings.Repeat("function f(a){ var b = document.querySelector('.menu-item'); return a.map(function(x){ return x + 1 }) }\n", 2000)
	b.SetBytes(int64(len(source)))
	for b.Loop() {
		lockdown.ReadScript(source)
	}
}
