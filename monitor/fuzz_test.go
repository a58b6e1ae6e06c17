package monitor

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"image"
	"image/png"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pasban/compare"
	"pasban/render"
	"pasban/render/egress"
)

// FuzzSchedule: a schedule that is accepted comes again and again, and one that
// is not is an error with its text.
func FuzzSchedule(f *testing.F) {
	for _, s := range []string{"*/15 * * * *", "@hourly", "@every 10m", "@every -1h", "@every 1ns", "CRON_TZ=Asia/Karachi 0 9 * * 1-5", "TZ=UTC", "CRON_TZ=", "TZ= * * * * *",
		"0 0 31 2 *", "0 0 29 2 *", "60 * * * *", "*/0 * * * *", "5-1 * * * *", "* * * * 7", "? ? ? ? ?", "@reboot", "1/2/3 * * * *", "* * * *", "\x00", "0 0 1 JAN MON", "99999999999999999999 * * * *"} {
		f.Add(s)
	}
	start := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > maxField {
			return
		}
		schedule, err := ParseSchedule(s)
		if err != nil {
			return
		}
		at := start
		for range 3 {
			next := schedule.Next(at)
			if !next.After(at) {
				t.Fatalf("%q comes at %v after %v", s, next, at)
			}
			at = next
		}
		due := nextDue("site~page", 0.9, schedule, start)
		if by := due.Sub(schedule.Next(start)); !due.After(start) || by > time.Hour {
			t.Errorf("%q is put off by %v", s, by)
		}
	})
}

// FuzzMasks: the regions of a watchlist read back as they are exported.
func FuzzMasks(f *testing.F) {
	for _, s := range []string{"0,120,1366x300", "/x@1,2,3x4; 5,6,7x8", "/a@b@1,2,3x4", "1,2,3x4junk", "-1,2,3x4", "1,2,3x2147483648", "@1,1,1x1", "1 ,2,3x4", "/x@", ";;"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, field string) {
		read := func(s string) ([]Mask, int) {
			b := builder{}
			return b.masks(row{fields: map[string]string{"masks": s}}), len(b.mistakes)
		}
		masks, wrong := read(field)
		for _, k := range masks {
			if k.X < 0 || k.Y < 0 || k.W <= 0 || k.H <= 0 {
				t.Errorf("%q is the region %+v", field, k)
			}
		}
		if wrong > 0 || len(masks) == 0 {
			return
		}
		if again, wrong := read(formatMasks(masks)); wrong > 0 || !reflect.DeepEqual(again, masks) {
			t.Errorf("%q is %+v, exported %q, read again %+v", field, masks, formatMasks(masks), again)
		}
	})
}

// shelf is evidence storage with one blob in it.
type shelf struct {
	Blobs
	content []byte
}

func (s shelf) Open(context.Context, string) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(s.content)), nil
}

func zipped(data []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(data) // a buffer takes everything
	_ = z.Close()
	return b.Bytes()
}

// FuzzStoredView: what stands in evidence storage is refused or is a view that
// comparison can deal with, and its report can be kept.
func FuzzStoredView(f *testing.F) {
	view, err := json.Marshal(compare.View{URL: "https://a.pk/", Title: "Hacked by X", Elements: []compare.Element{{Parent: -1, Tag: "p", Text: "Hacked by X"}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(view, true)
	f.Add([]byte(`{"Elements":[{"p":5,"t":"b","b":{"X":-2147483648,"W":2147483647}},{"p":-9,"f":-1e38}],"Status":-1,"Scripts":[{"Length":-1}]}`), true)
	f.Add(zipped(view)[:20], false)
	f.Add([]byte("\x1f\x8b\x08"), false)
	f.Fuzz(func(t *testing.T, data []byte, whole bool) {
		if whole {
			data = zipped(data)
		}
		m := &Monitor{Config: Config{Blobs: shelf{content: data}}}
		var look compare.Look
		if m.readJSON(t.Context(), "x", &look.View) != nil {
			return
		}
		r := compare.Compare(nil, look, nil)
		if _, err := json.Marshal(r); err != nil || r.Verdict == "" {
			t.Errorf("verdict %q: %v", r.Verdict, err)
		}
	})
}

// claims is a PNG file whose header says another size than it has, and is in
// order apart from that.
func claims(data []byte, w, h uint32) []byte {
	if len(data) < 33 || w == 0 && h == 0 {
		return data
	}
	data = slices.Clone(data)
	binary.BigEndian.PutUint32(data[16:], w)
	binary.BigEndian.PutUint32(data[20:], h)
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}

// FuzzStoredPicture: a stored picture is refused, or is of the size that its
// header says and that we are willing to decode.
func FuzzStoredPicture(f *testing.F) {
	var plain bytes.Buffer
	if err := png.Encode(&plain, image.NewGray(image.Rect(0, 0, 30, 20))); err != nil {
		f.Fatal(err)
	}
	f.Add(plain.Bytes(), uint32(0), uint32(0))
	f.Add(plain.Bytes(), uint32(30), uint32(19))
	f.Add(plain.Bytes(), uint32(16_000), uint32(16_000))
	f.Add(plain.Bytes(), uint32(math.MaxInt32), uint32(math.MaxInt32))
	f.Add([]byte("GIF89a"), uint32(1), uint32(1))
	f.Fuzz(func(t *testing.T, data []byte, w, h uint32) {
		if pixels := uint64(w) * uint64(h); pixels > 1<<20 && pixels <= maxPixels {
			return // only slow
		}
		data = claims(data, w, h)
		picture, err := decodePicture(data)
		if err != nil {
			return
		}
		if b := picture.Bounds(); b.Empty() || b.Dx()*b.Dy() > maxPixels {
			t.Errorf("a picture of %v was decoded", b)
		}
	})
}

// pageOf makes a page of any shape that the renderer may hand over.
func pageOf(shape []byte, name, text, address string) *render.Page {
	p := &render.Page{URL: "https://a.pk/", FinalURL: address, Title: text, Status: 200, Outcome: render.OK, DOMDigest: "d",
		Frames: []render.Frame{{Parent: -1, Owner: -1}, {URL: address}}, Popups: []string{address}, Dialogs: []render.Dialog{{Text: text}},
		Redirects: []render.Redirect{{URL: address}}, Downloads: []render.DownloadAttempt{{URL: address, Name: name}}}
	names := []string{"#text", "::before", "#shadow-root", "#document", "p", "b", "script", "img", name}
	for i, s := range shape {
		n := render.Node{Parent: int32(int(s>>4) - 1), Name: names[int(s&15)%len(names)], Text: text, FontSize: float32(s)}
		if s&8 != 0 {
			n.Parent = int32(i) - 1
		}
		if n.Name == "" {
			n.Name = "p"
		}
		n.Attrs = []render.Attr{{Name: "id", Value: name}, {Name: "class", Value: text}, {Name: "src", Value: address}, {Name: "alt", Value: text}}
		p.Nodes = append(p.Nodes, n)
	}
	p.Links = []render.Link{{URL: address, Text: text}}
	p.Forms = []render.Form{{Action: address, Inputs: []render.Input{{Name: name, Label: text}}}}
	p.Resources = []render.Resource{{URL: address, PostBytes: 5}, {URL: "data:,x"}}
	p.Scripts = []render.Script{{Kind: "inline", URL: address, SHA256: name, Source: text, Ran: true}, {SHA256: name, Source: text}}
	p.Network = []egress.Verdict{{Host: address, Port: 1, Reason: egress.ReasonPrivate}}
	return p
}

// FuzzLookAt: every page becomes a view in which parents stand before their
// children and no word of the page is lost, that can be compared and kept.
func FuzzLookAt(f *testing.F) {
	f.Add([]byte{0x03, 0x14, 0x20, 0x20, 0x25, 0x50, 0x06, 0x70}, "main css-1a2b3c4d", " two\n words ", "https://evil.example/x")
	f.Add([]byte{0x04, 0x08, 0x08, 0x18, 0xf4, 0xff}, "", "Hacked by QuietFox", "javascript:x()")
	f.Add([]byte{0, 1, 2, 3}, "\xff", "\u202e\x00", "http://[::1")
	f.Fuzz(func(t *testing.T, shape []byte, name, text, address string) {
		p := pageOf(shape[:min(len(shape), 200)], strings.ToLower(name), text, address)
		look := lookAt(p)
		words := strings.Join(strings.Fields(text), " ")
		found := false
		for i, e := range look.View.Elements {
			if e.Parent >= int32(i) || e.Parent < -1 {
				t.Fatalf("element %d has the parent %d", i, e.Parent)
			}
			found = found || strings.Contains(e.Text, words)
			if strings.ContainsAny(e.Key, " \t\n") && !strings.Contains(name, " ") && !strings.ContainsAny(name, "\t\n") {
				t.Errorf("the key %q", e.Key)
			}
		}
		if !found && words != "" && spoken(p.Nodes) {
			t.Errorf("the text %q is lost", words)
		}
		if a, b := compare.Digest(look.View), compare.Digest(lookAt(p).View); a != b {
			t.Errorf("one page, two digests: %+v and %+v", a, b)
		}
		data, err := json.Marshal(look.View)
		if err != nil {
			t.Fatalf("the view cannot be kept: %v", err)
		}
		var kept compare.View
		if err := json.Unmarshal(data, &kept); err != nil || len(kept.Elements) != len(look.View.Elements) {
			t.Errorf("the view comes back with %d of %d elements: %v", len(kept.Elements), len(look.View.Elements), err)
		}
		compare.Compare(compare.Learn([]compare.Look{look}), look, nil)
	})
}

// spoken reports a text that stands in an element whose text is read.
func spoken(nodes []render.Node) bool {
	for i, n := range nodes {
		if n.Name == "#text" && n.Parent >= 0 && int(n.Parent) < i {
			if over := nodes[n.Parent].Name; over[0] != '#' && over[0] != ':' && !silent(over) {
				return true
			}
		}
	}
	return false
}
