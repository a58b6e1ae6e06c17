// Package blobtest is the behaviour that every storage of blobs must show. A
// storage is tested by handing [Run] a function that opens an empty one; package
// blob does so for a directory and for a bucket on a real MinIO.
package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"pasban/monitor"
)

// A Subject is the storage under test.
type Subject struct {
	// Open returns an empty storage that ends with the test.
	Open func(t *testing.T) monitor.Blobs
	// Corrupt replaces what blobs holds under digest behind its back.
	Corrupt func(t *testing.T, blobs monitor.Blobs, digest string, content []byte)
}

// Run tests a storage.
func Run(t *testing.T, subject Subject) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s Subject)
	}{
		{"what is put comes back", putOpenStat},
		{"equal content is stored once", putTwice},
		{"many may put the same at once", putAtOnce},
		{"damage is found on reading", corrupt},
		{"putting again repairs a truncated blob", repair},
		{"deleted is gone", deleted},
		{"list is complete and in order", listed},
		{"list ends when it is told to", listEnds},
		{"what is put again is young", putAgain},
		{"what is old is removed, unless it is put meanwhile", deleteWhilePut},
		{"what is no digest is not found", badDigests},
		{"a cancelled context ends everything", cancelled},
		{"manifests never change", manifestImmutable},
		{"one of many manifests wins", manifestRace},
		{"manifests are found by prefix", manifestPrefixes},
		{"odd manifest names are refused", manifestNames},
		{"manifests have a bound", manifestBound},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, subject) })
	}
}

// limit ends a test that hangs.
func limit(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// random is content of a size, the same for the same seed.
func random(size int, seed byte) []byte {
	content := make([]byte, size)
	// It is documented never to fail.
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(content)
	return content
}

func digestOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func put(t *testing.T, blobs monitor.Blobs, content []byte) string {
	t.Helper()
	digest, err := blobs.Put(limit(t), content)
	if err != nil {
		t.Fatalf("Put of %d bytes: %v", len(content), err)
	}
	if want := digestOf(content); digest != want {
		t.Fatalf("Put returned %s, the SHA-256 of the content is %s", digest, want)
	}
	return digest
}

// read returns the error of opening or of reading.
func read(t *testing.T, blobs monitor.Blobs, digest string) ([]byte, error) {
	t.Helper()
	r, err := blobs.Open(limit(t), digest)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(r)
	if err := r.Close(); err != nil {
		t.Errorf("closing %s: %v", digest, err)
	}
	return content, err
}

func mustHold(t *testing.T, blobs monitor.Blobs, content []byte) {
	t.Helper()
	digest := digestOf(content)
	have, err := read(t, blobs, digest)
	if err != nil || !bytes.Equal(have, content) {
		t.Fatalf("reading back %d bytes: got %d bytes, error %v", len(content), len(have), err)
	}
	if size, err := blobs.Stat(limit(t), digest); err != nil || size != int64(len(content)) {
		t.Fatalf("Stat = %d, %v, want %d", size, err, len(content))
	}
}

func putOpenStat(t *testing.T, s Subject) {
	blobs := s.Open(t)
	for _, content := range [][]byte{
		[]byte("a page"), {}, {0}, random(200_000, 1), random(20<<20, 2),
	} {
		put(t, blobs, content)
		mustHold(t, blobs, content)
	}
}

func putTwice(t *testing.T, s Subject) {
	blobs := s.Open(t)
	content := []byte("the same again")
	put(t, blobs, content)
	put(t, blobs, content)
	mustHold(t, blobs, content)
	if all := listAll(t, blobs); len(all) != 1 {
		t.Errorf("%d blobs are stored, want 1", len(all))
	}
}

func putAtOnce(t *testing.T, s Subject) {
	blobs := s.Open(t)
	contents := [][]byte{random(50_000, 3), random(60_000, 4), {}}
	ctx := limit(t)
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			content := contents[i%len(contents)]
			if _, err := blobs.Put(ctx, content); err != nil {
				t.Errorf("Put: %v", err)
				return
			}
			// It must be there for everybody the moment Put returns.
			if size, err := blobs.Stat(ctx, digestOf(content)); err != nil || size != int64(len(content)) {
				t.Errorf("Stat after Put = %d, %v", size, err)
			}
		})
	}
	all.Wait()
	for _, content := range contents {
		mustHold(t, blobs, content)
	}
	if n := len(listAll(t, blobs)); n != len(contents) {
		t.Errorf("%d blobs are stored, want %d", n, len(contents))
	}
}

func corrupt(t *testing.T, s Subject) {
	blobs := s.Open(t)
	content := random(100_000, 5)
	digest := put(t, blobs, content)
	flipped := bytes.Clone(content)
	flipped[99_999] ^= 1
	for name, damage := range map[string][]byte{
		"one bit": flipped, "cut short": content[:50_000], "empty": {}, "longer": append(bytes.Clone(content), 0),
	} {
		s.Corrupt(t, blobs, digest, damage)
		if _, err := read(t, blobs, digest); !errors.Is(err, monitor.ErrCorrupt) {
			t.Errorf("%s: reading gave %v, want ErrCorrupt", name, err)
		}
	}
}

func repair(t *testing.T, s Subject) {
	blobs := s.Open(t)
	content := random(1000, 6)
	digest := put(t, blobs, content)
	s.Corrupt(t, blobs, digest, content[:10])
	put(t, blobs, content)
	mustHold(t, blobs, content)
}

func deleted(t *testing.T, s Subject) {
	blobs := s.Open(t)
	digest := put(t, blobs, []byte("not for long"))
	for range 2 { // the second time it is not there, which is no error
		if err := blobs.Delete(limit(t), digest); err != nil {
			t.Fatalf("Delete: %v", err)
		}
	}
	if _, err := blobs.Stat(limit(t), digest); !errors.Is(err, monitor.ErrNotFound) {
		t.Errorf("Stat gave %v, want ErrNotFound", err)
	}
	if _, err := read(t, blobs, digest); !errors.Is(err, monitor.ErrNotFound) {
		t.Errorf("reading gave %v, want ErrNotFound", err)
	}
	if all := listAll(t, blobs); len(all) != 0 {
		t.Errorf("List still has %v", all)
	}
	put(t, blobs, []byte("not for long"))
	mustHold(t, blobs, []byte("not for long"))
}

func listAll(t *testing.T, blobs monitor.Blobs) []string {
	t.Helper()
	all := []string{}
	err := blobs.List(limit(t), func(digest string, size int64) error {
		all = append(all, digest)
		return nil
	})
	if err != nil {
		t.Fatalf("List: %v", err)
	}
	return all
}

func listed(t *testing.T, s Subject) {
	blobs := s.Open(t)
	if all := listAll(t, blobs); len(all) != 0 {
		t.Fatalf("a fresh storage lists %v", all)
	}
	sizes := map[string]int64{}
	want := []string{}
	for i := range 50 {
		content := random(i, 7)
		digest := put(t, blobs, content)
		sizes[digest] = int64(len(content))
		want = append(want, digest)
	}
	slices.Sort(want)
	// Manifests are not blobs.
	if err := blobs.PutManifest(limit(t), "baselines/a/a/1.json", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	err := blobs.List(limit(t), func(digest string, size int64) error {
		if size != sizes[digest] {
			t.Errorf("List says %s has %d bytes, want %d", digest, size, sizes[digest])
		}
		return nil
	})
	if have := listAll(t, blobs); err != nil || !slices.Equal(have, want) {
		t.Errorf("List (%v) gave\n%v, want\n%v", err, have, want)
	}
}

func listEnds(t *testing.T, s Subject) {
	blobs := s.Open(t)
	for i := range 5 {
		put(t, blobs, random(10, byte(i)))
	}
	enough, calls := errors.New("enough"), 0
	err := blobs.List(limit(t), func(string, int64) error { calls++; return enough })
	if !errors.Is(err, enough) || calls != 1 {
		t.Errorf("List returned %v after %d calls, want the caller's error after 1", err, calls)
	}
}

func badDigests(t *testing.T, s Subject) {
	blobs := s.Open(t)
	digest := put(t, blobs, []byte("bait"))
	for _, bad := range []string{
		"", "../x", "../../etc/passwd", digest[:63], digest + "0", "X" + digest[1:],
		string(bytes.ToUpper([]byte(digest))), digest[:62] + "/.", "/" + digest[1:], digest[:63] + "\x00",
		string(bytes.Repeat([]byte{'.'}, 64)), digestOf([]byte("never stored")),
	} {
		if _, err := blobs.Stat(limit(t), bad); !errors.Is(err, monitor.ErrNotFound) {
			t.Errorf("Stat(%q) gave %v, want ErrNotFound", bad, err)
		}
		if _, err := read(t, blobs, bad); !errors.Is(err, monitor.ErrNotFound) {
			t.Errorf("reading %q gave %v, want ErrNotFound", bad, err)
		}
		if err := blobs.Delete(limit(t), bad); err != nil && !errors.Is(err, monitor.ErrNotFound) {
			t.Errorf("Delete(%q) gave %v", bad, err)
		}
	}
	mustHold(t, blobs, []byte("bait"))
}

func cancelled(t *testing.T, s Subject) {
	blobs := s.Open(t)
	digest := put(t, blobs, []byte("there"))
	if err := blobs.PutManifest(limit(t), "a/1.json", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	calls := map[string]func() error{
		"Put": func() error { _, err := blobs.Put(ctx, []byte("never")); return err },
		"Open": func() error {
			r, err := blobs.Open(ctx, digest)
			if err == nil {
				return r.Close()
			}
			return err
		},
		"Stat":        func() error { _, err := blobs.Stat(ctx, digest); return err },
		"Delete":      func() error { return blobs.Delete(ctx, digest) },
		"List":        func() error { return blobs.List(ctx, func(string, int64) error { return nil }) },
		"ListOld":     func() error { return blobs.ListOld(ctx, time.Now(), func(string, int64) error { return nil }) },
		"DeleteOld":   func() error { _, err := blobs.DeleteOld(ctx, digest, time.Now().Add(time.Hour)); return err },
		"PutManifest": func() error { return blobs.PutManifest(ctx, "a/2.json", nil) },
		"Manifest":    func() error { _, err := blobs.Manifest(ctx, "a/1.json"); return err },
		"Manifests":   func() error { _, err := blobs.Manifests(ctx, ""); return err },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s gave %v, want context.Canceled", name, err)
		}
	}
	if all := listAll(t, blobs); !slices.Equal(all, []string{digest}) {
		t.Errorf("after cancelled calls the storage holds %v, want only %s", all, digest)
	}
}
