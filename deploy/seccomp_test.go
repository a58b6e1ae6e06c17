package deploy

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// filterVariable carries a filter to a child of this test binary, which puts it
// over itself and then becomes the program named by its arguments.
const filterVariable = "PASBAN_TEST_SECCOMP"

// nobody is who the child becomes, as in the container.
const nobody = 65534

func TestMain(m *testing.M) {
	if file := os.Getenv(filterVariable); file != "" {
		fmt.Fprintln(os.Stderr, beConfined(file, os.Args[1:]))
		os.Exit(99)
	}
	os.Exit(m.Run())
}

// beConfined does in this process what a container engine does before it starts
// the program of the image. It returns only if that fails.
func beConfined(file string, args []string) error {
	filter, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if os.Getuid() == 0 {
		if err := errors.Join(syscall.Setgroups(nil), syscall.Setgid(nobody), syscall.Setuid(nobody)); err != nil {
			return fmt.Errorf("becoming nobody: %w", err)
		}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("giving up new privileges: %w", err)
	}
	const size = int(unsafe.Sizeof(unix.SockFilter{}))
	program := unix.SockFprog{Len: uint16(len(filter) / size), Filter: (*unix.SockFilter)(unsafe.Pointer(&filter[0]))}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	if errno != 0 {
		return fmt.Errorf("putting the filter in place: %w", errno)
	}
	if args[0] == "probe" {
		probe()
		os.Exit(0)
	}
	return fmt.Errorf("starting %s: %w", args[0], unix.Exec(args[0], args, []string{"PATH=/usr/bin:/bin", "HOME=/nonexistent"}))
}

// probes are system calls and what the profile must say to them. Arguments are
// harmless: where a call is let through it fails, or touches nothing.
var probes = []struct {
	name string
	call func() error
	want syscall.Errno // 0: allowed
}{
	{"a user namespace of its own", func() error { return fork(unix.CLONE_NEWUSER) }, 0},
	{"user, pid and network namespace at once", func() error { return fork(unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET) }, 0},
	{"a mount namespace", func() error { return fork(unix.CLONE_NEWUSER | unix.CLONE_NEWNS) }, unix.EPERM},
	{"unshare of the mount namespace", func() error { return unix.Unshare(unix.CLONE_NEWNS) }, unix.EPERM},
	{"mount", func() error { return unix.Mount("none", "/nonexistent", "tmpfs", 0, "") }, unix.EPERM},
	{"setns", func() error { return unix.Setns(-1, 0) }, unix.EPERM},
	{"ptrace", func() error { return unix.PtraceAttach(-1) }, unix.EPERM},
	{"reading another process", func() error { _, err := unix.ProcessVMReadv(-1, nil, nil, 0); return err }, unix.EPERM},
	{"kernel keys", func() error { _, err := unix.KeyctlGetKeyringID(unix.KEY_SPEC_SESSION_KEYRING, false); return err }, unix.EPERM},
	{"bpf", func() error { return raw(unix.SYS_BPF) }, unix.EPERM},
	{"perf_event_open", func() error { return raw(unix.SYS_PERF_EVENT_OPEN) }, unix.EPERM},
	{"io_uring", func() error { return raw(unix.SYS_IO_URING_SETUP) }, unix.EPERM},
	{"userfaultfd", func() error { return raw(unix.SYS_USERFAULTFD) }, unix.EPERM},
	{"clone3", func() error { return raw(unix.SYS_CLONE3) }, unix.ENOSYS},
	{"a TCP socket", func() error { return socket(unix.AF_INET, unix.SOCK_STREAM) }, 0},
	{"a crypto socket", func() error { return socket(unix.AF_ALG, unix.SOCK_SEQPACKET) }, unix.EPERM},
	{"a socket to the hypervisor", func() error { return socket(unix.AF_VSOCK, unix.SOCK_STREAM) }, unix.EPERM},
}

func raw(number uintptr) error {
	if _, _, errno := unix.Syscall(number, ^uintptr(0), 0, 0); errno != 0 {
		return errno
	}
	return nil
}

func socket(family, kind int) error {
	fd, err := unix.Socket(family, kind, 0)
	if err == nil {
		err = unix.Close(fd)
	}
	return err
}

// fork starts a program in new namespaces.
func fork(flags uintptr) error {
	command := exec.Command("/bin/true")
	command.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags}
	return command.Run()
}

func probe() {
	for i, p := range probes {
		var errno syscall.Errno
		errors.As(p.call(), &errno)
		fmt.Println(i, int(errno))
	}
}

// What the profile is meant to refuse is refused, and what Chrome's sandbox is
// made of is not.
func TestProfileRefuses(t *testing.T) {
	output, err := confined(t, workersProfile(t), "probe").Output()
	if err != nil {
		t.Fatalf("probing: %v\n%s", err, stderr(err))
	}
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	if len(lines) != len(probes) {
		t.Fatalf("%d answers to %d probes:\n%s", len(lines), len(probes), output)
	}
	for i, p := range probes {
		number, _ := strconv.Atoi(strings.TrimPrefix(lines[i], fmt.Sprint(i, " ")))
		if got := syscall.Errno(number); got != p.want {
			t.Errorf("%s: errno %d (%v), want %d", p.name, number, got, int(p.want))
		}
	}
}

// Chrome draws a page under the profile with its sandbox on. Without
// --no-sandbox it would rather end than do without.
func TestChromeRunsUnderProfile(t *testing.T) {
	output, err := chrome(t, workersProfile(t)).CombinedOutput()
	if err != nil || !strings.Contains(string(output), "<p>drawn 42</p>") {
		t.Errorf("Chrome under the workers' profile: %v\n%s", err, output)
	}
}

// The same Chrome under a profile without user namespaces, which is what the
// engines' default amounts to: it refuses. So the test above proves something.
func TestChromeRefusesWithoutNamespaces(t *testing.T) {
	strict := workersProfile(t)
	for i, r := range strict.Syscalls {
		if slices.Contains(r.Names, "unshare") {
			strict.Syscalls[i].Args = []condition{{Index: 0, Value: r.Args[0].Value | unix.CLONE_NEWUSER, Op: "SCMP_CMP_MASKED_EQ"}}
		}
	}
	output, err := chrome(t, strict).CombinedOutput()
	if err == nil || !strings.Contains(string(output), "No usable sandbox") {
		t.Errorf("Chrome without user namespaces: %v, want a refusal\n%s", err, output)
	}
}

func chrome(t *testing.T, p profile) *exec.Cmd {
	t.Helper()
	const binary = "/usr/lib/chromium/chromium-headless-shell"
	if _, err := os.Stat(binary); err != nil {
		t.Fatalf("%v: `make setup` installs it", err)
	}
	dir := shared(t)
	page := "data:text/html,<script>document.write('<p>drawn '+6*7+'</p>')</script>"
	return confined(t, p, binary, "--headless", "--disable-breakpad", "--disable-gpu", "--user-data-dir="+dir, "--dump-dom", page)
}

// shared is a temporary directory that nobody may write to.
func shared(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pasban-seccomp-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if os.Getuid() == 0 {
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// confined is a command that runs under a profile, as nobody.
func confined(t *testing.T, p profile, args ...string) *exec.Cmd {
	t.Helper()
	file := filepath.Join(shared(t), "filter")
	if err := os.WriteFile(file, compile(t, p), 0o644); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "/proc/self/exe", args...)
	command.Env = []string{filterVariable + "=" + file}
	// Whatever is left of Chrome when it is told to end goes with it.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	return command
}

func stderr(err error) []byte {
	var exit *exec.ExitError
	errors.As(err, &exit)
	if exit == nil {
		return nil
	}
	return exit.Stderr
}

// A misspelt name would be left out in silence: the engines ignore names that
// they do not know.
func TestProfileNamesExist(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Logf("checked on amd64 only: %s has fewer calls", runtime.GOARCH)
		return
	}
	numbers := systemCalls(t)
	seen := map[string]bool{}
	for _, r := range workersProfile(t).Syscalls {
		for _, name := range r.Names {
			if _, ok := numbers[name]; !ok {
				t.Errorf("there is no system call %q", name)
			}
			if seen[name] && len(r.Args) == 0 {
				t.Errorf("%q is named twice", name)
			}
			seen[name] = true
		}
	}
	if len(seen) < 200 {
		t.Errorf("only %d names: %q", len(seen), slices.Sorted(maps.Keys(seen)))
	}
}
