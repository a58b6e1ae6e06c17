package snapshot

import (
	"bytes"
	"net/url"
	"regexp"
	"strconv"
	"strings"

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
// attribute. All else is kept as it stands, but for comments, and for strings and
// addresses that are not closed.
func rewriteCSS(sheet []byte, by swap) []byte {
	w := sheetWriter{by: by}
	lexer := css.NewLexer(parse.NewInputBytes(bytes.Clone(sheet)))
	for {
		token, text := lexer.Next()
		if token == css.ErrorToken {
			return tagLike.ReplaceAll(w.out.Bytes(), []byte(`\3c $1`))
		}
		w.token(token, text)
	}
}

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
	sets     []bool // for each open parenthesis, whether it is of an image-set()
	address  bool   // after "url(", whose string comes as a token of its own
}

func (w *sheetWriter) token(token css.TokenType, text []byte) {
	switch token {
	case css.CommentToken, css.BadStringToken, css.BadURLToken, css.CDOToken, css.CDCToken:
		w.out.WriteByte(' ')
		return
	case css.AtKeywordToken:
		w.imports = strings.EqualFold(string(text), "@import")
	case css.SemicolonToken, css.LeftBraceToken, css.RightBraceToken:
		w.imports, w.sets = false, w.sets[:0]
	case css.IdentToken, css.CustomPropertyNameToken:
		w.last = strings.ToLower(string(text))
	case css.ColonToken:
		w.property = w.last
	case css.FunctionToken:
		w.function(text)
	case css.LeftParenthesisToken:
		w.sets = append(w.sets, false)
	case css.RightParenthesisToken:
		if len(w.sets) > 0 {
			w.sets = w.sets[:len(w.sets)-1]
		}
	case css.URLToken:
		w.write(insideURL(text), true)
		return
	case css.StringToken:
		if w.imports || w.address || len(w.sets) > 0 && w.sets[len(w.sets)-1] {
			w.write(unquote(text), !w.address)
			w.address = false
			return
		}
	}
	w.out.Write(text)
}

func (w *sheetWriter) function(text []byte) {
	name := strings.ToLower(strings.TrimSuffix(string(text), "("))
	w.sets = append(w.sets, strings.HasSuffix(name, "image-set"))
	w.address = name == "url" || name == "src"
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

// unescapeCSS undoes backslashes (CSS Syntax 3, 4.3.7).
func unescapeCSS(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		n := 0
		for n < 6 && i+n < len(s) && isHex(s[i+n]) {
			n++
		}
		switch {
		case n > 0:
			r, _ := strconv.ParseUint(s[i:i+n], 16, 32) // at most six hex digits: it cannot fail
			b.WriteRune(rune(r))
			i += n - 1
			if i+1 < len(s) && (s[i+1] == ' ' || s[i+1] == '\t' || s[i+1] == '\n') {
				i++
			}
		case s[i] == '\n': // a string goes on in the next line
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

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
