package compare

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tdewolff/parse/v2/js"
)

// Whoever hides an address from those who search for it cuts it into pieces that
// the script puts together as it runs. What is put together from literals alone is
// known without running anything: added, joined, concatenated, filled into
// templates, turned round, cleaned of characters that were strewn in.

// puzzle is a text that a script puts together, or a list of texts.
type puzzle struct {
	pieces  []string
	list    bool // an array, of which pieces are the elements
	altered bool // by more than being put together
}

// Bounds of one puzzle.
const (
	maxParts  = 500
	maxPuzzle = 4 << 10 // bytes
	maxNested = 6
)

// shortCode is how many tokens one person reads at a glance. In more of them a name
// of a letter or two means something else in every function.
const shortCode = 600

// constants are the names that a script gives to literals, each once.
func constants(tokens []jsToken) map[string]puzzle {
	known, again := map[string]puzzle{}, variables(tokens)
	r := reader{tokens: tokens}
	for i := 0; i+2 < len(tokens) && len(known) < 2000; i++ {
		name := tokens[i].text
		if tokens[i+1].text != "=" || !js.IsIdentifier(tokens[i].kind) || r.at(i-1) == "." || again[name] || len(name) < 3 && len(tokens) > shortCode {
			continue
		}
		if p, end := r.puzzle(i+2, maxNested-2); end > 0 && r.at(end) != "+" && r.at(end) != "." && r.at(end) != "[" {
			known[name] = p
		}
	}
	return known
}

// variables are the names that are given a value more than once, or by a caller.
func variables(tokens []jsToken) map[string]bool {
	given, again := map[string]bool{}, map[string]bool{}
	r := reader{tokens: tokens}
	for i, t := range tokens {
		switch next := r.at(i + 1); {
		case t.text == "function" || t.text == "catch":
			for j := i + 1; j < len(tokens) && j < i+40 && r.at(j) != ")"; j++ {
				again[r.at(j)] = true
			}
		case !js.IsIdentifier(t.kind):
		case next == "=>", strings.HasSuffix(next, "=") && next != "=" && next != "==" && next != "===" && next != "!=" && next != "!==" && next != "<=" && next != ">=", next == "=" && given[t.text]:
			again[t.text] = true
		case next == "=":
			given[t.text] = true
		case next == ")" && r.at(i+2) == "=>":
			for j := i; j > max(0, i-40) && r.at(j) != "("; j-- {
				again[r.at(j)] = true
			}
		}
	}
	return again
}

// readPuzzles judges every text that is put together from more than one piece.
func (r *reader) readPuzzles() {
	r.constants = constants(r.tokens)
	for i := 0; i < len(r.tokens); i++ {
		if !r.beginsPuzzle(i) {
			continue
		}
		p, end := r.sum(i, 0)
		if end <= i {
			continue
		}
		if !p.list && (len(p.pieces) > 1 || p.altered) {
			r.solve(p)
		}
		i = end - 1
	}
}

// beginsPuzzle spares most tokens the attempt.
func (r *reader) beginsPuzzle(i int) bool {
	t, next := r.tokens[i], r.at(i+1)
	switch {
	case t.kind == js.TemplateStartToken, t.text == "String" && next == ".":
		return true
	case t.text == "[" || t.text == "(":
		return i+1 < len(r.tokens) && r.tokens[i+1].isString()
	case t.isString():
		return next == "+" || next == "."
	}
	_, known := r.constants[t.text]
	return known && (next == "+" || next == "." || next == "[") && r.at(i-1) != "."
}

// solve judges what a puzzle comes to. A host is in disguise if it was cut in the
// middle of a word, or altered: parts of an address that stand for something, such
// as a protocol or a region, end at its signs.
func (r *reader) solve(p puzzle) {
	text := strings.Join(p.pieces, "")
	if len(text) > maxPuzzle {
		return
	}
	r.readString(text, r.depth)
	var seams []int
	at := 0
	for _, piece := range p.pieces[:len(p.pieces)-1] {
		at += len(piece)
		if at > 0 && at < len(text) && isAlnum(text[at-1]) && isAlnum(text[at]) {
			seams = append(seams, at)
		}
	}
	for _, m := range urlHost.FindAllStringSubmatchIndex(text, maxHosts) {
		if p.altered || slices.ContainsFunc(seams, func(s int) bool { return s > m[0]-5 && s < m[3] }) {
			r.veiled = addHost(r.veiled, strings.ToLower(text[m[2]:m[3]]))
		}
	}
}

// sum reads terms with pluses between them from token i on, and returns where
// they end; no end means that there is nothing that can be known.
func (r *reader) sum(i, nested int) (puzzle, int) {
	p, end := r.puzzle(i, nested)
	for end > 0 && r.at(end) == "+" && len(p.pieces) < maxParts {
		q, next := r.puzzle(end+1, nested)
		if next == 0 || q.list || p.list {
			break
		}
		p.pieces, p.altered, end = slices.Concat(p.pieces, q.pieces), p.altered || q.altered, next
	}
	return p, end
}

// puzzle reads one term with the calls behind it.
func (r *reader) puzzle(i, nested int) (puzzle, int) {
	if nested >= maxNested {
		return puzzle{}, 0
	}
	p, end := r.term(i, nested)
	for end > 0 && r.at(end) == "." && r.at(end+2) == "(" {
		q, next := r.call(p, end+1, nested)
		if next == 0 {
			break
		}
		p, end = q, next
	}
	return p, end
}

func (r *reader) term(i, nested int) (puzzle, int) {
	if i < 0 || i >= len(r.tokens) {
		return puzzle{}, 0
	}
	switch t := r.tokens[i]; {
	case t.kind == js.StringToken || t.kind == js.TemplateToken:
		return puzzle{pieces: []string{unescapeJS(t.unquoted())}}, i + 1
	case t.kind == js.TemplateStartToken:
		return r.template(i, nested)
	case t.text == "[":
		p, end := r.arguments(i, "]", nested)
		p.list = true
		return p, end
	case t.text == "(":
		if p, end := r.sum(i+1, nested+1); end > 0 && r.at(end) == ")" {
			return p, end + 1
		}
	case t.text == "atob" && r.at(i+1) == "(":
		p, end := r.arguments(i+1, ")", nested)
		raw, err := base64.StdEncoding.DecodeString(strings.Join(p.pieces, ""))
		if end > 0 && err == nil && printable(raw) {
			return puzzle{pieces: []string{string(raw)}, altered: true}, end
		}
	case t.text == "String" && r.at(i+1) == "." && r.at(i+2) == "raw":
		return r.term(i+3, nested)
	case t.text == "String" && r.at(i+1) == "." && r.at(i+2) == "fromCharCode" && r.at(i+3) == "(":
		return r.characters(i + 4)
	default:
		if p, known := r.constants[t.text]; known {
			return r.element(p, i+1)
		}
	}
	return puzzle{}, 0
}

// element takes one out of a list, if a number in brackets follows.
func (r *reader) element(p puzzle, next int) (puzzle, int) {
	if r.at(next) != "[" || !p.list {
		return p, next
	}
	k, err := strconv.Atoi(r.at(next + 1))
	if err != nil || k < 0 || k >= len(p.pieces) || r.at(next+2) != "]" {
		return puzzle{}, 0
	}
	return puzzle{pieces: p.pieces[k : k+1]}, next + 3
}

// template fills in the expressions of a template.
func (r *reader) template(i, nested int) (puzzle, int) {
	p := puzzle{pieces: []string{strings.TrimSuffix(strings.TrimPrefix(r.at(i), "`"), "${")}}
	for i++; len(p.pieces) < maxParts; i++ {
		q, end := r.sum(i, nested+1)
		if end == 0 || q.list || end >= len(r.tokens) {
			return puzzle{}, 0
		}
		p.pieces = append(p.pieces, q.pieces...)
		t := r.tokens[end]
		p.pieces = append(p.pieces, strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(t.text, "}"), "`"), "${"))
		if i = end; t.kind == js.TemplateEndToken {
			return p, end + 1
		} else if t.kind != js.TemplateMiddleToken {
			break
		}
	}
	return puzzle{}, 0
}

// arguments reads texts between commas up to a closing bracket; i is the opening one.
func (r *reader) arguments(i int, closing string, nested int) (puzzle, int) {
	var p puzzle
	for i++; r.at(i) != closing && len(p.pieces) < maxParts; {
		q, end := r.sum(i, nested+1)
		if end == 0 || q.list {
			return puzzle{}, 0
		}
		p.pieces, p.altered = append(p.pieces, strings.Join(q.pieces, "")), p.altered || q.altered
		if i = end; r.at(i) == "," {
			i++
		} else if r.at(i) != closing {
			return puzzle{}, 0
		}
	}
	return p, i + 1
}

// characters reads the codes of characters up to the closing bracket.
func (r *reader) characters(i int) (puzzle, int) {
	var text []byte
	for ; i < len(r.tokens) && len(text) < maxPuzzle; i++ {
		switch t := r.tokens[i]; {
		case t.text == ")":
			return puzzle{pieces: []string{string(text)}, altered: len(text) > 1}, i + 1
		case js.IsNumeric(t.kind):
			n, err := strconv.ParseUint(t.text, 0, 8)
			if err != nil {
				return puzzle{}, 0
			}
			text = append(text, byte(n))
		case t.text != ",":
			return puzzle{}, 0
		}
	}
	return puzzle{}, 0
}

// call does to a puzzle what the method at i does.
func (r *reader) call(p puzzle, i, nested int) (puzzle, int) {
	if r.at(i) == "replace" || r.at(i) == "replaceAll" {
		return r.replaced(p, i+2)
	}
	with, end := r.arguments(i+1, ")", nested)
	if end == 0 {
		return puzzle{}, 0
	}
	first := strings.Join(with.pieces[:min(1, len(with.pieces))], "")
	switch name := r.at(i); {
	case name == "join" && p.list:
		return p.joined(first, len(with.pieces) == 0), end
	case name == "reverse" && p.list:
		turned := slices.Clone(p.pieces)
		slices.Reverse(turned)
		return puzzle{pieces: turned, list: true, altered: true}, end
	case name == "split" && !p.list:
		text := strings.Join(p.pieces, "")
		if len(text) <= maxPuzzle {
			return puzzle{pieces: strings.Split(text, first), list: true, altered: p.altered}, end
		}
	case name == "concat":
		return puzzle{pieces: slices.Concat(p.pieces, with.pieces), list: p.list, altered: p.altered || with.altered}, end
	case (name == "trim" || name == "toString" || name == "toLowerCase") && !p.list:
		return p, end
	}
	return puzzle{}, 0
}

func (p puzzle) joined(by string, comma bool) puzzle {
	if comma {
		by = ","
	}
	if by == "" {
		return puzzle{pieces: p.pieces, altered: p.altered}
	}
	return puzzle{pieces: []string{strings.Join(p.pieces, by)}, altered: p.altered}
}

// replaced takes out of a text, or changes in it, what the arguments at i say: a
// literal or a regular expression, and a literal.
func (r *reader) replaced(p puzzle, i int) (puzzle, int) {
	if p.list || i+3 >= len(r.tokens) || r.at(i+1) != "," || !r.tokens[i+2].isString() || r.at(i+3) != ")" {
		return puzzle{}, 0
	}
	text, by := strings.Join(p.pieces, ""), unescapeJS(r.tokens[i+2].unquoted())
	what := r.tokens[i]
	source := regexp.QuoteMeta(unescapeJS(what.unquoted()))
	if what.kind == js.RegExpToken {
		source = what.text[1:max(1, strings.LastIndexByte(what.text, '/'))]
	} else if !what.isString() {
		return puzzle{}, 0
	}
	pattern, err := regexp.Compile(source)
	if err != nil || len(source) > 200 || len(text) > maxPuzzle {
		return puzzle{}, 0
	}
	return puzzle{pieces: []string{pattern.ReplaceAllLiteralString(text, by)}, altered: true}, i + 4
}
