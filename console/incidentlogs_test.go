package console

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"pasban/monitor"
)

// What the site's log tells stands on the timeline of its incident, as text whatever a
// visitor sent, and what is not shown is counted. Of another site it tells nothing.
func TestLogsOnTheTimeline(t *testing.T) {
	r := newRoom(t)
	c := r.site("court", "justice", "Court", "why", "evidence")
	other := r.site("bank", "bank", "Bank", "why", "evidence")
	var ids []int64
	r.update(func(ctx context.Context, tx monitor.Tx) error {
		ids = nil
		for _, c := range []monitor.Capture{c, other} {
			id, err := tx.AddIncident(ctx, monitor.Incident{Site: c.Site, Target: c.Target, Kind: "defacement", Severity: "high", State: monitor.Open, Summary: "s", Opened: r.now, Updated: r.now,
				Findings: []monitor.IncidentFinding{{Finding: c.Report.Findings[0], Capture: c.ID, Target: c.Target, At: c.At, Seen: 1}}})
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		for n := range monitor.LogLines + 2 {
			f := monitor.LogFinding{Site: "court", Key: fmt.Sprint(n), Rule: "log.scanner", Severity: "low", Why: "low", Method: "GET", Target: "/", Status: 404, Client: "192.0.2.1",
				First: r.now.Add(-time.Hour), Last: r.now.Add(-time.Hour), Count: 1, File: "access.log", Line: int64(n)}
			if n == 0 {
				f.Rule, f.Severity, f.Target, f.Count = "log.shell", "critical", "/<script>alert(1)</script>", 3
			}
			if err := tx.PutLogFinding(ctx, f); err != nil {
				return err
			}
		}
		return tx.PutLogReading(ctx, "court", monitor.LogReading{Thinned: 7})
	})
	analyst := r.account("amina", monitor.Analyst, "")
	code, body := r.get(analyst, fmt.Sprintf("/incidents/%d", ids[0]))
	if code != 200 || strings.Contains(body, "<script>alert") {
		t.Fatalf("%d: %s", code, body)
	}
	for _, want := range []string{"log.shell · access.log:0", "GET /&lt;script&gt;alert(1)&lt;/script&gt; 404 192.0.2.1", "3 times, last", "2 more findings of the logs", "7 older findings"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if _, body := r.get(analyst, fmt.Sprintf("/incidents/%d", ids[1])); strings.Contains(body, "access.log") {
		t.Error("the log of another site is on the timeline")
	}
}
