package console

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pasban/monitor"
)

// incident opens one that is over, with the alert and the answer that it had.
func (r *room) incident(site, kind string, state monitor.State, opened time.Time) {
	r.t.Helper()
	r.update(func(ctx context.Context, tx monitor.Tx) error {
		i := monitor.Incident{Site: site, Target: site, Kind: "leak", Severity: "high", State: state, Opened: opened, Updated: opened, Recovered: opened.Add(3 * time.Hour)}
		if kind == "unseen" {
			i.Kind, i.Findings = "availability", []monitor.IncidentFinding{{Capture: "none"}}
			i.Findings[0].Rule = "availability.unseen"
		}
		id, err := tx.AddIncident(ctx, i)
		_, err2 := tx.AddDelivery(ctx, monitor.Delivery{Alert: fmt.Sprint("a", id), Incident: id, Sink: "smtp", Recipient: "x", State: monitor.Sent, Created: opened, Updated: opened.Add(40 * time.Second)})
		_, err3 := tx.AddDecision(ctx, monitor.Decision{At: opened.Add(12 * time.Minute), Actor: "user:amina", Action: "incident.acknowledged", Object: fmt.Sprintf("incident:%d", id)})
		return errors.Join(err, err2, err3)
	})
}

// statisticsRoom has two incidents of a bank and one of another in the first quarter of
// 2026, one of the bank a year before, a false alarm and a site out of sight.
func statisticsRoom(t *testing.T, title string) *room {
	r := newRoom(t)
	r.now = time.Date(2026, 4, 10, 12, 0, 0, 0, time.UTC)
	r.site("bank", "bank", title, "x", "y")
	r.site("other", "other", "The Other", "x", "y")
	february := time.Date(2026, 2, 3, 8, 0, 0, 0, time.UTC)
	r.incident("bank", "leak", monitor.Resolved, february)
	r.incident("bank", "leak", monitor.Resolved, february.Add(48*time.Hour))
	r.incident("bank", "leak", monitor.FalseAlarm, february.Add(72*time.Hour))
	r.incident("bank", "unseen", monitor.Resolved, february.Add(73*time.Hour))
	r.incident("bank", "leak", monitor.Resolved, february.AddDate(-1, 0, 0))
	r.incident("other", "leak", monitor.Resolved, february)
	r.update(func(ctx context.Context, tx monitor.Tx) error {
		return tx.PutPastIncident(ctx, monitor.PastIncident{ID: "x", At: february, Kind: "phishing", Tier: "banking", Institution: title})
	})
	return r
}

func (r *room) rows(c *http.Client, path string) [][]string {
	r.t.Helper()
	code, body := r.get(c, path)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
	if code != http.StatusOK || err != nil || !strings.HasPrefix(body, "\ufeff") {
		r.t.Fatalf("%s: %d, %v, %.80q", path, code, err, body)
	}
	return rows
}

// Incidents are counted where they belong; false alarms and sites out of sight are not
// among them, and how long things took is told.
func TestStatistics(t *testing.T) {
	t.Parallel()
	r := statisticsRoom(t, "Bank")
	c := r.account("amina", monitor.Analyst, "")
	for path, want := range map[string]string{
		"/statistics/csv?quarter=2026Q1&table=kind":                "[[kind incidents span_before year_before] [leak 3 0 1] [phishing 1 0 0]]",
		"/statistics/csv?quarter=2026Q1&table=institution":         "[[institution incidents span_before year_before] [Bank 3 0 1] [The Other 1 0 0]]",
		"/statistics/csv?from=2026-02-03&to=2026-02-04&table=day":  "[[day incidents] [2026-02-03 3] [2026-02-04 0]]",
		"/statistics/csv?from=2026-02-05&to=2026-02-06&table=tier": "[[tier incidents span_before year_before] [banking 1 3 0]]",
		"/statistics/csv?quarter=2026Q1&table=time":                "[[step incidents median_s ninth_decile_s] [detect 0 0 0] [notify 3 40 40] [acknowledge 3 720 720] [recover 3 10800 10800] [false_alarms 1  ] [alarms 4  ]]",
		"/statistics/csv?quarter=2026Q1&table=site":                "[[site name false_alarms out_of_sight attacks] [bank Bank 1 1 2]]",
		"/statistics/csv?quarter=2026Q1&table=year":                "[[kind 2025 2026] [leak 1 3] [phishing 0 1] [all 1 4]]",
		"/statistics/csv?quarter=2025Q1&table=region":              "[[region incidents span_before year_before] [Bank 1 0 0]]",
	} {
		if got := fmt.Sprint(r.rows(c, path)); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	code, page := r.get(c, "/statistics?quarter=2026Q1")
	if code != http.StatusOK || !strings.Contains(page, `<b>12 min</b><span>to acknowledge</span>`) || !strings.Contains(page, `<b>25</b><i>%</i><span>false alarms</span>`) {
		t.Errorf("the page: %d", code)
	}
	for path, want := range map[string]int{
		"/statistics?quarter=2026Q5": 409, "/statistics?quarter=2027Q1": 409, "/statistics?from=2026-02-01": 409, "/statistics?from=2026-02-02&to=2026-02-01": 409,
		"/statistics?from=2020-01-01&to=2026-01-01": 409, "/statistics": 200, "/statistics/csv?table=nothing": 404, "/statistics?quarter=": 200, "/statistics?quarter=1990Q1": 200,
	} {
		if code, _ := r.get(c, path); code != want {
			t.Errorf("%s: %d, want %d", path, code, want)
		}
	}
}

// An institution is told of its own sites, and of nobody else's past.
func TestStatisticsOfAnInstitution(t *testing.T) {
	t.Parallel()
	r := statisticsRoom(t, "Bank")
	c := r.account("owner", monitor.InstitutionRole, "other")
	if got := fmt.Sprint(r.rows(c, "/statistics/csv?quarter=2026Q1&table=institution")); got != "[[institution incidents span_before year_before] [The Other 1 0 0]]" {
		t.Errorf("counted: %s", got)
	}
	for _, table := range []string{"kind", "tier", "region", "day", "quarter", "year", "time", "site"} {
		if got := fmt.Sprint(r.rows(c, "/statistics/csv?quarter=2026Q1&table="+table)); strings.Contains(got, "Bank") || strings.Contains(got, "phishing") || strings.Contains(got, " 4]") {
			t.Errorf("%s tells of others: %s", table, got)
		}
	}
	if _, page := r.get(c, "/statistics?quarter=2026Q1"); strings.Contains(page, "Bank<") || strings.Contains(page, "phishing") {
		t.Error("the page tells of others")
	}
}

// What a watchlist says is no formula of a spreadsheet.
func TestStatisticsInASpreadsheet(t *testing.T) {
	t.Parallel()
	r := statisticsRoom(t, "=HYPERLINK(\"http://evil.example\")\u202e\r\n,@x")
	c := r.account("amina", monitor.Analyst, "")
	for _, table := range []string{"institution", "region", "site"} {
		for _, row := range r.rows(c, "/statistics/csv?quarter=2026Q1&table="+table) {
			for _, cell := range row {
				if strings.ContainsAny(cell[:min(1, len(cell))], "=+-@\t\r") || strings.ContainsAny(cell, "\u202e\r\n") {
					t.Errorf("%s: a spreadsheet would run %q", table, cell)
				}
			}
		}
	}
}
