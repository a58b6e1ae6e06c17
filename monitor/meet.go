package monitor

import (
	"context"
	"errors"
	"fmt"

	"pasban/compare"
)

// firstSight is the actor of a provisional baseline.
const firstSight = "policy:first-sight"

// meet makes the provisional approved look of a target out of the looks at its
// first sight. It is the judge who does, from the evidence on record: what faces
// hostile pages may say what it saw, and not what is right.
//
// A process killed between the blobs and the decision leaves some blobs that nobody
// names; the judgement is tried again, and with it this.
func (m *Monitor) meet(ctx context.Context, first []string, c Capture) error {
	if len(first) == 0 {
		return nil
	}
	_, err := m.Store.Baseline(ctx, c.Target)
	if err == nil {
		return nil // another look was first
	}
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	target, _, err := m.targetOf(ctx, c.Target)
	if err != nil {
		return err
	}
	leave, err := m.darkroom.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	captures, looks, err := m.firstLooks(ctx, first, target)
	if errors.Is(err, errUnfit) || unshowable(err) {
		m.Logger.Error("the first looks at a page cannot be its approved look; the next look tries again", "target", target.ID, "error", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("loading the first looks at %s: %w", target.ID, err)
	}
	doc := manifest{
		Site: target.Site, Target: target.ID, URL: target.URL, Version: 1, Created: m.now(),
		Provisional: true, ApprovedBy: firstSight,
	}
	baseline, err := m.keepBaseline(ctx, doc, captures, looks)
	if err != nil {
		return err
	}
	return m.addProvisional(ctx, baseline)
}

// errUnfit refuses looks that are not what a worker says they are.
var errUnfit = errors.New("not fit to be approved")

// firstLooks loads the looks that a worker names, and checks what it says of them.
func (m *Monitor) firstLooks(ctx context.Context, ids []string, target Target) ([]Capture, []compare.Look, error) {
	if len(ids) > wantLooks {
		return nil, nil, fmt.Errorf("%d looks were named, at most %d are made: %w", len(ids), wantLooks, errUnfit)
	}
	var captures []Capture
	var looks []compare.Look
	for _, id := range ids {
		c, err := m.Store.Capture(ctx, id)
		if err != nil {
			return nil, nil, err
		}
		if c.Target != target.ID || c.Visitor.other() || !fitForBaseline(c) {
			return nil, nil, fmt.Errorf("capture %s: %w", id, errUnfit)
		}
		look, err := m.readLook(ctx, c.Blobs)
		if err != nil {
			return nil, nil, fmt.Errorf("capture %s: %w", id, err)
		}
		captures, looks = append(captures, c), append(looks, look)
	}
	return captures, looks, nil
}

// addProvisional records the baseline, unless there is one by now or the site is
// under attack: what stands there may be the next face of the same intruder.
func (m *Monitor) addProvisional(ctx context.Context, b Baseline) error {
	err := m.Store.Update(ctx, func(tx Tx) error {
		open, err := attacked(ctx, tx, b.Site)
		if err != nil || open != nil {
			return err
		}
		if _, err := tx.Baseline(ctx, b.Target); !errors.Is(err, ErrNotFound) {
			return err
		}
		id, err := tx.AddDecision(ctx, Decision{
			At: m.now(), Actor: b.ApprovedBy, Action: "baseline.provisional", Object: "target:" + b.Target,
			Reason: "first sight: nothing in the page speaks against it",
		})
		if err != nil {
			return err
		}
		b.Decision = id
		return tx.AddBaseline(ctx, b)
	})
	if err != nil {
		return fmt.Errorf("recording the first look at %s: %w", b.Target, err)
	}
	return nil
}
