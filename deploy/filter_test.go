package deploy

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A profile is the part of the container engines' seccomp format that
// seccomp.json uses.
type profile struct {
	DefaultAction   string
	DefaultErrnoRet uint32
	Syscalls        []rule
}

type rule struct {
	Comment, Action string
	Names           []string
	ErrnoRet        uint32
	Args            []condition
}

type condition struct {
	Index           uint32
	Value, ValueTwo uint32 // all our values fit
	Op              string
}

func workersProfile(t *testing.T) profile {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(read(t, "seccomp.json")))
	var p profile
	if err := decoder.Decode(&p); err != nil {
		t.Fatalf("reading seccomp.json: %v", err)
	}
	if p.DefaultAction != "SCMP_ACT_ERRNO" || p.DefaultErrnoRet != uint32(unix.EPERM) {
		t.Fatalf("what is not named gets %s %d, want EPERM", p.DefaultAction, p.DefaultErrnoRet)
	}
	return p
}

// compile makes the filter that libseccomp would make of a profile: rules in
// order, first match wins, default at the end.
func compile(t *testing.T, p profile) []byte {
	t.Helper()
	numbers := systemCalls(t)
	architecture := map[string]uint32{"amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64}[runtime.GOARCH]
	refuse := unix.SockFilter{Code: unix.BPF_RET, K: unix.SECCOMP_RET_ERRNO | p.DefaultErrnoRet}
	program := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 4}, // seccomp_data.arch
		{Code: unix.BPF_JMP | unix.BPF_JEQ, K: architecture, Jt: 1},
		refuse,
	}
	for _, r := range p.Syscalls {
		for _, name := range r.Names {
			if number, ok := numbers[name]; ok { // not every architecture has every call
				program = append(program, match(t, r, number)...)
			}
		}
	}
	var out bytes.Buffer
	for _, i := range append(program, refuse) {
		out.Write(unsafe.Slice((*byte)(unsafe.Pointer(&i)), unsafe.Sizeof(i)))
	}
	return out.Bytes()
}

// match makes the instructions of one rule for one system call.
func match(t *testing.T, r rule, number uint32) []unix.SockFilter {
	t.Helper()
	verdict := unix.SockFilter{Code: unix.BPF_RET, K: unix.SECCOMP_RET_ALLOW}
	if r.Action == "SCMP_ACT_ERRNO" {
		verdict.K = unix.SECCOMP_RET_ERRNO | r.ErrnoRet
	} else if r.Action != "SCMP_ACT_ALLOW" {
		t.Fatalf("action %q", r.Action)
	}
	tail := []unix.SockFilter{verdict}
	for _, c := range slices.Backward(r.Args) {
		mask, want := uint32(0xffffffff), c.Value
		if c.Op == "SCMP_CMP_MASKED_EQ" {
			mask, want = c.Value, c.ValueTwo
		} else if c.Op != "SCMP_CMP_EQ" {
			t.Fatalf("comparison %q", c.Op)
		}
		tail = append([]unix.SockFilter{
			{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 16 + 8*c.Index}, // seccomp_data.args, low half
			{Code: unix.BPF_ALU | unix.BPF_AND, K: mask},
			{Code: unix.BPF_JMP | unix.BPF_JEQ, K: want, Jf: uint8(len(tail))},
		}, tail...)
	}
	return append([]unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}, // seccomp_data.nr
		{Code: unix.BPF_JMP | unix.BPF_JEQ, K: number, Jf: uint8(len(tail))},
	}, tail...)
}

// systemCalls reads the numbers of this architecture from golang.org/x/sys, the
// one table of them that a Go build has at hand.
func systemCalls(t *testing.T) map[string]uint32 {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output()
	if err != nil {
		t.Fatalf("finding golang.org/x/sys: %v\n%s", err, stderr(err))
	}
	name := filepath.Join(strings.TrimSpace(string(dir)), "unix", "zsysnum_linux_"+runtime.GOARCH+".go")
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("reading system call numbers: %v", err)
	}
	numbers := map[string]uint32{}
	for node := range ast.Preorder(file) {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			continue
		}
		if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
			n, _ := strconv.ParseUint(literal.Value, 0, 32)
			numbers[strings.ToLower(strings.TrimPrefix(spec.Names[0].Name, "SYS_"))] = uint32(n)
		}
	}
	return numbers
}
