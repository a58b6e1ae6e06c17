package monitor

import (
	"context"
	"image"
	"log/slog"

	"pasban/compare"
)

// PictureReader reads what is written in parts of a picture. Words read before an error are
// returned with it. *ocr.Reader is the real one.
type PictureReader interface {
	Read(ctx context.Context, picture image.Image, where []compare.Box) ([]compare.Reading, error)
}

// compareAndRead judges a look. Where the comparison finds that the picture may say
// what the document does not, and somebody can read it, it judges once more with
// those words. A picture that could not be read is judged as it was.
func (m *Monitor) compareAndRead(ctx context.Context, b *compare.Baseline, look *compare.Look, masks []compare.Box) *compare.Report {
	report := compare.Compare(b, *look, masks)
	if m.PictureReader == nil || len(report.Unread) == 0 {
		return report
	}
	words, err := m.PictureReader.Read(ctx, look.Picture, report.Unread)
	if err != nil {
		m.calm.say(slog.LevelWarn, "reading pictures", "a picture could not be read; the look is judged without its words", "page", look.View.URL, "error", err)
	} else {
		m.calm.over("reading pictures", "pictures are read again")
	}
	if len(words) == 0 {
		return report
	}
	look.Read = words
	return compare.Compare(b, *look, masks)
}
