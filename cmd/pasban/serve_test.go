package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"path/filepath"
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
