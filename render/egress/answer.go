package egress

import (
	"bufio"
	"bytes"
	"net/http"
	"strings"
)

// maxAnswerHead is where Chrome gives up on a header block (its limit is
// 256 KiB), so that nothing it would read is withheld from it.
const maxAnswerHead = 256 << 10

// framing is how the end of a body is known.
type framing int

const (
	bodyNone framing = iota
	bodyFixed
	bodyChunked
	bodyToEnd // of the connection
)

// answer is the header block of a well-formed response.
type answer struct {
	head   []byte // what Chrome gets
	status int
	body   framing
	length int64 // of a bodyFixed
	keep   bool  // the connection carries another exchange after it
}

// parseAnswer understands a response to a request of the given method. When it
// is false the bytes are for Chrome to make sense of, and the connection ends
// with them, so that no byte of one answer is ever taken for the next.
func parseAnswer(head []byte, method string) (answer, bool) {
	status, fields, ok := splitHead(head)
	if !ok {
		return answer{}, false
	}
	//nolint:bodyclose // there is no body: head is the answer up to its first empty line
	r, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(head)), &http.Request{Method: method})
	if err != nil {
		return answer{}, false
	}
	a := answer{status: r.StatusCode, length: r.ContentLength}
	switch {
	case method == http.MethodHead, r.StatusCode < 200, r.StatusCode == 204, r.StatusCode == 304:
		a.body = bodyNone
	case len(r.TransferEncoding) > 0:
		a.body = bodyChunked
	case r.ContentLength >= 0:
		a.body = bodyFixed
	default:
		a.body = bodyToEnd
	}
	a.keep = a.body != bodyToEnd && !r.Close
	a.head = passOn(status, fields, a.body == bodyChunked)
	return a, true
}

// passOn is the header block with little taken out: what would make Chrome
// authenticate to us, and a length beside chunks, which has no meaning.
func passOn(status string, fields []field, chunked bool) []byte {
	var b bytes.Buffer
	b.WriteString(status + "\r\n")
	for _, f := range fields {
		switch {
		case strings.HasPrefix(f.name, "proxy-"), chunked && f.name == "content-length":
		default:
			b.WriteString(f.line + "\r\n")
		}
	}
	b.WriteString("\r\n")
	return b.Bytes()
}
