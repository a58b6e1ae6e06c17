package monitor

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"time"

	"pasban/compare"
	"pasban/compare/accesslog"
	"pasban/monitor/logdir"
)

// What web servers noted of their visitors stands beside what browsers saw. A picture
// says that a site was defaced; the log says who came in, by which door, and when. So
// access logs that are put into a folder are read as they grow (logwatch.go), and what
// matters in them is kept for each site and shown on the timeline of its incidents. A
// line of a log is one witness, whom an attacker may have told what to say: it opens no
// incident and mails nobody. See docs/logs.md.

// LogFinding is what one rule found in the access log of a site: at one visitor or path,
// within an hour. Its texts are escaped, bounded and without what is secret; they are an
// attacker's all the same.
type LogFinding struct {
	ID       int64            `json:"id"`
	Site     string           `json:"site"`
	Key      string           `json:"-"` // the same for what is one finding
	Rule     string           `json:"rule"`
	Severity compare.Severity `json:"severity"`
	Why      string           `json:"why"`
	Client   string           `json:"client"`
	Method   string           `json:"method"`
	Target   string           `json:"target"`
	Status   int              `json:"status"`
	Agent    string           `json:"agent,omitempty"`
	First    time.Time        `json:"first"`
	Last     time.Time        `json:"last"`
	Count    int64            `json:"count"` // requests
	File     string           `json:"file"`
	Line     int64            `json:"line"` // of the first
}

// Request is the line in short: what was asked for, by whom, and what was answered.
func (f LogFinding) Request() string {
	return fmt.Sprintf("%s %s %d %s", f.Method, f.Target, f.Status, f.Client)
}

// LogReading is how far the access logs of a site were read, and what is known of it from
// them. It is kept in the transaction that keeps the findings, so that a line is told
// once whenever the process dies.
type LogReading struct {
	Places    []logdir.Place   `json:"places"`
	Memory    accesslog.Memory `json:"memory"`
	Lines     int64            `json:"lines"`
	Malformed int64            `json:"malformed"`
	LeftOut   int64            `json:"left_out"` // findings of which there were too many at once
	Thinned   int64            `json:"thinned"`  // and those that gave way to newer ones
	// ReadOnly is since when the watchlist has the site in lockdown, as far as known.
	ReadOnly time.Time `json:"read_only,omitzero"`
	// Since is the lockdown during which analysts were asked about writes, and Asked the
	// writes.
	Since time.Time `json:"since,omitzero"`
	Asked []string  `json:"asked,omitempty"`
}

const (
	// maxLogFindings bounds what is kept of one rule and site. Rules do not push each
	// other out: whoever makes noise of one kind hides nothing of another.
	maxLogFindings = 200
	// logBefore is how far before an incident the log may tell of it. A shell is mostly
	// put there some days before it is used.
	logBefore = 72 * time.Hour
	// LogLines is how many findings an incident shows.
	LogLines = 40
)

// secretValue is a parameter whose value nobody else is to read.
var secretValue = regexp.MustCompile(`(?i)([?&;](?:pass(?:word|wd)?|pwd|(?:access_|csrf_)?token|api_?key|key|secret|session(?:_?id)?|phpsessid|sid|auth|otp|pin|jwt|signature|sig)(?:=|%3d))[^&;#\s]+`)

// withoutSecrets masks personal data, and what lets somebody in.
func withoutSecrets(s string) string {
	return storable(compare.Redact(secretValue.ReplaceAllString(s, "$1***")))
}

// logFinding is a finding of a scan as it is kept.
func logFinding(site string, f accesslog.Finding) LogFinding {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%d", f.Rule, f.Client, f.Path, f.First.Unix()/3600))
	return LogFinding{
		Site: site, Key: hex.EncodeToString(sum[:12]), Rule: f.Rule, Severity: f.Severity, Why: f.Why, Client: f.Client, Method: f.Method,
		Target: withoutSecrets(f.Target), Status: f.Status, Agent: withoutSecrets(f.Agent), First: f.First.UTC(), Last: f.Last.UTC(), Count: f.Count,
		File: f.File, Line: f.Line,
	}
}

// IncidentLogs is what access logs tell about the time of an incident.
type IncidentLogs struct {
	Findings []LogFinding // by time; of too many the gravest
	LeftOut  int          // findings that there are besides
	Thinned  int64        // those of the site that gave way to newer ones, at any time
}

// Gravest are at most n of the findings, by time.
func (l IncidentLogs) Gravest(n int) []LogFinding {
	out := slices.Clone(l.Findings)
	slices.SortStableFunc(out, graver)
	out = out[:min(len(out), n)]
	slices.SortStableFunc(out, func(a, b LogFinding) int { return a.First.Compare(b.First) })
	return out
}

func graver(a, b LogFinding) int {
	return cmp.Or(cmp.Compare(b.Severity.Rank(), a.Severity.Rank()), a.First.Compare(b.First))
}

// IncidentLogs finds what the access logs of its site tell about an incident: from three
// days before it was opened to its end.
func (m *Monitor) IncidentLogs(ctx context.Context, from Reader, i Incident) (IncidentLogs, error) {
	end := m.now()
	if i.State.Closed() {
		end = i.Updated
	}
	var out IncidentLogs
	all, err := from.LogFindings(ctx, i.Site, i.Opened.Add(-logBefore), end)
	if err != nil || len(all) == 0 {
		return out, err
	}
	out.Findings = IncidentLogs{Findings: all}.Gravest(LogLines)
	out.LeftOut = len(all) - len(out.Findings)
	r, err := from.LogReading(ctx, i.Site)
	if err != nil {
		return out, fmt.Errorf("reading how the logs of %s are read: %w", i.Site, err)
	}
	out.Thinned = r.Thinned
	return out, nil
}
