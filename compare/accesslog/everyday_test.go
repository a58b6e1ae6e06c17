package accesslog_test

import (
	"fmt"
	"testing"
	"time"

	"pasban/compare/accesslog"
)

// What any ministry's log has raises no alarm.
func TestEverydayLines(t *testing.T) {
	for _, path := range everyday {
		s := accesslog.NewScanner(accesslog.Options{})
		if got := scanLine(t, s, noon, "1.1.1.1", "GET "+path+" HTTP/1.1", 200); got != nil {
			t.Errorf("%s: %q", path, got)
		}
	}
}

// A web shell is told under the name of a folder that scripts may have, and by its
// commands, and a climb out of the site by how far it goes.
func TestEverydayLookalikes(t *testing.T) {
	for path, want := range map[string]string{
		"/uploads/x.php":                          "[log.shell]",
		"/upload/2026/03/x.php":                   "[log.shell]",
		"/attachments/cv/x.php":                   "[log.shell]",
		"/x.php?cmd=whoami":                       "[log.shell]",
		"/view.php?src=../../../../etc/passwd":    "[log.traversal]",
		"/view.php?src=../../uploads/../../a.php": "[log.traversal]",
		"/view.php?id=17%20and%201%3E0":           "[log.sql]",
		"/db.rar":                                 "[log.exposed]",
		"/site-2025.tar.gz":                       "[log.exposed]",
	} {
		s := accesslog.NewScanner(accesslog.Options{})
		if got := fmt.Sprint(scanLine(t, s, noon, "1.1.1.1", "GET "+path+" HTTP/1.1", 200)); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// Whoever saves pages all morning neither guesses passwords nor logs in.
func TestAdministratorAtWork(t *testing.T) {
	for _, path := range []string{"/admin/posts/save", "/panel/news/edit", "/cms/menu/order", "/dashboard/api/settings"} {
		s := accesslog.NewScanner(accesslog.Options{Learn: -1})
		for i := range 25 {
			at := noon.Add(time.Duration(i) * 20 * time.Second)
			if got := scanLine(t, s, at, "1.1.1.1", "POST "+path+" HTTP/1.1", 302); got != nil {
				t.Fatalf("save %d of %s: %q", i, path, got)
			}
		}
		if got := scanLine(t, s, noon.Add(10*time.Minute), "1.1.1.1", "GET /admin/posts HTTP/1.1", 200); got != nil {
			t.Errorf("the page after %s: %q", path, got)
		}
	}
	for _, path := range []string{"/admin/", "/admin/login.php", "/panel/auth/login", "/cms/index.aspx", "/dashboard"} {
		s := accesslog.NewScanner(accesslog.Options{Learn: -1})
		var last []string
		for i := range 25 {
			last = scanLine(t, s, noon.Add(time.Duration(i)*20*time.Second), "1.1.1.1", "POST "+path+" HTTP/1.1", 200)
		}
		if fmt.Sprint(last) != "[log.guessing]" {
			t.Errorf("guesses at %s: %q", path, last)
		}
	}
}

// A crawler that follows the links of the site before this one is no scanner; who asks
// for what was never linked is.
func TestCrawlerOfOldLinks(t *testing.T) {
	for format, want := range map[string]string{
		"GET /Old/Page%d.aspx HTTP/1.1": "[]", "GET /news-%d.php HTTP/1.1": "[]",
		"GET /old-%d.sql HTTP/1.1": "[log.scanner]", "GET /x%d.php HTTP/1.1": "[log.scanner]", "GET /tmp/wso%d.php HTTP/1.1": "[log.scanner]",
	} {
		s := accesslog.NewScanner(accesslog.Options{})
		var last []string
		for i := range 40 {
			last = scanLine(t, s, noon.Add(time.Duration(i)*10*time.Second), "66.249.66.1", fmt.Sprintf(format, i), 404)
		}
		if fmt.Sprint(last) != want {
			t.Errorf("%s: %q, want %s", format, last, want)
		}
	}
}
