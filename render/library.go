package render

import (
	"container/list"
	"crypto/sha256"
	"encoding/hex"
	"sync"
)

// maxLibrary bounds the sources a pool remembers, in bytes.
const maxLibrary = 64 << 20

// A library remembers script sources by their SHA-256, least recently used out
// first. Only a source that has the digest it is said to have gets in, so that
// one site cannot put words into the mouth of another.
type library struct {
	mu    sync.Mutex
	byKey map[string]*list.Element
	order *list.List // of *book, front is the most recently used
	bytes int
}

type book struct{ digest, source string }

func newLibrary() *library {
	return &library{byKey: make(map[string]*list.Element), order: list.New()}
}

func (l *library) get(digest string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.byKey[digest]
	if !ok {
		return "", false
	}
	l.order.MoveToFront(e)
	return e.Value.(*book).source, true
}

func (l *library) put(digest, source string) {
	if sha256Hex([]byte(source)) != digest {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.byKey[digest]; ok {
		return
	}
	l.byKey[digest] = l.order.PushFront(&book{digest, source})
	l.bytes += len(source)
	for l.bytes > maxLibrary {
		last := l.order.Back()
		old := l.order.Remove(last).(*book)
		delete(l.byKey, old.digest)
		l.bytes -= len(old.source)
	}
}

// sha256Hex is the digest of b in lower-case hex.
func sha256Hex(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
