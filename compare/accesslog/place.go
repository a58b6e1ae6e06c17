package accesslog

import "io"

// Place is how far a log was read: all that is needed to read on later, in another
// process. The zero value is its beginning.
type Place struct {
	Bytes  int64  `json:"bytes"`            // of the plain text, to the end of a line
	Lines  int64  `json:"lines"`            // before it
	Fields string `json:"fields,omitempty"` // the directive #Fields that holds there
	Skip   bool   `json:"skip,omitempty"`   // it is in the midst of a line that is too long
}

// Resume reads on at a place. r gives the plain text from there on. Of a log that still
// grows (whole), a last line without its end is left for the next time.
func Resume(r io.Reader, p Place, whole bool) *Reader {
	out := NewReader(r)
	out.bytes, out.line, out.skip, out.whole, out.started = p.Bytes, p.Lines, p.Skip, whole, p.Bytes > 0
	if p.Fields != "" {
		if c := parseFields([]byte(p.Fields)); c.enough() {
			out.columns = c
		}
	}
	return out
}

// Place is how far the log was read.
func (r *Reader) Place() Place {
	return Place{Bytes: r.bytes, Lines: r.line, Fields: r.columns.directive, Skip: r.skip}
}
