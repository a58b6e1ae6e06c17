package blob_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pasban/monitor"
	"pasban/storage/blob"
)

// crashEnv tells the test binary to be the process that is killed.
const crashEnv = "PASBAN_TEST_PUT_INTO"

func TestMain(m *testing.M) {
	if folder := os.Getenv(crashEnv); folder != "" {
		fmt.Fprintln(os.Stderr, putForEver(folder))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// putForEver prints the digest of each blob after it was stored.
func putForEver(folder string) error {
	blobs, err := blob.Open(context.Background(), folder)
	if err != nil {
		return err
	}
	source := rand.NewChaCha8([32]byte{1})
	for {
		content := make([]byte, 300_000)
		// It is documented never to fail.
		_, _ = source.Read(content)
		digest, err := blobs.Put(context.Background(), content)
		if err != nil {
			return err
		}
		fmt.Println(digest)
	}
}

// TestKill kills a process with SIGKILL in the middle of Put. Every blob that it
// reported must be there; every file in the storage must be whole.
func TestKill(t *testing.T) {
	for lines := range 5 {
		folder := filepath.Join(t.TempDir(), "blobs")
		reported := killPutter(t, folder, 5+lines)
		blobs := open(t, folder)
		for _, digest := range reported {
			if _, err := blobs.Stat(t.Context(), digest); err != nil {
				t.Errorf("a blob reported as stored: %v", err)
			}
		}
		err := blobs.List(t.Context(), func(digest string, _ int64) error {
			r, err := blobs.Open(t.Context(), digest)
			if err != nil {
				return err
			}
			_, err = io.Copy(io.Discard, r) // verifies it
			return errors.Join(err, r.Close())
		})
		if err != nil {
			t.Errorf("after a kill: %v", err)
		}
	}
}

// killPutter returns the digests that the process reported until it was killed.
func killPutter(t *testing.T, folder string, after int) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), crashEnv+"="+folder)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	var reported []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if len(lines.Text()) == 64 {
			reported = append(reported, lines.Text())
		}
		if len(reported) == after {
			if err := cmd.Process.Kill(); err != nil { // it goes on reading what was reported before
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || len(reported) < after {
		t.Fatalf("the process ended on its own after %d blobs: %v", len(reported), err)
	}
	return reported
}

// What a killed process left is removed once nobody can be writing it any more,
// and not before.
func TestOpenSweeps(t *testing.T) {
	folder := t.TempDir()
	open(t, folder)
	old, fresh := filepath.Join(folder, "tmp", "put-old"), filepath.Join(folder, "tmp", "put-fresh")
	for _, path := range []string{old, fresh} {
		if err := os.WriteFile(path, []byte("half of a"), 0o444); err != nil {
			t.Fatal(err)
		}
	}
	hours := time.Now().Add(-61 * time.Minute)
	if err := os.Chtimes(old, hours, hours); err != nil {
		t.Fatal(err)
	}
	open(t, folder)
	if _, err := os.Stat(old); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a temporary file of an hour ago is still there: %v", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("a temporary file that may be in use is gone: %v", err)
	}
}

// Blobs can only be read, by their owner's account at most: nobody edits
// evidence by accident. Nothing unfinished stays behind.
func TestDirModes(t *testing.T) {
	folder := t.TempDir()
	blobs := open(t, folder)
	if _, err := blobs.Put(t.Context(), []byte("evidence")); err != nil {
		t.Fatal(err)
	}
	if err := blobs.PutManifest(t.Context(), "a/1.json", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if err := blobs.PutManifest(t.Context(), "a/1.json", []byte("other")); err == nil {
		t.Fatal("other content was stored")
	}
	files := 0
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == folder {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o444)
		if entry.IsDir() {
			want = 0o700
		} else {
			files++
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode().Perm(), want)
		}
		return nil
	})
	if err != nil || files != 2 {
		t.Errorf("there are %d files (%v), want the blob and the manifest", files, err)
	}
}

// Somebody tidies up the empty directories while we run.
func TestDirRemovedMeanwhile(t *testing.T) {
	folder := t.TempDir()
	blobs := open(t, folder)
	for range 2 {
		digest, err := blobs.Put(t.Context(), []byte("evidence"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := blobs.Stat(t.Context(), digest); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(folder, "sha256")); err != nil {
			t.Fatal(err)
		}
	}
}

// What an operator reads when a directory cannot be used.
func TestDirErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]string{
		"": "no directory", "http://user:geheim@host/": "http://", file: "a file", filepath.Join(file, "x"): "not a directory",
		// Nobody may make directories there, not even root.
		"/proc/pasban": "/proc/pasban",
	} {
		_, err := blob.Open(t.Context(), url)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("Open(%q) gave %v, want something about %q", url, err, want)
		}
	}
}

// BenchmarkDirPut stores blobs of 200 kB, the size of a small screenshot, one
// after the other and by eight at once.
func BenchmarkDirPut(b *testing.B) {
	for _, writers := range []int{1, 8} {
		b.Run(fmt.Sprint(writers, " at once"), func(b *testing.B) {
			blobs := open(b, b.TempDir())
			b.SetBytes(200_000)
			work := make(chan uint64)
			var all sync.WaitGroup
			for range writers {
				all.Go(func() {
					for n := range work {
						content := make([]byte, 200_000)
						// It is documented never to fail.
						_, _ = rand.NewChaCha8([32]byte{byte(n), byte(n >> 8), byte(n >> 16)}).Read(content)
						if _, err := blobs.Put(b.Context(), content); err != nil {
							b.Error(err)
						}
					}
				})
			}
			for n := uint64(0); b.Loop(); n++ {
				work <- n
			}
			close(work)
			all.Wait()
		})
	}
}

// When the whole storage is gone, as a disk that is not mounted is, no blob and
// no manifest is "not found": whoever asked would go on without it for good.
func TestGoneIsNotNotFound(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "blobs")
	blobs := open(t, folder)
	digest, err := blobs.Put(t.Context(), []byte("a picture"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(folder, folder+".away"); err != nil {
		t.Fatal(err)
	}
	_, opened := blobs.Open(t.Context(), digest)
	_, sized := blobs.Stat(t.Context(), digest)
	_, read := blobs.Manifest(t.Context(), "baselines/a/b/1.json")
	_, put := blobs.Put(t.Context(), []byte("another"))
	for what, err := range map[string]error{"Open": opened, "Stat": sized, "Manifest": read, "Put": put} {
		if err == nil || errors.Is(err, monitor.ErrNotFound) || !strings.Contains(err.Error(), "is its disk mounted?") {
			t.Errorf("%s: got %v, want to be told that the folder is gone", what, err)
		}
	}
	if err := os.Rename(folder+".away", folder); err != nil {
		t.Fatal(err)
	}
	if _, err := blobs.Stat(t.Context(), digest); err != nil {
		t.Errorf("when it is back: %v", err)
	}
}
