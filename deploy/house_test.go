package deploy

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// module is the name every import of ours begins with.
const module = "pasban"

// A room is one folder of the house: what code in it may import of ours, and
// what its tests may import besides.
type room struct {
	folder       string
	allow, tests []string
}

// house is the import graph of CONTRIBUTING.md. The first room that holds a
// file rules it, so sub-folders with rules of their own stand first. The same
// rules are written for the linter in .golangci.yml; TestLinterKnowsTheHouse
// keeps the two alike.
var house = []room{
	{folder: "compare", allow: []string{"compare"}, tests: []string{"fixtures"}},
	{folder: "alerting", allow: []string{"alerting"}, tests: []string{"fixtures"}},
	{folder: "render/egress", allow: []string{"render/egress"}, tests: []string{"fixtures"}},
	{folder: "render", allow: []string{"render"}, tests: []string{"fixtures"}},
	{folder: "monitor/probe", allow: []string{"monitor/probe", "render/egress", "compare"}, tests: []string{"fixtures"}},
	{folder: "monitor", allow: []string{"monitor", "render", "compare", "alerting"}, tests: []string{"fixtures", "storage"}},
	{folder: "storage", allow: []string{"storage", "monitor", "compare"}, tests: []string{"fixtures"}},
	{folder: "console", allow: []string{"console", "monitor"}, tests: []string{"fixtures", "storage"}},
	{folder: "fixtures/gauntlet", allow: []string{"fixtures"}, tests: []string{"render", "compare", "alerting", "monitor", "storage", "console"}},
	{folder: "fixtures/replay", allow: []string{"fixtures"}, tests: []string{"render", "compare", "alerting", "monitor", "storage"}},
	{folder: "fixtures", allow: []string{"fixtures"}},
	{folder: "deploy"},
	{folder: "cmd/pasban", allow: []string{"cmd/pasban", "render", "compare", "alerting", "monitor", "storage", "console"}, tests: []string{"fixtures"}},
}

// forbidden says why a file may not import something, "" if it may. file and
// imported are relative to the module, with slashes.
func forbidden(file, imported string) string {
	if within(path.Dir(file), "cmd/pasban") && within(imported, "fixtures") && demonstrates(file) {
		return ""
	}
	for _, r := range house {
		if !within(path.Dir(file), r.folder) {
			continue
		}
		allow := r.allow
		if strings.HasSuffix(file, "_test.go") {
			allow = append(allow[:len(allow):len(allow)], r.tests...)
		}
		for _, a := range allow {
			if within(imported, a) {
				return ""
			}
		}
		return fmt.Sprintf("%s may import only %q of ours", r.folder, allow)
	}
	return "no room of the house holds this folder: add it to CONTRIBUTING.md, .golangci.yml and here"
}

// demonstrates reports whether a file of cmd/pasban belongs to `pasban demo` or
// `pasban fleet`, the only shipped code that shows fixture sites.
func demonstrates(file string) bool {
	name := path.Base(file)
	return strings.HasPrefix(name, "demo") || strings.HasPrefix(name, "fleet")
}

func within(name, folder string) bool {
	return name == folder || strings.HasPrefix(name, folder+"/")
}

// Every import in the tree follows the arrows. Only import clauses are read, so
// this holds for files of other platforms and for a tree that does not compile.
func TestImportsFollowTheArrows(t *testing.T) {
	files := 0
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && name != ".." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata") {
			return filepath.SkipDir
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		files++
		for _, imported := range importsOfOurs(t, name) {
			file := filepath.ToSlash(strings.TrimPrefix(name, ".."+string(filepath.Separator)))
			if why := forbidden(file, imported); why != "" {
				t.Errorf("%s imports %s/%s: %s", file, module, imported, why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("walking the tree: %v", err)
	}
	if files < 10 {
		t.Fatalf("found %d Go files: this test does not see the tree", files)
	}
}

func importsOfOurs(t *testing.T, name string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatalf("reading the imports of %s: %v", name, err)
	}
	var ours []string
	for _, spec := range parsed.Imports {
		imported := strings.Trim(spec.Path.Value, `"`)
		if within(imported, module) {
			ours = append(ours, strings.TrimPrefix(imported, module+"/"))
		}
	}
	return ours
}

// crossings are imports between existing rooms, good and bad.
var crossings = []struct {
	file, imported string
	allowed        bool
}{
	{"compare/a.go", "compare/lockdown", true},
	{"compare/a.go", "render", false},
	{"compare/b.go", "fixtures", false},
	{"compare/a_test.go", "fixtures", true},
	{"compare/b_test.go", "monitor", false},
	{"alerting/smtp/a.go", "alerting", true},
	{"alerting/a.go", "monitor", false},
	{"alerting/smtp/b.go", "compare", false},
	{"render/a.go", "render/egress", true},
	{"render/a.go", "compare", false},
	{"render/egress/a.go", "render", false},
	{"monitor/a.go", "render", true},
	{"monitor/b.go", "compare", true},
	{"monitor/c.go", "alerting", true},
	{"monitor/d.go", "storage/db", false},
	{"monitor/e.go", "console", false},
	{"monitor/f.go", "monitor/probe", true},
	{"monitor/probe/a.go", "render/egress", true},
	{"monitor/probe/b.go", "compare", true},
	{"monitor/probe/c.go", "render", false},
	{"monitor/probe/d.go", "monitor", false},
	{"monitor/probe/e.go", "alerting", false},
	{"monitor/probe/a_test.go", "fixtures", true},
	{"monitor/probe/b_test.go", "storage/db", false},
	{"monitor/a_test.go", "storage/db", true},
	{"monitor/b_test.go", "console", false},
	{"storage/db/a.go", "monitor", true},
	{"storage/db/b.go", "render", false},
	{"storage/snapshot/a.go", "monitor", true},
	{"storage/snapshot/b.go", "render", false},
	{"storage/db/c.go", "console", false},
	{"console/a.go", "monitor", true},
	{"console/b.go", "storage/db", false},
	{"console/c.go", "compare", false},
	{"fixtures/a.go", "compare", false},
	{"fixtures/a_test.go", "render", false},
	{"fixtures/replay/a.go", "compare", false},
	{"fixtures/replay/a_test.go", "monitor", true},
	{"cmd/pasban/a.go", "console", true},
	{"cmd/pasban/b.go", "fixtures", false},
	{"cmd/pasban/demo.go", "fixtures", true},
	{"cmd/pasban/fleet.go", "fixtures", true},
	{"cmd/pasban/a_test.go", "fixtures", true},
}

func TestCrossings(t *testing.T) {
	for _, c := range crossings {
		if why := forbidden(c.file, c.imported); (why == "") != c.allowed {
			t.Errorf("%s importing %s: allowed %v, want %v (%s)", c.file, c.imported, why == "", c.allowed, why)
		}
	}
	if forbidden("helpers/a.go", "compare") == "" {
		t.Error("a folder that is not part of the house may import what it likes")
	}
}

// The linter's rules are the same house: run over a small module that commits
// every crossing, it complains about the forbidden ones and about no other.
func TestLinterKnowsTheHouse(t *testing.T) {
	dir := crossedModule(t)
	complaints := lint(t, dir)
	for _, c := range crossings {
		found := strings.Contains(complaints, fmt.Sprintf("%s:3:8: import '%s/%s/empty' is not allowed", c.file, module, c.imported))
		if found == c.allowed {
			t.Errorf("%s importing %s: linter complains %v, want %v", c.file, c.imported, found, !c.allowed)
		}
	}
	if t.Failed() {
		t.Log(complaints)
	}
}

// A library used outside of its home is caught too.
func TestLinterKnowsTheHomes(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "go.mod", "module "+module+"\n\ngo 1.26\n")
	write(t, dir, "monitor/a.go", "package monitor\n\nimport _ \"log\"\n")
	write(t, dir, "monitor/b.go", "package monitor\n\nimport _ \"math/rand\"\n")
	write(t, dir, "monitor/c.go", "package monitor\n\nimport _ \"math/rand/v2\"\n")
	complaints := lint(t, dir)
	for file, want := range map[string]bool{"monitor/a.go": true, "monitor/b.go": true, "monitor/c.go": false} {
		if got := strings.Contains(complaints, file+":3:8:"); got != want {
			t.Errorf("%s: linter complains %v, want %v\n%s", file, got, want, complaints)
		}
	}
}

// crossedModule writes a module with one file for each crossing. What is
// imported is an empty package below the folder that the crossing names, since
// all crossings together would be an import cycle.
func crossedModule(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "go.mod", "module "+module+"\n\ngo 1.26\n")
	for _, c := range crossings {
		name := path.Base(path.Dir(c.file))
		write(t, dir, c.file, fmt.Sprintf("package %s\n\nimport _ %q\n", name, module+"/"+c.imported+"/empty"))
		write(t, dir, c.imported+"/empty/empty.go", "package empty\n")
	}
	return dir
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// lint runs depguard alone, with our configuration, and returns what it says.
func lint(t *testing.T, dir string) string {
	t.Helper()
	binary, err := exec.LookPath("golangci-lint")
	if err != nil {
		t.Fatalf("%v: `make setup` installs it", err)
	}
	config, err := os.ReadFile("../.golangci.yml")
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, ".golangci.yml", string(config))
	command := exec.CommandContext(t.Context(), binary, "run", "--enable-only", "depguard", "--output.text.print-issued-lines=false", "--allow-parallel-runners", "./...")
	command.Dir = dir
	command.WaitDelay = 10 * time.Second
	output, err := command.CombinedOutput()
	if command.ProcessState.ExitCode() != 1 {
		t.Fatalf("running golangci-lint (exit code 1 means it found something): %v\n%s", err, output)
	}
	return string(output)
}
