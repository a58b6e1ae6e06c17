package compare

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// LookDigest identifies a look. Behaviour sums up what picture and DOM do not
// hold: the scripts that ran, whom they talked to, what they asked for.
type LookDigest struct {
	Picture   string `json:"picture"`
	DOM       string `json:"dom"`
	Behaviour string `json:"behaviour"`
}

// KnownScript is a script of an approved look.
type KnownScript struct {
	SHA256 string `json:"sha256"`
	Tokens string `json:"tokens,omitempty"`
	Host   string `json:"host,omitempty"`
	Family string `json:"family,omitempty"` // host and path without version and build parts; "" if inline
	Doings doings `json:"doings,omitempty"`
}

// KnownForm is a form of an approved look.
type KnownForm struct {
	Site   string `json:"site"`   // registrable domain of the action
	Inputs string `json:"inputs"` // names of its inputs
}

// KnownImage is a picture and where it stood.
type KnownImage struct {
	Src    string `json:"src"`
	Box    Box    `json:"box"`
	Steady bool   `json:"steady,omitempty"` // looked the same in all looks
	Logo   bool   `json:"logo,omitempty"`   // is the sign of the house
	Print  Print  `json:"print,omitzero"`   // of the large ones and the logo
}

// maxKnownImages bounds Baseline.Images; the logo and the largest are kept.
const maxKnownImages = 40

func knownImages(v View) []KnownImage {
	var out []KnownImage
	home := homeLinks(v)
	for _, e := range v.Elements {
		if e.Tag == "img" && e.Src != "" && e.Hidden == "" && e.Box.W > 0 && e.Box.H > 0 {
			out = append(out, KnownImage{Src: e.Src, Box: e.Box, Logo: isLogo(e, home)})
		}
	}
	rank := func(k KnownImage) int {
		if k.Logo {
			return 1 << 40
		}
		return area(k.Box)
	}
	slices.SortStableFunc(out, func(a, b KnownImage) int { return cmp.Compare(rank(b), rank(a)) })
	return out[:min(len(out), maxKnownImages)]
}

// logoNames are what logos call themselves in files, classes and alternative texts.
var logoNames = regexp.MustCompile(`(?i)logo|emblem|brand|crest|monogram|لوگو|نشان|شعار`)

// logoBelow is how far down the page a header with its logo ends, in pixels;
// below it stand the logos of partners.
const logoBelow = 260

// isLogo reports a picture near the top that calls itself a logo, or that leads
// home.
func isLogo(e Element, home []Box) bool {
	if e.Box.Y+e.Box.H > logoBelow || area(e.Box) < minLogo || area(e.Box) >= 4*minImage {
		return false
	}
	if logoNames.MatchString(e.Key) || logoNames.MatchString(e.Alt) || logoNames.MatchString(fileOf(e.Src)) {
		return true
	}
	return slices.ContainsFunc(home, func(b Box) bool { return overlap(b, e.Box) })
}

// homeLinks are where links to the front page stand in the header.
func homeLinks(v View) []Box {
	var out []Box
	for _, l := range v.Links {
		if l.Hidden != "" || l.Box.Y >= logoBelow || l.Box.W <= 0 || len(out) >= maxKnownImages {
			continue
		}
		if u, err := url.Parse(l.URL); err == nil && (u.Path == "" || u.Path == "/") && u.RawQuery == "" && strings.ToLower(u.Hostname()) == hostOf(v.FinalURL) {
			out = append(out, l.Box)
		}
	}
	return out
}

// Same reports whether a view is one of the baseline's looks in picture, DOM and
// behaviour. A skimmer in an external script changes the last one only.
func (b *Baseline) Same(v View) bool {
	d := Digest(v)
	return b != nil && d.DOM != "" && slices.Contains(b.Looks, d)
}

// Digest sums a view up. Views of equal digests are the same look: nothing needs
// to be decoded or compared.
func Digest(v View) LookDigest {
	var acts []string
	for _, s := range v.Scripts {
		acts = append(acts, fmt.Sprintf("script %s %s %d", strings.ToLower(s.Host), s.SHA256, s.Length))
	}
	for _, d := range v.Destinations {
		act := "host " + d.Host
		if d.PostBytes > 0 {
			act += " served"
		}
		acts = append(acts, act)
	}
	for _, d := range v.Downloads {
		acts = append(acts, "download "+d.URL+" "+d.Name)
	}
	for _, d := range v.Dialogs {
		acts = append(acts, "dialog "+d)
	}
	for _, p := range v.Popups {
		acts = append(acts, "popup "+p)
	}
	for _, a := range v.Asks {
		acts = append(acts, "ask "+a.Kind+" "+a.Detail)
	}
	for _, r := range v.Refused {
		acts = append(acts, "refused "+r.address())
	}
	for _, h := range v.Hops {
		acts = append(acts, "hop "+siteOf(hostOf(h.URL)))
	}
	acts = append(acts, "final "+v.FinalURL, "not comparable "+v.NotComparable)
	slices.Sort(acts)
	sum := sha256.Sum256([]byte(strings.Join(slices.Compact(acts), "\n")))
	return LookDigest{v.PictureDigest, v.DOMDigest, hex.EncodeToString(sum[:12])}
}
