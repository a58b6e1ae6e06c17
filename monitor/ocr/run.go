package ocr

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// maxOutput is in bytes; 2,000 words take a tenth of it.
const maxOutput = 1 << 20

// bounds is the shell's part of a run: what a process may not have it gives away by
// itself, which needs no privilege, before the program is there. A part of a
// picture takes one or two seconds of a processor and 60 MB.
const bounds = `set -e; ulimit -t 5; ulimit -v 1048576; ulimit -f 0; ulimit -c 0; exec nice -n 10 "$0" "$@"`

// nobody is whom tesseract runs as if we are root, as the browser does.
const nobody = 65534

// run starts tesseract, hands it pixels and returns what it prints.
func (r *Reader) run(ctx context.Context, pixels []byte, args ...string) ([]byte, error) {
	// The kernel sends Pdeathsig when the thread that forked ends.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	out, said := bounded{room: maxOutput}, bounded{room: 1 << 10}
	cmd := r.command(ctx, args)
	cmd.Stdout, cmd.Stderr = &out, &said
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("making a pipe: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", r.Path, err)
	}
	_, fed := in.Write(pixels)
	fed = errors.Join(fed, in.Close())
	ended := cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%s was too slow: %w", r.Path, ctx.Err())
	case ended != nil:
		return nil, fmt.Errorf("%s: %w; it printed %q", r.Path, errors.Join(ended, fed), strings.TrimSpace(string(said.kept)))
	case fed != nil:
		return nil, fmt.Errorf("handing pixels to %s: %w", r.Path, fed)
	}
	return out.kept, nil
}

func (r *Reader) command(ctx context.Context, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", bounds, r.Path}, args...)...)
	cmd.Dir = "/"
	// It would take all processors by itself.
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "OMP_THREAD_LIMIT=1"}
	if models, ok := os.LookupEnv("TESSDATA_PREFIX"); ok {
		cmd.Env = append(cmd.Env, "TESSDATA_PREFIX="+models)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody, Groups: []uint32{}}
	}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	return cmd
}

// bounded keeps the beginning of what is written to it, and never fails: a full
// pipe would stop the writer.
type bounded struct {
	kept []byte
	room int
}

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	n := min(len(p), b.room)
	b.kept = append(b.kept, p[:n]...)
	b.room -= n
	return len(p), nil
}
