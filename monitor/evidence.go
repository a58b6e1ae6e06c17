package monitor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// EvidenceFile is one file of an incident's evidence. Its name is made by
// Pasban, never by the site.
type EvidenceFile struct {
	Name string
	Data []byte
}

// evidenceManifest lists what an export holds.
type evidenceManifest struct {
	Incident Incident        `json:"incident"`
	Made     time.Time       `json:"made"`
	Captures []Capture       `json:"captures"`
	Logs     []LogFinding    `json:"logs,omitempty"` // what access logs told of its time
	Files    []evidenceEntry `json:"files"`
}

type evidenceEntry struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Bytes  int    `json:"bytes"`
}

// extensions of exported blobs. Documents of the site are compressed, so that
// nothing opens them by a careless click.
var extensions = map[string]string{
	BlobPage: ".json.gz", BlobView: ".json.gz", BlobSources: ".json.gz", BlobHTML: ".html.gz", BlobPicture: ".png",
	BlobBefore: ".jpg", BlobAfter: ".jpg", BlobDifference: ".jpg",
}

// Evidence collects what an incident rests on: for each capture that shows a
// finding its page, view, DOM and pictures, and a manifest with every hash.
func (m *Monitor) Evidence(ctx context.Context, id int64) ([]EvidenceFile, error) {
	i, err := m.Store.Incident(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("incident %d: %w", id, err)
	}
	doc := evidenceManifest{Incident: i, Made: m.now()}
	logs, err := m.IncidentLogs(ctx, m.Store, i)
	if err != nil {
		return nil, err
	}
	doc.Logs = logs.Findings
	var files []EvidenceFile
	for _, capture := range capturesOf(i) {
		c, err := m.Store.Capture(ctx, capture)
		if err != nil {
			return nil, fmt.Errorf("capture %s: %w", capture, err)
		}
		doc.Captures = append(doc.Captures, c)
		for _, name := range sortedKeys(c.Blobs) {
			data, err := m.readBlob(ctx, c.Blobs[name])
			if err != nil {
				return nil, fmt.Errorf("the %s of capture %s: %w", name, capture, err)
			}
			files = append(files, EvidenceFile{Name: fmt.Sprintf("%s-%s%s", c.ID, name, extensions[name]), Data: data})
		}
	}
	for _, f := range files {
		sum := sha256.Sum256(f.Data)
		doc.Files = append(doc.Files, evidenceEntry{Name: f.Name, SHA256: hex.EncodeToString(sum[:]), Bytes: len(f.Data)})
	}
	data, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the manifest: %w", err)
	}
	return append(files, EvidenceFile{Name: "manifest.json", Data: data}), nil
}

func capturesOf(i Incident) []string {
	var out []string
	for _, f := range i.Findings {
		if !slices.Contains(out, f.Capture) {
			out = append(out, f.Capture)
		}
	}
	return out
}

func sortedKeys(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
