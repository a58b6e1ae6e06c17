package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A Chrome that is removed while it is used, as by a package that is being
// updated, delays alerts and loses none; an operator is told once, not for each
// look.
func TestChromeGone(t *testing.T) {
	t.Parallel()
	s := newStricken(t)
	// Beside the profiles, since Chrome's own user must get there.
	chrome := filepath.Join(s.profiles, "chrome")
	must(t, os.Symlink("/usr/lib/chromium/chromium-headless-shell", chrome))
	s.serve("PASBAN_CHROME=" + chrome)
	must(t, os.Rename(chrome, chrome+".away"))
	s.killBrowsers()
	s.attack()
	s.unhealthy("no such file or directory")
	must(t, os.Rename(chrome+".away", chrome))
	s.told("opened")
	s.calmly(12, "no such file or directory")
}

// killBrowsers ends the browsers of this serve.
func (s *stricken) killBrowsers() {
	s.t.Helper()
	killed := 0
	for _, p := range processesOf(s.profiles) {
		var pid int
		if _, err := fmt.Sscanf(p, "process %d:", &pid); err != nil || pid == s.cmd.Process.Pid || !strings.Contains(p, s.profiles+"/pasban-chrome-") {
			continue
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err == nil {
			killed++
		}
	}
	if killed == 0 {
		s.t.Fatal("there was no browser to kill")
	}
}
