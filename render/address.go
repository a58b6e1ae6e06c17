package render

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// address checks the URL of a request and returns it in the form Chrome is
// given: http or https, no user name, host in ASCII, no fragment. Schemes such
// as file:, data:, javascript:, view-source: or chrome: would show the browser
// itself or this machine. The error wraps ErrURL.
func address(raw string) (string, error) {
	if len(raw) > maxAddress {
		return "", fmt.Errorf("%w: %d bytes, limit %d", ErrURL, len(raw), maxAddress)
	}
	// Chrome strips tabs and newlines from the middle of a URL, so that
	// "fi\tle:" is "file:" to it and something else to us.
	if strings.ContainsFunc(raw, func(r rune) bool { return unicode.IsControl(r) || r == '\\' }) {
		return "", fmt.Errorf("%w: it holds a control character or a backslash", ErrURL)
	}
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrURL, err)
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("%w: scheme %q is not http or https", ErrURL, u.Scheme)
	}
	if u.User != nil {
		return "", fmt.Errorf("%w: it holds a user name", ErrURL)
	}
	if u.Host, err = asciiHost(u); err != nil {
		return "", err
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.Fragment, u.RawFragment = "", ""
	return u.String(), nil
}

// asciiHost is the host and port of u with an international name in its ASCII
// form (UTS 46, as browsers do).
func asciiHost(u *url.URL) (string, error) {
	host, port := u.Hostname(), u.Port()
	if port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return "", fmt.Errorf("%w: port %q", ErrURL, port)
		}
		port = ":" + port
	}
	if strings.Contains(host, ":") {
		return "[" + host + "]" + port, nil
	}
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil {
		// Real sites have names with underscores, which the strict profile refuses.
		ascii, err = idna.Punycode.ToASCII(strings.ToLower(host))
	}
	if err != nil || ascii == "" || len(ascii) > 253 {
		return "", fmt.Errorf("%w: host %q is not a name", ErrURL, clip(host, 253))
	}
	return ascii + port, nil
}
