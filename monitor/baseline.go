package monitor

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"pasban/compare"
)

// A baseline needs this many looks to know what a page keeps from one load to
// the next; an approved one remembers up to maxLooks as known variation. Three
// captures instead of one cut month-apart false alarms about fifty times on
// real news pages.
const (
	wantLooks = 3
	maxLooks  = 5
)

// manifest is a baseline as a document that stands on its own: with the blobs
// it names, everything about the baseline can be rebuilt without a database.
type manifest struct {
	Format      int            `json:"format"` // 1
	Site        string         `json:"site"`
	Target      string         `json:"target"`
	URL         string         `json:"url"`
	Version     int            `json:"version"`
	Created     time.Time      `json:"created"`
	Provisional bool           `json:"provisional,omitempty"`
	ApprovedBy  string         `json:"approved_by"`
	Reason      string         `json:"reason,omitempty"`
	Profile     string         `json:"profile"` // blob: compare.Baseline, JSON, gzip
	Secret      compare.Secret `json:"secret,omitempty"`
	Captures    []manifestLook `json:"captures"`

	name string // under which it is stored
}

// manifestLook is one capture of a baseline, newest last.
type manifestLook struct {
	ID       string    `json:"id"`
	At       time.Time `json:"at"`
	FinalURL string    `json:"final_url"`
	Title    string    `json:"title"`
	Outcome  string    `json:"outcome"`
	Status   int       `json:"status"`
	Picture  string    `json:"picture"`
	DOM      string    `json:"dom"`
	// Behaviour sums up scripts, hosts and the like: see compare.LookDigest.
	Behaviour string            `json:"behaviour"`
	Blobs     map[string]string `json:"blobs"`
}

// capture is the record of the look as far as the manifest tells.
func (l manifestLook) capture(d manifest) Capture {
	return Capture{
		ID: l.ID, Target: d.Target, Site: d.Site, At: l.At, URL: d.URL, FinalURL: l.FinalURL, Title: l.Title,
		Outcome: l.Outcome, Status: l.Status, Picture: l.Picture, DOM: l.DOM, Blobs: l.Blobs, Judged: true, Visitor: Desktop,
		Report: compare.Report{Verdict: compare.Benign, Why: "An approved look."},
	}
}

const manifestFormat = 1

func manifestName(site, target string, version int) string {
	return fmt.Sprintf("baselines/%s/%s/%d.json", site, target, version)
}

// keepBaseline stores profile and manifest and returns the baseline to record.
func (m *Monitor) keepBaseline(ctx context.Context, doc manifest, captures []Capture, looks []compare.Look) (Baseline, error) {
	doc.Secret = newSecret()
	for i := range looks {
		looks[i].At = captures[i].At
	}
	learned := doc.Secret.Learn(looks)
	if learned == nil {
		return Baseline{}, fmt.Errorf("learning %s: none of its looks can be compared", doc.Target)
	}
	e := evidence{ctx: ctx, blobs: m.Blobs, names: map[string]string{}}
	e.putJSON("profile", learned)
	if e.err != nil {
		return Baseline{}, fmt.Errorf("keeping the profile of %s: %w", doc.Target, e.err)
	}
	doc.Format, doc.Profile = manifestFormat, e.names["profile"]
	for i, c := range captures {
		doc.Captures = append(doc.Captures, manifestLook{
			ID: c.ID, At: c.At, FinalURL: c.FinalURL, Title: c.Title, Outcome: c.Outcome, Status: c.Status,
			Picture: c.Picture, DOM: c.DOM, Behaviour: compare.Digest(looks[i].View).Behaviour, Blobs: c.Blobs,
		})
	}
	data, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		return Baseline{}, fmt.Errorf("writing the manifest of %s: %w", doc.Target, err)
	}
	name, err := m.putManifest(ctx, doc, data)
	if err != nil {
		return Baseline{}, err
	}
	return doc.baseline(name), nil
}

// newSecret draws the number that salts what is learnt: see compare.Secret. Each
// baseline has its own, so that one that leaks gives away one page at one time.
func newSecret() compare.Secret {
	var b [8]byte
	rand.Read(b[:]) // never fails, by its contract
	return compare.Secret(binary.LittleEndian.Uint64(b[:]))
}

// putManifest stores the manifest. A process killed between this and its
// transaction leaves a manifest that no row names: the version is then stored
// beside it, under a name of its own, and the orphan is ignored.
func (m *Monitor) putManifest(ctx context.Context, doc manifest, data []byte) (string, error) {
	name := manifestName(doc.Site, doc.Target, doc.Version)
	err := m.Blobs.PutManifest(ctx, name, data)
	if errors.Is(err, ErrExists) {
		name = fmt.Sprintf("baselines/%s/%s/%d-%s.json", doc.Site, doc.Target, doc.Version, doc.Created.Format("20060102T150405.000000000"))
		err = m.Blobs.PutManifest(ctx, name, data)
	}
	if err != nil {
		return "", fmt.Errorf("storing the manifest %s: %w", name, err)
	}
	return name, nil
}

func (d manifest) baseline(name string) Baseline {
	b := Baseline{
		Target: d.Target, Site: d.Site, Version: d.Version, Created: d.Created,
		Provisional: d.Provisional, ApprovedBy: d.ApprovedBy, Manifest: name,
	}
	for _, c := range d.Captures {
		b.Captures = append(b.Captures, c.ID)
		b.Looks = append(b.Looks, Digests{Picture: c.Picture, DOM: c.DOM, Behaviour: c.Behaviour})
	}
	return b
}

// readManifest loads and checks the manifest of a baseline.
func (m *Monitor) readManifest(ctx context.Context, name string) (manifest, error) {
	var doc manifest
	data, err := m.Blobs.Manifest(ctx, name)
	if err != nil {
		return doc, fmt.Errorf("reading the manifest %s: %w", name, err)
	}
	return parseManifest(name, data)
}

func parseManifest(name string, data []byte) (manifest, error) {
	var doc manifest
	if err := json.Unmarshal(data, &doc); err != nil {
		return doc, fmt.Errorf("manifest %s: %w", name, err)
	}
	switch {
	case doc.Format != manifestFormat:
		return doc, fmt.Errorf("manifest %s has format %d; this pasban reads format %d", name, doc.Format, manifestFormat)
	case doc.Site == "" || doc.Target == "" || doc.Version < 1 || len(doc.Captures) == 0 || doc.Profile == "":
		return doc, fmt.Errorf("manifest %s is incomplete", name)
	}
	return doc, nil
}

// profile is a baseline as comparison uses it.
type profile struct {
	manifest manifest
	learned  *compare.Baseline
}

// newest is the capture that was approved last: the "before" of every picture.
func (p *profile) newest() manifestLook { return p.manifest.Captures[len(p.manifest.Captures)-1] }

// profileCache is how many learned profiles are kept in memory. One weighs
// about a megabyte. A round of the schedule passes more pages than any cache holds:
// what it is for is second looks, and pages that probes ask for.
const profileCache = 16

// profiles keeps the profiles used last.
type profiles struct {
	mu    sync.Mutex
	limit int
	order []string // least recently used first
	items map[string]*profile
}

func newProfiles(limit int) *profiles {
	return &profiles{limit: limit, items: map[string]*profile{}}
}

func (c *profiles) get(name string) *profile {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, ok := c.items[name]
	if !ok {
		return nil
	}
	c.touch(name)
	return p
}

func (c *profiles) put(name string, p *profile) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.items[name] = p
	c.touch(name)
	if len(c.order) > c.limit {
		delete(c.items, c.order[0])
		c.order = c.order[1:]
	}
}

func (c *profiles) touch(name string) {
	if i := slices.Index(c.order, name); i >= 0 {
		c.order = slices.Delete(c.order, i, i+1)
	}
	c.order = append(c.order, name)
}

// profile loads the learned profile of a baseline.
func (m *Monitor) profile(ctx context.Context, b Baseline) (*profile, error) {
	if p := m.profiles.get(b.Manifest); p != nil {
		return p, nil
	}
	doc, err := m.readManifest(ctx, b.Manifest)
	if err != nil {
		return nil, err
	}
	p := &profile{manifest: doc, learned: new(compare.Baseline)}
	if err := m.readJSON(ctx, doc.Profile, p.learned); err != nil {
		return nil, fmt.Errorf("loading the profile of %s version %d: %w", b.Target, b.Version, err)
	}
	if p.learned.Version != compare.BaselineVersion {
		if err := m.relearn(ctx, p); err != nil {
			return nil, err
		}
	}
	m.profiles.put(b.Manifest, p)
	return p, nil
}

// relearn makes a profile of another version of pasban anew from the evidence of
// its looks. Where that is lost, what the old profile says must do.
func (m *Monitor) relearn(ctx context.Context, p *profile) error {
	looks := make([]compare.Look, len(p.manifest.Captures))
	for i, c := range p.manifest.Captures {
		var err error
		looks[i], err = m.readLook(ctx, c.Blobs)
		if errors.Is(err, ErrNotFound) || errors.Is(err, ErrCorrupt) {
			m.Logger.Error("an approved look cannot be read; approve the page anew", "target", p.manifest.Target, "capture", c.ID, "error", err)
			return nil
		}
		if err != nil {
			return fmt.Errorf("loading the approved capture %s: %w", c.ID, err)
		}
		looks[i].At = c.At
	}
	learned := p.manifest.Secret.Learn(looks)
	if learned != nil {
		learned.Reference = nil // decoded when it is needed; a cache of them would weigh a gigabyte
		p.learned = learned
	}
	return nil
}
