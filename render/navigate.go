package render

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/security"
)

// navigate loads the URL, first with strict TLS and, if that is refused, once
// more without, so that the content is seen all the same. It returns when a
// document was committed or the load failed.
func (c *capture) navigate(ctx context.Context) error {
	if err := c.configure(ctx); errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errUnsent) {
		return fmt.Errorf("%w before the page was loaded: %w", ErrDied, err) // the site has no part in this
	} else if err != nil {
		c.log("setting up the page: %v", err)
	}
	code, err := c.goTo(ctx)
	if err == nil && certificateError(code) {
		c.strict = code
		c.log("strict TLS refused: %s; loading again without", code)
		send(c.tab.page, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true})
		c.watch.again()
		c.haltTime()
		code, err = c.goTo(ctx)
	}
	c.loadErr = code
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		c.late = true
		c.loadErr = "no answer before the deadline"
		return nil
	case errors.Is(err, context.Canceled) && !c.tab.proc.dead():
		return err
	}
	return c.commandFailed(err)
}

// commandFailed sorts the failure of a command: the page crashed, the browser
// is gone (see machineError), or Chrome refused what we said.
func (c *capture) commandFailed(err error) error {
	if c.watch.now().crashed || c.tab.proc.dead() || errors.Is(err, errDetached) {
		c.log("%v", err)
		c.loadErr = "the page went away"
		return nil
	}
	c.loadErr = err.Error()
	c.log("navigation refused: %v", err)
	return nil
}

// configure sets what depends on the request.
func (c *capture) configure(ctx context.Context) error {
	s, r := c.tab.page, c.req
	agent := r.UserAgent
	if agent == "" {
		agent = c.tab.proc.agent
	}
	return all(ctx,
		send(s, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: int64(r.Width), Height: int64(r.Height), DeviceScaleFactor: 1, Mobile: r.Mobile,
			ScreenWidth: int64(r.Width), ScreenHeight: int64(r.Height),
		}),
		send(s, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: r.Mobile}),
		send(s, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: r.Locale}),
		send(s, emulation.SetLocaleOverride, emulation.SetLocaleOverrideParams{Locale: strings.ReplaceAll(r.Locale, "-", "_")}),
		send(s, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: r.TimeZone}),
		c.haltTime(),
	)
}

// haltTime stops virtual time at noon.
func (c *capture) haltTime() *reply[emulation.SetVirtualTimePolicyResult] {
	return send(c.tab.page, emulation.SetVirtualTimePolicy, emulation.SetVirtualTimePolicyParams{
		Policy: emulation.VirtualTimePolicyPause, InitialVirtualTime: cdp.TimeSinceEpoch(noon(c.page.Started, c.req.TimeZone)),
	})
}

// goTo navigates and returns the net:: code of a
// failure, "" when a document was committed.
func (c *capture) goTo(ctx context.Context) (string, error) {
	res, err := call(ctx, c.tab.page, page.Navigate, page.NavigateParams{
		URL: c.req.URL, Referrer: c.req.Referrer,
		ReferrerPolicy: page.ReferrerPolicyUnsafeURL, // plain HTTP would not be told of an https referrer otherwise
	})
	if err != nil {
		return "", err
	}
	c.download = res.IsDownload || len(c.watch.downloaded()) > 0
	return res.ErrorText, nil
}

// noon is the time every page is told: noon of the day of the capture, where
// the site is. A constant would blind us to scripts that wait for a date.
func noon(now time.Time, zone string) float64 {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	y, m, d := now.In(loc).Date()
	return float64(time.Date(y, m, d, 12, 0, 0, 0, loc).Unix())
}

// certificateError reports whether a net:: code is one of Chrome's certificate
// errors, -200 to -299 in net/base/net_error_list.h.
func certificateError(code string) bool { return strings.HasPrefix(code, "net::ERR_CERT_") }

// hostPort is the host in lower case and the port, the scheme's if none is
// named, of a URL.
func hostPort(raw string) (string, int) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", 0
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		port = map[string]int{"https": 443, "http": 80}[u.Scheme]
	}
	return strings.ToLower(u.Hostname()), port
}
