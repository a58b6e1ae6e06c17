package main

import "testing"

// A picture that is alive for a moment raises the limit by nothing; what stays alive is
// given room.
func TestMemoryLimit(t *testing.T) {
	const mb = 1 << 20
	for _, c := range []struct {
		recent []int64
		want   int64
	}{
		{[]int64{0}, 160 * mb},
		{[]int64{50 * mb, 170 * mb, 190 * mb, 52 * mb}, 160 * mb},
		{[]int64{300 * mb, 420 * mb, 310 * mb}, 364 * mb},
	} {
		if got := limitFor(c.recent); got != c.want {
			t.Errorf("after %v the limit is %d MB, want %d", c.recent, got/mb, c.want/mb)
		}
	}
}
