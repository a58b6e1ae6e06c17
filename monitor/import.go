package monitor

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Imported counts what an import changed.
type Imported struct{ Institutions, Sites, Targets, Gone int }

// Import adds a watchlist to what is watched, in one transaction, and keeps
// what is known about sites that are listed again. With replace, targets that
// the list does not name are no longer watched; their history is kept.
func (m *Monitor) Import(ctx context.Context, o Order, list Watchlist, replace bool) (Imported, error) {
	done := Imported{Institutions: len(list.Institutions), Sites: len(list.Sites), Targets: len(list.Targets)}
	detail := map[string]any{"sites": len(list.Sites), "targets": len(list.Targets), "replace": replace}
	err := m.decide(ctx, o, "sites.import", "watchlist", detail, func(tx Tx, _ int64) error {
		for _, i := range list.Institutions {
			if err := tx.PutInstitution(ctx, i); err != nil {
				return fmt.Errorf("institution %s: %w", i.ID, err)
			}
		}
		for _, s := range list.Sites {
			if err := putListed(ctx, tx, s); err != nil {
				return fmt.Errorf("site %s: %w", s.ID, err)
			}
		}
		for _, t := range list.Targets {
			if err := tx.PutTarget(ctx, t); err != nil {
				return fmt.Errorf("target %s: %w", t.ID, err)
			}
		}
		var err error
		if done.Gone, err = retire(ctx, tx, list, replace); err != nil {
			return err
		}
		return enrolAll(ctx, tx)
	})
	if err != nil {
		return Imported{}, fmt.Errorf("importing the watchlist: %w", err)
	}
	return done, nil
}

// putListed saves a site as the list has it; whether it is paused, and what analysts
// drew on its pages, is not the list's to say.
func putListed(ctx context.Context, tx Tx, s Site) error {
	known, err := tx.Site(ctx, s.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	s.Paused = known.Paused
	for _, k := range known.Masks {
		if k.Decision != 0 {
			s.Masks = append(s.Masks, k)
		}
	}
	return tx.PutSite(ctx, s)
}

// retire takes out of the watch what a list no longer names: pages of the
// sites it lists and, with replace, every other target.
func retire(ctx context.Context, tx Tx, list Watchlist, replace bool) (int, error) {
	listed := map[string]bool{}
	for _, t := range list.Targets {
		listed[t.ID] = true
	}
	sites := map[string]bool{}
	for _, s := range list.Sites {
		sites[s.ID] = true
	}
	all, err := tx.Targets(ctx)
	if err != nil {
		return 0, err
	}
	gone := 0
	for _, t := range all {
		if listed[t.ID] || !replace && !sites[t.Site] {
			continue
		}
		t.Gone = true
		if err := tx.PutTarget(ctx, t); err != nil {
			return gone, err
		}
		gone++
	}
	return gone, nil
}

// Export writes what is watched as a CSV watchlist that Import reads again.
func (m *Monitor) Export(ctx context.Context, w io.Writer) error {
	sites, err := m.Store.Sites(ctx)
	if err != nil {
		return fmt.Errorf("listing sites: %w", err)
	}
	out := csv.NewWriter(w)
	if err := out.Write(Columns); err != nil {
		return err
	}
	for _, s := range sites {
		record, err := m.exportRow(ctx, s)
		if err != nil {
			return fmt.Errorf("site %s: %w", s.ID, err)
		}
		if record == nil {
			continue
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func (m *Monitor) exportRow(ctx context.Context, s Site) ([]string, error) {
	owner, err := m.Store.Institution(ctx, s.Institution)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	targets, err := m.Store.SiteTargets(ctx, s.ID)
	if err != nil {
		return nil, err
	}
	targets = slices.DeleteFunc(targets, func(t Target) bool { return t.Gone })
	if len(targets) == 0 {
		return nil, nil
	}
	var pages []string
	for _, t := range targets {
		if t.URL != s.URL {
			pages = append(pages, pathOf(t.URL))
		}
	}
	fields := map[string]string{
		"site_id": s.ID, "name": s.Name, "url": s.URL, "institution": owner.Name, "tier": string(owner.Tier),
		"region": owner.Region, "pages": strings.Join(pages, ";"), "schedule": s.Schedule,
		"contacts": strings.Join(owner.Contacts, ";"), "language": owner.Language, "tlp": owner.TLP,
		"lockdown": s.Lockdown, "allow_hosts": strings.Join(s.AllowHosts, ";"), "masks": formatMasks(s.Masks),
	}
	record := make([]string, len(Columns))
	for i, c := range Columns {
		record[i] = spreadsheetSafe(fields[c])
	}
	return record, nil
}

func formatMasks(masks []Mask) string {
	var out []string
	for _, k := range masks {
		s := fmt.Sprintf("%d,%d,%dx%d", k.X, k.Y, k.W, k.H)
		if k.Page != "" {
			s = k.Page + "@" + s
		}
		out = append(out, s)
	}
	return strings.Join(out, ";")
}

// spreadsheetSafe keeps a spreadsheet from taking a field for a formula, by the
// apostrophe that spreadsheets themselves put before such text. fromSpreadsheet
// takes it off again.
func spreadsheetSafe(s string) string {
	if isFormula(s) || strings.HasPrefix(s, "'") && (isFormula(s[1:]) || strings.HasPrefix(s[1:], "'")) {
		return "'" + s
	}
	return s
}

// fromSpreadsheet undoes spreadsheetSafe.
func fromSpreadsheet(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && (isFormula(rest) || strings.HasPrefix(rest, "'")) {
		return rest
	}
	return s
}

// isFormula reports a text that some spreadsheet computes instead of showing it:
// the full-width signs are typed in East Asia, and taken for the others.
func isFormula(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) && s != ""
}
