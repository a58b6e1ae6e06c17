package render

import (
	"bytes"
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
