package compare

import (
	"image"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Baseline is what the approved looks of one page have in common and how they
// vary. It is made by [Learn], kept as JSON (some 200 kB for a large page) and
// never changed afterwards.
type Baseline struct {
	// Version of this form; a baseline of another version is learnt anew from
	// its looks.
	Version int `json:"version"`
	// Looks are the digests of every look, oldest first.
	Looks []LookDigest `json:"looks"`
	// Newest is the newest look without elements, links and scripts.
	Newest View `json:"newest"`

	// Secret is what the hashes below are salted with.
	Secret Secret `json:"secret,omitempty"`
	// Cores are what the looks of one design share, the newest design first. A
	// page that has several valid states has one for each.
	Cores []Core `json:"cores"`

	// What any look showed.
	Known     hashSet        `json:"known"`              // text blocks
	Places    hashSet        `json:"places,omitempty"`   // where text stood: see block
	Lines     []Line         `json:"lines,omitempty"`    // those of the newest look, in order
	Span      time.Duration  `json:"span,omitempty"`     // from the first look of the newest design to its last
	Sites     []string       `json:"sites"`              // registrable domains
	Open      []string       `json:"open,omitempty"`     // hosts of services where anybody can rent a corner
	Titles    []string       `json:"titles"`             // as shown
	Contacts  []string       `json:"contacts,omitempty"` // ways to reach and pay the owner
	Steady    []string       `json:"steady,omitempty"`   // of these, what every look showed
	Phrases   map[string]int `json:"phrases,omitempty"`
	Character *character     `json:"character,omitempty"` // how it writes; nil if nobody knows
	Leaks     map[string]int `json:"leaks,omitempty"`
	Scripts   []KnownScript  `json:"scripts,omitempty"`
	Forms     []KnownForm    `json:"forms,omitempty"`
	Frames    []string       `json:"frames,omitempty"`    // sites of frames
	Served    []string       `json:"served,omitempty"`    // hosts that received request bodies
	Dialogs   []string       `json:"dialogs,omitempty"`   //
	Downloads []string       `json:"downloads,omitempty"` // sites and names
	Programs  bool           `json:"programs,omitempty"`  // some look linked to a program
	Refreshes []string       `json:"refreshes,omitempty"` // sites that a meta refresh led to
	Bases     []string       `json:"bases,omitempty"`     // sites of <base href>
	Finals    []string       `json:"finals,omitempty"`    // sites of the final document
	Hops      []string       `json:"hops,omitempty"`      // sites on the way to it
	Windows   []string       `json:"windows,omitempty"`   // sites of windows that were opened
	Asks      []string       `json:"asks,omitempty"`      // kinds
	Reached   []string       `json:"reached,omitempty"`   // hosts that the egress proxy refused
	Images    []KnownImage   `json:"images,omitempty"`    // pictures on the newest look
	Marks     []Mark         `json:"marks,omitempty"`     // what all looks of the newest design show first

	Prints []Print `json:"prints,omitempty"`
	// Volatile are regions of the newest picture that differ between the looks.
	Volatile []Box `json:"volatile,omitempty"`
	// MostWindows is the largest number of windows that a look opened.
	MostWindows int `json:"most_windows,omitempty"`

	// Reference is the picture of the newest look, decoded. Without it no
	// region is compared, only the Prints.
	Reference image.Image `json:"-"`
	// Sources maps the SHA256 of the baseline's scripts to their text. See
	// Missing. Without it, a new script is judged by its own doings alone.
	Sources map[string]string `json:"-"`
	// Ranges are addresses that a person vouched for: see Allow.
	Ranges []netip.Prefix `json:"-"`
}

// BaselineVersion is raised when the meaning of a field changes. Version 5
// brought the places.
const BaselineVersion = 5

// Learn is the Learn of no secret at all, for tests and for looking at pages
// that nobody attacks.
func Learn(looks []Look) *Baseline { return Secret(0).Learn(looks) }

// Learn sums up approved looks of one page, oldest first. One look is enough to
// compare with, three are wanted. Looks that must not be compared are left out;
// if none remains the result is nil.
func (s Secret) Learn(looks []Look) *Baseline {
	looks = slices.Clone(looks)
	looks = slices.DeleteFunc(looks, func(l Look) bool { return notComparable(l.View) != "" })
	if len(looks) == 0 {
		return nil
	}
	b := &Baseline{Version: BaselineVersion, Secret: s, Phrases: map[string]int{}, Leaks: map[string]int{}}
	all := make([]*features, len(looks))
	for i := range looks {
		all[i] = s.derive(looks[i].View)
		b.add(&looks[i], all[i])
	}
	designs := designsOf(all)
	for _, d := range designs[:min(len(designs), maxCores)] {
		b.Cores = append(b.Cores, coreOf(all, d))
	}
	b.Lines = linesOf(all, designs[0])
	if first := looks[designs[0][0]].At; !first.IsZero() {
		b.Span = looks[designs[0][len(designs[0])-1]].At.Sub(first)
	}
	b.learnPictures(looks, all, designs[0])
	last := looks[len(looks)-1]
	b.Newest = last.View
	b.Newest.Elements, b.Newest.Links, b.Newest.Scripts = nil, nil, nil
	b.Reference = last.Picture
	return b
}

// learnPictures finds out which regions of the newest design vary, and which of
// its images do not.
func (b *Baseline) learnPictures(looks []Look, all []*features, design []int) {
	var last *Look
	for _, i := range design {
		l := &looks[i]
		if last != nil && last.Picture != nil && l.Picture != nil {
			// Regions are in pixels of the newest picture: those of earlier
			// pairs move along with its lines.
			c := Diff(last.Picture, l.Picture, nil)
			b.Volatile = append(moved(b.Volatile, c.rows), dilate(c.Changed)...)
			b.Volatile = joinOverlapping(b.Volatile)
		}
		b.Images = steadyImages(last, b.Images, l)
		b.Marks = steadyMarks(last, b.Marks, l, all[i])
		last = l
	}
}

// add takes in what is known by one look.
func (b *Baseline) add(l *Look, f *features) {
	b.Looks = append(b.Looks, Digest(l.View))
	b.Known = b.Known.union(f.known)
	b.Places = b.Places.union(f.places)
	b.Sites = merge(b.Sites, sitesOf(l.View)...)
	b.Open = merge(b.Open, openHosts(l.View)...)
	b.Titles = merge(b.Titles, l.View.Title)
	b.addContacts(f.contacts())
	maxCounts(b.Phrases, phraseCounts(f))
	b.Character = b.Character.join(characterOf(f.allBlocks()))
	maxCounts(b.Leaks, leakCounts(f, l.Sources))
	b.addBehaviour(l)
	if l.Picture != nil {
		b.Prints = append(b.Prints, Fingerprint(l.Picture))
	}
}

// addBehaviour takes in what a look does rather than what it says.
func (b *Baseline) addBehaviour(l *Look) {
	v := l.View
	for _, s := range v.Scripts {
		k := KnownScript{s.SHA256, s.Tokens, strings.ToLower(s.Host), scriptFamily(s), doingsOf(l.Sources[s.SHA256])}
		if !slices.ContainsFunc(b.Scripts, func(o KnownScript) bool { return o.SHA256 == k.SHA256 && o.Family == k.Family }) {
			b.Scripts = append(b.Scripts, k)
		}
	}
	for _, f := range v.Forms {
		k := KnownForm{formSite(v, f), inputNames(f)}
		if !slices.Contains(b.Forms, k) {
			b.Forms = append(b.Forms, k)
		}
	}
	b.Programs = b.Programs || linksPrograms(v)
	for _, f := range v.Frames {
		b.Frames = merge(b.Frames, siteOf(hostOf(f.URL)))
	}
	for _, d := range v.Destinations {
		if d.PostBytes > 0 {
			b.Served = merge(b.Served, siteOf(d.Host))
		}
	}
	for _, d := range v.Downloads {
		b.Downloads = merge(b.Downloads, siteOf(d.host()), d.Name)
	}
	b.Dialogs = merge(b.Dialogs, v.Dialogs...)
	b.addReach(v)
	b.Refreshes = merge(b.Refreshes, refreshSite(v))
	b.Bases = merge(b.Bases, siteOf(hostOf(v.Meta.Base)))
	b.Finals = merge(b.Finals, siteOf(hostOf(v.FinalURL)))
}

// addReach takes in where a look led its visitors and what it asked of them.
func (b *Baseline) addReach(v View) {
	for _, h := range v.Hops {
		b.Hops = merge(b.Hops, siteOf(hostOf(h.URL)))
	}
	for _, p := range v.Popups {
		b.Windows = merge(b.Windows, siteOf(hostOf(p)))
	}
	b.MostWindows = max(b.MostWindows, len(v.Popups))
	for _, a := range v.Asks {
		b.Asks = merge(b.Asks, a.Kind)
	}
	for _, r := range v.Refused {
		b.Reached = merge(b.Reached, strings.ToLower(r.Host))
	}
}

// merge adds members to a sorted list without duplicates and empty strings.
func merge(list []string, members ...string) []string {
	for _, m := range members {
		if i, found := slices.BinarySearch(list, m); m != "" && !found {
			list = slices.Insert(list, i, m)
		}
	}
	return list
}

func maxCounts(into, from map[string]int) {
	for k, n := range from {
		into[k] = max(into[k], n)
	}
}

// dilate widens regions by one cell: what varies is rarely seen at its widest.
func dilate(boxes []Box) []Box {
	out := make([]Box, len(boxes))
	for i, b := range boxes {
		out[i] = Box{max(0, b.X-cell), max(0, b.Y-cell), b.W + 2*cell, b.H + 2*cell}
	}
	return out
}

// moved carries regions of the old picture to the lines of the new one.
func moved(boxes []Box, rows alignment) []Box {
	var out []Box
	for _, b := range boxes {
		for _, s := range rows.stretches {
			top, end := max(int(b.Y), s.Before), min(int(b.Y+b.H), s.Before+s.N)
			if top < end {
				out = append(out, Box{b.X, int32(top - s.Before + s.After), b.W, int32(end - top)})
			}
		}
	}
	return out
}
