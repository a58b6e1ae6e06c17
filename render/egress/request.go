package egress

import (
	"bufio"
	"bytes"
	"errors"
	"net/http"
	"strings"
)

// maxRequestHead bounds a request line and its header fields, in bytes. Chrome
// stays far below: its cookies are those of one fresh context.
const maxRequestHead = 64 << 10

var errHeadTooLong = errors.New("header block too long")

// readHead reads a header block up to and with its empty line. On an error it
// returns what it has read.
func readHead(in *bufio.Reader, most int) ([]byte, error) {
	var head []byte
	fresh := true // the next bytes begin a line
	for {
		line, err := in.ReadSlice('\n')
		head = append(head, line...)
		switch {
		case len(head) > most:
			return head, errHeadTooLong
		case errors.Is(err, bufio.ErrBufferFull):
			fresh = false
		case err != nil:
			return head, err
		case fresh && (len(line) == 1 || len(line) == 2 && line[0] == '\r'):
			return head, nil
		default:
			fresh = true
		}
	}
}

// field is one header line.
type field struct {
	name string // lower case
	line string // as it came, without its end
}

// splitHead takes a header block apart. It is false for folded lines and for
// control characters, which two parsers may read in two ways.
func splitHead(head []byte) (first string, fields []field, ok bool) {
	for i, line := range strings.Split(strings.TrimRight(string(head), "\r\n"), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if strings.ContainsFunc(line, isControl) {
			return "", nil, false
		}
		if i == 0 {
			first = line
			continue
		}
		name, _, colon := strings.Cut(line, ":")
		if !colon || name == "" || strings.ContainsAny(name, " \t") {
			return "", nil, false
		}
		fields = append(fields, field{strings.ToLower(name), line})
	}
	return first, fields, first != ""
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// ask is a request that was understood.
type ask struct {
	method    string
	host      string // see plainHost
	port      uint16
	authority string // host and port as they stood in the request
	path      string // in origin form, with the query
	fields    []field
	length    int64 // of the body
	websocket bool  // asks to switch to it
}

// body says whether one follows the header block.
func (a *ask) body() bool { return a.length > 0 }

// parseRequest understands CONNECT and absolute-form requests for http. The
// standard library's parser decides what is HTTP; this one refuses on top
// what a browser never sends, so that the line that is passed on can only be
// read in one way: chunked bodies, which HTTP/1 browsers do not send, HTTP/1.0,
// credentials in the URL and schemes other than http.
func parseRequest(head []byte) (*ask, bool) {
	_, fields, ok := splitHead(head)
	if !ok {
		return nil, false
	}
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(head)))
	if err != nil || !r.ProtoAtLeast(1, 1) || r.ProtoMajor != 1 || len(r.TransferEncoding) > 0 {
		return nil, false
	}
	a := &ask{method: r.Method, fields: fields, length: max(r.ContentLength, 0)}
	def := uint16(80)
	if r.Method == http.MethodConnect {
		a.authority, a.length, def = r.RequestURI, 0, 0
	} else if a.authority, a.path, ok = splitURL(r.RequestURI); !ok {
		return nil, false
	}
	if strings.ContainsAny(a.authority, "@/?#\\ ") {
		return nil, false
	}
	a.websocket = strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
	a.host, a.port, ok = splitTarget(a.authority, def)
	return a, ok && a.host != ""
}

// splitURL parts http://authority/path?query at the end of the authority.
func splitURL(url string) (authority, path string, ok bool) {
	const scheme = "http://"
	if len(url) < len(scheme) || !strings.EqualFold(url[:len(scheme)], scheme) {
		return "", "", false
	}
	authority = url[len(scheme):]
	if i := strings.IndexAny(authority, "/?#"); i >= 0 {
		authority, path = authority[:i], authority[i:]
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return authority, path, authority != "" && !strings.Contains(path, "#")
}

// ours are fields that speak to the next hop only (RFC 9110, section 7.6.1),
// or that the request line decides (Host).
var ours = map[string]bool{
	"connection": true, "proxy-connection": true, "keep-alive": true, "te": true,
	"trailer": true, "transfer-encoding": true, "upgrade": true, "expect": true, "host": true,
	"proxy-authorization": true, "proxy-authenticate": true,
}

// wire is the header block as the site gets it: what Chrome would have sent
// without a proxy, in its order, since sites tell browsers from robots by it.
func (a *ask) wire() []byte {
	var b bytes.Buffer
	b.WriteString(a.method + " " + a.path + " HTTP/1.1\r\nHost: " + a.authority + "\r\n")
	if a.websocket {
		b.WriteString("Connection: Upgrade\r\nUpgrade: websocket\r\n")
	} else {
		b.WriteString("Connection: keep-alive\r\n")
	}
	named := nominated(a.fields)
	for _, f := range a.fields {
		if !ours[f.name] && !named[f.name] {
			b.WriteString(f.line + "\r\n")
		}
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

// nominated are the fields that Connection names as being for one hop. The
// length of the body is not theirs to name.
func nominated(fields []field) map[string]bool {
	named := make(map[string]bool)
	for _, f := range fields {
		if f.name != "connection" && f.name != "proxy-connection" {
			continue
		}
		_, list, _ := strings.Cut(f.line, ":")
		for name := range strings.SplitSeq(list, ",") {
			named[strings.ToLower(strings.TrimSpace(name))] = true
		}
	}
	delete(named, "content-length")
	return named
}
