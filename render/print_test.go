package render

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

// A document becomes a PDF of a page or more, and may fetch nothing.
func TestPrint(t *testing.T) {
	pdf, err := Print(t.Context(), Options{}, `<!doctype html><style>@page{size:A4}h1{break-before:page}</style><p>one<h1>two</h1><img src="http://127.0.0.1:1/x.png">`)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.Contains(pdf, []byte("%%EOF")) {
		t.Errorf("%d bytes that begin with %.20q are no PDF", len(pdf), pdf)
	}
	if n := bytes.Count(pdf, []byte("/Type /Page\n")); n != 2 {
		t.Errorf("%d pages, want 2", n)
	}
}

// What a document asks the network for, on this machine, in the world or by a name, is
// refused before anything is dialled or resolved.
func TestPrintGoesNowhere(t *testing.T) {
	var asked atomic.Int64
	here := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(here.Close)
	html := `<!doctype html><p>one`
	for _, from := range []string{here.URL, "http://1.1.1.1", "http://[2606:4700:4700::1111]", "http://name.example"} {
		html += `<img src="` + from + `/x.png">`
	}
	pdf, verdicts, err := printed(t.Context(), Options{}, html)
	if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		t.Fatalf("%.20q, %v", pdf, err)
	}
	if len(verdicts) == 0 {
		t.Error("nothing was asked for, so nothing was refused")
	}
	for _, v := range verdicts {
		if v.Allowed || v.Got > 0 || v.Address != "" {
			t.Errorf("not refused: %+v", v)
		}
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("%d requests came through", n)
	}
}
