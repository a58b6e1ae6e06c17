package accesslog_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"pasban/compare/accesslog"
)

// sampleLines are the lines of the sample without their labels.
func sampleLines(b *testing.B) []byte {
	raw, err := os.ReadFile(samplePath)
	if err != nil {
		b.Fatal(err)
	}
	var out bytes.Buffer
	for line := range strings.Lines(string(raw)) {
		if _, text, ok := strings.Cut(line, "\t"); ok {
			out.WriteString(text)
		}
	}
	return out.Bytes()
}

func benchmark(b *testing.B, add bool) {
	log := sampleLines(b)
	lines := bytes.Count(log, []byte("\n"))
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		r := accesslog.NewReader(bytes.NewReader(log))
		s := accesslog.NewScanner(accesslog.Options{})
		for {
			e, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			if add {
				s.Add(e)
			}
		}
	}
	b.ReportMetric(float64(lines)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}

// The sample has more attacks than any log, and so this is slower than the work is.
func BenchmarkScan(b *testing.B) { benchmark(b, true) }

// What reading costs without judging, for the share of it.
func BenchmarkRead(b *testing.B) { benchmark(b, false) }
