package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// silent is a database server that accepts and says nothing: whoever starts waits
// for it. The channel tells that somebody does.
func silent(t *testing.T) (url string, waiting <-chan struct{}) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	heard, ended := make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			select {
			case heard <- struct{}{}:
			default:
			}
			_, _ = io.Copy(io.Discard, c) // until the other side has had enough
			_ = c.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-ended
	})
	return "postgres://pasban@" + l.Addr().String() + "/pasban?sslmode=disable", heard
}

// A serve and a worker that are told to stop while they start end as they do when
// they run: at once, with nothing to say and nothing to complain of.
func TestStoppedWhileStarting(t *testing.T) {
	url, waiting := silent(t)
	for _, args := range [][]string{{"serve", "--no-looks", "--listen", "127.0.0.1:0"}, {"worker"}} {
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		var out, complaints bytes.Buffer
		ended := make(chan int, 1)
		args = append(args, "--db", url, "--data", filepath.Join(t.TempDir(), "data"))
		go func() { ended <- run(ctx, args, terminal{&out, &complaints}) }()
		select {
		case <-waiting:
		case <-ctx.Done():
			t.Errorf("%s did not ask for its database in a minute", args[0])
		}
		stop()
		if code := <-ended; code != exitDone || out.Len()+complaints.Len() > 0 {
			t.Errorf("%s ended with %d and said %q %q", args[0], code, out.String(), complaints.String())
		}
	}
}

// A serve that was told to stop before it did anything ends in the same way.
func TestStoppedBeforeItBegan(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out, complaints bytes.Buffer
	args := []string{"serve", "--no-looks", "--listen", "127.0.0.1:0", "--data", filepath.Join(t.TempDir(), "data")}
	if code := run(ctx, args, terminal{&out, &complaints}); code != exitDone || out.Len()+complaints.Len() > 0 {
		t.Errorf("it ended with %d and said %q %q", code, out.String(), complaints.String())
	}
}

// watchfulBuffer is what a process says, and tells when it has said something.
type watchfulBuffer struct {
	mu   sync.Mutex
	text strings.Builder
	said chan struct{}
}

func (b *watchfulBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case b.said <- struct{}{}:
	default:
	}
	return b.text.Write(p)
}

func (b *watchfulBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// A serve that is told to stop ends well although a wall listens to it, and an
// administrator who has lost his password comes back in by the command line.
func TestConsoleServeStopsUnderAWall(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	serve := func(link *regexp.Regexp, flags []string, then func(c *http.Client, link string)) {
		t.Helper()
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		told := &watchfulBuffer{said: make(chan struct{}, 1)}
		ended := make(chan int, 1)
		args := append([]string{"serve", "--no-looks", "--listen", "127.0.0.1:0", "--probe-every", "0", "--data", data}, flags...)
		go func() { ended <- run(ctx, args, terminal{io.Discard, told}) }()
		var found string
		for found == "" {
			select {
			case <-told.said:
				found = link.FindString(told.String())
			case code := <-ended:
				t.Fatalf("serve ended with %d: %s", code, told)
			}
		}
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		then(&http.Client{Jar: jar}, found)
		stop()
		if code := <-ended; code != exitDone {
			t.Errorf("serve ended with %d: %s", code, told)
		}
	}
	ask := func(c *http.Client, method, address string, form url.Values) *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { res.Body.Close() })
		return res
	}
	serve(regexp.MustCompile(`http://\S+/welcome\?token=\w+`), nil, func(c *http.Client, link string) {
		origin, token, _ := strings.Cut(link, "/welcome?token=")
		ask(c, http.MethodPost, origin+"/welcome", url.Values{"token": {token}, "name": {"root"}, "password": {"a password of some length"}})
		wall := ask(c, http.MethodGet, origin+"/events", nil)
		if _, err := wall.Body.Read(make([]byte, 1)); err != nil || wall.Header.Get("Content-Type") != "text/event-stream" {
			t.Errorf("the wall does not listen: %v, %v", wall.Header, err)
		}
	})
	serve(regexp.MustCompile(`http://\S+/enter\?token=\w+`), []string{"--sign-in-link", "root"}, func(c *http.Client, link string) {
		if res := ask(c, http.MethodGet, link, nil); res.StatusCode != http.StatusOK || res.Request.URL.Path != "/settings" {
			t.Errorf("the link leads to %d at %s", res.StatusCode, res.Request.URL)
		}
	})
	var complaints bytes.Buffer
	if code := run(t.Context(), []string{"serve", "--no-looks", "--listen", "127.0.0.1:0", "--data", data, "--sign-in-link", "nobody"}, terminal{io.Discard, &complaints}); code != exitUsage || !strings.Contains(complaints.String(), `no account "nobody"`) {
		t.Errorf("for nobody: %d %s", code, &complaints)
	}
}

// Console and pictures are two origins, as browsers compare them, and the pictures' one
// that a policy can name. A port that is taken is only given up for another where nobody
// has said which.
func TestConsoleOrigins(t *testing.T) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	before := taken.Addr().(*net.TCPAddr).Port - 1
	for _, test := range []struct {
		listen string
		flags  consoleFlags
		want   string // part of the complaint, "" for none
	}{
		{"127.0.0.1:0", consoleFlags{}, ""},
		{"127.0.0.1:0", consoleFlags{ConsoleURL: "https://p.example", EvidenceURL: "https://e.example/"}, ""},
		{"127.0.0.1:0", consoleFlags{ConsoleURL: "https://p.example", EvidenceURL: "https://P.example:443"}, "another origin"},
		{"127.0.0.1:0", consoleFlags{ConsoleURL: "http://p.example:80/", EvidenceURL: "http://p.example"}, "another origin"},
		{"127.0.0.1:0", consoleFlags{ConsoleURL: "https://p.example", EvidenceURL: "https://p.example:80"}, ""},
		{"127.0.0.1:0", consoleFlags{ConsoleURL: "https://p.example", EvidenceURL: "https://[2001:db8::1]:8081"}, "give them a name"},
		{fmt.Sprintf("127.0.0.1:%d", before), consoleFlags{}, ""},
		{fmt.Sprintf("127.0.0.1:%d", before), consoleFlags{ConsoleURL: "https://p.example", EvidenceURL: "https://e.example"}, "in use"},
	} {
		main, err := new(net.ListenConfig).Listen(t.Context(), "tcp", test.listen)
		if err != nil {
			t.Fatal(err)
		}
		d := &desk{flags: test.flags}
		err = d.listen(t.Context(), main)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s %+v: %v", test.listen, test.flags, err)
		}
		if err := errors.Join(main.Close(), d.Close()); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	}
}
