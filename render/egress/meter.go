package egress

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

var errBudget = errors.New("byte budget used up")

// meter is a connection to a site that counts what passes and cuts itself when
// a byte budget breaks.
type meter struct {
	net.Conn
	entry *entry // whose bytes these are; changes only between exchanges
	moved atomic.Int64
}

func (m *meter) Read(b []byte) (int, error) {
	n, err := m.Conn.Read(b)
	if m.charge(&m.entry.got, n) {
		return n, errBudget
	}
	return n, err
}

func (m *meter) Write(b []byte) (int, error) {
	n, err := m.Conn.Write(b)
	if m.charge(&m.entry.sent, n) {
		return n, errBudget
	}
	return n, err
}

// charge books n bytes and says whether that was too much.
func (m *meter) charge(account *atomic.Int64, n int) bool {
	account.Add(int64(n))
	l := m.entry.ledger
	all, mine := l.spent.Add(int64(n)), m.moved.Add(int64(n))
	if all <= l.budget.Bytes && mine <= l.budget.ConnBytes {
		return false
	}
	m.entry.end(ReasonBytes)
	l.overrun(ReasonBytes)
	_ = m.Conn.Close() // the other direction wakes up; there is nobody to tell of a failure
	return true
}

func (m *meter) CloseWrite() error { return closeWrite(m.Conn) }

// closeWrite tells the far end that no more will come.
func closeWrite(c net.Conn) error {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return c.Close()
}

var buffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// pump copies until src ends, with a buffer from the pool. The wrappers keep
// io.Copy from taking a shortcut that would allocate its own.
func pump(dst io.Writer, src io.Reader) (int64, error) {
	buf := buffers.Get().(*[32 << 10]byte)
	defer buffers.Put(buf)
	return io.CopyBuffer(struct{ io.Writer }{dst}, struct{ io.Reader }{src}, buf[:])
}
