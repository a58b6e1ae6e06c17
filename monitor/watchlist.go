package monitor

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"gopkg.in/yaml.v3"
)

// Columns of a watchlist, in the order in which it is exported. Only url is
// required.
var Columns = []string{
	"site_id", "name", "url", "institution", "tier", "region", "pages", "schedule",
	"contacts", "language", "tlp", "lockdown", "allow_hosts", "masks",
}

// What a watchlist may hold. A country has tens of thousands of sites.
const (
	maxWatchlist = 64 << 20 // bytes
	maxRows      = 200_000
	maxField     = 4096 // bytes
	maxPages     = 50   // of one site
)

// Watchlist is a parsed list of what to watch.
type Watchlist struct {
	Institutions []Institution
	Sites        []Site
	Targets      []Target
}

// RowError is a mistake in a watchlist, with its place and the mend.
type RowError struct {
	Line   int
	Column string // "" if the whole line is meant
	Text   string
}

// Error implements error.
func (e RowError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("line %d: %s", e.Line, e.Text)
	}
	return fmt.Sprintf("line %d, column %s: %s", e.Line, e.Column, e.Text)
}

// row is one line of a watchlist, by column.
type row struct {
	line   int
	fields map[string]string
}

// ParseWatchlist reads a watchlist, CSV or YAML by the file's name. If anything
// is wrong the error lists every mistake as a RowError (up to 50), and nothing
// of the list must be used.
func ParseWatchlist(name string, r io.Reader) (Watchlist, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxWatchlist+1))
	if err != nil {
		return Watchlist{}, fmt.Errorf("reading the watchlist: %w", err)
	}
	if len(data) > maxWatchlist {
		return Watchlist{}, RowError{Line: 1, Text: fmt.Sprintf("the watchlist is larger than %d MiB", maxWatchlist>>20)}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // spreadsheets write one
	read := readCSV
	if strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") {
		read = readYAML
	}
	rows, err := read(data)
	if err != nil {
		return Watchlist{}, err
	}
	return build(rows)
}

func readCSV(data []byte) ([]row, error) {
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, RowError{Line: 1, Text: "the file is empty; its first line names the columns, of which url is required"}
	}
	if err != nil {
		return nil, csvError(err)
	}
	for i := range header {
		header[i] = strings.ToLower(strings.TrimSpace(header[i]))
	}
	if err := checkHeader(header); err != nil {
		return nil, err
	}
	var rows []row
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, csvError(err)
		}
		line, _ := r.FieldPos(0)
		if len(record) != len(header) {
			return nil, RowError{Line: line, Text: fmt.Sprintf("%d fields where the first line names %d columns; put fields with a comma in double quotes", len(record), len(header))}
		}
		if len(rows) == maxRows {
			return nil, RowError{Line: line, Text: fmt.Sprintf("more than %d rows", maxRows)}
		}
		one := row{line: line, fields: map[string]string{}}
		for i, field := range record {
			one.fields[header[i]] = fromSpreadsheet(strings.TrimSpace(field))
		}
		rows = append(rows, one)
	}
}

func csvError(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return RowError{Line: parse.Line, Text: parse.Err.Error() + "; check the quotes of this line"}
	}
	return fmt.Errorf("reading the watchlist: %w", err)
}

func checkHeader(header []string) error {
	for i, name := range header {
		if !slices.Contains(Columns, name) {
			return RowError{Line: 1, Column: name, Text: "unknown column; known are " + strings.Join(Columns, ", ")}
		}
		if slices.Index(header, name) != i {
			return RowError{Line: 1, Column: name, Text: "the column stands here twice"}
		}
	}
	if !slices.Contains(header, "url") {
		return RowError{Line: 1, Text: "there is no column url; the first line names the columns"}
	}
	return nil
}

// readYAML reads a list of maps with the column names as keys. Lists are
// accepted where CSV has them separated by spaces or semicolons.
func readYAML(data []byte) ([]row, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, RowError{Line: yamlLine(err), Text: yamlLineRE.ReplaceAllString(strings.TrimPrefix(err.Error(), "yaml: "), "")}
	}
	if len(doc.Content) == 0 {
		return nil, RowError{Line: 1, Text: "the file is empty; it must be a list of sites, each with a url"}
	}
	list := doc.Content[0]
	if list.Kind == yaml.MappingNode && len(list.Content) == 2 && list.Content[0].Value == "sites" {
		list = list.Content[1]
	}
	if list.Kind != yaml.SequenceNode {
		return nil, RowError{Line: list.Line, Text: "expected a list of sites, each with a url"}
	}
	if len(list.Content) > maxRows {
		return nil, RowError{Line: list.Line, Text: fmt.Sprintf("more than %d rows", maxRows)}
	}
	var rows []row
	for _, item := range list.Content {
		one, err := yamlRow(item)
		if err != nil {
			return nil, err
		}
		rows = append(rows, one)
	}
	return rows, nil
}

var yamlLineRE = regexp.MustCompile(`^(?:yaml: )?line (\d+): `)

func yamlLine(err error) int {
	if m := yamlLineRE.FindStringSubmatch(err.Error()); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil {
			return n
		}
	}
	return 1
}

func yamlRow(item *yaml.Node) (row, error) {
	one := row{line: item.Line, fields: map[string]string{}}
	if item.Kind != yaml.MappingNode {
		return one, RowError{Line: item.Line, Text: "expected a site: keys and values, url among them"}
	}
	for i := 0; i+1 < len(item.Content); i += 2 {
		key, value := item.Content[i], item.Content[i+1]
		if !slices.Contains(Columns, key.Value) {
			return one, RowError{Line: key.Line, Column: key.Value, Text: "unknown key; known are " + strings.Join(Columns, ", ")}
		}
		switch value.Kind {
		case yaml.ScalarNode:
			one.fields[key.Value] = strings.TrimSpace(value.Value)
		case yaml.SequenceNode:
			var parts []string
			for _, v := range value.Content {
				if v.Kind != yaml.ScalarNode {
					return one, RowError{Line: v.Line, Column: key.Value, Text: "expected plain values"}
				}
				parts = append(parts, v.Value)
			}
			one.fields[key.Value] = strings.Join(parts, ";")
		default:
			return one, RowError{Line: value.Line, Column: key.Value, Text: "expected a value or a list of values"}
		}
	}
	return one, nil
}

// maxMistakes are reported at once; a list with more has one mistake in common.
const maxMistakes = 50

// builder turns rows into a watchlist and collects what is wrong with them.
type builder struct {
	list     Watchlist
	mistakes []error
	ids      map[string]int // line of each site ID
	urls     map[string]int // line of each page's URL
	owners   map[string]int // index in list.Institutions
}

func build(rows []row) (Watchlist, error) {
	b := builder{ids: map[string]int{}, urls: map[string]int{}, owners: map[string]int{}}
	for _, r := range rows {
		b.add(r)
		if len(b.mistakes) >= maxMistakes {
			break
		}
	}
	if len(b.mistakes) > 0 {
		return Watchlist{}, errors.Join(b.mistakes...)
	}
	if len(b.list.Sites) == 0 {
		return Watchlist{}, RowError{Line: 1, Text: "there is no site in the list"}
	}
	return b.list, nil
}

func (b *builder) wrong(r row, column, format string, args ...any) {
	b.mistakes = append(b.mistakes, RowError{Line: r.line, Column: column, Text: fmt.Sprintf(format, args...)})
}

func (b *builder) add(r row) {
	before := len(b.mistakes)
	for column, field := range r.fields {
		if len(field) > maxField {
			b.wrong(r, column, "longer than %d bytes", maxField)
		}
		if i := strings.IndexFunc(field, unprintable); i >= 0 {
			b.wrong(r, column, "%q holds a character that cannot be seen; type the field anew", clipField(field[i:]))
		}
	}
	home := b.url(r, "url", r.fields["url"])
	site := Site{
		ID: r.fields["site_id"], Name: r.fields["name"], Lockdown: r.fields["lockdown"],
		Schedule: b.cron(r), Masks: b.masks(r),
	}
	site.AllowHosts, site.AllowPrivate = b.allow(r)
	if _, err := ParsePolicy(site.Lockdown); err != nil {
		b.wrong(r, "lockdown", "%v", err)
	}
	owner := b.institution(r, home)
	if len(b.mistakes) > before || home == nil {
		return
	}
	site.URL = home.String()
	site.ID = b.siteID(r, site.ID, home)
	if site.Name == "" {
		site.Name = home.Hostname()
	}
	targets := b.targets(r, site, home)
	if len(b.mistakes) > before {
		return
	}
	site.Institution = b.own(owner)
	b.list.Sites = append(b.list.Sites, site)
	b.list.Targets = append(b.list.Targets, targets...)
}

// unprintable reports characters that do things to the line they are printed in,
// which no name of an office needs. What spreadsheets and Urdu need is let be:
// line breaks, and the joiners between letters.
func unprintable(r rune) bool {
	switch r {
	case '\n', '\r', '\t', '\u200c', '\u200d', '\u200e', '\u200f':
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError
}

// clipField shows the beginning of a field in a message.
func clipField(s string) string {
	runes := []rune(s)
	return string(runes[:min(len(runes), 20)])
}

// url checks an address that Pasban is asked to watch.
func (b *builder) url(r row, column, raw string) *url.URL {
	if raw == "" {
		b.wrong(r, column, "is empty; expected an address such as https://www.example.gov.pk/")
		return nil
	}
	u, err := CheckURL(raw)
	if err != nil {
		b.wrong(r, column, "%v", err)
		return nil
	}
	return u
}

// CheckURL parses an address to watch: http or https, a host, no password.
func CheckURL(raw string) (*url.URL, error) {
	if strings.ContainsFunc(raw, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return nil, fmt.Errorf("%q has control characters in it", raw)
	}
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return nil, fmt.Errorf("%q is no address: %w", raw, errors.Unwrap(err))
	}
	u.Scheme = strings.ToLower(u.Scheme)
	switch {
	case u.Scheme == "" || u.Scheme != "http" && u.Scheme != "https" && !strings.Contains(raw, "://"):
		return nil, fmt.Errorf("%q does not begin with http:// or https://", raw)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("the scheme %s: cannot be watched; use http:// or https://", u.Scheme)
	case u.Hostname() == "":
		return nil, fmt.Errorf("%q has no host", raw)
	case u.User != nil:
		return nil, errors.New("a user name or password in an address is not supported")
	}
	if err := checkPort(u.Port()); err != nil {
		return nil, err
	}
	if err := asciiHost(u); err != nil {
		return nil, fmt.Errorf("%q: %w", raw, err)
	}
	u.Fragment = ""
	if u.Path == "" {
		u.Path = "/"
	}
	return u, nil
}

func checkPort(port string) error {
	if port == "" {
		return nil
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return fmt.Errorf("the port %s is not a number from 1 to 65535", port)
	}
	return nil
}

var underscored = regexp.MustCompile(`^[A-Za-z0-9_.-]*_[A-Za-z0-9_.-]*$`)

func asciiHost(u *url.URL) error {
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		return nil
	}
	host, err := idna.Lookup.ToASCII(u.Hostname())
	if err == nil { // bytes that are no text come out as a name that is none either
		host, err = idna.Lookup.ToASCII(host)
	}
	if err != nil && underscored.MatchString(u.Hostname()) {
		host, err = strings.ToLower(u.Hostname()), nil // no host name by the letter, yet they exist
	}
	if err != nil {
		return fmt.Errorf("%q is no valid host name", u.Hostname())
	}
	if port := u.Port(); port != "" {
		host += ":" + port
	}
	u.Host = host
	return nil
}

func (b *builder) cron(r row) string {
	s := r.fields["schedule"]
	if s == "" {
		return DefaultSchedule
	}
	if _, err := ParseSchedule(s); err != nil {
		b.wrong(r, "schedule", "%v; expected five fields such as \"*/15 * * * *\" or @hourly", err)
	}
	return s
}

// Tiers of institutions.
var tiers = []Tier{Federal, Provincial, Territory, Private, Banking}

// tlps are the labels of the Traffic Light Protocol 2.0 (FIRST, 2022).
var tlps = []string{"CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"}

func (b *builder) institution(r row, home *url.URL) Institution {
	i := Institution{
		Name: r.fields["institution"], Tier: Tier(strings.ToLower(r.fields["tier"])), Region: r.fields["region"],
		Language: strings.ToLower(r.fields["language"]), TLP: strings.TrimPrefix(strings.ToUpper(r.fields["tlp"]), "TLP:"),
	}
	if i.Name == "" && home != nil {
		i.Name = home.Hostname()
	}
	if i.Tier != "" && !slices.Contains(tiers, i.Tier) {
		b.wrong(r, "tier", "unknown tier %q; known are federal, provincial, territory, private, banking", i.Tier)
	}
	if i.Language == "" {
		i.Language = "en"
	}
	if i.Language != "en" && i.Language != "ur" {
		b.wrong(r, "language", "unknown language %q; alerts are written in en or ur", i.Language)
	}
	if i.TLP == "" {
		i.TLP = "AMBER"
	}
	if !slices.Contains(tlps, i.TLP) {
		b.wrong(r, "tlp", "unknown label %q; known are %s", i.TLP, strings.Join(tlps, ", "))
	}
	for _, c := range split(r.fields["contacts"]) {
		a, err := mail.ParseAddress(c)
		if err != nil {
			b.wrong(r, "contacts", "%q is no mail address", c)
			continue
		}
		i.Contacts = append(i.Contacts, a.Address)
	}
	return i
}

// own files an institution under its name; rows of one institution add up
// their contacts.
func (b *builder) own(i Institution) string {
	i.ID = institutionID(i.Name)
	at, known := b.owners[i.ID]
	if !known {
		b.owners[i.ID] = len(b.list.Institutions)
		b.list.Institutions = append(b.list.Institutions, i)
		return i.ID
	}
	have := &b.list.Institutions[at]
	for _, c := range i.Contacts {
		if !slices.Contains(have.Contacts, c) {
			have.Contacts = append(have.Contacts, c)
		}
	}
	return i.ID
}

// institutionID is the name as a slug. Where the slug loses something, as it
// does of a name in Urdu, a hash keeps two institutions apart.
func institutionID(name string) string {
	words := strings.ToLower(strings.Join(strings.Fields(name), " "))
	s := slug(words)
	if strings.ReplaceAll(s, "-", " ") == words {
		return s
	}
	sum := sha256.Sum256([]byte(words))
	return strings.Trim(s[:min(len(s), 48)], "-.") + "-" + hex.EncodeToString(sum[:4])
}

// allow reads hosts a site may use; a range or address among them may be
// dialled although it is private.
func (b *builder) allow(r row) ([]string, []netip.Prefix) {
	var private []netip.Prefix
	hosts := split(r.fields["allow_hosts"])
	for _, h := range hosts {
		if p, err := netip.ParsePrefix(h); err == nil {
			private = append(private, p)
		} else if a, err := netip.ParseAddr(h); err == nil {
			private = append(private, netip.PrefixFrom(a, a.BitLen()))
		} else if _, err := idna.Lookup.ToASCII(strings.TrimPrefix(h, "*.")); err != nil || strings.ContainsAny(h, "/:@ ") {
			b.wrong(r, "allow_hosts", "%q is neither a host name, an address nor a range such as 10.1.0.0/16", h)
		}
	}
	return hosts, private
}

// masks reads "X,Y,WxH" or "/page@X,Y,WxH", several separated by semicolons.
func (b *builder) masks(r row) []Mask {
	var out []Mask
	for _, s := range strings.Split(r.fields["masks"], ";") {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		var m Mask
		area := s
		if page, rest, ok := strings.Cut(s, "@"); ok {
			m.Page, area = page, rest
		}
		if n, err := fmt.Sscanf(area, "%d,%d,%dx%d", &m.X, &m.Y, &m.W, &m.H); n != 4 || err != nil || m.W <= 0 || m.H <= 0 || m.X < 0 || m.Y < 0 {
			b.wrong(r, "masks", "%q is no region; expected X,Y,WIDTHxHEIGHT in pixels, e.g. 0,120,1366x300", s)
			continue
		}
		out = append(out, m)
	}
	return out
}

var siteIDRE = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

func (b *builder) siteID(r row, id string, home *url.URL) string {
	given := id != ""
	if !given {
		id = slug(home.Host)
		if _, taken := b.ids[id]; taken {
			id = slug(home.Host + home.Path)
		}
	}
	if !siteIDRE.MatchString(id) {
		b.wrong(r, "site_id", "%q is no ID; expected up to 64 lower-case letters, digits, '.', '_' and '-', beginning with a letter or digit", id)
		return id
	}
	if line, taken := b.ids[id]; taken {
		b.wrong(r, "site_id", "%q is the ID of line %d already", id, line)
		return id
	}
	b.ids[id] = r.line
	return id
}

// targets of a site: its home page, and the pages named beside it.
func (b *builder) targets(r row, site Site, home *url.URL) []Target {
	pages := split(r.fields["pages"])
	if len(pages) > maxPages {
		b.wrong(r, "pages", "more than %d pages", maxPages)
		return nil
	}
	out := []Target{{ID: site.ID, Site: site.ID, URL: b.page(r, "url", home)}}
	for _, p := range pages {
		ref, err := home.Parse(p)
		if err != nil || ref.Host != home.Host {
			b.wrong(r, "pages", "%q is no path on %s", p, home.Host)
			continue
		}
		if ref.String() == home.String() {
			continue // "/" beside the home page
		}
		if u := b.url(r, "pages", ref.String()); u != nil {
			out = append(out, Target{ID: targetID(site.ID, u), Site: site.ID, URL: b.page(r, "pages", u)})
		}
	}
	return out
}

func (b *builder) page(r row, column string, u *url.URL) string {
	s := u.String()
	if line, taken := b.urls[s]; taken {
		b.wrong(r, column, "%s is watched by line %d already", s, line)
	}
	b.urls[s] = r.line
	return s
}

// targetID names a page of a site by its path; what a path cannot tell in so
// few characters, a hash does.
func targetID(site string, u *url.URL) string {
	path := strings.Trim(u.RequestURI(), "/")
	s := slug(path)
	if len(s) > 40 || s != path {
		sum := sha256.Sum256([]byte(path))
		s = strings.Trim(s[:min(len(s), 40)], "-") + "-" + hex.EncodeToString(sum[:4])
	}
	return site + "~" + s
}

var notSlug = regexp.MustCompile(`[^a-z0-9.]+`)

// slug makes a name of letters, digits, dots and dashes. A name in another
// script keeps its identity as a hash.
func slug(s string) string {
	out := strings.Trim(notSlug.ReplaceAllString(strings.ToLower(s), "-"), "-.")
	if len(out) < 2 {
		sum := sha256.Sum256([]byte(s))
		out = strings.TrimPrefix(out+"-", "-") + hex.EncodeToString(sum[:5])
	}
	return out[:min(len(out), 64)]
}

// split separates a list in one field: by semicolons, commas or spaces.
func split(s string) []string {
	return strings.FieldsFunc(s, func(c rune) bool { return c == ';' || c == ',' || c == ' ' || c == '|' || c == '\n' })
}
