package monitor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"pasban/compare"
	"pasban/render"
)

// A copy is worth what can be shown of it. It counts as proved when each watched page,
// rendered from the copy, has at least this share of the approved picture and of the
// page's lasting text, and the comparison that judges looks raises no alarm. What a
// copy loses of an honest page is what scripts paint anew at every load: a carousel, a
// map, a clock; that is rarely a tenth of the picture.
const (
	provedLikeness = 0.85
	provedText     = 0.85
)

// keepSnapshots of a site are kept on record, and with them the newest proved one.
const keepSnapshots = 3

// MakeSnapshot makes a copy of a site at its approved looks, proves it and records it.
// An error that is ErrUnfit says what of the site is in the way.
func (m *Monitor) MakeSnapshot(ctx context.Context, id string) (Snapshot, error) {
	if m.Snapshots == nil || m.Renderer == nil {
		return Snapshot{}, errors.New("monitor: to make copies takes a place for them and browsers")
	}
	c, err := m.newCopying(ctx, id)
	if err != nil {
		return Snapshot{}, fmt.Errorf("making a copy of %s: %w", id, err)
	}
	s, err := c.make(ctx)
	if err != nil {
		return s, fmt.Errorf("making a copy of %s: %w", id, err)
	}
	return s, m.recordSnapshot(ctx, s)
}

// copying is one copy being made.
type copying struct {
	m         *Monitor
	site      Site
	targets   map[string]Target   // by URL
	baselines map[string]Baseline // by target
	of        []SnapshotOf
	seen      map[string]seenAs // by target
	fetch     *fetching
}

// seenAs is how a watched page looked when the copy was made, which was as approved: a page
// that shows another picture at each load is like that one and not like an older one.
type seenAs struct {
	picture image.Image
	text    float64
}

func (m *Monitor) newCopying(ctx context.Context, id string) (*copying, error) {
	site, err := m.Store.Site(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("site %s: %w", id, err)
	}
	open, err := attacked(ctx, m.Store, id)
	if err != nil {
		return nil, err
	}
	if open != nil {
		return nil, fmt.Errorf("%w: it has the open incident %d (%s)", ErrUnfit, open.ID, open.Summary)
	}
	targets, err := m.Store.SiteTargets(ctx, id)
	if err != nil {
		return nil, err
	}
	c := &copying{m: m, site: site, targets: map[string]Target{}, baselines: map[string]Baseline{}, seen: map[string]seenAs{}, fetch: newFetching(m, site, nil)}
	for _, t := range targets {
		b, err := m.Store.Baseline(ctx, t.ID)
		if errors.Is(err, ErrNotFound) || err == nil && (b.Provisional || t.Gone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		c.targets[t.URL], c.baselines[t.ID] = t, b
		c.of = append(c.of, SnapshotOf{Target: t.ID, URL: t.URL, Version: b.Version})
	}
	if len(c.of) == 0 {
		return nil, fmt.Errorf("%w: none of its pages has an approved look yet; see pasban baseline approve", ErrUnfit)
	}
	slices.SortFunc(c.of, func(a, b SnapshotOf) int {
		home := func(o SnapshotOf) int { return len(o.URL) } // the front page first
		return cmp.Or(cmp.Compare(home(a), home(b)), strings.Compare(a.URL, b.URL))
	})
	return c, nil
}

func (c *copying) make(ctx context.Context) (Snapshot, error) {
	s := Snapshot{ID: uuid.Must(uuid.NewV7()).String(), Site: c.site.ID, Created: c.m.now(), Of: c.of}
	defer c.fetch.close()
	built, err := c.m.Snapshots.Build(ctx, SnapshotOrder{
		ID: s.ID, Site: s.Site, URL: cmp.Or(c.site.URL, c.of[0].URL), At: s.Created, Of: s.Of, Pages: c.m.SnapshotPages,
		Look: c.look, Fetch: c.fetch, Agent: c.m.agent(),
	})
	if err != nil {
		return s, err
	}
	s.Manifest, s.Pages, s.Files, s.Bytes, s.LeftOut = built.Manifest, built.Pages, built.Files, built.Bytes, built.LeftOut
	err = c.prove(ctx, &s)
	return s, err
}

// agent is what fetches for copies call themselves, as probes do.
func (m *Monitor) agent() string {
	contact := cmp.Or(m.ProbeContact, m.Contact)
	if contact == "" {
		return "Mozilla/5.0 (compatible; Pasban)"
	}
	return "Mozilla/5.0 (compatible; Pasban; +" + contact + ")"
}

// look renders one page for a copy, and refuses what should not be copied.
func (c *copying) look(ctx context.Context, address string) (SnapshotLook, error) {
	leave, err := c.m.polite.enter(ctx, address)
	if err != nil {
		return SnapshotLook{}, fmt.Errorf("waiting for the host of %s: %w", address, err)
	}
	defer leave()
	target, watched := c.targets[address]
	if !watched {
		target = Target{URL: address}
	}
	request := Desktop.as(render.Request{URL: address, AllowPrivate: c.site.AllowPrivate, AllowExact: canaryAddress(target)})
	page, err := c.m.render(ctx, request)
	if err != nil {
		if errors.Is(err, render.ErrURL) {
			return SnapshotLook{}, fmt.Errorf("%w: %w", ErrUnfit, err)
		}
		return SnapshotLook{}, err
	}
	if err := c.fit(ctx, target, watched, page); err != nil {
		return SnapshotLook{}, err
	}
	if watched && page.Outcome == render.TLSError {
		c.fetch.trusting.Store(true)
	}
	return SnapshotLook{FinalURL: page.FinalURL, Title: page.Title, HTML: page.HTML, At: page.Started}, nil
}

// fit refuses a watched page that is not as it was approved, and any other that does
// not look well.
func (c *copying) fit(ctx context.Context, target Target, watched bool, page *render.Page) error {
	look := lookAt(page)
	var b *Baseline
	if watched {
		known := c.baselines[target.ID]
		b = &known
	}
	report, err := c.m.compareLook(ctx, target, c.site, b, page, &look)
	if err != nil {
		return err
	}
	switch {
	case report.Verdict == compare.NotComparable:
		return fmt.Errorf("%w: %s", ErrUnfit, cmp.Or(report.NotComparable, report.Why))
	case report.Verdict == compare.Alert, report.Verdict == compare.Suspicious:
		return fmt.Errorf("%w: %s", ErrUnfit, report.Why)
	case page.Status >= http.StatusBadRequest, page.Outcome == render.Download:
		return fmt.Errorf("%w: status %d", ErrUnfit, page.Status)
	case watched && page.Outcome == render.TimeoutPartial:
		return fmt.Errorf("%w: the page did not finish loading", ErrUnfit)
	case watched:
		c.seen[target.ID] = seenAs{look.Picture, textCore(report)}
	}
	return nil
}

// textCore is the share of a page's lasting text that a look had.
func textCore(r *compare.Report) float64 {
	for _, s := range r.Signals {
		if s.Name == "text_core" {
			return s.Value
		}
	}
	return 1 // an unchanged look is not measured
}

// prove serves a copy, renders each watched page from it and compares it with the
// approved look. That a copy is not alike is no error.
func (c *copying) prove(ctx context.Context, s *Snapshot) (err error) {
	server, err := c.m.Snapshots.Serve(ctx, s.Manifest)
	if err != nil {
		return fmt.Errorf("serving the copy: %w", err)
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	s.State = Proved
	for _, of := range s.Of {
		p, err := c.proveOne(ctx, server, of)
		if err != nil {
			return fmt.Errorf("proving %s: %w", of.URL, err)
		}
		s.Proofs = append(s.Proofs, p)
		if why := p.lacking(); why != "" && s.State == Proved {
			s.State, s.Problem = Unproved, fmt.Sprintf("%s: %s", of.Target, why)
		}
	}
	s.Verified = c.m.now()
	return nil
}

// lacking says why a proof proves nothing, "" if it does.
func (p SnapshotProof) lacking() string {
	switch {
	case p.Verdict == string(compare.NotComparable), p.Verdict == string(compare.Alert):
		return p.Why
	case p.Likeness < provedLikeness:
		return fmt.Sprintf("%.0f %% of the picture is as approved; %.0f %% are wanted", 100*p.Likeness, 100*provedLikeness)
	case p.Text < provedText:
		return fmt.Sprintf("%.0f %% of the text is as approved; %.0f %% are wanted", 100*p.Text, 100*provedText)
	}
	return ""
}

func (c *copying) proveOne(ctx context.Context, server SnapshotServer, of SnapshotOf) (SnapshotProof, error) {
	p := SnapshotProof{Target: of.Target}
	address := server.URL(of.URL)
	if address == "" {
		p.Verdict, p.Why = string(compare.NotComparable), "the page is not in the copy"
		return p, nil
	}
	page, err := c.m.render(ctx, Desktop.as(render.Request{URL: address, AllowExact: server.Addr()}))
	if err != nil {
		return p, err
	}
	at(page, strings.TrimSuffix("http://"+server.Addr().String(), "/"), of.URL)
	look := lookAt(page)
	known := c.baselines[of.Target]
	report, err := c.m.compareLook(ctx, c.targets[of.URL], c.site, &known, page, &look)
	if err != nil {
		return p, err
	}
	p.Verdict, p.Why = string(report.Verdict), report.Why
	if report.Verdict != compare.NotComparable {
		p.Likeness, p.Text, err = c.likeness(ctx, known, c.targets[of.URL], look.Picture, report)
	}
	if err == nil && page.Screenshot != nil {
		p.Picture, err = c.m.Blobs.Put(ctx, page.Screenshot.Data)
	}
	return p, err
}

// likeness is measured against the newest approved look, and against the look that the
// copy was made of: what it is nearer to counts. Text that was missing from that look
// already is not missing from the copy.
func (c *copying) likeness(ctx context.Context, b Baseline, t Target, shot image.Image, r *compare.Report) (picture, text float64, err error) {
	seen := c.seen[t.ID]
	text = min(1, textCore(r)/max(seen.text, 0.01))
	if r.Verdict == compare.Unchanged {
		return 1, text, nil
	}
	p, err := c.m.profile(ctx, b)
	if err != nil {
		return 0, 0, err
	}
	approved, err := c.m.approvedPicture(ctx, p)
	if err != nil {
		return 0, text, err
	}
	masks := masksOf(c.site, t)
	return max(alike(approved, shot, append(masks, p.learned.Volatile...)), alike(seen.picture, shot, masks)), text, nil
}

// alike is the share of two pictures that is the same, 0 if one of them is missing.
func alike(before, after image.Image, masks []compare.Box) float64 {
	if before == nil || after == nil {
		return 0
	}
	change := compare.Diff(before, after, masks)
	size, gone := float64(max(1, before.Bounds().Dx()*before.Bounds().Dy())), 0.0
	for _, box := range change.Gone {
		gone += float64(box.W) * float64(box.H) / size
	}
	return max(0, 1-max(change.Share, gone))
}

// at moves a page to the address that it is a copy of: comparison asks where links,
// forms and frames lead.
func at(p *render.Page, origin, home string) {
	own := home
	if i := strings.Index(home, "://"); i >= 0 {
		if j := strings.IndexByte(home[i+3:], '/'); j >= 0 {
			own = home[:i+3+j]
		}
	}
	move := func(s *string) {
		if rest, ok := strings.CutPrefix(*s, origin); ok {
			*s = own + rest
		}
	}
	p.URL, p.FinalURL = home, home
	move(&p.Meta.Icon)
	move(&p.Meta.Base)
	move(&p.Meta.Canonical)
	for i := range p.Links {
		move(&p.Links[i].URL)
	}
	for i := range p.Forms {
		move(&p.Forms[i].Action)
	}
	for i := range p.Frames {
		move(&p.Frames[i].URL)
		move(&p.Frames[i].Base)
	}
	for i := range p.Resources {
		move(&p.Resources[i].URL)
	}
	for i := range p.Nodes {
		for j := range p.Nodes[i].Attrs {
			if a := &p.Nodes[i].Attrs[j]; a.Name == "src" {
				move(&a.Value)
			}
		}
	}
}

// recordSnapshot puts a copy on record, and takes off what it replaces.
func (m *Monitor) recordSnapshot(ctx context.Context, s Snapshot) error {
	err := m.Store.Update(ctx, func(tx Tx) error {
		if err := tx.PutSnapshot(ctx, s); err != nil {
			return err
		}
		all, err := tx.SiteSnapshots(ctx, s.Site)
		if err != nil {
			return err
		}
		proved := slices.IndexFunc(all, func(s Snapshot) bool { return s.State == Proved })
		for i, old := range all {
			if i >= keepSnapshots && i != proved {
				if err := tx.RemoveSnapshot(ctx, old.ID); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("recording the copy of %s: %w", s.Site, err)
	}
	return nil
}
