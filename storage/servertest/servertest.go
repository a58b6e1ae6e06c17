// Package servertest runs real servers for the length of a test binary, so that
// the storages are tested against what they will meet and not against a mock.
//
// Each server runs under a small shell that waits for the end of its standard
// input, the other end of which the test binary holds. However that binary ends,
// by kill -9 too, the pipe closes, the shell stops the server and removes its
// folder. Nothing has to be called at the end.
package servertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long a server may take until it answers: long enough for a
// machine that runs everything at once.
const patience = 2 * time.Minute

// A Server says how to run one server.
type Server struct {
	Name string
	// Args begin with the path of the program. "DIR" in them, and in Env and
	// Prepare, stands for a new folder; it is removed at the end.
	Args, Env []string
	// Prepare, if it is set, is run to its end before the server.
	Prepare []string
	// UID, if it is not 0, is whom the server runs as; the folder is his.
	UID uint32
	// Stop is the signal that ends it at once: "KILL" by default.
	Stop string
	// Ready tells whether the server answers.
	Ready func(dir string) error
}

// supervise is run by sh with the folder, the signal and the server's arguments.
// Its input are orders to stop and start the server, answered on file descriptor
// 3 when they are carried out, until it ends. The folder may be busy for a moment
// after a kill, so rm gets a second chance.
const supervise = `dir=$1; stop=$2; shift 2
"$@" 3>&- & server=$!
while read -r order; do
  case $order in
  stop) kill -s "$stop" $server; wait $server; server=; echo >&3 ;;
  start) "$@" 3>&- & server=$!; echo >&3 ;;
  esac
done
test -z "$server" || { kill -s "$stop" $server; wait $server; }
rm -rf "$dir" || { sleep 1; rm -rf "$dir"; }`

// Running is a server that can be stopped and started again on what it keeps.
type Running struct {
	Dir string // the server's folder

	server  Server
	orders  io.Writer
	answers *os.File
}

// Stop ends the server without warning.
func (r *Running) Stop(t testing.TB) { t.Helper(); r.order(t, "stop") }

// Start starts the server again, and waits until it is ready.
func (r *Running) Start(t testing.TB) {
	t.Helper()
	r.order(t, "start")
	if err := r.server.await(r.Dir); err != nil {
		t.Fatalf("starting %s again: %v", r.server.Name, err)
	}
}

func (r *Running) order(t testing.TB, order string) {
	t.Helper()
	_, err := fmt.Fprintln(r.orders, order)
	if err == nil {
		_, err = r.answers.Read(make([]byte, 1))
	}
	if err != nil {
		t.Fatalf("telling %s to %s: %v", r.server.Name, order, err)
	}
}

// Start runs a server and waits until it is ready.
func Start(t testing.TB, s Server) *Running {
	t.Helper()
	// Not t.TempDir, which ends with the test; and below /tmp because the
	// socket of PostgreSQL must have a path of at most 107 bytes.
	dir, err := os.MkdirTemp("", "pasban-"+s.Name+"-")
	if err != nil {
		t.Fatalf("making a folder for %s: %v", s.Name, err)
	}
	if s.UID != 0 {
		if err := os.Chown(dir, int(s.UID), int(s.UID)); err != nil {
			t.Fatalf("giving the folder of %s away: %v", s.Name, err)
		}
	}
	if len(s.Prepare) > 0 {
		s.prepare(t, dir)
	}
	r := s.start(t, dir)
	if err := s.await(dir); err != nil {
		text, _ := os.ReadFile(logOf(dir)) // the error is the news; the log may help
		t.Fatalf("starting %s: %v\n%s", s.Name, err, text)
	}
	return r
}

func logOf(dir string) string { return filepath.Join(dir, "log") }

// command runs in the server's folder: it may be one the server's user cannot
// leave again.
func (s Server) command(dir string, args []string) *exec.Cmd {
	in := func(list []string) []string {
		all := make([]string, len(list))
		for i, text := range list {
			all[i] = strings.ReplaceAll(text, "DIR", dir)
		}
		return all
	}
	args = in(args)
	cmd := exec.CommandContext(context.Background(), args[0], args[1:]...) // it outlives the test that starts it
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), in(s.Env)...)
	// A group of its own: an interrupt from the keyboard is for the test.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if s.UID != 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: s.UID, Gid: s.UID}
	}
	return cmd
}

func (s Server) prepare(t testing.TB, dir string) {
	t.Helper()
	var out bytes.Buffer
	cmd := s.command(dir, s.Prepare)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("preparing %s: %v\n%s", s.Name, err, &out)
	}
}

// start starts the supervisor and with it the server.
func (s Server) start(t testing.TB, dir string) *Running {
	t.Helper()
	stop := s.Stop
	if stop == "" {
		stop = "KILL"
	}
	cmd := s.command(dir, append([]string{"sh", "-c", supervise, "sh", dir, stop}, s.Args...))
	// Files, not pipes: "go test" waits for everybody who holds its output.
	log, err := os.Create(logOf(dir))
	if err != nil {
		t.Fatalf("making the log of %s: %v", s.Name, err)
	}
	answers, theirs, err := os.Pipe()
	if err != nil {
		t.Fatalf("making a pipe for %s: %v", s.Name, err)
	}
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = log, log, []*os.File{theirs}
	lifeline, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err = errors.Join(err, log.Close(), theirs.Close()); err != nil {
		t.Fatalf("starting %s: %v", s.Name, err)
	}
	r := &Running{Dir: dir, server: s, orders: lifeline, answers: answers}
	lifelines = append(lifelines, r)
	return r
}

// lifelines keeps the pipes from being closed by the garbage collector.
var lifelines []*Running

func (s Server) await(dir string) error {
	deadline := time.Now().Add(patience)
	for {
		err := s.Ready(dir)
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("not ready after %v: %w", patience, err)
		}
		<-time.After(20 * time.Millisecond) // another program: there is no event to wait for
	}
}

// FreeAddress returns a loopback address nobody listens on at the moment. It is
// of a host of this process's own: on 127.0.0.1 every connection that anybody
// opens may take the port before the server does, or while it is stopped.
func FreeAddress(t testing.TB) string {
	t.Helper()
	host := fmt.Sprintf("127.89.%d.%d", os.Getpid()>>8&0xff, os.Getpid()&0xff)
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatalf("looking for a free port: %v", err)
	}
	defer func() { _ = l.Close() }() // nothing was accepted
	return l.Addr().String()
}
