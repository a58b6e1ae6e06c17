package accesslog_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"pasban/compare/accesslog"
)

// entry is an Entry with texts that outlive the next line.
type entry struct {
	Line                                                int64
	At                                                  string
	Client, User, Host, Method, Target, Referrer, Agent string
	Status                                              int
	Bytes                                               int64
}

func readAll(t *testing.T, r io.Reader) (out []entry, bad []string) {
	t.Helper()
	in := accesslog.NewReader(r)
	for {
		e, err := in.Next()
		var wrong *accesslog.LineError
		switch {
		case errors.Is(err, io.EOF):
			return out, bad
		case errors.As(err, &wrong):
			bad = append(bad, fmt.Sprintf("%d %s", wrong.Line, wrong.Reason))
			continue
		case err != nil:
			t.Fatal(err)
		}
		out = append(out, entry{e.Line, e.At.Format(time.RFC3339Nano), string(e.Client), string(e.User), string(e.Host), string(e.Method),
			string(e.Target), string(e.Referrer), string(e.Agent), e.Status, e.Bytes})
	}
}

// Each format is read into the same entry.
func TestFormats(t *testing.T) {
	const path = "/a.php?id=1"
	for name, c := range map[string]struct {
		log  string
		want entry
	}{
		"common": {`203.0.113.7 - - [10/Oct/2026:13:55:36 +0500] "GET /a.php?id=1 HTTP/1.1" 200 2326` + "\n",
			entry{Line: 1, At: "2026-10-10T08:55:36Z", Client: "203.0.113.7", Method: "GET", Target: path, Status: 200, Bytes: 2326}},
		"combined": {`203.0.113.7 - web master [10/Oct/2026:13:55:36 -0030] "GET /a.php?id=1 HTTP/1.1" 304 - "https://x.example/" "Agent \"1\" \x41\\"`,
			entry{Line: 1, At: "2026-10-10T14:25:36Z", Client: "203.0.113.7", User: "web master", Method: "GET", Target: path, Status: 304, Referrer: "https://x.example/", Agent: `Agent "1" A\`}},
		"virtual host": {`www.x.example:443 2001:db8::1 - - [10/Oct/2026:13:55:36 +0000] "GET /a.php?id=1 HTTP/2.0" 200 5 "-" "-"`,
			entry{Line: 1, At: "2026-10-10T13:55:36Z", Client: "2001:db8::1", Host: "www.x.example", Method: "GET", Target: path, Status: 200, Bytes: 5}},
		"a user who writes a line": {`203.0.113.7 - a [10/Oct/1999:00:00:00 +0000] \"GET / HTTP/1.0\" 200 1 [10/Oct/2026:13:55:36 +0000] "GET /a.php?id=1 HTTP/1.1" 401 5`,
			entry{Line: 1, At: "2026-10-10T13:55:36Z", Client: "203.0.113.7", User: `a [10/Oct/1999:00:00:00 +0000] \"GET / HTTP/1.0\" 200 1`, Method: "GET", Target: path, Status: 401, Bytes: 5}},
		"no request": {`203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "\x16\x03\x01" 400 226 "-" "-"`,
			entry{Line: 1, At: "2026-10-10T13:55:36Z", Client: "203.0.113.7", Target: "\x16\x03\x01", Status: 400, Bytes: 226}},
		"nginx JSON": {`{"time_iso8601":"2026-10-10T13:55:36+05:00","remote_addr":"203.0.113.7","remote_user":"","request":"GET /a.php?id=1 HTTP/1.1","status":"200","body_bytes_sent":2326,"http_referer":"-","http_user_agent":"\u0627\"x\u005c","nested":{"a":["}"]},"host":"x.example"}`,
			entry{Line: 1, At: "2026-10-10T08:55:36Z", Client: "203.0.113.7", Host: "x.example", Method: "GET", Target: path, Status: 200, Bytes: 2326, Agent: `ا"x\`}},
		"nginx JSON in parts": {`{"msec": 1791622536.250, "client": "203.0.113.7", "method": "GET", "uri": "/a.php", "args": "id=1", "status": 200}`,
			entry{Line: 1, At: "2026-10-10T08:55:36.25Z", Client: "203.0.113.7", Method: "GET", Target: path, Status: 200}},
		"IIS": {"\xef\xbb\xbf#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-bytes\r\n2026-10-10 08:55:36 10.0.0.1 GET /a.php id=1 443 - 203.0.113.7 Mozilla/5.0+(X) - 200 12\r\n",
			entry{Line: 3, At: "2026-10-10T08:55:36Z", Client: "203.0.113.7", Method: "GET", Target: path, Status: 200, Bytes: 12, Agent: "Mozilla/5.0 (X)"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, bad := readAll(t, strings.NewReader(c.log))
			if len(bad) > 0 {
				t.Fatal(bad)
			}
			if d := cmp.Diff([]entry{c.want}, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// What cannot be read is told by its line and does not stop the rest.
func TestMalformed(t *testing.T) {
	good := `203.0.113.7 - - [10/Oct/2026:13:55:36 +0500] "GET / HTTP/1.1" 200 1`
	log := strings.Join([]string{
		good, "nonsense", `203.0.113.7 - - [31/Jun/2026:13:55:36 +0500] "GET / HTTP/1.1" 200 1`, strings.Repeat("x", 200_000), good,
		`203.0.113.7 - - [10/Oct/2026:13:55:36 +0500] "GET / HTTP/1.1 200 1`, `203.0.113.7 - - [10/Oct/2026:13:55:36 +0500] "GET / HTTP/1.1" abc 1`,
		`{"time":1,"status"`, `{"time":1791622536,"status":200}`, "", good, "#Fields: date x", "#Fields: date time c-ip cs-uri-stem sc-status", "2026-10-10 08:55:36 1.2.3.4 /", "2026-10-10 08:55:36 1.2.3.4 / 200",
	}, "\n")
	got, bad := readAll(t, strings.NewReader(log))
	want := []string{
		"2 there is no time such as [10/Oct/2026:13:55:36 +0500]", "3 there is no time such as [10/Oct/2026:13:55:36 +0500]", "4 the line is longer than 64 KiB",
		"6 there is no request in quotes", "7 there is no status of three digits", "8 this is no JSON object", "9 the JSON object has no time, client, request or status under a known name",
		"12 #Fields names no time, client, path or status", "14 the line has not as many columns as #Fields names",
	}
	if d := cmp.Diff(want, bad); d != "" {
		t.Error(d)
	}
	if len(got) != 4 {
		t.Errorf("%d entries were read beside them, want 4", len(got))
	}
}

// A compressed log is known by its content and read like any other, several members of
// gzip one after the other included.
func TestUnpack(t *testing.T) {
	line := `203.0.113.7 - - [10/Oct/2026:13:55:36 +0500] "GET / HTTP/1.1" 200 1` + "\n"
	var twice, zst bytes.Buffer
	for range 2 {
		z := gzip.NewWriter(&twice)
		z.Write([]byte(line))
		z.Close()
	}
	z, err := zstd.NewWriter(&zst)
	if err != nil {
		t.Fatal(err)
	}
	z.Write([]byte(line + line))
	z.Close()
	for name, packed := range map[string][]byte{"plain": []byte(line + line), "gzip": twice.Bytes(), "zstd": zst.Bytes()} {
		r, err := accesslog.Unpack(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		if got, bad := readAll(t, r); len(got) != 2 || len(bad) != 0 {
			t.Errorf("%s: %d entries and %q, want 2 and none", name, len(got), bad)
		}
	}
	if r, err := accesslog.Unpack(bytes.NewReader(twice.Bytes()[:30])); err == nil {
		if _, err = io.ReadAll(r); err == nil {
			t.Error("half a file of gzip passes for a whole one")
		}
	}
	if r, err := accesslog.Unpack(strings.NewReader("")); err != nil {
		t.Error(err)
	} else if got, _ := readAll(t, r); len(got) != 0 {
		t.Error("an empty file has entries")
	}
}
