package render

import "testing"

// TestNumberObjects: the addresses of a page's own objects are the same in every
// look, told apart as the page tells them apart, and nothing else is touched.
func TestNumberObjects(t *testing.T) {
	const first, second = "74d9ec2f-a2fa-4dcf-91e6-f1b77c2ea7d0", "ab6f07a3-bb63-4d20-a72e-6b0f47ec983f"
	f := flattener{objects: make(map[string]int)}
	for _, c := range []struct{ in, want string }{
		{"blob:http://a.example/" + first, "blob:http://a.example/1"},
		{"blob:null/" + second, "blob:null/2"},
		{`url("blob:http://a.example/` + first + `"), url(blob:null/` + second + `)`, `url("blob:http://a.example/1"), url(blob:null/2)`},
		{"/files/" + first, "/files/" + first},
		{"blob: nothing", "blob: nothing"},
	} {
		if got := f.numberObjects(c.in); got != c.want {
			t.Errorf("%s became %s, want %s", c.in, got, c.want)
		}
	}
}
