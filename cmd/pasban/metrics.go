package main

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"pasban/monitor"
)

// Metrics for Prometheus. Labels are the names of queues, checks, verdicts and outcomes:
// a few dozen series, however many sites are watched. Which sites are out of sight is
// for `pasban status`, /status and the CERT's mailbox to say.

// looks counts what the watch sees, as it happens.
type looks struct {
	total  *prometheus.CounterVec
	failed prometheus.Counter
	took   prometheus.Histogram
	sent   *prometheus.CounterVec
}

func newLooks() *looks {
	return &looks{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pasban_looks_total", Help: "Looks that were judged to their end by this process, by verdict."}, []string{"verdict"}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "pasban_look_failures_total", Help: "Attempts to look that failed by our own fault."}),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "pasban_look_duration_seconds", Help: "How long the rendering of a page took.", Buckets: []float64{0.5, 1, 2, 4, 8, 15, 30}}),
		sent: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pasban_delivery_attempts_total", Help: "Attempts to deliver an alert, by what became of it."}, []string{"state"}),
	}
}

// observe is a monitor.Config.Observe.
func (l *looks) observe(e monitor.Event) {
	switch {
	case e.Delivery != nil:
		l.sent.WithLabelValues(string(e.Delivery.State)).Inc()
	case e.Err != nil:
		l.failed.Inc()
	case e.Concluded:
		l.total.WithLabelValues(string(e.Capture.Report.Verdict)).Inc()
		l.took.Observe(float64(e.Capture.TookMS) / 1000)
	}
}

// gauge is one number of a snapshot.
type gauge struct {
	desc *prometheus.Desc
	read func(monitor.Status) float64
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("pasban_"+name, help, labels, nil)
}

var gauges = []gauge{
	{desc("sites", "Sites on the watchlist."), func(s monitor.Status) float64 { return float64(s.Sites) }},
	{desc("sites_paused", "Sites that are paused."), func(s monitor.Status) float64 { return float64(s.Paused) }},
	{desc("targets", "Pages that are watched."), func(s monitor.Status) float64 { return float64(s.Targets) }},
	{desc("targets_fresh", "Pages that were seen in good order within their promise."), func(s monitor.Status) float64 { return float64(s.Fresh) }},
	{desc("targets_blind", "Pages that were not."), func(s monitor.Status) float64 { return float64(len(s.Blind)) }},
	{desc("baselines_approved", "Pages with an approved look."), func(s monitor.Status) float64 { return float64(s.Baselines) }},
	{desc("baselines_provisional", "Pages whose look nobody has approved yet."), func(s monitor.Status) float64 { return float64(s.Provisional) }},
	{desc("incidents_open", "Incidents that are not closed."), func(s monitor.Status) float64 { return float64(s.Incidents) }},
	{desc("questions_waiting", "Findings that wait for an analyst."), func(s monitor.Status) float64 { return float64(s.Questions) }},
	{desc("deliveries_undelivered", "Alerts that have not arrived yet."), func(s monitor.Status) float64 { return float64(s.Undelivered) }},
}

// measured gives the value of a condition the name and unit of a metric.
var measured = map[string]*prometheus.Desc{
	"watch":   desc("watch_kept_since_timestamp_seconds", "Since when the watch has been kept without a stop."),
	"fleet":   desc("fleet_seen_ratio", "Share of the pages whose last look was a good one and in time."),
	"canary":  desc("canary_alarm_seconds", "How long the last alarm of a canary took, or has taken so far."),
	"looks":   desc("looks_failed_in_a_row", "Looks that failed since one succeeded."),
	"mail":    desc("delivery_last_success_timestamp_seconds", "When an alert last arrived, 0 for never."),
	"blobs":   desc("blobs_probe_seconds", "How long it took to store, read and remove a blob."),
	"disk":    desc("disk_free_bytes", "Free space where database and evidence are kept."),
	"browser": desc("browser_age_seconds", "Age of the build of Chrome."),
	"clock":   desc("clock_offset_seconds", "By how much a clock was found to be off in the past hour."),
}

var (
	healthIll    = desc("health_ill", "1 if a check of the watch itself is ill, 0 if it is well.", "check")
	healthTime   = desc("health_measured_timestamp_seconds", "When the watch last measured itself.")
	queueWaiting = desc("queue_waiting_jobs", "Jobs that could be worked and wait.", "queue")
	queueOldest  = desc("queue_oldest_job_seconds", "For how long the one that waits longest has.", "queue")
	snapshotOK   = desc("snapshot_success", "1 if the database answered when this was collected.")
)

// snapshot collects what the database knows. It is read once for all who ask within a
// few seconds.
type snapshot struct {
	status  func(context.Context) (monitor.Status, error)
	backlog func() map[string]monitor.Backlog

	mu   sync.Mutex
	read time.Time
	last monitor.Status
	err  error
}

const (
	snapshotAge     = 5 * time.Second
	snapshotTimeout = 15 * time.Second
)

func (s *snapshot) get() (monitor.Status, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.read) < snapshotAge {
		return s.last, s.err
	}
	ctx, cancel := context.WithTimeout(context.Background(), snapshotTimeout)
	defer cancel()
	s.last, s.err = s.status(ctx)
	s.read = time.Now()
	return s.last, s.err
}

// Describe implements prometheus.Collector.
func (s *snapshot) Describe(out chan<- *prometheus.Desc) {
	for _, g := range gauges {
		out <- g.desc
	}
	for _, d := range measured {
		out <- d
	}
	for _, d := range []*prometheus.Desc{healthIll, healthTime, queueWaiting, queueOldest, snapshotOK} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (s *snapshot) Collect(out chan<- prometheus.Metric) {
	give := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for queue, b := range s.backlog() {
		give(queueWaiting, float64(b.Waiting), queue)
		give(queueOldest, b.Oldest.Seconds(), queue)
	}
	status, err := s.get()
	if err != nil {
		give(snapshotOK, 0)
		return
	}
	give(snapshotOK, 1)
	for _, g := range gauges {
		give(g.desc, g.read(status))
	}
	var newest time.Time
	for _, c := range status.Health {
		give(healthIll, map[bool]float64{true: 1}[c.Ill], c.Name)
		if d := measured[c.Name]; d != nil {
			give(d, c.Value)
		}
		if c.Measured.After(newest) {
			newest = c.Measured
		}
	}
	if !newest.IsZero() {
		give(healthTime, float64(newest.Unix()))
	}
}

// metricsHandler answers Prometheus with what a house knows.
func metricsHandler(h *house, l *looks) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		l.total, l.failed, l.took, l.sent, &snapshot{status: h.Status, backlog: h.Backlog},
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "pasban_build_info", Help: "The version of this program, as a label.",
			ConstLabels: prometheus.Labels{"version": versionString()}}, func() float64 { return 1 }),
	)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 3, Timeout: 20 * time.Second}))
	return unframed(mux)
}
