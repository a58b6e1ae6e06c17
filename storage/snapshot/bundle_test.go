package snapshot_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/nlnwa/gowarc/v3"

	"pasban/monitor"
	"pasban/storage/blob"
	"pasban/storage/snapshot"
)

// exportEnv tells the test binary to be the process that is killed: blobs and output.
const exportEnv = "PASBAN_TEST_EXPORT"

func TestMain(m *testing.M) {
	if where := os.Getenv(exportEnv); where != "" {
		fmt.Fprintln(os.Stderr, exportForEver(where))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// exportForEver writes the same bundle again and again, and says so before each time.
func exportForEver(where string) error {
	dir, out, _ := strings.Cut(where, "|")
	blobs, err := blob.Open(context.Background(), dir)
	if err != nil {
		return err
	}
	store, err := snapshot.New(snapshot.Config{Blobs: blobs})
	if err != nil {
		return err
	}
	key, err := snapshot.OpenKey(filepath.Dir(out))
	if err != nil {
		return err
	}
	for {
		fmt.Println("writing")
		s := monitor.Snapshot{ID: "0190a", Site: "office", Created: made, Manifest: "snapshots/office/0190a.json", State: monitor.Proved}
		if _, err := store.Export(context.Background(), snapshot.Export{Copy: s, Key: key, Out: out, Host: "office.example"}); err != nil {
			return err
		}
	}
}

func untar(t testing.TB, path string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zstd.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	files := map[string]string{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		_, name, _ := strings.Cut(h.Name, "/")
		files[name] = string(content)
	}
}

// A killed export leaves the bundle that was there, whole, or the new one, whole.
func TestKilledExport(t *testing.T) {
	o := newOffice(t)
	o.pages["/"] = strings.Repeat("<p>a paragraph of some length</p>", 3000)
	s, store, dir := copied(t, o, snapshot.Weld, 1)
	out := filepath.Join(t.TempDir(), "b.tar.zst")
	key, err := snapshot.OpenKey(filepath.Dir(out))
	if err != nil {
		t.Fatal(err)
	}
	s.Proofs = nil
	if _, err := store.Export(t.Context(), snapshot.Export{Copy: s, Key: key, Out: out, Host: "office.example"}); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for round := range 12 {
		killExport(t, dir, out, time.Duration(round)*7*time.Millisecond)
		have, err := os.ReadFile(out)
		if err != nil || !bytes.Equal(have, want) {
			t.Fatalf("after kill %d the bundle has %d bytes (%v), want %d", round, len(have), err, len(want))
		}
	}
	if _, err := snapshot.VerifyBundle(bytes.NewReader(want), key.Public()); err != nil {
		t.Error(err)
	}
}

// killExport kills a process at some moment of its second export.
func killExport(t *testing.T, dir, out string, after time.Duration) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), exportEnv+"="+dir+"|"+out)
	lines, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	read := make([]byte, 2*len("writing\n"))
	_, err = io.ReadFull(lines, read)
	moment := time.NewTimer(after) // which moment is what differs from round to round
	<-moment.C
	if err := errors.Join(err, cmd.Process.Kill()); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // it was killed
}

// What no web server can be configured with is refused before anything is written.
func TestSettingsAreRefused(t *testing.T) {
	o := newOffice(t)
	o.pages["/"] = "<p>well</p>"
	s, store, blobs := copied(t, o, snapshot.Weld, 1)
	key, err := snapshot.OpenKey(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	// A file of the copy is lost: whoever packs it finds that first.
	digests, err := store.Digests(t.Context(), s.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range digests[:len(digests)-1] { // the last one is the index
		if err := os.Remove(filepath.Join(blobs, "sha256", d[:2], d[2:4], d)); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range []snapshot.Export{
		{Host: "a b"}, {Host: "a;b"}, {Listen: "everywhere"}, {Listen: "80;"},
		{Root: "www"}, {Root: "/"}, {Root: "/."}, {Root: "//"}, {Root: "/./"}, {Root: "/a/.."}, {Root: "/etc"}, {Root: "/etc/pasban"}, {Root: "/var/www/"}, {Root: "/a b"}, {Root: "/a;b"},
	} {
		dir := t.TempDir()
		e.Copy, e.Key, e.Out = s, key, filepath.Join(dir, "b.tar.zst")
		if e.Host == "" {
			e.Host = "office.example"
		}
		if _, err := store.Export(t.Context(), e); !errors.Is(err, snapshot.ErrSetting) {
			t.Errorf("host %q, listen %q, root %q: %v", e.Host, e.Listen, e.Root, err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v %v", left, err)
		}
	}
}

// Two exports of one copy are the same bytes.
func TestExportIsReproducible(t *testing.T) {
	o := newOffice(t)
	o.pages["/"], o.pages["/a"] = `<a href="/a">a</a><img src="/bg.png">`, "<p>a</p>"
	s, store, _ := copied(t, o, snapshot.Weld, 5)
	dir := t.TempDir()
	key, err := snapshot.OpenKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	var sums []string
	for i := range 2 {
		x, err := store.Export(t.Context(), snapshot.Export{Copy: s, Key: key, Out: filepath.Join(dir, strconv.Itoa(i)), Host: "office.example"})
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, x.SHA256)
	}
	if sums[0] != sums[1] {
		t.Errorf("two exports differ: %v", sums)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// A bundle in which one thing was changed, or that another signed, is refused; openssl
// and sha256sum, which institutions have, say the same of a good one.
func TestBundleIsSigned(t *testing.T) {
	o := newOffice(t)
	o.pages["/"] = "<p>well</p>"
	s, store, _ := copied(t, o, snapshot.Weld, 1)
	path, files, key := exported(t, store, s)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := snapshot.VerifyBundle(bytes.NewReader(data), key.Public()); err != nil {
		t.Fatal(err)
	}
	other, err := snapshot.OpenKey(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := snapshot.VerifyBundle(bytes.NewReader(data), other.Public()); !errors.Is(err, snapshot.ErrBundle) {
		t.Errorf("signed by another: %v", err)
	}
	for what, change := range map[string]func(h *tar.Header, content string) (string, bool){
		"a page is changed": func(h *tar.Header, c string) (string, bool) { return strings.Replace(c, "well", "evil", 1), true },
		"a file is missing": func(h *tar.Header, c string) (string, bool) { return c, !strings.HasSuffix(h.Name, "/www/404.html") },
		"the kit is changed": func(h *tar.Header, c string) (string, bool) {
			return strings.Replace(c, "return 405", "return 200", 1), true
		},
		"the list is changed": func(h *tar.Header, c string) (string, bool) {
			return strings.Replace(c, `"format": 1`, `"format":  1`, 1), true
		},
		"it goes upwards":     moved(".."),
		"it goes to the root": moved(""),
		"it goes elsewhere":   moved("another-folder"),
	} {
		if _, err := snapshot.VerifyBundle(repack(t, data, change), key.Public()); !errors.Is(err, snapshot.ErrBundle) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := snapshot.VerifyBundle(bytes.NewReader(data[:len(data)/2]), key.Public()); !errors.Is(err, snapshot.ErrBundle) {
		t.Errorf("half of it: %v", err)
	}
	opensslAgrees(t, files, key.Public())
}

// moved puts the files of a bundle into another folder.
func moved(folder string) func(h *tar.Header, content string) (string, bool) {
	return func(h *tar.Header, content string) (string, bool) {
		_, name, _ := strings.Cut(h.Name, "/")
		h.Name = folder + "/" + name
		return content, true
	}
}

// repack writes a bundle with its files changed.
func repack(t *testing.T, bundle []byte, change func(h *tar.Header, content string) (string, bool)) io.Reader {
	t.Helper()
	z, err := zstd.NewReader(bytes.NewReader(bundle))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var out bytes.Buffer
	to, err := zstd.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(to)
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		content, readErr := io.ReadAll(r)
		if err := errors.Join(err, readErr); err != nil {
			t.Fatal(err)
		}
		changed, keep := change(h, string(content))
		if !keep {
			continue
		}
		h.Size = int64(len(changed))
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, changed); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), to.Close()); err != nil {
		t.Fatal(err)
	}
	return &out
}

func opensslAgrees(t *testing.T, files map[string]string, key snapshot.PublicKey) {
	t.Helper()
	dir := t.TempDir()
	signature, err := base64.StdEncoding.DecodeString(strings.TrimSpace(files["manifest.json.sig"]))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"m": []byte(files["manifest.json"]), "s": signature, "k": key.PEM()} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "k", "-rawin", "-in", "m", "-sigfile", "s")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "Signature Verified Successfully") {
		t.Errorf("openssl: %v %s", err, out)
	}
	for line := range strings.Lines(files["SHA256SUMS"]) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if have := sha256.Sum256([]byte(files[name])); hex.EncodeToString(have[:]) != sum {
			t.Errorf("SHA256SUMS is wrong about %s", name)
		}
	}
}

// The WARC is one that another reader accepts as strictly as it can, record by record,
// with what the server sent and what a browser made of it.
func TestWARC(t *testing.T) {
	o := newOffice(t)
	o.pages["/"] = `<p>well</p><img src="/moved.png">`
	s, store, _ := copied(t, o, snapshot.Weld, 1)
	_, files, _ := exported(t, store, s)
	reader, err := gowarc.NewWarcFileReaderFromStream(strings.NewReader(files["archive/office.warc.gz"]), 0, gowarc.WithStrictValidation())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for {
		record, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("after %v: %v", seen, err)
		}
		r := record.WarcRecord
		if v := r.Version().String(); !strings.Contains(v, "1.1") {
			t.Errorf("version %s", v)
		}
		seen[r.Type().String()+" "+strings.TrimPrefix(r.WarcHeader().Get(gowarc.WarcTargetURI), o.URL)]++
		for _, problem := range record.Validation {
			t.Errorf("%s: %v", r, problem)
		}
		if err := record.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, want := range []string{"warcinfo ", "response /", "response /style.css", "response /bg.png", "resource urn:x-pasban-rendered:" + o.URL + "/"} {
		if seen[want] != 1 {
			t.Errorf("%d records %q of %v", seen[want], want, seen)
		}
	}
}

// twoHundred is a copy of a site of 200 pages.
func twoHundred(b *testing.B) (monitor.Snapshot, *snapshot.Store) {
	b.Helper()
	o := newOffice(b)
	var links strings.Builder
	for i := range 199 {
		o.file(fmt.Sprintf("/p%d.png", i), "image/png", dot(uint8(i+3))+noise(i, 30_000))
		o.pages[fmt.Sprintf("/page-%d", i)] = fmt.Sprintf(`<img src="/p%d.png"><a href="/">home</a>`, i) + strings.Repeat("<p>text of a page</p>", 1500)
		fmt.Fprintf(&links, `<a href="/page-%d">x</a>`, i)
	}
	o.pages["/"] = links.String()
	s, store, _ := copied(b, o, snapshot.Weld, 200)
	if s.Pages != 200 {
		b.Fatalf("%d pages: %q", s.Pages, s.LeftOut)
	}
	return s, store
}

// noise is what does not compress.
func noise(seed, n int) string {
	out := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)}).Read(out) // documented never to fail
	return string(out)
}

// BenchmarkExport200Pages writes the bundle of a site of 200 pages.
func BenchmarkExport200Pages(b *testing.B) {
	s, store := twoHundred(b)
	dir := b.TempDir()
	key, err := snapshot.OpenKey(dir)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := store.Export(b.Context(), snapshot.Export{Copy: s, Key: key, Out: filepath.Join(dir, "b"), Host: "office.example"}); err != nil {
			b.Fatal(err)
		}
	}
}
