package render

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/js"
)

// maxTokens bounds how many tokens of a script are read. The largest libraries
// have some 400,000.
const maxTokens = 1_000_000

// maxLexErrors is how many places that are not JavaScript are stepped over. The
// lexer works out line and column of each, which costs the length of the source.
const maxLexErrors = 16

// Normalise is the SHA-256, hex, of a script's token stream with every string
// replaced by S, every template by T, every number by 0 and every regular
// expression by R; names, keywords and punctuation stay, comments and white
// space do not count. Two scripts that differ in a nonce, a date or a visitor's
// id have the same value, two that do different things do not. A source that is
// not JavaScript is hashed byte by byte from where it stops being it. It is ""
// for a source without a token.
func Normalise(source string) string {
	n := normaliser{source: source, lexer: js.NewLexer(parse.NewInputString(source)), sum: sha256.New()}
	n.tokens()
	n.write([]byte(n.source[min(n.offset, len(n.source)):]))
	if n.count == 0 {
		return ""
	}
	return hex.EncodeToString(n.sum.Sum(nil))
}

type normaliser struct {
	source string
	offset int // how much of the source has been read
	errors int
	lexer  *js.Lexer
	sum    hash.Hash
	count  int
	last   js.TokenType // the last token that counted, js.ErrorToken before the first
	word   []byte
}

// tokens reads all there are. The lexer of tdewolff/parse v2.8.20 runs off the
// end of some sources that break off in a token (a lone "#"): that is no more
// than another place where a source stops being JavaScript.
func (n *normaliser) tokens() {
	defer func() { _ = recover() }()
	for range maxTokens {
		if n.offset >= len(n.source) || !n.token() {
			return
		}
	}
}

// token reads one token; false where there is none to be had any more.
func (n *normaliser) token() bool {
	kind, text := n.lexer.Next()
	n.offset += len(text)
	if (kind == js.DivToken || kind == js.DivEqToken) && n.operandExpected() {
		n.offset -= len(text)
		kind, text = n.lexer.RegExp()
		n.offset += len(text)
	}
	switch kind {
	case js.ErrorToken:
		return n.broken(text)
	case js.WhitespaceToken, js.LineTerminatorToken, js.CommentToken, js.CommentLineTerminatorToken:
		return true
	case js.StringToken:
		text = []byte("S")
	case js.TemplateToken, js.TemplateStartToken, js.TemplateMiddleToken, js.TemplateEndToken:
		text = []byte("T")
	case js.RegExpToken:
		text = []byte("R")
	default:
		if js.IsNumeric(kind) {
			text = []byte("0")
		}
	}
	n.write(text)
	n.last = kind
	return true
}

// operandExpected tells a regular expression from a division: a slash after a
// value divides, anywhere else it opens a pattern. After ")" and "}" the
// lexer alone cannot know; a division is the likelier.
func (n *normaliser) operandExpected() bool {
	switch n.last {
	case js.CloseParenToken, js.CloseBraceToken, js.CloseBracketToken, js.StringToken, js.TemplateToken,
		js.TemplateEndToken, js.RegExpToken, js.PrivateIdentifierToken, js.ThisToken, js.SuperToken,
		js.NullToken, js.TrueToken, js.FalseToken, js.IncrToken, js.DecrToken:
		return false
	}
	return !js.IsNumeric(n.last) && !(js.IsIdentifier(n.last))
}

// broken hashes a character the lexer does not accept as it stands and goes
// on. Where it cannot go on (an open comment or string), the rest follows raw.
func (n *normaliser) broken(text []byte) bool {
	if n.errors++; len(text) == 0 || n.errors > maxLexErrors {
		return false
	}
	n.write(text)
	n.last = js.ErrorToken
	return true
}

func (n *normaliser) write(text []byte) {
	if len(text) == 0 {
		return
	}
	n.word = append(append(n.word[:0], text...), 0)
	n.sum.Write(n.word) // a hash never returns an error
	n.count++
}
