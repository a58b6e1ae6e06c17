package render

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"

	"pasban/render/egress"
)

// noNetwork is where a document that is printed may go: no address, and no name is asked for.
func noNetwork() egress.Policy {
	return egress.Policy{
		Resolver: noNames{},
		Deny:     []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")},
	}
}

// noNames is a resolver that asks nobody.
type noNames struct{}

func (noNames) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	return nil, &net.DNSError{Err: "a document that is printed asks for no names", Name: host, IsNotFound: true}
}

// Print makes a PDF of an HTML document of ours, in a Chrome of its own that may go
// nowhere: what the document does not bring along is missing. Paper and margins are
// those of its @page rule, and A4 without one. ctx bounds the time it takes.
func Print(ctx context.Context, o Options, html string) ([]byte, error) {
	pdf, _, err := printed(ctx, o, html)
	return pdf, err
}

// printed also returns what became of each thing that the document asked the network for.
func printed(ctx context.Context, o Options, html string) (_ []byte, asked []egress.Verdict, err error) {
	if o, err = o.withDefaults(); err != nil {
		return nil, nil, err
	}
	proc, err := startProcess(ctx, &o)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, proc.kill()) }()
	t, err := proc.openTab(ctx, noNetwork(), o.tabTimeout)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	pdf, err := t.print(ctx, html)
	return pdf, t.proxy.Verdicts(), err
}

// print makes a PDF of a document.
func (t *tab) print(ctx context.Context, html string) ([]byte, error) {
	frames, err := call(ctx, t.page, page.GetFrameTree, cdp.Empty{})
	if err != nil {
		return nil, fmt.Errorf("opening a document to print: %w", err)
	}
	content := page.SetDocumentContentParams{FrameID: frames.FrameTree.Frame.ID, HTML: html}
	if _, err := call(ctx, t.page, page.SetDocumentContent, content); err != nil {
		return nil, fmt.Errorf("opening a document to print: %w", err)
	}
	out, err := call(ctx, t.page, page.PrintToPDF, page.PrintToPDFParams{
		PrintBackground: new(true), PreferCSSPageSize: new(true), PaperWidth: 8.27, PaperHeight: 11.69,
	})
	if err != nil {
		return nil, fmt.Errorf("printing: %w", err)
	}
	return out.Data, nil
}
