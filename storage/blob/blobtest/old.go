package blobtest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pasban/monitor"
)

// nextSecond waits for the next whole second, the grain of a server's time of last
// change, and returns it: what was put before is older, what is put from now on
// is not.
func nextSecond(t *testing.T) time.Time {
	t.Helper()
	moment := time.Now().Truncate(time.Second).Add(time.Second)
	select {
	case <-time.After(time.Until(moment) + 20*time.Millisecond):
	case <-limit(t).Done():
		t.Fatal("the next second did not come")
	}
	return moment
}

func listOld(t *testing.T, blobs monitor.Blobs, before time.Time) []string {
	t.Helper()
	all := []string{}
	err := blobs.ListOld(limit(t), before, func(digest string, size int64) error {
		if want, err := blobs.Stat(limit(t), digest); err != nil || size != want {
			t.Errorf("ListOld says %s has %d bytes; Stat says %d, %v", digest, size, want, err)
		}
		all = append(all, digest)
		return nil
	})
	if err != nil {
		t.Fatalf("ListOld: %v", err)
	}
	return all
}

// A blob is as old as the last Put of its content, whether that wrote anything.
func putAgain(t *testing.T, s Subject) {
	blobs := s.Open(t)
	left, again := put(t, blobs, []byte("left alone")), put(t, blobs, []byte("put again"))
	moment := nextSecond(t)
	put(t, blobs, []byte("put again"))
	young := put(t, blobs, []byte("new"))
	if old := listOld(t, blobs, moment); !slices.Equal(old, []string{left}) {
		t.Errorf("old are %v, want only %s", old, left)
	}
	for _, digest := range []string{again, young} {
		if removed, err := blobs.DeleteOld(limit(t), digest, moment); err != nil || removed {
			t.Errorf("DeleteOld of a young blob: removed %t, %v", removed, err)
		}
	}
	mustHold(t, blobs, []byte("put again"))
	mustHold(t, blobs, []byte("new"))
	for _, want := range []bool{true, false} { // the second time it is not there, which is no error
		if removed, err := blobs.DeleteOld(limit(t), left, moment); err != nil || removed != want {
			t.Errorf("DeleteOld of an old blob: removed %t, %v, want %t", removed, err, want)
		}
	}
	if all := listAll(t, blobs); len(all) != 2 || slices.Contains(all, left) {
		t.Errorf("left are %v", all)
	}
}

// Whoever puts a blob while another removes it for its age has it when Put returns,
// and it stays.
func deleteWhilePut(t *testing.T, s Subject) {
	blobs := s.Open(t)
	const many = 60
	for i := range many {
		put(t, blobs, fmt.Appendf(nil, "evidence %d", i))
	}
	moment := nextSecond(t)
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range many {
		content := fmt.Appendf(nil, "evidence %d", i)
		all.Go(func() {
			<-start
			if _, err := blobs.DeleteOld(limit(t), digestOf(content), moment); err != nil {
				t.Errorf("DeleteOld: %v", err)
			}
		})
		all.Go(func() {
			<-start
			if _, err := blobs.Put(limit(t), content); err != nil {
				t.Errorf("Put: %v", err)
			}
		})
	}
	close(start)
	all.Wait()
	for i := range many {
		mustHold(t, blobs, fmt.Appendf(nil, "evidence %d", i))
	}
}
