package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Bounds of what is fetched for one copy. What they leave out is listed in it.
const (
	maxFile     = 12 << 20  // bytes of one file, unpacked
	maxAll      = 200 << 20 // bytes of all files of a copy together
	maxFiles    = 3000
	maxHops     = 5
	fetchWait   = 20 * time.Second // one file, its redirects included
	maxHeaders  = 60
	maxValue    = 2 << 10
	atOnce      = 4 // fetches from one site
	maxRounds   = 6 // style sheets that import style sheets
	maxRefsPage = 4000
)

// An Exchange is one request and its answer, as it was, for the WARC.
type Exchange struct {
	URL    string      `json:"url"`
	At     time.Time   `json:"at"`
	Status int         `json:"status"`
	Proto  string      `json:"proto"` // "HTTP/1.1"
	Header [][2]string `json:"header,omitempty"`
	Body   string      `json:"body,omitempty"` // blob; "" for none
	Size   int64       `json:"size"`
	// Rendered marks the document that a browser made of a page, which no server sent.
	Rendered bool `json:"rendered,omitempty"`
}

// A fetcher gets files by the rules that the browsers go out by: its transport is
// given to it.
type fetcher struct {
	transport http.RoundTripper
	agent     string
	now       func() time.Time
}

// fetched is what came of it. Exchanges are those of its redirects too, in order; the
// body of the last one is body.
type fetched struct {
	status      int
	contentType string
	body        []byte
	exchanges   []Exchange
}

// errLeftOut is why a file is not in a copy: the site's doing, not ours.
var errLeftOut = errors.New("left out")

// get follows redirects itself, so that each hop is on record and judged.
func (f *fetcher) get(ctx context.Context, u *url.URL, accept string) (fetched, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchWait)
	defer cancel()
	var out fetched
	for range maxHops {
		next, err := f.hop(ctx, u, accept, &out)
		if err != nil {
			return out, err
		}
		if next == nil {
			return out, nil
		}
		u = next
	}
	return out, fmt.Errorf("%w: more than %d redirects", errLeftOut, maxHops)
}

func (f *fetcher) hop(ctx context.Context, u *url.URL, accept string, out *fetched) (*url.URL, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errLeftOut, err)
	}
	request.Header.Set("User-Agent", f.agent)
	request.Header.Set("Accept", accept)
	request.Header.Set("Accept-Language", "en,ur;q=0.8")
	at := f.now()
	response, err := f.transport.RoundTrip(request)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errLeftOut, err)
	}
	defer response.Body.Close() //nolint:errcheck // read, and done with
	body, err := io.ReadAll(io.LimitReader(response.Body, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("%w: the answer broke off: %w", errLeftOut, err)
	}
	if len(body) > maxFile {
		return nil, fmt.Errorf("%w: it has more than %d MiB", errLeftOut, maxFile>>20)
	}
	out.status, out.contentType, out.body = response.StatusCode, response.Header.Get("Content-Type"), body
	out.exchanges = append(out.exchanges, Exchange{
		URL: u.String(), At: at.UTC().Truncate(time.Second), Status: response.StatusCode, Proto: protoOf(response),
		Header: headersOf(response.Header), Size: int64(len(body)),
	})
	if location := response.Header.Get("Location"); location != "" && response.StatusCode/100 == 3 {
		next := absolute(u, location)
		if next == nil {
			return nil, fmt.Errorf("%w: it redirects to %.100q", errLeftOut, location)
		}
		return next, nil
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: status %d", errLeftOut, response.StatusCode)
	}
	return nil, nil
}

func protoOf(r *http.Response) string {
	if r.ProtoMajor == 1 && r.ProtoMinor == 0 {
		return "HTTP/1.0"
	}
	return "HTTP/1.1" // HTTP/2 has no text of its own: an archive writes it as this
}

// headersOf are those of an answer, sorted, bounded, without what was undone in
// reading it.
func headersOf(h http.Header) [][2]string {
	var all [][2]string
	for _, name := range slices.Sorted(maps.Keys(h)) {
		switch name {
		case "Content-Encoding", "Transfer-Encoding", "Content-Length", "Connection", "Set-Cookie", "Set-Cookie2":
			continue
		}
		for _, v := range h[name] {
			if len(all) < maxHeaders {
				all = append(all, [2]string{name, oneLine(v)})
			}
		}
	}
	return all
}

// oneLine bounds a value and keeps it on one line.
func oneLine(s string) string {
	s = s[:min(len(s), maxValue)]
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}
