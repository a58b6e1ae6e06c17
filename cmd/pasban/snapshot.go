package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"text/tabwriter"

	"pasban/monitor"
	copies "pasban/storage/snapshot"
)

type snapshotCommand struct {
	List   snapshotList   `cmd:"" help:"The copies on record: how old, how alike, what is wrong."`
	Build  snapshotBuild  `cmd:"" help:"Make copies now, instead of when serve comes to it."`
	Verify snapshotVerify `cmd:"" help:"Read every byte of copies, or of a bundle, and say whether it is whole."`
	Export snapshotExport `cmd:"" help:"Write a copy with everything that is needed to serve it: one signed archive."`
}

// snapshotLine is a copy as scripts read it.
type snapshotLine struct {
	ID       string                  `json:"id"`
	Site     string                  `json:"site"`
	Created  string                  `json:"created"`
	State    string                  `json:"state"`
	Likeness float64                 `json:"likeness"`
	Pages    int                     `json:"pages"`
	Files    int                     `json:"files"`
	Bytes    int64                   `json:"bytes"`
	Verified string                  `json:"verified"`
	Problem  string                  `json:"problem,omitempty"`
	Of       []monitor.SnapshotOf    `json:"of"`
	Proofs   []monitor.SnapshotProof `json:"proofs"`
	LeftOut  []string                `json:"left_out"`
	Manifest string                  `json:"manifest"`
}

func snapshotLineOf(s monitor.Snapshot) snapshotLine {
	return snapshotLine{s.ID, s.Site, s.Created.Format(timeFormat), string(s.State), s.Likeness(), s.Pages, s.Files, s.Bytes,
		s.Verified.Format(timeFormat), s.Problem, s.Of, s.Proofs, s.LeftOut, s.Manifest}
}

// missingLine is a site of which there should be a copy and is none.
type missingLine struct {
	Site    string `json:"site"`
	State   string `json:"state"` // missing
	Problem string `json:"problem"`
}

type snapshotList struct {
	Sites []string `arg:"" optional:"" help:"Sites. Default: all."`
	JSON  bool     `help:"One object a copy, and one for each site that should have a copy and has none."`
}

// Run lists copies, and the sites that lack one.
func (l *snapshotList) Run(ctx context.Context, c *common, term terminal) error {
	return withHouse(ctx, c, term, func(h *house) error {
		all, err := snapshotsOf(ctx, h, l.Sites)
		if err != nil {
			return err
		}
		lacking, err := withoutCopy(ctx, h, all, l.Sites)
		if err != nil {
			return err
		}
		if l.JSON {
			return printSnapshotsJSON(term, all, lacking)
		}
		return printSnapshots(term, h, all, lacking)
	})
}

func printSnapshotsJSON(term terminal, all []monitor.Snapshot, lacking []missingLine) error {
	for _, s := range all {
		if err := printJSON(term.out, snapshotLineOf(s)); err != nil {
			return err
		}
	}
	for _, m := range lacking {
		if err := printJSON(term.out, m); err != nil {
			return err
		}
	}
	return nil
}

func printSnapshots(term terminal, h *house, all []monitor.Snapshot, lacking []missingLine) error {
	w := tabwriter.NewWriter(term.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "SITE\tSTATE\tALIKE\tPAGES\tSIZE\tMADE\tREAD AGAIN\tID")
	for _, s := range all {
		fmt.Fprintf(w, "%s\t%s\t%.1f %%\t%d\t%.1f MB\t%s\t%s\t%s\n", s.Site, s.State, 100*s.Likeness(), s.Pages, float64(s.Bytes)/1e6,
			s.Created.Local().Format("2006-01-02 15:04"), s.Verified.Local().Format("2006-01-02 15:04"), s.ID)
	}
	for _, m := range lacking {
		fmt.Fprintf(w, "%s\tmissing\t\t\t\t\t\t\n", m.Site)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, s := range all {
		if s.Problem != "" {
			fmt.Fprintf(term.out, "%s %s: %s\n", s.Site, s.State, plain(s.Problem, 300))
		}
	}
	for _, m := range lacking {
		fmt.Fprintf(term.out, "%s: %s\n", m.Site, plain(m.Problem, 300))
	}
	return nil
}

// snapshotsOf lists the copies of sites, all if none is named.
func snapshotsOf(ctx context.Context, h *house, sites []string) ([]monitor.Snapshot, error) {
	for _, id := range sites {
		if _, err := h.Store.Site(ctx, id); err != nil {
			return nil, named(fmt.Errorf("site %s: %w; see pasban sites list", id, err))
		}
	}
	all, err := h.Store.Snapshots(ctx)
	if err != nil || len(sites) == 0 {
		return all, err
	}
	return slices.DeleteFunc(all, func(s monitor.Snapshot) bool { return !slices.Contains(sites, s.Site) }), nil
}

// withoutCopy lists the sites that have an approved look and no copy that can be used.
func withoutCopy(ctx context.Context, h *house, all []monitor.Snapshot, sites []string) ([]missingLine, error) {
	has := map[string]bool{}
	for _, s := range all {
		has[s.Site] = has[s.Site] || s.State != monitor.Broken
	}
	looks, err := h.Store.LatestBaselines(ctx)
	if err != nil {
		return nil, err
	}
	var lacking []missingLine
	for _, b := range looks {
		if b.Provisional || has[b.Site] || len(sites) > 0 && !slices.Contains(sites, b.Site) {
			continue
		}
		has[b.Site] = true
		why, _, err := h.SnapshotFailure(ctx, b.Site)
		if err != nil {
			return nil, err
		}
		if why == "" {
			why = "not made yet: serve makes it, or pasban snapshot build " + b.Site
		}
		lacking = append(lacking, missingLine{b.Site, "missing", why})
	}
	return lacking, nil
}

type snapshotBuild struct {
	Sites []string `arg:"" optional:"" help:"Sites. Default: those of which one is due."`
	JSON  bool     `help:"One object a copy."`
}

// Run makes copies, and fails if one could not be made or does not look alike.
func (b *snapshotBuild) Run(ctx context.Context, c *common, term terminal) (err error) {
	h, err := c.open(ctx, term, use{looks: true, solo: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	if _, err := snapshotsOf(ctx, h, b.Sites); err != nil {
		return err
	}
	sites := b.Sites
	if len(sites) == 0 {
		if sites, err = h.SnapshotsDue(ctx); err != nil {
			return err
		}
	}
	var failed []error
	for _, site := range sites {
		s, err := h.MakeSnapshot(ctx, site)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			err = printBuilt(term, s, b.JSON)
		}
		if err == nil && s.State != monitor.Proved {
			err = fmt.Errorf("the copy of %s is not proved: %s", site, s.Problem)
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

func printBuilt(term terminal, s monitor.Snapshot, asJSON bool) error {
	if asJSON {
		return printJSON(term.out, snapshotLineOf(s))
	}
	fmt.Fprintf(term.out, "%s: %s, %.1f %% alike, %s, %s, %.1f MB\n", s.Site, s.State, 100*s.Likeness(), count(s.Pages, "page"), count(s.Files, "file"), float64(s.Bytes)/1e6)
	for _, why := range s.LeftOut {
		fmt.Fprintf(term.err, "  left out: %s\n", plain(why, 300))
	}
	return nil
}

type snapshotVerify struct {
	Sites  []string `arg:"" optional:"" help:"Sites. Default: all."`
	Bundle string   `help:"A bundle instead, as export wrote it." placeholder:"FILE"`
	Key    string   `help:"Public key that the bundle must be signed with, in PEM. Default: this installation's own." placeholder:"FILE"`
	JSON   bool     `help:"One object a copy."`
}

// Run reads copies, or a bundle, from end to end.
func (v *snapshotVerify) Run(ctx context.Context, c *common, term terminal) error {
	if v.Bundle != "" {
		return v.bundle(c, term)
	}
	return withHouse(ctx, c, term, func(h *house) error {
		all, err := snapshotsOf(ctx, h, v.Sites)
		if err != nil {
			return err
		}
		bad := 0
		for _, s := range all {
			s, err := h.VerifySnapshot(ctx, s)
			if err != nil {
				return err
			}
			if s.State == monitor.Broken {
				bad++
			}
			if v.JSON {
				err = printJSON(term.out, snapshotLineOf(s))
			} else {
				fmt.Fprintf(term.out, "%s %s: %s %s\n", s.Site, s.ID, s.State, plain(s.Problem, 300))
			}
			if err != nil {
				return err
			}
		}
		if bad > 0 {
			return fmt.Errorf("%d of %s damaged", bad, count(len(all), "snapshot"))
		}
		return nil
	})
}

func (v *snapshotVerify) bundle(c *common, term terminal) (err error) {
	key, err := v.key(c)
	if err != nil {
		return err
	}
	f, err := os.Open(v.Bundle)
	if err != nil {
		return usageError{fmt.Errorf("opening the bundle: %w", err)}
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	m, err := copies.VerifyBundle(f, key)
	if err != nil {
		return fmt.Errorf("%s: %w", v.Bundle, err)
	}
	if v.JSON {
		return printJSON(term.out, m)
	}
	fmt.Fprintf(term.out, "%s: whole, signed with %s\n%s, %s, %s, copied %s\n", v.Bundle, key.Fingerprint(), plain(m.Name, 100), m.Host, count(len(m.Files), "file"), m.Created.Format(timeFormat))
	return nil
}

func (v *snapshotVerify) key(c *common) (copies.PublicKey, error) {
	if v.Key == "" {
		key, err := copies.ReadKey(c.Data)
		if errors.Is(err, fs.ErrNotExist) {
			return copies.PublicKey{}, usageError{errors.New("this installation has no key; name the one that the bundle must be signed with by --key")}
		}
		if err != nil {
			return copies.PublicKey{}, err
		}
		return key.Public(), nil
	}
	data, err := os.ReadFile(v.Key)
	if err != nil {
		return copies.PublicKey{}, usageError{fmt.Errorf("--key: %w", err)}
	}
	key, err := copies.ReadPublicKey(data)
	if err != nil {
		return key, usageError{fmt.Errorf("--key %s: %w", v.Key, err)}
	}
	return key, nil
}

type snapshotExport struct {
	Site   string `arg:"" help:"Site."`
	ID     string `help:"One copy. Default: the newest that is proved." placeholder:"ID"`
	Out    string `help:"File to write. Default pasban-SITE-DATE.tar.zst." placeholder:"FILE"`
	Host   string `help:"Host that the copy will be served as. Default: the site's." placeholder:"NAME"`
	Listen string `help:"Where the web server is to listen: PORT or ADDRESS:PORT. Default 80." placeholder:"ADDRESS"`
	Root   string `help:"Folder on that server. Default /srv/pasban/HOST." placeholder:"DIR"`
	Force  bool   `help:"Export a copy that is not proved."`
	JSON   bool   `help:"What was written, as one object."`
}

// Run writes a bundle and shows the public key.
func (e *snapshotExport) Run(ctx context.Context, c *common, term terminal) error {
	return withHouse(ctx, c, term, func(h *house) error {
		s, err := e.choose(ctx, h)
		if err != nil {
			return err
		}
		site, err := h.Store.Site(ctx, s.Site)
		if err != nil {
			return err
		}
		owner, err := h.Store.Institution(ctx, site.Institution)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(c.Data, 0o700); err != nil {
			return fmt.Errorf("making the data directory, where the key is kept: %w", err)
		}
		key, err := copies.OpenKey(c.Data)
		if err != nil {
			return err
		}
		out := e.Out
		if out == "" {
			out = copies.BundleName(s)
		}
		order := copies.Export{Copy: s, Key: key, Out: out, Host: e.Host, Listen: e.Listen, Root: e.Root, Name: site.Name, Contacts: owner.Contacts}
		written, err := h.copies.Export(ctx, order)
		if errors.Is(err, copies.ErrSetting) {
			return usageError{err}
		}
		if err != nil {
			return err
		}
		if e.JSON {
			return printJSON(term.out, written)
		}
		printExported(term.out, s, written)
		return nil
	})
}

func printExported(w io.Writer, s monitor.Snapshot, x copies.Exported) {
	fmt.Fprintf(w, "%s: %s, %s, %.1f MB, copied %s, %.1f %% alike\nsha256 %s\nsigned with %s; give this key to the institutions before they need it:\n%s",
		x.Path, count(x.Pages, "page"), count(x.Files, "file"), float64(x.Size)/1e6, s.Created.Local().Format("2006-01-02 15:04"), 100*s.Likeness(),
		x.SHA256, x.Fingerprint, x.PublicKey)
}

// choose finds the copy to export.
func (e *snapshotExport) choose(ctx context.Context, h *house) (monitor.Snapshot, error) {
	all, err := snapshotsOf(ctx, h, []string{e.Site})
	if err != nil {
		return monitor.Snapshot{}, err
	}
	fits := func(s monitor.Snapshot) bool {
		if e.ID != "" {
			return s.ID == e.ID
		}
		return s.State == monitor.Proved || e.Force && s.State == monitor.Unproved
	}
	i := slices.IndexFunc(all, fits)
	switch {
	case i >= 0 && all[i].State == monitor.Broken:
		return monitor.Snapshot{}, fmt.Errorf("the copy %s is damaged (%s); see pasban snapshot list %s for another", all[i].ID, all[i].Problem, e.Site)
	case i >= 0 && all[i].State == monitor.Unproved && !e.Force:
		return monitor.Snapshot{}, fmt.Errorf("the copy %s is not proved (%s); look at it, and use --force", all[i].ID, all[i].Problem)
	case i >= 0:
		return all[i], nil
	case e.ID != "":
		return monitor.Snapshot{}, usageError{fmt.Errorf("%s has no copy %s; see pasban snapshot list %s", e.Site, e.ID, e.Site)}
	case len(all) > 0:
		return monitor.Snapshot{}, fmt.Errorf("no copy of %s is proved: %s; look at it, and use --force", e.Site, all[0].Problem)
	}
	return monitor.Snapshot{}, fmt.Errorf("there is no copy of %s yet; make one with pasban snapshot build %s", e.Site, e.Site)
}
