package compare

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
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
}

// maxKnownImages bounds Baseline.Images; the largest are kept.
const maxKnownImages = 40

func knownImages(es []Element) []KnownImage {
	var out []KnownImage
	for _, e := range es {
		if e.Tag == "img" && e.Src != "" && e.Hidden == "" && e.Box.W > 0 && e.Box.H > 0 {
			out = append(out, KnownImage{Src: e.Src, Box: e.Box})
		}
	}
	slices.SortStableFunc(out, func(a, b KnownImage) int { return area(b.Box) - area(a.Box) })
	return out[:min(len(out), maxKnownImages)]
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
