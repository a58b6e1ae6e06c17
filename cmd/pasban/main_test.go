package main

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets this test binary also be the command: under the name pasban it
// runs main, so that scripts and the crash test start the real thing.
func TestMain(m *testing.M) {
	testscript.Main(tidy{m}, map[string]func(){"pasban": main})
}

// tidy fails a run of tests that leaves a process of pasban behind.
type tidy struct{ *testing.M }

// Run implements testscript.TestingM.
func (t tidy) Run() int {
	// The tests that run beside each other wait for most of their time, for what
	// they took away to be missed and for the next attempt: more than one a
	// processor can. A flag on the command line wins.
	if err := flag.Set("test.parallel", "6"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := t.M.Run()
	for _, p := range processesOf(profileMark(os.Getpid())) {
		fmt.Fprintf(os.Stderr, "left behind by the tests: %s\n", p)
		code = 1
	}
	return code
}
