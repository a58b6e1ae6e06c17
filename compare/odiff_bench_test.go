package compare

import (
	"errors"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkBesideOdiff compares one pair of pictures, 1366 x 3960, in which two
// blocks of 24 changed, by our diff and by odiff (npm, odiff-bin) if `make setup`
// could fetch it. odiff reads files: "with files" is ours on the same ones.
// Neither writes a picture.
func BenchmarkBesideOdiff(b *testing.B) {
	blocks := numbers(24)
	before := painted(1366, blocks...)
	blocks[3], blocks[9] = 101, 102
	after := painted(1366, blocks...)
	old, now := writtenPNG(b, before), writtenPNG(b, after)
	b.Run("ours decoded", func(b *testing.B) {
		for b.Loop() {
			mustDiffer(b, before, after)
		}
	})
	b.Run("ours with files", func(b *testing.B) {
		for b.Loop() {
			mustDiffer(b, readPNG(b, old), readPNG(b, now))
		}
	})
	odiff, err := exec.LookPath("odiff")
	if err != nil {
		b.Log("there is no odiff on PATH to be measured beside")
		return
	}
	b.Run("odiff", func(b *testing.B) {
		for b.Loop() {
			err := exec.CommandContext(b.Context(), odiff, old, now, "--antialiasing", "--threshold", "0.1").Run()
			const pixelsDiffer = 22 // its exit code
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != pixelsDiffer {
				b.Fatalf("odiff: %v", err)
			}
		}
	})
}

func mustDiffer(b *testing.B, before, after image.Image) {
	if c := Diff(before, after, nil); len(c.Changed) != 2 {
		b.Fatalf("changed %v, want two blocks", c.Changed)
	}
}

func writtenPNG(b *testing.B, img image.Image) string {
	b.Helper()
	f, err := os.CreateTemp(b.TempDir(), "*.png")
	if err != nil {
		b.Fatal(err)
	}
	if err := errors.Join(png.Encode(f, img), f.Close()); err != nil {
		b.Fatal(err)
	}
	return filepath.Clean(f.Name())
}

func readPNG(b *testing.B, name string) image.Image {
	f, err := os.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	img, err := png.Decode(f)
	if err := errors.Join(err, f.Close()); err != nil {
		b.Fatal(err)
	}
	return img
}
