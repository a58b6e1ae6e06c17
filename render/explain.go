package render

import (
	"crypto/x509"
	"fmt"
	"net"
	"strings"
	"time"

	"pasban/render/egress"
)

// codeWords say what Chrome's codes mean to somebody who runs a web server; the
// codes are in net/base/net_error_list.h. A code that is not here stands alone.
var codeWords = map[string]string{
	"net::ERR_INVALID_HTTP_RESPONSE":       "what the server sent is not HTTP",
	"net::ERR_EMPTY_RESPONSE":              "the server hung up without an answer",
	"net::ERR_CONNECTION_RESET":            "the server broke the connection",
	"net::ERR_CONNECTION_CLOSED":           "the server closed the connection",
	"net::ERR_INVALID_REDIRECT":            "the server redirects to something that is no address",
	"net::ERR_UNSAFE_REDIRECT":             "the server redirects to where no site may lead",
	"net::ERR_TOO_MANY_REDIRECTS":          "more than 20 redirects",
	"net::ERR_CONTENT_DECODING_FAILED":     "the content is not compressed in the way the server says",
	"net::ERR_CONTENT_LENGTH_MISMATCH":     "the content is shorter than the server says",
	"net::ERR_INCOMPLETE_CHUNKED_ENCODING": "the content ends in the middle of a chunk",
	"net::ERR_INVALID_CHUNKED_ENCODING":    "the content is cut into chunks in a way that makes no sense",
	"net::ERR_HTTP2_PROTOCOL_ERROR":        "the server breaks the rules of HTTP/2",

	"net::ERR_RESPONSE_HEADERS_TOO_BIG":                      "the header of the answer is over 256 KB",
	"net::ERR_RESPONSE_HEADERS_TRUNCATED":                    "the answer ends within its header",
	"net::ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH":      "the header of the answer names two lengths",
	"net::ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_DISPOSITION": "the header of the answer names two files",
	"net::ERR_RESPONSE_HEADERS_MULTIPLE_LOCATION":            "the header of the answer redirects to two places",

	"net::ERR_CERT_AUTHORITY_INVALID":         "the certificate was not issued by an authority that browsers trust",
	"net::ERR_CERT_COMMON_NAME_INVALID":       "the certificate is for another name",
	"net::ERR_CERT_DATE_INVALID":              "the certificate has expired or is not valid yet",
	"net::ERR_CERT_WEAK_SIGNATURE_ALGORITHM":  "the certificate is signed by a method that is broken",
	"net::ERR_SSL_PROTOCOL_ERROR":             "what the server sent is not TLS",
	"net::ERR_SSL_VERSION_OR_CIPHER_MISMATCH": "the server offers no TLS that browsers still accept",
	"net::ERR_SSL_CLIENT_AUTH_CERT_NEEDED":    "the server asks its visitors for a certificate",
	"net::ERR_SSL_UNRECOGNIZED_NAME_ALERT":    "the server has no certificate for this name",
	"net::ERR_UNKNOWN_URL_SCHEME":             "the server redirects to an address that is not of the web",
	"net::ERR_CERT_INVALID":                   "the certificate cannot be read",
}

// reasonWords say the same of the reasons of our own proxy.
var reasonWords = map[string]string{
	egress.ReasonNoName:  "there is no such name",
	egress.ReasonDNS:     "the name servers give no answer",
	egress.ReasonDial:    "nobody answers there",
	egress.ReasonPrivate: "the address is not a public one",
	egress.ReasonOwn:     "the address is this machine's own",
	egress.ReasonPort:    "the port is not one of the web",
	egress.ReasonName:    "this is not a name",
}

// explained is a code of Chrome's behind what it means.
func explained(code string) string { return withCode(codeWords[code], code) }

func withCode(words, code string) string {
	if words == "" {
		return code
	}
	return fmt.Sprintf("%s (%s)", words, code)
}

// faults are what is wrong with a certificate as far as anybody can read it.
// Chrome names one fault, the gravest in its eyes, and that is nearly always
// that nobody vouches for it; a webmaster has to know all.
func (t *TLS) faults(host string, now time.Time) string {
	if t == nil || t.NotAfter.IsZero() {
		return ""
	}
	var list []string
	switch {
	case now.After(t.NotAfter):
		list = append(list, "it expired on "+t.NotAfter.Format(time.DateOnly))
	case now.Before(t.NotBefore):
		list = append(list, "it is not valid before "+t.NotBefore.Format(time.DateOnly))
	}
	if len(t.SANs) < maxSANs && !t.covers(host) {
		list = append(list, fmt.Sprintf("it is for %q and not for %q", clip(strings.Join(t.SANs, ", "), 200), host))
	}
	if t.Issuer == t.Subject {
		list = append(list, "it was issued by itself")
	}
	return strings.Join(list, "; ")
}

// covers reports whether the certificate is for a host.
func (t *TLS) covers(host string) bool {
	var names x509.Certificate
	for _, san := range t.SANs {
		if ip := net.ParseIP(san); ip != nil {
			names.IPAddresses = append(names.IPAddresses, ip)
		} else {
			names.DNSNames = append(names.DNSNames, san)
		}
	}
	return names.VerifyHostname(host) == nil
}
