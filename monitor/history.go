package monitor

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"pasban/compare"
	"pasban/monitor/statistics"
)

// Past incidents: those that the CERT handled before the watch began, or that came to
// it in another way. They are counted beside the watch's own and nothing else.

// PastIncident is one of them.
type PastIncident struct {
	ID          string // the CERT's own, or made from the row
	At          time.Time
	Kind        compare.Kind
	Tier        Tier
	Region      string
	Institution string
	Site        string // name or address, as it was written down
	Severity    compare.Severity
	Summary     string
}

// HistoryColumns of a file of past incidents. date, type and tier are required.
var HistoryColumns = []string{"id", "date", "type", "tier", "region", "institution", "site", "severity", "summary"}

const (
	maxHistory     = 32 << 20 // bytes of one file
	maxHistoryRows = 200_000
	maxHistoryText = 500 // characters of a field
)

// pastKinds are kinds as files name them. Those that the watch has no kind for are
// counted under their own name.
var pastKinds = []string{"defacement", "injection", "leak", "lockdown", "availability", "malware", "phishing", "ransomware", "unauthorised access", "denial of service", "other"}

// ParseHistory reads past incidents from CSV. If anything is wrong the error lists
// every mistake as a RowError (up to 50), and nothing is returned. now bounds dates.
func ParseHistory(r io.Reader, now time.Time) ([]PastIncident, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxHistory+1))
	if err != nil {
		return nil, fmt.Errorf("reading past incidents: %w", err)
	}
	if len(raw) > maxHistory {
		return nil, RowError{Line: 1, Text: fmt.Sprintf("the file is larger than %d MiB", maxHistory>>20)}
	}
	if !utf8.Valid(raw) {
		return nil, RowError{Line: 1 + bytes.Count(raw[:invalidAt(raw)], []byte("\n")), Text: "this is no UTF-8; save the file as CSV UTF-8"}
	}
	rows := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))))
	rows.FieldsPerRecord = -1
	header, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, RowError{Line: 1, Text: "the file is empty; its first line names the columns, of which date, type and tier are required"}
	}
	if err != nil {
		return nil, csvMistake(err)
	}
	columns, err := historyColumns(header)
	if err != nil {
		return nil, err
	}
	h := history{columns: columns, now: now, ids: map[string]int{}, twins: map[string]int{}}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, csvMistake(err)
		}
		line, _ := rows.FieldPos(0)
		if h.add(line, row, len(header)); len(h.mistakes) >= maxMistakes || len(h.out) > maxHistoryRows {
			break
		}
	}
	switch {
	case len(h.mistakes) > 0:
		return nil, errors.Join(h.mistakes...)
	case len(h.out) > maxHistoryRows:
		return nil, RowError{Line: 1, Text: fmt.Sprintf("more than %d rows", maxHistoryRows)}
	case len(h.out) == 0:
		return nil, RowError{Line: 1, Text: "there is no incident below the names of the columns"}
	}
	return h.out, nil
}

func invalidAt(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(b)
}

func csvMistake(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return RowError{Line: parse.Line, Text: parse.Err.Error() + "; check the quotes of this line"}
	}
	return fmt.Errorf("reading past incidents: %w", err)
}

func historyColumns(header []string) (map[string]int, error) {
	at := map[string]int{}
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "kind" {
			name = "type"
		}
		if !slices.Contains(HistoryColumns, name) {
			return nil, RowError{Line: 1, Column: name, Text: "unknown column; known are " + strings.Join(HistoryColumns, ", ")}
		}
		if _, twice := at[name]; twice {
			return nil, RowError{Line: 1, Column: name, Text: "the column stands here twice"}
		}
		at[name] = i
	}
	for _, name := range []string{"date", "type", "tier"} {
		if _, ok := at[name]; !ok {
			return nil, RowError{Line: 1, Column: name, Text: "there is no such column; date, type and tier are required"}
		}
	}
	return at, nil
}

// history gathers rows and what is wrong with them.
type history struct {
	columns  map[string]int
	now      time.Time
	out      []PastIncident
	ids      map[string]int // the line of each
	twins    map[string]int // rows without an ID that are alike
	mistakes []error
}

func (h *history) wrong(line int, column, format string, args ...any) {
	h.mistakes = append(h.mistakes, RowError{Line: line, Column: column, Text: fmt.Sprintf(format, args...)})
}

func (h *history) add(line int, row []string, width int) {
	if len(row) != width {
		h.wrong(line, "", "%d fields where the first line names %d columns; put fields with a comma in double quotes", len(row), width)
		return
	}
	get := func(name string) string {
		i, ok := h.columns[name]
		if !ok {
			return ""
		}
		s := strings.TrimSpace(row[i])
		if utf8.RuneCountInString(s) > maxHistoryText || strings.ContainsRune(s, 0) {
			h.wrong(line, name, "longer than %d characters, or with a NUL byte in it", maxHistoryText)
			return ""
		}
		return s
	}
	before := len(h.mistakes)
	p := PastIncident{
		ID: get("id"), Region: get("region"), Institution: get("institution"), Site: get("site"), Summary: get("summary"),
		Kind: compare.Kind(strings.ToLower(get("type"))), Tier: Tier(strings.ToLower(get("tier"))), Severity: compare.Severity(strings.ToLower(get("severity"))),
	}
	var err error
	if p.At, err = time.ParseInLocation(time.DateOnly, get("date"), Zone); err != nil {
		h.wrong(line, "date", "%q is no date; expected something like 2025-03-31", get("date"))
	} else if p.At.Year() < 1990 || p.At.After(h.now) {
		h.wrong(line, "date", "%s is before 1990 or has not come yet", get("date"))
	}
	if !slices.Contains(pastKinds, string(p.Kind)) {
		h.wrong(line, "type", "%q is unknown; known are %s", p.Kind, strings.Join(pastKinds, ", "))
	}
	if !slices.Contains(tiers, p.Tier) {
		h.wrong(line, "tier", "%q is unknown; known are federal, provincial, territory, private, banking", p.Tier)
	}
	if p.Severity != "" && p.Severity.Rank() == 0 {
		h.wrong(line, "severity", "%q is unknown; known are low, medium, high, critical", p.Severity)
	}
	if len(h.mistakes) > before {
		return
	}
	if p.ID == "" {
		p.ID = h.nameless(row)
	}
	if first, twice := h.ids[p.ID]; twice {
		h.wrong(line, "id", "%q is also the id of line %d", p.ID, first)
		return
	}
	h.ids[p.ID] = line
	h.out = append(h.out, p)
}

// nameless is the ID of a row that has none: what it says, and which of those that say
// the same it is. So a file that is imported again changes nothing.
func (h *history) nameless(row []string) string {
	sum := sha256.Sum256([]byte(strings.Join(row, "\x00")))
	key := hex.EncodeToString(sum[:12])
	h.twins[key]++
	return fmt.Sprintf("row-%s-%d", key, h.twins[key])
}

// ImportedHistory counts what an import of past incidents did.
type ImportedHistory struct{ Added, Changed, Same int }

// ImportHistory stores past incidents in one transaction. One that is there already is
// replaced by its ID.
func (m *Monitor) ImportHistory(ctx context.Context, o Order, all []PastIncident) (ImportedHistory, error) {
	var done ImportedHistory
	err := m.decide(ctx, o, "incidents.import", "history", map[string]int{"rows": len(all)}, func(tx Tx, _ int64) error {
		done = ImportedHistory{}
		old, err := tx.PastIncidents(ctx)
		if err != nil {
			return err
		}
		known := make(map[string]PastIncident, len(old))
		for _, p := range old {
			known[p.ID] = p
		}
		for _, p := range all {
			p.At = p.At.UTC()
			was, there := known[p.ID]
			switch {
			case there && was == p:
				done.Same++
				continue
			case there:
				done.Changed++
			default:
				done.Added++
			}
			if err := tx.PutPastIncident(ctx, p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return done, fmt.Errorf("importing past incidents: %w", err)
	}
	return done, nil
}

// Cases are all incidents that statistics count, by time: the watch's own, without false
// alarms and without sites that were only out of sight, and the past ones. A past one that
// bears the number of one of ours is that one. However many there are, the store is asked
// once for each kind of thing.
func (m *Monitor) Cases(ctx context.Context) ([]statistics.Case, error) {
	return m.CasesSince(ctx, time.Time{})
}

// CasesSince are those since a moment.
func (m *Monitor) CasesSince(ctx context.Context, since time.Time) ([]statistics.Case, error) {
	own, err := m.Store.FindIncidents(ctx, IncidentQuery{Since: since, Sight: true})
	if err != nil {
		return nil, err
	}
	past, err := m.Store.PastIncidents(ctx)
	if err != nil {
		return nil, err
	}
	numbers, err := m.Store.ReportNumbers(ctx)
	if err != nil {
		return nil, err
	}
	owners, err := m.owners(ctx)
	if err != nil {
		return nil, err
	}
	var out []statistics.Case
	for _, i := range own {
		if i.State != FalseAlarm && !i.unseenOnly() {
			owner := owners[i.Site]
			out = append(out, statistics.Case{At: i.Opened, Kind: string(i.Kind), Tier: string(owner.Tier), Region: owner.Region, Institution: owner.Name, Owner: owner.ID})
		}
	}
	ours := make(map[string]bool, len(numbers))
	for _, number := range numbers {
		ours[number] = true
	}
	for _, p := range past {
		if !ours[p.ID] && !p.At.Before(since) {
			out = append(out, statistics.Case{At: p.At, Kind: string(p.Kind), Tier: string(p.Tier), Region: p.Region, Institution: p.Institution, Imported: true})
		}
	}
	slices.SortStableFunc(out, func(a, b statistics.Case) int { return a.At.Compare(b.At) })
	return out, nil
}

// owners are the institutions by the ID of a site.
func (m *Monitor) owners(ctx context.Context) (map[string]Institution, error) {
	sites, err := m.Store.Sites(ctx)
	if err != nil {
		return nil, err
	}
	all, err := m.Store.Institutions(ctx)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]Institution, len(all))
	for _, one := range all {
		byID[one.ID] = one
	}
	out := make(map[string]Institution, len(sites))
	for _, s := range sites {
		out[s.ID] = byID[s.Institution]
	}
	return out, nil
}

// maxCourses is how many incidents of a span are followed, the newest.
const maxCourses = 20_000

// Courses tells how the incidents went that were opened in a span, newest first: those of
// one institution, or all for "".
func (m *Monitor) Courses(ctx context.Context, in statistics.Span, institution string) ([]statistics.Course, error) {
	all, err := m.Store.Courses(ctx, CourseQuery{From: in.From, Until: in.Until, Institution: institution, Limit: maxCourses})
	if err != nil {
		return nil, err
	}
	sites, err := m.Store.Sites(ctx)
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(sites))
	for _, s := range sites {
		names[s.ID] = s.Name
	}
	out := make([]statistics.Course, len(all))
	for i, c := range all {
		out[i] = statistics.Course{
			Site: c.Site, SiteName: cmp.Or(names[c.Site], c.Site), Seen: c.Seen, Opened: c.Opened, Told: c.Told, Answered: c.Answered,
			Recovered: c.Recovered, FalseAlarm: c.State == FalseAlarm, Unseen: c.unseenOnly(),
		}
		// Of what is older, the look before it may have been forgotten: see Keep.
		if m.now().Sub(c.Opened) > m.Keep.Changed {
			out[i].Seen = time.Time{}
		}
	}
	return out, nil
}
