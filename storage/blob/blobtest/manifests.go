package blobtest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"pasban/monitor"
)

func manifestImmutable(t *testing.T, s Subject) {
	blobs := s.Open(t)
	const name = "baselines/www.example.gov.pk/www.example.gov.pk~کھیل-news/3.json"
	if _, err := blobs.Manifest(limit(t), name); !errors.Is(err, monitor.ErrNotFound) {
		t.Errorf("before it is put, Manifest gave %v, want ErrNotFound", err)
	}
	for range 2 { // the same content again is no error
		if err := blobs.PutManifest(limit(t), name, []byte(`{"version":3}`)); err != nil {
			t.Fatalf("PutManifest: %v", err)
		}
	}
	for _, other := range []string{`{"version":4}`, ``, `{"version":3} `} {
		if err := blobs.PutManifest(limit(t), name, []byte(other)); !errors.Is(err, monitor.ErrExists) {
			t.Errorf("PutManifest of other content gave %v, want ErrExists", err)
		}
	}
	if have, err := blobs.Manifest(limit(t), name); err != nil || string(have) != `{"version":3}` {
		t.Errorf("Manifest = %s, %v", have, err)
	}
}

// Of several contents for one name exactly one is stored, and whoever brought
// another one is told.
func manifestRace(t *testing.T, s Subject) {
	blobs := s.Open(t)
	ctx := limit(t)
	var all sync.WaitGroup
	var stored atomic.Int32
	var winner atomic.Value
	for i := range 8 {
		all.Go(func() {
			content := fmt.Sprint("content ", i)
			err := blobs.PutManifest(ctx, "race/1.json", []byte(content))
			switch {
			case err == nil:
				stored.Add(1)
				winner.Store(content)
			case !errors.Is(err, monitor.ErrExists):
				t.Errorf("PutManifest gave %v, want ErrExists", err)
			}
		})
	}
	all.Wait()
	if stored.Load() != 1 {
		t.Fatalf("%d of 8 different manifests were stored under one name, want 1", stored.Load())
	}
	if have, err := blobs.Manifest(ctx, "race/1.json"); err != nil || string(have) != winner.Load() {
		t.Errorf("Manifest = %s, %v, want %s", have, err, winner.Load())
	}
}

func manifestPrefixes(t *testing.T, s Subject) {
	blobs := s.Open(t)
	names := []string{
		"a.b/x.json", "a/1.json", "a/10.json", "a/2.json", "a/b/1.json", "ab/1.json", "b.json",
	}
	for _, name := range names {
		if err := blobs.PutManifest(limit(t), name, []byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	for prefix, want := range map[string][]string{
		"":         names,
		"a":        names[:6],
		"a/":       names[1:5],
		"a/1":      names[1:3],
		"a/1.json": names[1:2],
		"a/b/":     names[4:5],
		"c":        {},
		"c/d/":     {},
		"../":      {},
		"a/../a/":  {},
		"/":        {},
		"a//":      {},
	} {
		have, err := blobs.Manifests(limit(t), prefix)
		if err != nil || have == nil || !slices.Equal(have, want) {
			t.Errorf("Manifests(%q) = %#v, %v, want %v", prefix, have, err, want)
		}
	}
}

func manifestNames(t *testing.T, s Subject) {
	blobs := s.Open(t)
	for _, bad := range []string{
		"", "/", ".", "..", "../x.json", "a/../../x.json", "a/./x.json", "/etc/x.json", "a//x.json", "a/",
		".hidden", "a/.x", "a\\x.json", "a\x00x", "a\nx", "a:x", "a b", "a?x", "a#x", "a%2fx", "\xff\xfe",
		"<script>", "$(id)", "`id`", "a\u202ex", "a\u200bx", strings.Repeat("x", 256), strings.Repeat("ab/", 400) + "x",
	} {
		if err := blobs.PutManifest(limit(t), bad, []byte("{}")); err == nil || errors.Is(err, monitor.ErrExists) {
			t.Errorf("PutManifest(%q) gave %v, want a refusal", bad, err)
		}
		if _, err := blobs.Manifest(limit(t), bad); err == nil {
			t.Errorf("Manifest(%q) found something", bad)
		}
	}
	if have, err := blobs.Manifests(limit(t), ""); err != nil || len(have) != 0 {
		t.Errorf("after refused names there are %v, %v", have, err)
	}
}

func manifestBound(t *testing.T, s Subject) {
	blobs := s.Open(t)
	largest := bytes.Repeat([]byte{'x'}, 4<<20)
	if err := blobs.PutManifest(limit(t), "largest.json", largest); err != nil {
		t.Fatalf("PutManifest of 4 MiB: %v", err)
	}
	if have, err := blobs.Manifest(limit(t), "largest.json"); err != nil || !bytes.Equal(have, largest) {
		t.Errorf("Manifest of 4 MiB came back with %d bytes, %v", len(have), err)
	}
	if err := blobs.PutManifest(limit(t), "larger.json", append(largest, 'x')); err == nil {
		t.Error("PutManifest took more than 4 MiB")
	}
}
