package accesslog

import "bytes"

// w3cColumns say where in a line of W3C extended what stands
// (https://www.w3.org/TR/WD-logfile).
type w3cColumns struct {
	directive string // as it stood, bounded
	names     int
	at        [w3cFields]int // -1 for none
}

// What is read of a line.
const (
	w3cDate = iota
	w3cClock
	w3cClient
	w3cUser
	w3cHost
	w3cMethod
	w3cStem
	w3cQuery
	w3cURI
	w3cStatus
	w3cBytes
	w3cReferrer
	w3cAgent
	w3cFields
)

var w3cNames = map[string]int{
	"date": w3cDate, "time": w3cClock, "c-ip": w3cClient, "cs-username": w3cUser, "cs-host": w3cHost, "cs(host)": w3cHost,
	"cs-method": w3cMethod, "cs-uri-stem": w3cStem, "cs-uri-query": w3cQuery, "cs-uri": w3cURI, "sc-status": w3cStatus,
	"sc-bytes": w3cBytes, "cs(referer)": w3cReferrer, "cs(user-agent)": w3cAgent,
}

const (
	maxDirective = 2048
	maxColumns   = 128
)

// directive reads a line that begins with #. Only #Fields matters.
func (r *Reader) directive(text []byte) error {
	name, value, ok := bytes.Cut(text, []byte(":"))
	if !ok || !bytes.EqualFold(bytes.TrimSpace(name), []byte("#Fields")) {
		return nil // #Software, #Version, #Date, or a remark
	}
	columns := parseFields(value)
	if !columns.enough() {
		return errNames
	}
	r.columns = columns
	return nil
}

func parseFields(value []byte) w3cColumns {
	c := w3cColumns{directive: string(value[:min(len(value), maxDirective)])}
	for i := range c.at {
		c.at[i] = -1
	}
	for _, name := range bytes.Fields([]byte(c.directive)) {
		if what, known := w3cNames[string(bytes.ToLower(name))]; known && c.at[what] < 0 && c.names < maxColumns {
			c.at[what] = c.names
		}
		c.names++
	}
	return c
}

func (c w3cColumns) enough() bool {
	return c.at[w3cClock] >= 0 && c.at[w3cDate] >= 0 && c.at[w3cClient] >= 0 && c.at[w3cStatus] >= 0 && (c.at[w3cStem] >= 0 || c.at[w3cURI] >= 0)
}

// parseW3C reads a line by the columns that hold. IIS writes a plus for a blank in
// headers; in a path it stays what it is.
func (r *Reader) parseW3C(text []byte) error {
	var columns [maxColumns][]byte
	n := 0
	for rest := text; len(rest) > 0 && n < maxColumns; n++ {
		i := bytes.IndexAny(rest, " \t")
		if i < 0 {
			i = len(rest)
		}
		columns[n] = rest[:i]
		rest = rest[min(len(rest), i+1):]
	}
	if !r.columns.enough() {
		return errFields
	}
	if n != min(r.columns.names, maxColumns) {
		return errColumns
	}
	get := func(what int) []byte {
		if i := r.columns.at[what]; i >= 0 {
			return dash(columns[i])
		}
		return nil
	}
	e := &r.entry
	var err error
	if e.At, err = w3cTime(get(w3cDate), get(w3cClock)); err != nil {
		return errTime
	}
	var ok bool
	if e.Status, ok = statusOf(get(w3cStatus)); !ok {
		return errStatus
	}
	if e.Client = get(w3cClient); len(e.Client) == 0 {
		return errClient
	}
	e.User, e.Host, e.Bytes = get(w3cUser), get(w3cHost), number(get(w3cBytes))
	e.Method = get(w3cMethod)
	e.Target = r.joined(get(w3cURI), get(w3cStem), get(w3cQuery))
	e.Referrer, e.Agent = get(w3cReferrer), r.blanks(get(w3cAgent))
	return nil
}

// joined is a target of path and query.
func (r *Reader) joined(uri, stem, query []byte) []byte {
	if len(stem) == 0 {
		return uri
	}
	if len(query) == 0 {
		return stem
	}
	from := len(r.scratch)
	r.scratch = append(r.scratch, stem...)
	r.scratch = append(r.scratch, '?')
	r.scratch = append(r.scratch, query...)
	return r.scratch[from:len(r.scratch):len(r.scratch)]
}

func (r *Reader) blanks(b []byte) []byte {
	if bytes.IndexByte(b, '+') < 0 {
		return b
	}
	from := len(r.scratch)
	for _, c := range b {
		if c == '+' {
			c = ' '
		}
		r.scratch = append(r.scratch, c)
	}
	return r.scratch[from:len(r.scratch):len(r.scratch)]
}
