package accesslog

import "time"

// Entry is one request as the server noted it. Its slices point into a buffer
// of the Reader and are valid until the next call of Next.
type Entry struct {
	Line     int64     // number of its line, from 1
	At       time.Time // UTC, to the second; IIS and JSON may be finer
	Client   []byte    // address, or name if the server looked it up
	User     []byte    // of HTTP authentication, empty for none
	Host     []byte    // virtual host, empty if the format does not say
	Method   []byte    // empty if what was sent was no request
	Target   []byte    // path and query as they were sent
	Status   int       // 100 to 999
	Bytes    int64     // of the answer, 0 if the format does not say
	Referrer []byte
	Agent    []byte
}

// path is the target without its query.
func (e *Entry) path() []byte {
	for i, c := range e.Target {
		if c == '?' || c == '#' {
			return e.Target[:i]
		}
	}
	return e.Target
}

// served reports that the server did what was asked.
func (e *Entry) served() bool { return e.Status >= 200 && e.Status < 300 }

// writes reports a method that asks for a change (RFC 9110, section 9.2.1 has the
// safe ones), or one of WebDAV that does (RFC 4918).
func (e *Entry) writes() bool {
	switch string(e.Method) {
	case "POST", "PUT", "PATCH", "DELETE", "MKCOL", "MOVE", "COPY", "PROPPATCH":
		return true
	}
	return false
}

// taken reports a write that the server did: it said so, or sent whoever asked on to see
// the result. A redirect of another kind (to https, to another name) did nothing yet.
func (e *Entry) taken() bool {
	return e.writes() && (e.served() || e.Status == 302 || e.Status == 303)
}
