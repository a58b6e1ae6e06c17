package monitor

import (
	"fmt"

	"pasban/compare"
	"pasban/render"
)

// LookAt is a page as a look compares it, with its picture decoded: for those who
// measure the judgement without a queue and a store around it.
func LookAt(p *render.Page) (compare.Look, error) {
	look := lookAt(p)
	if p.Screenshot == nil {
		return look, nil
	}
	picture, err := decodePicture(p.Screenshot.Data)
	if err != nil {
		return look, fmt.Errorf("decoding the screenshot of %s: %w", p.URL, err)
	}
	look.Picture = picture
	return look, nil
}

// Judge compares a look as the watch does: one that was cut short, or that has no
// picture, never passes for a good one.
func Judge(b *compare.Baseline, look compare.Look) *compare.Report {
	return inFull(compare.Compare(b, look, nil), look)
}
