package snapshot

import (
	"bytes"
	"mime"
	"net/http"
	"strings"
)

// A kind is one of the few types that a copy may hold.
type kind struct {
	mime string // as it is served
	ext  string
	is   use
}

// use is what a page wants a file for.
type use string

const (
	useStyle   use = "style"
	usePicture use = "picture"
	useFont    use = "font"
	useMedia   use = "media"
)

// kinds by their type. What is not here does not get into a copy. None of them is
// run by a browser: SVG could be, when somebody opens it by itself, and is stripped
// of what acts (see svg.go) and served under a policy that forbids it.
var kinds = map[string]kind{
	"text/css":                 {"text/css; charset=utf-8", "css", useStyle},
	"image/png":                {"image/png", "png", usePicture},
	"image/jpeg":               {"image/jpeg", "jpg", usePicture},
	"image/gif":                {"image/gif", "gif", usePicture},
	"image/webp":               {"image/webp", "webp", usePicture},
	"image/avif":               {"image/avif", "avif", usePicture},
	"image/bmp":                {"image/bmp", "bmp", usePicture},
	"image/x-icon":             {"image/x-icon", "ico", usePicture},
	"image/svg+xml":            {"image/svg+xml", "svg", usePicture},
	"font/woff":                {"font/woff", "woff", useFont},
	"font/woff2":               {"font/woff2", "woff2", useFont},
	"font/ttf":                 {"font/ttf", "ttf", useFont},
	"font/otf":                 {"font/otf", "otf", useFont},
	"video/mp4":                {"video/mp4", "mp4", useMedia},
	"video/webm":               {"video/webm", "webm", useMedia},
	"audio/mpeg":               {"audio/mpeg", "mp3", useMedia},
	"application/ogg":          {"application/ogg", "ogg", useMedia},
	"image/vnd.microsoft.icon": {"image/x-icon", "ico", usePicture},
}

const htmlType = "text/html; charset=utf-8"

// kindOf decides what a body is by its bytes, and by what the server said only where
// bytes cannot tell: style sheets and SVG are text. It is false for what a page
// cannot use in the way it asked for it.
func kindOf(wanted use, contentType string, body []byte) (kind, bool) {
	said, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		said = ""
	}
	if wanted == useStyle {
		// Browsers take a style sheet of no type at all, and none of another one
		// (HTML Standard, 4.6.7.15).
		return kinds["text/css"], (said == "text/css" || said == "") && !looksLikeMarkup(body)
	}
	sniffed := sniff(body)
	if sniffed == "" && looksLikeSVG(body) && (said == "image/svg+xml" || strings.HasPrefix(said, "text/") || said == "application/xml" || said == "") {
		sniffed = "image/svg+xml"
	}
	k, ok := kinds[sniffed]
	return k, ok && k.is == wanted
}

// sniff tells pictures, fonts and media by their first bytes (WHATWG MIME Sniffing), ""
// for anything else.
func sniff(body []byte) string {
	switch {
	case bytes.HasPrefix(body, []byte("wOF2")):
		return "font/woff2"
	case bytes.HasPrefix(body, []byte("wOFF")):
		return "font/woff"
	case bytes.HasPrefix(body, []byte("OTTO")):
		return "font/otf"
	case bytes.HasPrefix(body, []byte{0, 1, 0, 0}), bytes.HasPrefix(body, []byte("true")), bytes.HasPrefix(body, []byte("ttcf")):
		return "font/ttf"
	case len(body) > 12 && string(body[4:8]) == "ftyp" && (string(body[8:12]) == "avif" || string(body[8:12]) == "avis"):
		return "image/avif"
	}
	found, _, err := mime.ParseMediaType(http.DetectContentType(body))
	if _, ok := kinds[found]; err != nil || !ok || found == "text/css" {
		return ""
	}
	return found
}

func looksLikeMarkup(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(body[:min(len(body), 512)], " \t\r\n\ufeff"), []byte("<"))
}

func looksLikeSVG(body []byte) bool {
	return looksLikeMarkup(body) && bytes.Contains(body[:min(len(body), 4096)], []byte("<svg"))
}
