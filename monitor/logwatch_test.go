package monitor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pasban/compare"
	"pasban/monitor"
)

// logWorld is a world with a folder of logs.
type logWorld struct {
	*world
	clock *settable
	dir   string
	said  *lines
	round func(context.Context) error
}

// lines are those of the log of the process.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), what)
}

func newLogWorld(t *testing.T) *logWorld {
	w := &logWorld{dir: t.TempDir(), said: &lines{}, clock: &settable{}}
	w.world = newWorld(t, func(c *monitor.Config) {
		c.Logs, c.Clock, c.Logger = w.dir, w.clock.now, slog.New(slog.NewTextHandler(w.said, nil))
	})
	w.restart()
	return w
}

// restart forgets all that is not on record.
func (w *logWorld) restart() { w.round = w.LogRounds() }

func (w *logWorld) read() {
	w.t.Helper()
	if err := w.round(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// request adds a line to the log of a site.
func (w *logWorld) request(site, client, request string, status int) {
	w.t.Helper()
	err := os.MkdirAll(filepath.Join(w.dir, site), 0o755)
	var f *os.File
	if err == nil {
		f, err = os.OpenFile(filepath.Join(w.dir, site, "access.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	fmt.Fprintf(f, "%s - - [%s] \"%s HTTP/1.1\" %d 5 \"-\" \"curl/8\"\n", client, w.clock.now().Format("02/Jan/2006:15:04:05 -0700"), request, status)
	if err := f.Close(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *logWorld) findings(site string) []monitor.LogFinding {
	w.t.Helper()
	all, err := w.Store.LogFindings(w.t.Context(), site, time.Unix(1, 0), w.clock.now().Add(time.Hour))
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// counts are the findings of the ministry, by rule, client and number.
func (w *logWorld) counts() string {
	w.t.Helper()
	var out []string
	for _, f := range w.findings("ministry") {
		out = append(out, fmt.Sprintf("%s %s %d", f.Rule, f.Client, f.Count))
	}
	return strings.Join(out, "; ")
}

// What the log of a site tells is kept for it, once, however often the process begins anew.
func TestLogsAreRead(t *testing.T) {
	w := newLogWorld(t)
	w.request("ministry", "192.0.2.1", "GET /news", 200)
	w.request("ministry", "192.0.2.9", "GET /a.php?id=1%27%20union%20select%20password%20from%20users&token=s3cr3t", 200)
	w.read()
	want := "log.sql 192.0.2.9 1"
	if got := w.counts(); got != want {
		t.Fatalf("found %q, want %q", got, want)
	}
	f := w.findings("ministry")[0]
	if strings.Contains(f.Target, "s3cr3t") || !strings.Contains(f.Target, "token=***") || f.File != "access.log" || f.Line != 2 || f.Severity != compare.High {
		t.Errorf("kept as %+v", f)
	}
	for range 2 {
		w.read()
		w.restart()
	}
	if got := w.counts(); got != want {
		t.Errorf("after a restart %q", got)
	}
	if len(w.incidents()) != 0 || len(w.mail.letters()) != 0 {
		t.Error("a line of a log opened an incident or mailed somebody")
	}
	w.request("ministry", "192.0.2.8", "GET /uploads/x.php?cmd=id", 200)
	w.read()
	if got := w.counts(); got != want+"; log.shell 192.0.2.8 1" {
		t.Errorf("then %q", got)
	}
	r, err := w.Store.LogReading(t.Context(), "ministry")
	if err != nil || r.Lines != 3 || len(r.Places) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

// torn is a store that ends like a process that is killed: before a commit, or after one
// of which nobody heard.
type torn struct {
	monitor.Store
	before, after bool
}

func (s *torn) Update(ctx context.Context, f func(monitor.Tx) error) error {
	killed := errors.New("killed")
	if s.before {
		return s.Store.Update(ctx, func(tx monitor.Tx) error { return errors.Join(f(tx), killed) })
	}
	err := s.Store.Update(ctx, f)
	if err == nil && s.after {
		return killed
	}
	return err
}

// Whenever it dies, no finding is lost and none is doubled; what is known of the site and
// how far was read stay with the findings.
func TestKilledReaderOfLogs(t *testing.T) {
	for _, again := range []bool{true, false} { // as another process, or the same
		for _, s := range []*torn{{before: true}, {after: true}} {
			w := newLogWorld(t)
			w.request("ministry", "192.0.2.9", "GET /uploads/x.php?cmd=id", 200)
			w.read()
			w.request("ministry", "192.0.2.9", "GET /uploads/x.php?cmd=id", 200)
			s.Store = w.Config.Store
			whole := w.Config
			broken := whole
			broken.Store = s
			w.renew(broken)
			w.restart()
			if err := w.round(t.Context()); err == nil {
				t.Fatal("the store was not torn")
			}
			if again {
				w.renew(whole)
				w.restart()
			}
			s.before, s.after = false, false
			w.read()
			w.read()
			if got := w.counts(); got != "log.shell 192.0.2.9 2" {
				t.Errorf("%+v: %s", s, got)
			}
		}
	}
}

// A folder of a site that nobody watches, and a link, are said once and not read.
func TestFoldersThatAreNotRead(t *testing.T) {
	w := newLogWorld(t)
	w.request("elsewhere\n", "192.0.2.9", "GET /uploads/x.php?cmd=id", 200)
	w.request("ministry", "192.0.2.9", "GET /", 200)
	secret := filepath.Join(t.TempDir(), "secret.log")
	line := "192.0.2.9 - - [" + w.clock.now().Format("02/Jan/2006:15:04:05 -0700") + "] \"GET /uploads/y.php?cmd=id HTTP/1.1\" 200 5\n"
	if err := errors.Join(os.WriteFile(secret, []byte(line), 0o644), os.Symlink(secret, filepath.Join(w.dir, "ministry", "link.log"))); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		w.read()
	}
	if got := w.counts(); got != "" {
		t.Errorf("found %s", got)
	}
	for _, what := range []string{"not watched", "links are not followed"} {
		if n := w.said.count(what); n != 1 {
			t.Errorf("%q was said %d times", what, n)
		}
	}
	if strings.Contains(w.said.text.String(), "elsewhere\n") {
		t.Error("the name of a folder broke a line of the log")
	}
	// Once it is watched, it is read.
	w.importList("site_id,name,url,institution,tier\nministry,Ministry," + homeURL + ",Ministry,federal\nnew,New,http://new.example/,New,federal\n")
	w.request("new", "192.0.2.9", "GET /uploads/x.php?cmd=id", 200)
	w.read()
	if got := w.findings("new"); len(got) != 1 {
		t.Errorf("of a new site %v", got)
	}
}

// The newest findings of each rule are kept, and what gave way is counted.
func TestLogFindingsAreBounded(t *testing.T) {
	w := newLogWorld(t)
	w.request("ministry", "192.0.2.1", "GET /a.php?x=../../../../etc/passwd", 200)
	for i := range 150 {
		w.request("ministry", "192.0.2.1", fmt.Sprintf("GET /uploads/x%d.php", i), 200)
	}
	w.read()
	w.clock.set(time.Minute)
	for i := range 150 {
		w.request("ministry", "192.0.2.1", fmt.Sprintf("GET /uploads/y%d.php", i), 200)
	}
	w.read()
	all := w.findings("ministry")
	other := slices.ContainsFunc(all, func(f monitor.LogFinding) bool { return f.Rule == "log.traversal" })
	newest := slices.ContainsFunc(all, func(f monitor.LogFinding) bool { return f.Target == "/uploads/y149.php" })
	if len(all) != 201 || !other || !newest {
		t.Errorf("%d findings, of another rule %v, the newest %v", len(all), other, newest)
	}
	r, err := w.Store.LogReading(t.Context(), "ministry")
	if err != nil || r.Thinned != 100 {
		t.Errorf("%d thinned, %v", r.Thinned, err)
	}
}

// A write during a lockdown is a question for an analyst, once; it pages nobody.
func TestWriteDuringLockdown(t *testing.T) {
	w := newLogWorld(t)
	w.sweep()
	d, _, err := w.OrderLockdown(t.Context(), operatorTest, monitor.Directive{
		Scope: monitor.Scope{All: true}, Controls: []string{"form"}, Deadline: w.clock.now().Add(time.Hour), Authority: "CERT, circular 1"})
	if err != nil {
		t.Fatal(err)
	}
	questions := func() []monitor.Question {
		t.Helper()
		all, err := w.Store.Questions(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	w.request("ministry", "192.0.2.1", "POST /contact", 200)
	w.read()
	if got := w.counts(); got != "" || len(questions()) != 0 {
		t.Fatalf("before the deadline: %s, %v", got, questions())
	}
	w.clock.set(2 * time.Hour)
	since, _, err := w.WritesForbidden(t.Context(), "ministry")
	if err != nil || !since.Equal(d.Deadline) {
		t.Errorf("forbidden since %v, %v", since, err)
	}
	for range 2 {
		w.request("ministry", "192.0.2.1", "POST /contact", 200)
		w.request("ministry", "192.0.2.1", "GET /", 200)
		w.read()
	}
	got := questions()
	if len(got) != 1 || got[0].Target != "ministry" || got[0].Report.Verdict != compare.Suspicious || len(got[0].Report.Findings) != 1 ||
		!strings.Contains(got[0].Report.Findings[0].Evidence, "POST /contact 200 192.0.2.1") {
		t.Fatalf("asked %+v", got)
	}
	if len(w.incidents()) != 0 {
		t.Error("a line of a log opened an incident")
	}
	if err := w.Dismiss(t.Context(), operatorTest, got[0].ID); err != nil {
		t.Fatal(err)
	}
	w.request("ministry", "192.0.2.1", "POST /contact", 200)
	w.read()
	if got := questions(); len(got) != 0 {
		t.Errorf("asked again %+v", got)
	}
	w.request("ministry", "192.0.2.1", "PUT /files/a.txt", 201)
	w.read()
	got = questions()
	if len(got) != 1 {
		t.Fatalf("of another write %+v", got)
	}
	// A person who says that it is an attack opens the incident.
	if _, err := w.Confirm(t.Context(), operatorTest, got[0].ID); err != nil {
		t.Fatal(err)
	}
	if all := w.incidents(); len(all) != 1 || all[0].Kind != compare.Lockdown {
		t.Errorf("incidents %+v", all)
	}
	if _, err := w.LiftLockdown(t.Context(), operatorTest, d.ID); err != nil {
		t.Fatal(err)
	}
	before := w.counts()
	w.request("ministry", "192.0.2.1", "POST /after", 200)
	w.read()
	if got := w.counts(); got != before {
		t.Errorf("after the order: %s", got)
	}
}

// What is waived is not asked about, and stands on the timeline all the same.
func TestWaivedWrite(t *testing.T) {
	w := newLogWorld(t)
	w.sweep()
	if _, _, err := w.OrderLockdown(t.Context(), operatorTest, monitor.Directive{
		Scope: monitor.Scope{All: true}, Controls: []string{"form"}, Deadline: w.clock.now().Add(time.Hour), Authority: "CERT"}); err != nil {
		t.Fatal(err)
	}
	w.clock.set(2 * time.Hour)
	if _, err := w.Waive(t.Context(), operatorTest, monitor.Waiver{Site: "ministry", Controls: []string{"form"}, Approver: "Director", Expires: w.clock.now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	w.request("ministry", "192.0.2.1", "GET /", 200)
	w.request("ministry", "192.0.2.1", "POST /contact", 200)
	w.read()
	all, err := w.Store.Questions(t.Context())
	if got := w.counts(); got != "log.write_in_lockdown 192.0.2.1 1" || err != nil || len(all) != 0 {
		t.Errorf("%s, questions %v, %v", got, all, err)
	}
}

// An incident shows what the logs tell of its time, the gravest of too much.
func TestLogsOfAnIncident(t *testing.T) {
	w := newLogWorld(t)
	w.request("ministry", "192.0.2.9", "GET /uploads/x.php?cmd=id", 200)
	for i := range monitor.LogLines {
		w.request("ministry", fmt.Sprintf("192.0.2.%d", 100+i), "GET /?q=%3Cscript%3Ealert(1)%3C/script%3E", 200)
	}
	w.read()
	w.Config.ReportTo = []string{"intake@cert.example"}
	w.sweep()
	w.stage.show(homeURL, defaced())
	w.sweep()
	reports := 0
	for _, l := range w.mail.letters() {
		if l.to.To == "intake@cert.example" {
			reports++
		}
		switch told := l.alert.Logs; {
		case !l.alert.ForCERT && len(told) > 0:
			t.Errorf("%s is told what the log says", l.to.To)
		case l.alert.ForCERT && (len(told) != 20 || told[0].Rule != "log.shell" || l.alert.MoreLogs != monitor.LogLines+1-20):
			t.Errorf("the report has %d findings of the log, %d left out", len(told), l.alert.MoreLogs)
		}
	}
	if reports != 1 {
		t.Errorf("%d reports", reports)
	}
	files, err := w.Evidence(t.Context(), w.incidents()[0].ID)
	if err != nil || !strings.Contains(string(files[len(files)-1].Data), "/uploads/x.php?cmd=id") {
		t.Errorf("the exported evidence lacks the log: %v", err)
	}
	logs, err := w.IncidentLogs(t.Context(), w.Store, w.incidents()[0])
	if err != nil || len(logs.Findings) != monitor.LogLines || logs.LeftOut != 1 || logs.Findings[0].Rule != "log.shell" {
		t.Fatalf("%+v, %v", logs, err)
	}
	w.clock.set(100 * time.Hour)
	w.request("ministry", "192.0.2.8", "GET /uploads/z.php?cmd=id", 200)
	w.read()
	i := w.incidents()[0]
	i.Opened = w.clock.now()
	logs, err = w.IncidentLogs(t.Context(), w.Store, i)
	if err != nil || len(logs.Findings) != 1 || logs.Findings[0].Client != "192.0.2.8" {
		t.Errorf("days later %+v, %v", logs, err)
	}
}

// What lets somebody in, and what is about a person, is not kept.
func TestLogSecrets(t *testing.T) {
	for line, want := range map[string]string{
		"/login?user=a&password=hunter2&x=1": "/login?user=a&password=***&x=1",
		"/cb?access_token=abc;sid=def#x":     "/cb?access_token=***;sid=***#x",
		"/list?page=2":                       "/list?page=2",
		"/who?cnic=35202-1234567-1":          "/who?cnic=35***-*******-*",
	} {
		if got := monitor.WithoutSecrets(line); got != want && (!strings.Contains(line, "cnic") || strings.Contains(got, "1234567")) {
			t.Errorf("%s became %s, want %s", line, got, want)
		}
	}
}
