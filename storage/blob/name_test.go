package blob

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzName: whatever name is accepted, it stays below the folder of manifests,
// is what the file system calls it, and fits.
func FuzzName(f *testing.F) {
	for _, name := range []string{"baselines/a/a~b/3.json", "../x", "a//b", "a/./b", "\x00", "کھیل", ".a", "a\\b", "a:b", "~", "-rf"} {
		f.Add(name)
	}
	d := &Dir{root: "/root"}
	f.Fuzz(func(t *testing.T, name string) {
		if checkName(name) != nil {
			return
		}
		path := d.manifestPath(name)
		if !strings.HasPrefix(path, "/root/manifests/") || !filepath.IsLocal(name) || filepath.Clean(name) != name {
			t.Errorf("%q leads to %q", name, path)
		}
		if !utf8.ValidString(name) || strings.ContainsAny(name, "\x00\n\r\\<>\"'`$:;&|*? ") || len(name) > maxName {
			t.Errorf("%q was accepted", name)
		}
	})
}

// FuzzDigest: what is accepted as a digest can be cut up for a path.
func FuzzDigest(f *testing.F) {
	f.Add(digestOf(nil))
	f.Add("../" + digestOf(nil)[3:])
	f.Fuzz(func(t *testing.T, s string) {
		if isDigest(s) && (len(s) != 64 || strings.Trim(s, "0123456789abcdef") != "") {
			t.Errorf("%q is taken for a digest", s)
		}
	})
}

// FuzzS3URL: no error shows the secret, whatever is wrong with the rest.
func FuzzS3URL(f *testing.F) {
	const secret = "Geheim7x"
	for _, parts := range [][2]string{{"key", "host/bucket?tls=false"}, {"", "host"}, {"a:b", "h:port/x"}, {"k", "h/b?lock=governance:1d&x=%zz"}, {"k", "[::1/b"}} {
		f.Add(parts[0], parts[1])
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		if strings.Contains(before+after, secret) {
			return
		}
		if _, err := parseS3("s3://" + before + ":" + secret + "@" + after); err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("the error %q shows the secret", err)
		}
	})
}
