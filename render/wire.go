package render

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// A wire is the conversation with one Chrome over chromedp's pipe transport.
//
// It stands where chromedp.Browser and chromedp.Target stand in a friendlier
// program. They mirror the DOM of every page, decode every event and queue
// without a limit, which a hostile page turns against us; a wire hands events
// to one function, undecoded, and forgets them. It also lets commands be sent
// ahead of the replies to earlier ones, which is where the speed of a capture
// comes from.
type wire struct {
	tr  chromedp.Transport
	out chan *cdproto.Message // commands that wait for Chrome to take them

	mu        sync.Mutex
	next      int64
	waiting   map[int64]waiter
	listeners map[target.SessionID]listener
	sent      func(method string) // told of each command before it goes out, nil if nobody asks

	lost chan struct{} // closed when the conversation is over
	err  error         // why; valid once lost is closed
}

// maxUnsent bounds the commands that wait. One capture makes at most some two
// thousand ahead of the replies, for the sources of its scripts.
const maxUnsent = 4096

// A listener is given each event of its session, in order. It runs on the
// goroutine that reads the pipe: it may send, but must never wait for a reply.
type listener func(method string, params jsonv2.Value)

type waiter struct {
	session target.SessionID
	reply   chan<- *cdproto.Message
}

var (
	// errDetached is the error of a command whose target went away.
	errDetached = errors.New("target closed")
	// errUnsent is the error of a command too many for a Chrome that reads none.
	errUnsent = errors.New("the browser takes no commands")
)

// newWire starts to read from r, messages of at most limit bytes, and to write
// to w. Whoever made it ends it by closing the pipes.
func newWire(r io.ReadCloser, w io.WriteCloser, limit int) *wire {
	c := &wire{
		tr:        chromedp.NewPipeConn(&boundedReader{ReadCloser: r, limit: limit, left: limit}, w),
		out:       make(chan *cdproto.Message, maxUnsent),
		waiting:   make(map[int64]waiter),
		listeners: make(map[target.SessionID]listener),
		lost:      make(chan struct{}),
	}
	go c.read()
	go c.write()
	return c
}

// write hands the commands to Chrome, which may have stopped reading: then this
// goroutine stands still until the pipe is closed, and nobody else does.
func (w *wire) write() {
	for {
		select {
		case msg := <-w.out:
			if err := w.tr.Write(context.Background(), msg); err != nil {
				w.hangUp(err)
				return
			}
		case <-w.lost:
			return
		}
	}
}

func (w *wire) read() {
	for {
		msg := new(cdproto.Message)
		if err := w.tr.Read(context.Background(), msg); err != nil {
			w.hangUp(err)
			return
		}
		w.route(msg)
	}
}

// route gives a reply to whoever waits for it and an event to its listener.
func (w *wire) route(msg *cdproto.Message) {
	if msg.ID != 0 {
		w.mu.Lock()
		waiter, ok := w.waiting[msg.ID]
		delete(w.waiting, msg.ID)
		w.mu.Unlock()
		if ok {
			waiter.reply <- msg // buffered for one
		}
		return
	}
	w.mu.Lock()
	listen := w.listeners[msg.SessionID]
	w.mu.Unlock()
	if listen != nil {
		listen(string(msg.Method), msg.Params)
	}
	switch string(msg.Method) {
	case target.DetachedFromTarget.Method:
		w.detached(msg.Params)
	case inspector.TargetCrashed.Method:
		w.abandon(msg.SessionID)
	}
}

// detached forgets a target that was closed.
func (w *wire) detached(params jsonv2.Value) {
	var ev struct {
		SessionID target.SessionID `json:"sessionId"`
	}
	if jsonv2.Unmarshal(params, &ev) != nil || ev.SessionID == "" {
		return
	}
	w.listen(ev.SessionID, nil)
	w.abandon(ev.SessionID)
}

// abandon ends the commands that a closed or crashed target will not answer
// any more.
func (w *wire) abandon(session target.SessionID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, waiter := range w.waiting {
		if waiter.session == session {
			close(waiter.reply)
			delete(w.waiting, id)
		}
	}
}

// hangUp ends the conversation. The first reason counts: what follows from it
// on the other pipe does not.
func (w *wire) hangUp(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return
	}
	w.err = err
	close(w.lost)
}

// reason is why the conversation is over, nil if it is not.
func (w *wire) reason() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

func (w *wire) listen(id target.SessionID, f listener) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if f == nil {
		delete(w.listeners, id)
		return
	}
	w.listeners[id] = f
}

// A session is one end of a wire: a target, or with an empty id the browser.
type session struct {
	w  *wire
	id target.SessionID
}

// A reply is one that is yet to come.
type reply[R any] struct {
	w   *wire
	id  int64
	ch  <-chan *cdproto.Message
	cmd string
	err error // it could not be sent
}

// send puts a command on the wire. It waits neither for Chrome to take it nor
// for its reply, which may be ignored.
func send[P, R any](s session, c cdp.Command[P, R], params P) *reply[R] {
	r := &reply[R]{w: s.w, cmd: c.Method}
	buf, err := jsonv2.Marshal(params)
	if err != nil {
		r.err = fmt.Errorf("encoding %s: %w", c.Method, err)
		return r
	}
	ch := make(chan *cdproto.Message, 1)
	r.ch = ch
	s.w.mu.Lock()
	s.w.next++
	r.id = s.w.next
	s.w.waiting[r.id] = waiter{s.id, ch}
	sent := s.w.sent
	s.w.mu.Unlock()
	if sent != nil {
		sent(c.Method)
	}
	r.err = s.w.enqueue(&cdproto.Message{ID: r.id, SessionID: s.id, Method: cdproto.MethodType(c.Method), Params: buf})
	if r.err != nil {
		r.drop() // the reply may be ignored, and then nobody else would
	}
	return r
}

func (w *wire) enqueue(msg *cdproto.Message) error {
	select {
	case w.out <- msg:
		return nil
	default:
		return errUnsent
	}
}

// wait returns the reply, or the error of the context, of Chrome or of the wire.
func (r *reply[R]) wait(ctx context.Context) (R, error) {
	msg, err := r.raw(ctx)
	var res R
	if err != nil {
		return res, err
	}
	if err := jsonv2.Unmarshal(msg.Result, &res, chromedp.DefaultUnmarshalOptions); err != nil {
		return res, fmt.Errorf("decoding the reply to %s: %w", r.cmd, err)
	}
	return res, nil
}

// raw is wait without decoding.
func (r *reply[R]) raw(ctx context.Context) (*cdproto.Message, error) {
	if r.err != nil {
		return nil, fmt.Errorf("%s: %w", r.cmd, r.err)
	}
	select {
	case msg, ok := <-r.ch:
		return r.checked(msg, ok)
	default:
	}
	select {
	case msg, ok := <-r.ch:
		return r.checked(msg, ok)
	case <-ctx.Done():
		r.drop()
		return nil, fmt.Errorf("%s: %w", r.cmd, ctx.Err())
	case <-r.w.lost:
		return nil, fmt.Errorf("%s: lost the browser: %w", r.cmd, r.w.err)
	}
}

func (r *reply[R]) checked(msg *cdproto.Message, ok bool) (*cdproto.Message, error) {
	if !ok {
		return nil, fmt.Errorf("%s: %w", r.cmd, errDetached)
	}
	if msg.Error != nil {
		return nil, fmt.Errorf("%s: %w", r.cmd, msg.Error)
	}
	return msg, nil
}

// all waits for several replies and returns their errors. It is needed before
// a navigation: what a command sets in a page moves with it to another process
// only once the first process has confirmed it.
func all(ctx context.Context, replies ...interface {
	raw(context.Context) (*cdproto.Message, error)
}) error {
	var errs []error
	for _, r := range replies {
		_, err := r.raw(ctx)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// drop forgets a reply nobody waits for any more.
func (r *reply[R]) drop() {
	r.w.mu.Lock()
	defer r.w.mu.Unlock()
	delete(r.w.waiting, r.id)
}

// call sends a command and waits for its reply.
func call[P, R any](ctx context.Context, s session, c cdp.Command[P, R], params P) (R, error) {
	return send(s, c, params).wait(ctx)
}

// boundedReader fails when a message, which ends with a zero byte, grows
// beyond a limit: chromedp's PipeConn would buffer it whole.
type boundedReader struct {
	io.ReadCloser
	limit, left int
}

var errMessage = errors.New("a message from the browser is over the limit")

// Read satisfies io.Reader.
func (b *boundedReader) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if i := bytes.LastIndexByte(p[:n], 0); i >= 0 {
		b.left = b.limit - (n - i - 1)
	} else {
		b.left -= n
	}
	if b.left < 0 {
		return 0, errMessage
	}
	return n, err
}
