package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"pasban/console"
	"pasban/console/evidence"
	"pasban/monitor"
)

// consoleFlags say how people reach the console.
type consoleFlags struct {
	EvidenceListen string `help:"Address of captured pictures, which are another origin than the console. Default: the port after that of --listen." placeholder:"HOST:PORT" env:"PASBAN_EVIDENCE_LISTEN"`
	ConsoleURL     string `name:"console-url" help:"Address under which people reach the console, if a proxy stands before it, which must add X-Forwarded-For." placeholder:"URL" env:"PASBAN_CONSOLE_URL"`
	EvidenceURL    string `name:"evidence-url" help:"The same for captured pictures: another port or host than --console-url." placeholder:"URL" env:"PASBAN_EVIDENCE_URL"`
	TLSCert        string `name:"tls-cert" help:"Certificate file for console and pictures. Default: plain HTTP, for loopback or a proxy." placeholder:"FILE" env:"PASBAN_TLS_CERT"`
	TLSKey         string `name:"tls-key" help:"Key file of --tls-cert." placeholder:"FILE" env:"PASBAN_TLS_KEY"`
	SignInLink     string `name:"sign-in-link" help:"Print a link that signs this account in, once and within an hour: for an administrator who has lost password or phone." placeholder:"NAME"`
}

// desk is the console of a process, with both of its listeners.
type desk struct {
	flags           consoleFlags
	page, evidence  net.Listener
	origin, picture string // addresses for browsers
	server          atomic.Pointer[console.Server]
}

// listen takes the address of pictures and works out how browsers reach both.
func (d *desk) listen(ctx context.Context, main net.Listener) (err error) {
	if (d.flags.TLSCert == "") != (d.flags.TLSKey == "") {
		return usageError{errors.New("--tls-cert and --tls-key go together")}
	}
	d.page = main
	address := d.flags.EvidenceListen
	if address == "" {
		if address, err = portAfter(main.Addr()); err != nil {
			return err
		}
	}
	d.evidence, err = new(net.ListenConfig).Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) && d.flags.EvidenceListen == "" && d.flags.EvidenceURL == "" { // any other does
		host, _, _ := net.SplitHostPort(address)
		d.evidence, err = new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
	}
	if err != nil {
		return usageError{fmt.Errorf("--evidence-listen: %w; choose another address", err)}
	}
	if err := d.reachBoth(); err != nil {
		return errors.Join(err, d.Close())
	}
	return nil
}

// reachBoth works out the origins of console and pictures, which must be two.
func (d *desk) reachBoth() (err error) {
	if d.origin, err = d.reach(d.flags.ConsoleURL, "--console-url", d.page); err != nil {
		return err
	}
	if d.picture, err = d.reach(d.flags.EvidenceURL, "--evidence-url", d.evidence); err != nil {
		return err
	}
	if d.origin == d.picture {
		return usageError{errors.New("--evidence-url must be another origin than --console-url: that is what it is for")}
	}
	// A policy names hosts, and no address of IPv6 (CSP level 3, section 2.3.1): the
	// browser would show no picture.
	if strings.Contains(d.picture, "[") {
		return usageError{fmt.Errorf("--evidence-url: browsers cannot be allowed pictures from %s; give them a name, as in http://localhost:8081", d.picture)}
	}
	return nil
}

func portAfter(a net.Addr) (string, error) {
	at, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return "", fmt.Errorf("reading the address of the console: %w", err)
	}
	return net.JoinHostPort(at.Addr().String(), strconv.Itoa(int(at.Port())%65535+1)), nil
}

// reach is the origin by which browsers reach a listener.
func (d *desk) reach(given, flag string, l net.Listener) (string, error) {
	if given != "" {
		u, err := url.Parse(given)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" {
			return "", usageError{fmt.Errorf("%s: %q is no address such as https://pasban.cert.example", flag, given)}
		}
		return originOf(u), nil
	}
	at, err := netip.ParseAddrPort(l.Addr().String())
	if err != nil {
		return "", fmt.Errorf("reading the address of the console: %w", err)
	}
	host := at.Addr().String()
	if at.Addr().IsUnspecified() {
		host = "127.0.0.1" // of a container, or for whoever sits here; others set --console-url
	}
	scheme := "http"
	if d.flags.TLSCert != "" {
		scheme = "https"
	}
	return scheme + "://" + net.JoinHostPort(host, strconv.Itoa(int(at.Port()))), nil
}

// public is the origin that a mail may name, "" if all that is known is an address
// which holds on this machine.
func (d *desk) public() string {
	if d.flags.ConsoleURL == "" {
		return ""
	}
	return d.origin
}

// originOf is the origin of an address as browsers compare it: without the port that its
// scheme has anyway, in lower case.
func originOf(u *url.URL) string {
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	for s, port := range map[string]string{"http": ":80", "https": ":443"} {
		if scheme == s {
			host = strings.TrimSuffix(host, port)
		}
	}
	return scheme + "://" + host
}

// open makes the console of a house.
func (d *desk) open(h *house, plain http.Handler) ([]page, error) {
	signer := evidence.NewSigner(d.picture, time.Now)
	server, err := console.New(console.Config{
		Monitor: h.Monitor, Signer: signer, Origin: d.origin, Secure: strings.HasPrefix(d.origin, "https:"),
		Proxied: d.flags.ConsoleURL != "", Plain: plain, Logger: h.Logger,
	})
	if err != nil {
		return nil, err
	}
	d.server.Store(server)
	cert, key := d.flags.TLSCert, d.flags.TLSKey
	return []page{
		{"the console", d.page, server, cert, key, server.Close},
		{"captured pictures", d.evidence, evidence.New(h.Monitor, signer, h.Logger), cert, key, nil},
	}, nil
}

// observe passes on what the monitor tells, once there is a console.
func (d *desk) observe(e monitor.Event) {
	if s := d.server.Load(); s != nil {
		s.Observe(e)
	}
}

// firstRun prints the link by which the first account is made, while there is none.
func (d *desk) firstRun(ctx context.Context, term terminal) error {
	link, err := d.server.Load().FirstRun(ctx)
	if err != nil || link == "" {
		return err
	}
	fmt.Fprintf(term.err, "\nNobody can sign in yet. Make the first account here; the link holds once:\n  %s\n\n", link)
	return nil
}

// wayBack prints the link that --sign-in-link asks for.
func (d *desk) wayBack(ctx context.Context, h *house, term terminal) error {
	name := d.flags.SignInLink
	if name == "" {
		return nil
	}
	a, err := h.Store.Account(ctx, name)
	if errors.Is(err, monitor.ErrNotFound) || err == nil && a.Disabled {
		return usageError{fmt.Errorf("--sign-in-link: there is no account %q that may sign in", name)}
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(term.err, "\nThis link signs %s in, once and within an hour:\n  %s\n\n", name, d.server.Load().SignInLink(name))
	return nil
}

// Close lets go of the address of pictures; the other is its opener's.
func (d *desk) Close() error {
	if d.evidence == nil {
		return nil
	}
	return ignoreClosed(d.evidence.Close())
}

type auditCommand struct {
	Verify auditVerify `cmd:"" help:"Compute the chain of decisions anew, and say whether it is whole."`
}

type auditVerify struct {
	Head string `help:"A head that was printed earlier: say whether it is still in the chain." placeholder:"HASH"`
	JSON bool   `name:"json" help:"Print one JSON object."`
}

// Run reads the record; exit code 1 if it is not what was recorded.
func (a *auditVerify) Run(ctx context.Context, c *common, term terminal) (err error) {
	h, err := c.open(ctx, term, use{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	audit, err := h.VerifyAudit(ctx, a.Head)
	if err != nil {
		return err
	}
	if a.JSON {
		err = printJSON(term.out, audit)
	} else {
		fmt.Fprintf(term.out, "%s, head %s\n", count(audit.Decisions, "decision"), cmp.Or(audit.Head, "none"))
	}
	switch {
	case err != nil:
		return err
	case audit.Broken != 0:
		return fmt.Errorf("the record is broken at decision %d: %s", audit.Broken, audit.Why)
	case !audit.Known:
		return errors.New("the head that you noted is not in the record any more: it was cut off or written anew")
	}
	return nil
}
