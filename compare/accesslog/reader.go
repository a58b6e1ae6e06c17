package accesslog

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxLine bounds one line in bytes. Apache and nginx take request lines of 8 KiB
// by default, and escaping makes at most four bytes of one; two more fields are as
// long. What is longer was made to be.
const maxLine = 64 << 10

// LineError says why a line could not be read. The log goes on after it.
type LineError struct {
	Line   int64
	Reason string // one of ours, never what the line says
	Text   string // how the line begins, escaped
}

// Error implements error.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %s: %s", e.Line, e.Reason, e.Text) }

// Reasons for which a line is no entry.
var (
	errLong    = errors.New("the line is longer than 64 KiB")
	errClient  = errors.New("the line does not begin with a client")
	errTime    = errors.New("there is no time such as [10/Oct/2026:13:55:36 +0500]")
	errRequest = errors.New("there is no request in quotes")
	errStatus  = errors.New("there is no status of three digits")
	errJSON    = errors.New("this is no JSON object")
	errKeys    = errors.New("the JSON object has no time, client, request or status under a known name")
	errFields  = errors.New("no directive #Fields came before the line")
	errColumns = errors.New("the line has not as many columns as #Fields names")
	errNames   = errors.New("#Fields names no time, client, path or status")
)

// Reader turns the lines of a log into entries.
type Reader struct {
	in      *bufio.Reader
	line    int64
	columns w3cColumns
	entry   Entry
	scratch []byte // for what had to be unescaped; every entry begins it anew
	started bool
	bytes   int64 // consumed
	whole   bool  // a last line without its end is left for later
	skip    bool  // what comes first is the rest of a line that is too long
}

// NewReader reads a log. What is compressed goes through Unpack first.
func NewReader(r io.Reader) *Reader {
	return &Reader{in: bufio.NewReaderSize(r, maxLine), scratch: make([]byte, 0, 4096)}
}

// Line is how many lines were read.
func (r *Reader) Line() int64 { return r.line }

// Next returns the next entry; io.EOF at the end, a *LineError for a line that is
// none, after which the log goes on, and any other error of the source, after which
// it does not.
func (r *Reader) Next() (*Entry, error) {
	for {
		text, err := r.readLine()
		if err != nil {
			return nil, err
		}
		if len(text) == 0 {
			continue // between records
		}
		r.scratch = r.scratch[:0]
		r.entry = Entry{Line: r.line}
		ok, err := r.parse(text)
		if err != nil {
			return nil, r.bad(err, text)
		}
		if ok {
			return &r.entry, nil
		}
	}
}

// parse reads a line in the format that its first byte tells. It is no entry if it
// is a directive.
func (r *Reader) parse(text []byte) (entry bool, err error) {
	switch {
	case text[0] == '{':
		return true, r.parseJSON(text)
	case text[0] == '#':
		return false, r.directive(text)
	case r.columns.directive != "":
		return true, r.parseW3C(text)
	}
	return true, r.parseCombined(text)
}

func (r *Reader) bad(reason error, text []byte) error {
	return &LineError{Line: r.line, Reason: reason.Error(), Text: shown(text, maxExcerpt)}
}

// readLine returns a line without its end. One that is too long is skipped and
// reported.
func (r *Reader) readLine() ([]byte, error) {
	if r.skip {
		if err := r.skipLine(); err != nil {
			return nil, err
		}
	}
	text, err := r.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		head := bytes.Clone(text[:maxExcerpt*2])
		r.bytes += int64(len(text))
		r.line++
		r.started = true
		if err := r.skipLine(); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		return nil, r.bad(errLong, head)
	}
	if errors.Is(err, io.EOF) && r.whole {
		return nil, io.EOF
	}
	if len(text) == 0 || err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	r.bytes += int64(len(text))
	r.line++
	if !r.started {
		text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) // a byte order mark
		r.started = true
	}
	return bytes.TrimRight(text, "\r\n"), nil
}

// skipLine reads to the end of a line that is too long, which may not have come yet.
func (r *Reader) skipLine() error {
	r.skip = true
	for {
		text, err := r.in.ReadSlice('\n')
		r.bytes += int64(len(text))
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err == nil {
			r.skip = false
		}
		return err
	}
}
