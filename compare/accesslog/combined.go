package accesslog

import (
	"bytes"
	"net/netip"
)

// parseCombined reads the formats common and combined of Apache:
//
//	[VHOST[:PORT] ]CLIENT IDENT USER [TIME] "REQUEST" STATUS BYTES["REFERRER" "AGENT"[...]]
//
// The name of the user comes from the visitor and may hold blanks and brackets, so
// that the time is the first bracket which holds one and is followed by a quote. He
// cannot write that quote: Apache and nginx escape it.
func (r *Reader) parseCombined(text []byte) error {
	e := &r.entry
	at, rest, ok := findTime(text)
	if !ok {
		return errTime
	}
	if err := e.setCaller(text[:at]); err != nil {
		return err
	}
	var err error
	if e.At, err = apacheTime(text[at+1:]); err != nil {
		return errTime
	}
	request, rest, ok := r.quoted(rest)
	if !ok {
		return errRequest
	}
	e.setRequest(request)
	rest = bytes.TrimLeft(rest, " ")
	if e.Status, ok = statusOf(rest); !ok {
		return errStatus
	}
	rest = bytes.TrimLeft(rest[3:], " ")
	size, rest, _ := bytes.Cut(rest, []byte(" "))
	e.Bytes = number(size)
	if referrer, after, ok := r.quoted(bytes.TrimLeft(rest, " ")); ok {
		e.Referrer = dash(referrer)
		if agent, _, ok := r.quoted(bytes.TrimLeft(after, " ")); ok {
			e.Agent = dash(agent)
		}
	}
	return nil
}

// findTime returns where the bracket of the time begins, and what follows it from
// the quote of the request on.
func findTime(text []byte) (at int, rest []byte, ok bool) {
	for from := 0; ; {
		i := bytes.IndexByte(text[from:], '[')
		if i < 0 {
			return 0, nil, false
		}
		at = from + i
		from = at + 1
		after := text[from:]
		// 26 characters: 10/Oct/2026:13:55:36 +0500
		if len(after) > 29 && after[2] == '/' && after[26] == ']' && after[27] == ' ' && after[28] == '"' {
			return at, after[28:], true
		}
	}
}

// setCaller reads what stands before the time.
func (e *Entry) setCaller(head []byte) error {
	first, rest, _ := bytes.Cut(bytes.TrimRight(head, " "), []byte(" "))
	if len(first) == 0 {
		return errClient
	}
	second, more, _ := bytes.Cut(rest, []byte(" "))
	if len(more) > 0 && !isAddress(first) && isAddress(second) {
		e.Host, first, rest = withoutPort(first), second, more
	}
	e.Client = first
	_, user, _ := bytes.Cut(rest, []byte(" ")) // after the ident
	e.User = dash(user)
	return nil
}

func isAddress(b []byte) bool {
	if len(b) < 2 || len(b) > 64 || bytes.IndexByte(b, '.') < 0 && bytes.IndexByte(b, ':') < 0 {
		return false
	}
	if c := b[0]; (c < '0' || c > '9') && c != ':' && (c|0x20 < 'a' || c|0x20 > 'f') {
		return false
	}
	_, err := netip.ParseAddr(string(b))
	return err == nil
}

func withoutPort(host []byte) []byte {
	if i := bytes.LastIndexByte(host, ':'); i > 0 {
		return host[:i]
	}
	return host
}

// setRequest reads METHOD TARGET PROTOCOL. Whatever else was sent is kept as the
// target, with no method: a TLS handshake to a plain port, for one.
func (e *Entry) setRequest(request []byte) {
	method, rest, ok := bytes.Cut(request, []byte(" "))
	if !ok || !isMethod(method) {
		e.Target = request
		return
	}
	e.Method, e.Target = method, rest
	if i := bytes.LastIndex(rest, []byte(" HTTP/")); i >= 0 {
		e.Target = rest[:i]
	}
}

func isMethod(b []byte) bool {
	if len(b) == 0 || len(b) > 20 {
		return false
	}
	for _, c := range b {
		if (c < 'A' || c > 'Z') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// quoted reads a text in quotes, with the escapes of Apache and nginx undone.
func (r *Reader) quoted(text []byte) (value, rest []byte, ok bool) {
	if len(text) == 0 || text[0] != '"' {
		return nil, text, false
	}
	text = text[1:]
	end := bytes.IndexByte(text, '"')
	if end < 0 {
		return nil, text, false
	}
	if bytes.IndexByte(text[:end], '\\') < 0 {
		return text[:end], text[end+1:], true
	}
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return r.unescape(text[:i]), text[i+1:], true
		}
	}
	return nil, text, false
}

// unescape undoes \" \\ \t \n \r \v \b \f and \xHH.
func (r *Reader) unescape(text []byte) []byte {
	from := len(r.scratch)
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\\' && i+1 < len(text) {
			i++
			c = text[i]
			if c == 'x' && i+2 < len(text) {
				if v, ok := hexByte(text[i+1], text[i+2]); ok {
					c, i = v, i+2
				}
			} else if p := bytes.IndexByte([]byte("tnrvbf"), c); p >= 0 {
				c = "\t\n\r\v\b\f"[p]
			}
		}
		r.scratch = append(r.scratch, c)
	}
	return r.scratch[from:len(r.scratch):len(r.scratch)]
}

func hexByte(a, b byte) (byte, bool) {
	x, y := hexDigit(a), hexDigit(b)
	return byte(x<<4 | y), x >= 0 && y >= 0
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// statusOf reads the three digits that a text begins with, if nothing but a blank
// follows them.
func statusOf(b []byte) (int, bool) {
	if len(b) < 3 || len(b) > 3 && b[3] != ' ' {
		return 0, false
	}
	n := 0
	for _, c := range b[:3] {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, n >= 100
}

// number reads digits, 0 if there are none or too many.
func number(b []byte) int64 {
	if len(b) > 18 {
		return 0
	}
	n := int64(0)
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0
		}
		n = 10*n + int64(c-'0')
	}
	return n
}

// dash is how the formats write that there is nothing.
func dash(b []byte) []byte {
	if len(b) == 1 && b[0] == '-' {
		return nil
	}
	return b
}
