package render

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// profiles is where the pools of the tests keep their profiles. It is not
// t.TempDir: Chrome, which the tests of root start as another user, could not
// get to that.
var profiles string

// TestMain runs the tests and then fails the run if anything of Chrome is left.
func TestMain(m *testing.M) {
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	var err error
	if profiles, err = os.MkdirTemp("", "pasban-test-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(profiles)
	if err := os.Chmod(profiles, 0o755); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if left := descendants(os.Getpid()); len(left) > 0 {
		fmt.Fprintln(os.Stderr, "processes left behind:", left)
		code = 1
	}
	if left, _ := filepath.Glob(filepath.Join(profiles, "*")); len(left) > 0 {
		fmt.Fprintln(os.Stderr, "profiles left behind:", left)
		code = 1
	}
	return code
}
