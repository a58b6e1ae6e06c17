package snapshot

import (
	"bytes"
	"strconv"

	"golang.org/x/net/html"
)

// frameMark stands in a document where one of its frames was cut out.
const frameMark = "data-pasban-frame"

// splitFrames cuts the documents of frames out of a serialised tree. Package render
// writes each as <template data-frame="src">, in which a parser would drop the html,
// head and body elements. What is left has an empty <template data-pasban-frame="N">
// in its place, N being the index of the document in frames.
func splitFrames(tree []byte) (left []byte, frames [][]byte) {
	s := splitter{}
	s.read(html.NewTokenizer(bytes.NewReader(tree)), 0)
	return s.docs[0], s.docs[1:]
}

type splitter struct{ docs [][]byte }

// maxFrameDepth is how deep frames may stand in frames; the documents below are left out.
const maxFrameDepth = 4

// read copies one document up to the end of its template, and returns its index.
func (s *splitter) read(z *html.Tokenizer, depth int) int {
	index := len(s.docs)
	s.docs = append(s.docs, nil)
	var out bytes.Buffer
	open := 0 // templates of the document's own
	for {
		token := z.Next()
		if token == html.ErrorToken {
			break
		}
		raw := bytes.Clone(z.Raw())
		name, isFrame := templateTag(z, token)
		switch {
		case name && token == html.StartTagToken && isFrame:
			inner := s.read(z, depth+1)
			if depth < maxFrameDepth {
				out.WriteString("<template " + frameMark + `="` + strconv.Itoa(inner-1) + `"></template>`)
			}
			continue
		case name && token == html.StartTagToken:
			open++
		case name && token == html.EndTagToken && open == 0 && depth > 0:
			s.docs[index] = out.Bytes()
			return index
		case name && token == html.EndTagToken:
			open--
		}
		out.Write(raw)
	}
	s.docs[index] = out.Bytes()
	return index
}

// templateTag reports a tag of a template, and whether it holds the document of a frame.
func templateTag(z *html.Tokenizer, token html.TokenType) (template, frame bool) {
	if token != html.StartTagToken && token != html.EndTagToken {
		return false, false
	}
	name, more := z.TagName()
	if string(name) != "template" {
		return false, false
	}
	for more {
		var key []byte
		key, _, more = z.TagAttr()
		frame = frame || string(key) == "data-frame"
	}
	return true, frame
}
