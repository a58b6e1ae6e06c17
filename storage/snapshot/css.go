package snapshot

import (
	"bytes"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
)

// A swap exchanges an address for one inside of the copy, "" if what is there is not
// in the copy.
type swap func(address string, wanted use) string

// nowhere is what a style sheet says in place of an address that leads out of the
// copy: nothing is ever fetched for it (CSS Values 4, 4.5.2).
const nowhere = "about:invalid"

// rewriteCSS exchanges every address in a style sheet, or in the value of a style
// attribute. All else means what it meant, but for comments, and for strings and
// addresses that are not closed, which go.
func rewriteCSS(sheet []byte, by swap) []byte {
	w := sheetWriter{by: by}
	lexer := css.NewLexer(parse.NewInputBytes(plainCSS(sheet)))
	for {
		token, text := lexer.Next()
		if token == css.ErrorToken {
			return tagLike.ReplaceAll(w.out.Bytes(), []byte(`\3c $1`))
		}
		w.token(token, text)
	}
}

// plainCSS writes a style sheet so that whoever reads it next reads what a browser does:
// with one kind of newline and no null (CSS Syntax 3, 3.3), and without escapes of letters,
// which hide url( and @import from a reader of names. An escaped letter is that letter
// wherever an escape can stand; "<" stays escaped, as a number, which tagLike does not meet.
func plainCSS(sheet []byte) []byte {
	in := newlines.Replace(string(sheet))
	out := make([]byte, 0, len(in)+1)
	for i := 0; i < len(in); {
		if in[i] != '\\' {
			out = append(out, in[i])
			i++
			continue
		}
		r, n := readEscape(in[i:])
		switch {
		case n > 0 && r < 0x80 && isLetter(byte(r)):
			out = append(out, byte(r))
		case r == '<':
			out = append(out, `\3c `...)
		default:
			n = max(n, min(2, len(in)-i)) // what follows a backslash begins no escape itself
			out = append(out, in[i:i+n]...)
		}
		i += n
	}
	return out
}

var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\f", "\n", "\x00", "\ufffd")

// tagLike is what an HTML parser could take for the beginning of something, in a style
// sheet that it reads as anything else. In CSS it can only stand in a string, where the
// escape means the same; media queries have blanks, digits or "=" after their "<".
var tagLike = regexp.MustCompile(`<([A-Za-z/!?])`)

// sheetWriter knows where in a style sheet a string is an address.
type sheetWriter struct {
	by       swap
	out      bytes.Buffer
	imports  bool   // after @import, until its address has come
	property string // the last identifier before a colon, for what an address is of
	last     string
	open     []bracket
}

// bracket is one that is open, and what strings in it are.
type bracket struct {
	end     css.TokenType
	strings role
}

// role of a string in a style sheet.
type role int

const (
	isText    role = iota
	isImage        // an address that stands by itself, as in image-set()
	isAddress      // the same, where url() or src() is around it already
)

// role is that of a string which comes now.
func (w *sheetWriter) role() role {
	if len(w.open) == 0 {
		return isText
	}
	return w.open[len(w.open)-1].strings
}

func (w *sheetWriter) token(token css.TokenType, text []byte) {
	switch token {
	case css.CommentToken, css.BadStringToken, css.BadURLToken, css.CDOToken, css.CDCToken:
		w.out.WriteByte(' ')
		return
	case css.AtKeywordToken:
		w.imports = strings.EqualFold(unescapeCSS(string(text)), "@import")
	case css.SemicolonToken:
		w.imports = false
	case css.IdentToken, css.CustomPropertyNameToken:
		w.last = strings.ToLower(unescapeCSS(string(text)))
		if strings.HasPrefix(w.last, "--") && w.role() != isText {
			return // a function of the page's own, if a parenthesis follows
		}
	case css.ColonToken:
		w.property = w.last
	case css.FunctionToken:
		w.function(text)
		return
	case css.LeftParenthesisToken, css.LeftBracketToken, css.LeftBraceToken:
		w.imports = w.imports && token != css.LeftBraceToken
		w.open = append(w.open, bracket{ends[token], w.role()})
	case css.RightParenthesisToken, css.RightBracketToken, css.RightBraceToken:
		w.imports = w.imports && token != css.RightBraceToken
		if n := len(w.open); n > 0 && w.open[n-1].end == token {
			w.open = w.open[:n-1]
		}
	case css.URLToken:
		w.write(insideURL(text), true)
		return
	case css.StringToken:
		if role := w.role(); w.imports || role != isText {
			w.write(unquote(text), role != isAddress)
			return
		}
	}
	w.out.Write(text)
}

var ends = map[css.TokenType]css.TokenType{
	css.LeftParenthesisToken: css.RightParenthesisToken, css.LeftBracketToken: css.RightBracketToken, css.LeftBraceToken: css.RightBraceToken,
}

// function begins one. Where strings are addresses only those stand that cannot bring in a
// string from elsewhere: var(), env(), attr() and what comes after them do. Of a name that
// no browser knows it takes the declaration for a mistake.
func (w *sheetWriter) function(text []byte) {
	name := strings.ToLower(unescapeCSS(strings.TrimSuffix(string(text), "(")))
	inside := isText
	switch {
	case name == "url", name == "src":
		inside = isAddress
	case name == "image", strings.HasSuffix(name, "image-set"):
		inside = isImage
	case w.role() != isText && name != "type" && name != "calc" && !strings.HasSuffix(name, "gradient"):
		inside, text = w.role(), []byte("-pasban-absent(")
	}
	w.open = append(w.open, bracket{css.RightParenthesisToken, inside})
	w.out.Write(text)
}

// write puts the exchanged address, wrapped into url() unless that stands already.
func (w *sheetWriter) write(address string, wrap bool) {
	to := w.by(address, w.wanted())
	if to == "" {
		to = nowhere
	}
	w.imports = false
	quoted := quoteCSS(to)
	if wrap {
		quoted = "url(" + quoted + ")"
	}
	w.out.WriteString(quoted)
}

func (w *sheetWriter) wanted() use {
	switch {
	case w.imports:
		return useStyle
	case w.property == "src":
		return useFont
	}
	return usePicture
}

// insideURL is the address in url(...), with or without quotation marks.
func insideURL(token []byte) string {
	inner := token[bytes.IndexByte(token, '(')+1:]
	inner = bytes.TrimSpace(bytes.TrimSuffix(inner, []byte(")")))
	if len(inner) > 0 && (inner[0] == '"' || inner[0] == '\'') {
		return unquote(inner)
	}
	return unescapeCSS(string(inner))
}

func unquote(token []byte) string {
	s := string(token)
	if len(s) >= 2 && s[0] == s[len(s)-1] {
		s = s[1 : len(s)-1]
	}
	return unescapeCSS(s)
}

// unescapeCSS undoes backslashes.
func unescapeCSS(s string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, `\`)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		s = s[len(before):]
		switch r, n := readEscape(s); {
		case n > 0:
			b.WriteRune(r)
			s = s[n:]
		case strings.HasPrefix(rest, "\n"): // a string goes on in the next line
			s = rest[1:]
		default:
			b.WriteByte('\\')
			s = rest
		}
	}
}

// readEscape reads the escape that s begins with, and how many bytes it has: none if it
// is no valid one (CSS Syntax 3, 4.3.7 and 4.3.8).
func readEscape(s string) (rune, int) {
	n := 1
	for n < len(s) && n <= 6 && isHex(s[n]) {
		n++
	}
	if n == 1 {
		if n == len(s) || s[n] == '\n' {
			return 0, 0
		}
		r, size := utf8.DecodeRuneInString(s[n:])
		return r, n + size
	}
	r, _ := strconv.ParseUint(s[1:n], 16, 32) // at most six hex digits: it cannot fail
	if n < len(s) && (s[n] == ' ' || s[n] == '\t' || s[n] == '\n') {
		n++
	}
	return rune(r), n
}

func isLetter(c byte) bool { return c|32 >= 'a' && c|32 <= 'z' }

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|32 >= 'a' && c|32 <= 'f'
}

// quoteCSS writes a string so that no parser, of CSS or of the HTML around it, takes
// any of it for its end.
func quoteCSS(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"', r == '\\', r < ' ', r == 0x7f, r == '<':
			b.WriteString(`\` + strconv.FormatInt(int64(r), 16) + " ")
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// cssReferences lists the addresses that a style sheet names.
func cssReferences(sheet []byte, add func(address string, wanted use)) {
	rewriteCSS(sheet, func(address string, wanted use) string {
		add(address, wanted)
		return ""
	})
}

// absolute resolves an address as a page does. It is nil for what is not fetched by
// HTTP, and for what is no address.
func absolute(base *url.URL, ref string) *url.URL {
	ref = strings.TrimSpace(ref)
	if ref == "" || len(ref) > maxAddress || base == nil {
		return nil
	}
	u, err := base.Parse(ref)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return nil
	}
	u.Fragment, u.RawFragment = "", ""
	if u.Path == "" {
		u.Path = "/"
	}
	return u
}

// maxAddress is the longest address that is followed.
const maxAddress = 4096

// isData reports a picture or font that an address holds in itself.
func isData(ref string) bool {
	low := strings.ToLower(strings.TrimSpace(ref[:min(len(ref), 64)]))
	for _, p := range []string{"data:image/", "data:font/", "data:application/font", "data:application/x-font"} {
		if strings.HasPrefix(low, p) {
			return true
		}
	}
	return false
}
