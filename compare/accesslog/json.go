package accesslog

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// A log_format of nginx names its keys as its author likes. These are the names of
// nginx's own variables, and those that are common in its documentation and in
// collectors of logs.
var jsonKeys = map[string]int{
	"time_iso8601": jsonTime, "time_local": jsonTime, "time": jsonTime, "timestamp": jsonTime, "@timestamp": jsonTime, "msec": jsonTime, "ts": jsonTime,
	"remote_addr": jsonClient, "client": jsonClient, "client_ip": jsonClient, "clientip": jsonClient, "remote_ip": jsonClient, "ip": jsonClient,
	"remote_user": jsonUser, "user": jsonUser,
	"host": jsonHost, "http_host": jsonHost, "server_name": jsonHost, "vhost": jsonHost,
	"request": jsonRequest, "request_method": jsonMethod, "method": jsonMethod,
	"request_uri": jsonTarget, "uri": jsonTarget, "url": jsonTarget, "path": jsonTarget, "args": jsonArgs, "query_string": jsonArgs,
	"status": jsonStatus, "status_code": jsonStatus, "response": jsonStatus,
	"body_bytes_sent": jsonBytes, "bytes_sent": jsonBytes, "bytes": jsonBytes, "size": jsonBytes,
	"http_referer": jsonReferrer, "http_referrer": jsonReferrer, "referer": jsonReferrer, "referrer": jsonReferrer,
	"http_user_agent": jsonAgent, "user_agent": jsonAgent, "agent": jsonAgent,
}

const (
	jsonTime = iota
	jsonClient
	jsonUser
	jsonHost
	jsonRequest
	jsonMethod
	jsonTarget
	jsonArgs
	jsonStatus
	jsonBytes
	jsonReferrer
	jsonAgent
	jsonFields
)

// parseJSON reads one flat object. Values that are lists or objects are passed over.
func (r *Reader) parseJSON(text []byte) error {
	var values [jsonFields][]byte
	if !r.members(text, &values) {
		return errJSON
	}
	e := &r.entry
	var err error
	if e.At, err = anyTime(values[jsonTime]); err != nil {
		return errKeys
	}
	e.Client, e.User, e.Host = dash(values[jsonClient]), dash(values[jsonUser]), values[jsonHost]
	var ok bool
	if e.Status, ok = statusOf(values[jsonStatus]); !ok || len(e.Client) == 0 {
		return errKeys
	}
	switch {
	case values[jsonRequest] != nil:
		e.setRequest(values[jsonRequest])
	case values[jsonTarget] != nil:
		e.Target = values[jsonTarget]
		if bytes.IndexByte(e.Target, '?') < 0 { // $uri has none
			e.Target = r.joined(nil, e.Target, dash(values[jsonArgs]))
		}
		if isMethod(values[jsonMethod]) {
			e.Method = values[jsonMethod]
		}
	default:
		return errKeys
	}
	e.Bytes, e.Referrer, e.Agent = number(values[jsonBytes]), dash(values[jsonReferrer]), dash(values[jsonAgent])
	return nil
}

// members reads the members of an object into values: of two with one meaning the
// first. It reports whether the text is an object and nothing else.
func (r *Reader) members(text []byte, values *[jsonFields][]byte) bool {
	s := jsonText{b: text[1:]}
	s.space()
	if s.take('}') {
		s.space()
		return len(s.b) == 0
	}
	for {
		s.space()
		key, ok := r.jsonString(&s)
		s.space()
		if !ok || !s.take(':') {
			return false
		}
		s.space()
		value, ok := r.jsonValue(&s)
		if !ok {
			return false
		}
		if what, known := jsonKeys[string(key)]; known && values[what] == nil {
			values[what] = value
		}
		s.space()
		if s.take('}') {
			s.space()
			return len(s.b) == 0
		}
		if !s.take(',') {
			return false
		}
	}
}

// jsonText is what is left to read.
type jsonText struct{ b []byte }

func (s *jsonText) space() {
	for len(s.b) > 0 && (s.b[0] == ' ' || s.b[0] == '\t' || s.b[0] == '\r') {
		s.b = s.b[1:]
	}
}

func (s *jsonText) take(c byte) bool {
	if len(s.b) == 0 || s.b[0] != c {
		return false
	}
	s.b = s.b[1:]
	return true
}

// jsonValue reads a string, or the text of a number or a word. Of what is nested it
// returns nil.
func (r *Reader) jsonValue(s *jsonText) ([]byte, bool) {
	if len(s.b) == 0 {
		return nil, false
	}
	switch s.b[0] {
	case '"':
		return r.jsonString(s)
	case '{', '[':
		return nil, s.skip()
	}
	i := bytes.IndexAny(s.b, ",} \t\r")
	if i <= 0 {
		return nil, false
	}
	word := s.b[:i]
	s.b = s.b[i:]
	if string(word) == "null" {
		return nil, true
	}
	return word, true
}

// skip passes over a list or an object, whatever brackets stand in its strings.
func (s *jsonText) skip() bool {
	depth := 0
	for i := 0; i < len(s.b); i++ {
		switch s.b[i] {
		case '"':
			for i++; i < len(s.b) && s.b[i] != '"'; i++ {
				if s.b[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				s.b = s.b[i+1:]
				return true
			}
		}
	}
	return false
}

func (r *Reader) jsonString(s *jsonText) ([]byte, bool) {
	if !s.take('"') {
		return nil, false
	}
	if end := bytes.IndexByte(s.b, '"'); end >= 0 && bytes.IndexByte(s.b[:end], '\\') < 0 {
		value := s.b[:end]
		s.b = s.b[end+1:]
		return value, true
	}
	from := len(r.scratch)
	for i := 0; i < len(s.b); i++ {
		switch c := s.b[i]; c {
		case '"':
			s.b = s.b[i+1:]
			return r.scratch[from:len(r.scratch):len(r.scratch)], true
		case '\\':
			n := r.jsonEscape(s.b[i:])
			if n == 0 {
				return nil, false
			}
			i += n - 1
		default:
			r.scratch = append(r.scratch, c)
		}
	}
	return nil, false
}

// jsonEscape appends what an escape means and returns its length, 0 if it is none.
func (r *Reader) jsonEscape(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	if i := bytes.IndexByte([]byte(`"\/bfnrt`), b[1]); i >= 0 {
		r.scratch = append(r.scratch, "\"\\/\b\f\n\r\t"[i])
		return 2
	}
	c, ok := fourHex(b)
	if !ok {
		return 0
	}
	n := 6
	if low, ok := fourHex(b[6:]); ok && utf16.IsSurrogate(c) {
		if both := utf16.DecodeRune(c, low); both != utf8.RuneError {
			c, n = both, 12
		}
	}
	r.scratch = utf8.AppendRune(r.scratch, c)
	return n
}

func fourHex(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var c rune
	for _, d := range b[2:6] {
		v := hexDigit(d)
		if v < 0 {
			return 0, false
		}
		c = c<<4 | rune(v)
	}
	return c, true
}
