package snapshot

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Everything in a copy that is not a page under its own address is below this folder.
const ownFolder = "_pasban"

// Bounds of a path that follows an address. What is longer gets a name by its hash.
const (
	maxSegment  = 80 // bytes
	maxPathLen  = 200
	maxSegments = 12
)

// A place names a page: what the site itself tells pages apart by. Scheme and "www."
// do not count, nor does the slash at the end, which most servers add by themselves.
func placeOf(u *url.URL) string {
	p := strings.TrimSuffix(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		p += "?" + u.RawQuery
	}
	return bareHost(u) + p
}

// bareHost is the host and port of an address as its visitors tell sites apart.
func bareHost(u *url.URL) string {
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	host = strings.TrimPrefix(host, "www.")
	switch port := u.Port(); {
	case port == "", port == "80" && u.Scheme == "http", port == "443" && u.Scheme == "https":
		return host
	default:
		return host + ":" + port
	}
}

// names gives each page of a copy its path. No two paths are the same on a file
// system that does not tell capitals from small letters, and none is both a file and
// a folder.
type names struct {
	home    string            // bareHost of the site
	byPlace map[string]string // path of each page
	taken   map[string]bool   // paths, and the folders that lead to them, in lower case
	folders map[string]bool
}

func newNames(home *url.URL) *names {
	n := &names{home: bareHost(home), byPlace: map[string]string{}, taken: map[string]bool{}, folders: map[string]bool{}}
	n.claim("404.html")
	n.folders[ownFolder] = true
	return n
}

// add gives a page its path: below its own address where that is harmless, else one
// by the hash of its address.
func (n *names) add(u *url.URL) string {
	place := placeOf(u)
	if p, ok := n.byPlace[place]; ok {
		return p
	}
	p := ""
	if bareHost(u) == n.home && u.RawQuery == "" {
		p = followingPath(u)
	}
	if p == "" || !n.claim(p) {
		p = hashedPath(place)
		n.claim(p)
	}
	n.byPlace[place] = p
	return p
}

// find is the path of a page that is in the copy, "" for any other.
func (n *names) find(u *url.URL) string { return n.byPlace[placeOf(u)] }

// claim takes a path unless it is taken, or is a folder of another, or the other way round.
func (n *names) claim(p string) bool {
	low := strings.ToLower(p)
	if n.taken[low] || n.folders[low] {
		return false
	}
	for dir := path.Dir(low); dir != "."; dir = path.Dir(dir) {
		if n.taken[dir] {
			return false
		}
	}
	n.taken[low] = true
	for dir := path.Dir(low); dir != "."; dir = path.Dir(dir) {
		n.folders[dir] = true
	}
	return true
}

func hashedPath(place string) string { return ownFolder + "/p-" + shortHash([]byte(place)) + ".html" }

// shortHash is 80 bits of the SHA-256 of something: enough to name what is in one copy.
func shortHash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:10])
}

// followingPath is the file that any web server shows at the path of an address:
// "about/index.html" for /about, /about/ and /about/index.html. It is "" for a path
// that a file system, a shell or a server could read in another way.
func followingPath(u *url.URL) string {
	trimmed := strings.Trim(u.Path, "/")
	if trimmed == "" {
		return "index.html"
	}
	segments := strings.Split(trimmed, "/")
	if len(trimmed) > maxPathLen || len(segments) > maxSegments {
		return ""
	}
	for _, s := range segments {
		if !plainSegment(s) {
			return ""
		}
	}
	if strings.EqualFold(segments[0], ownFolder) || strings.EqualFold(segments[0], "server-status") {
		return ""
	}
	last := strings.ToLower(segments[len(segments)-1])
	if strings.HasSuffix(last, ".html") || strings.HasSuffix(last, ".htm") {
		return trimmed
	}
	return trimmed + "/index.html"
}

// plainSegment admits letters and digits of any script and ._~- inside: nothing that
// is hidden, goes upwards, is a device or ends in what Windows drops.
func plainSegment(s string) bool {
	if device.MatchString(s) {
		return false
	}
	if s == "" || len(s) > maxSegment || !utf8.ValidString(s) || s[0] == '.' || s[0] == '-' || s[0] == '~' || strings.HasSuffix(s, ".") {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.N, unicode.M) && !strings.ContainsRune("._~-", r)
	})
}

// device matches what Windows takes for a device, whatever comes after a full stop
// (Microsoft, "Naming Files, Paths, and Namespaces"): a bundle that is unpacked there would
// lose it. Digits are those of ISO 8859-1, superscripts included.
var device = regexp.MustCompile(`(?i)^(con|prn|aux|nul|(com|lpt)[0-9¹²³])(\.|$)`)

// relative is the reference from one path of a copy to another. A page that is the
// index of a folder is referred to as the folder.
func relative(from, to string) string {
	dir := strings.Split(path.Dir(from), "/")
	if dir[0] == "." {
		dir = nil
	}
	target := strings.Split(to, "/")
	same := 0
	for same < len(dir) && same < len(target)-1 && dir[same] == target[same] {
		same++
	}
	out := strings.Repeat("../", len(dir)-same) + escapePath(strings.Join(target[same:], "/"))
	if rest, ok := strings.CutSuffix(out, "index.html"); ok && (rest == "" || strings.HasSuffix(rest, "/")) {
		out = rest
	}
	if out == "" {
		return "./"
	}
	return out
}

// escapePath writes a path as part of an address.
func escapePath(p string) string {
	return strings.ReplaceAll((&url.URL{Path: p}).EscapedPath(), ":", "%3A")
}

// address is the path of a page as a visitor asks for it, with the slash in front.
func address(p string) string {
	if rest, ok := strings.CutSuffix(p, "index.html"); ok && (rest == "" || strings.HasSuffix(rest, "/")) {
		p = rest
	}
	return "/" + escapePath(p)
}
