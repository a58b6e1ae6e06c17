package render

import (
	"context"
	"errors"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"

	"pasban/render/egress"
)

// Print makes a PDF of an HTML document of ours, in a Chrome of its own that may go
// nowhere: what the document does not bring along is missing. Paper and margins are
// those of its @page rule, and A4 without one. ctx bounds the time it takes.
func Print(ctx context.Context, o Options, html string) (_ []byte, err error) {
	if o, err = o.withDefaults(); err != nil {
		return nil, err
	}
	proc, err := startProcess(ctx, &o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, proc.kill()) }()
	t, err := proc.openTab(ctx, egress.Policy{}, o.tabTimeout)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	frames, err := call(ctx, t.page, page.GetFrameTree, cdp.Empty{})
	if err != nil {
		return nil, fmt.Errorf("opening a document to print: %w", err)
	}
	content := page.SetDocumentContentParams{FrameID: frames.FrameTree.Frame.ID, HTML: html}
	if _, err := call(ctx, t.page, page.SetDocumentContent, content); err != nil {
		return nil, fmt.Errorf("opening a document to print: %w", err)
	}
	printed, err := call(ctx, t.page, page.PrintToPDF, page.PrintToPDFParams{
		PrintBackground: new(true), PreferCSSPageSize: new(true), PaperWidth: 8.27, PaperHeight: 11.69,
	})
	if err != nil {
		return nil, fmt.Errorf("printing: %w", err)
	}
	return printed.Data, nil
}
