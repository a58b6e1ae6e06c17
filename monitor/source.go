package monitor

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/js"
)

// SourceLine is a line of a script as a person reads it.
type SourceLine struct {
	Text string
	Sink bool // names something by which code acts on the page or sends data away
}

// sinks are the names by which script acts: runs text as code, writes into the page,
// reads what people type and are known by, or sends something away. After the lists of
// OWASP's DOM based XSS prevention cheat sheet, and of what skimmers use.
var sinks = []string{
	"eval", "Function", "atob", "unescape", "fromCharCode", "write", "writeln", "innerHTML", "outerHTML", "insertAdjacentHTML",
	"fetch", "XMLHttpRequest", "sendBeacon", "WebSocket", "EventSource", "importScripts", "cookie", "localStorage",
	"postMessage", "location", "createElement", "addEventListener", "serviceWorker", "clipboard",
}

const (
	shownBytes = 2600 // of a source on a page; the whole of it can be saved
	lineLength = 160
	shownLine  = 8 * lineLength // each byte may have to be shown as [U+0000]
)

// showSources adds to the first changes of scripts what they say.
func (m *Monitor) showSources(ctx context.Context, c Capture, p *profile, changes []ScriptChange) string {
	places := []map[string]string{c.Blobs}
	if p != nil {
		places = append(places, p.newest().Blobs)
	}
	missing, shown := "", 0
	for i := range changes {
		if shown == maxShownSources {
			break
		}
		for _, blobs := range places {
			if blobs[BlobSources] == "" {
				continue
			}
			sources, err := m.readSources(ctx, blobs, []string{changes[i].SHA256})
			if err != nil {
				missing = "Sources of scripts cannot be read. "
				continue
			}
			if s := sources[changes[i].SHA256]; s != "" {
				changes[i].Source, changes[i].SourceCut = prettySource(s, shownBytes)
				shown++
				break
			}
		}
	}
	return missing
}

// prettySource breaks a script into lines at its statements, by the real lexer of
// JavaScript, so that a bracket in a string breaks nothing. What the lexer does not
// understand is broken by length alone.
func prettySource(source string, limit int) (lines []SourceLine, cut bool) {
	if len(source) > 8*limit {
		source, cut = source[:runeStart(source, 8*limit)], true
	}
	w := sourceWriter{limit: limit}
	lexer := js.NewLexer(parse.NewInputString(source))
	for w.used < limit {
		kind, text := lexer.Next()
		if kind == js.ErrorToken {
			w.end()
			rest := source[min(len(source), w.read):]
			for len(rest) > 0 && w.used < limit {
				n := runeStart(rest, lineLength)
				w.line.WriteString(rest[:n])
				w.end()
				rest = rest[n:]
			}
			break
		}
		w.read += len(text)
		w.token(kind, text)
	}
	w.end()
	return w.lines, cut || w.used >= limit
}

// runeStart is where to cut a text, at n bytes or before, so that no character is cut in
// two; after the first one at least.
func runeStart(s string, n int) int {
	if n >= len(s) {
		return len(s)
	}
	for at := n; at > 0; at-- {
		if utf8.RuneStart(s[at]) {
			return at
		}
	}
	_, size := utf8.DecodeRuneInString(s)
	return size
}

// sourceWriter collects tokens into lines.
type sourceWriter struct {
	lines             []SourceLine
	line              strings.Builder
	sink              bool
	depth             int
	parens            int
	limit, used, read int
}

func (w *sourceWriter) token(kind js.TokenType, text []byte) {
	switch kind {
	case js.LineTerminatorToken:
		w.end()
		return
	case js.WhitespaceToken:
		if w.line.Len() > 0 {
			w.line.WriteByte(' ')
		}
		return
	case js.OpenParenToken:
		w.parens++
	case js.CloseParenToken:
		w.parens = max(0, w.parens-1)
	case js.CloseBraceToken:
		w.end()
		w.depth = max(0, w.depth-1)
	}
	if js.IsIdentifierName(kind) && slices.Contains(sinks, string(text)) {
		w.sink = true
	}
	for _, part := range bytes.Split(text, []byte("\n")) {
		w.put(string(part))
	}
	switch {
	case kind == js.OpenBraceToken:
		w.end()
		w.depth = min(w.depth+1, 12)
	case kind == js.CloseBraceToken, kind == js.SemicolonToken && w.parens == 0:
		w.end()
	}
}

// put adds to the line, which is broken where it grows too long.
func (w *sourceWriter) put(s string) {
	for w.line.Len()+len(s) > lineLength && len(s) > 0 {
		n := runeStart(s, max(1, lineLength-w.line.Len()))
		w.line.WriteString(s[:n])
		s = s[n:]
		w.end()
		if w.used >= w.limit {
			return
		}
	}
	w.line.WriteString(s)
}

// end ends the line. A script may name its variables in letters that reorder the line,
// and clear the terminal of who copies it: what is shown is shown.
func (w *sourceWriter) end() {
	text := Visible(strings.TrimSpace(w.line.String()), shownLine)
	w.line.Reset()
	if text != "" && w.used < w.limit {
		w.lines = append(w.lines, SourceLine{Text: strings.Repeat("  ", w.depth) + text, Sink: w.sink})
		w.used += len(text)
	}
	w.sink = false
}
