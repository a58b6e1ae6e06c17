package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	netsmtp "net/smtp"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"pasban/monitor/ocr"
	"pasban/render"
	"pasban/render/egress"
	"pasban/storage/blob"
	"pasban/storage/db"
)

type doctorCommand struct{}

// diagnosis is what one check found. A mend is given unless all is as good as can be.
type diagnosis struct {
	level level
	text  string
	mend  string
}

type level string

const (
	well    level = "ok"
	doubt   level = "warn"
	failure level = "FAIL"
)

func ok(format string, args ...any) diagnosis {
	return diagnosis{well, fmt.Sprintf(format, args...), ""}
}

func warn(mend, format string, args ...any) diagnosis {
	return diagnosis{doubt, fmt.Sprintf(format, args...), mend}
}

func fail(mend, format string, args ...any) diagnosis {
	return diagnosis{failure, fmt.Sprintf(format, args...), mend}
}

// check is one thing the doctor looks at.
type check struct {
	name string
	run  func(context.Context, *common, terminal) diagnosis
}

// checks in the order in which things depend on each other.
var checks = []check{
	{"browser", checkBrowser},
	{"rendering", checkRendering},
	{"fonts", checkFonts},
	{"reading", checkReading},
	{"memory", checkMemory},
	{"data", checkData},
	{"database", checkDatabase},
	{"blobs", checkBlobs},
	{"mail", checkMail},
	{"recipients", checkRecipients},
	{"clock", checkClock},
}

// Run makes every check and says how to mend what is not well.
func (d *doctorCommand) Run(ctx context.Context, c *common, term terminal) error {
	failed := 0
	for _, k := range checks {
		limited, cancel := context.WithTimeout(ctx, time.Minute)
		found := k.run(limited, c, term)
		cancel()
		fmt.Fprintf(term.out, "%-5s %-11s %s\n", found.level, k.name, plain(found.text, 1000))
		if found.mend != "" {
			fmt.Fprintf(term.out, "%-17s %s\n", "", found.mend)
		}
		if found.level == failure {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%s failed", count(failed, "check"))
	}
	return nil
}

func checkBrowser(ctx context.Context, c *common, _ terminal) diagnosis {
	const mend = "apt-get install chromium-headless-shell (or `make setup`), or name another with --chrome"
	path, err := c.findChrome()
	if err != nil {
		return fail(mend, "%v", err)
	}
	version, err := render.Version(ctx, path)
	if err != nil {
		return fail(mend, "%s does not run: %v", path, err)
	}
	return ok("%s, %s", version, path)
}

// doctorPage has a word of every script the fonts must have.
const doctorPage = `<!doctype html><html lang="ur" dir="rtl"><meta charset="utf-8"><title>doctor</title>
<p>پاسبان</p><p lang="ar">حارس</p><p lang="en" dir="ltr">watchman</p>`

// checkRendering renders a page of its own through the whole renderer.
func checkRendering(ctx context.Context, c *common, term terminal) diagnosis {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fail("loopback must work", "no page can be served on loopback: %v", err)
	}
	server := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, doctorPage)
	})}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	found := renderPage(ctx, c, term, "http://"+listener.Addr().String()+"/")
	if err := errors.Join(server.Close(), <-served); !errors.Is(err, http.ErrServerClosed) {
		return fail("", "serving the test page: %v", err)
	}
	return found
}

func renderPage(ctx context.Context, c *common, term terminal, address string) diagnosis {
	loopback, err := parsePrefix("127.0.0.1/32")
	if err != nil {
		return fail("", "%v", err)
	}
	pool, err := render.NewPool(ctx, render.Options{
		Chrome: c.Chrome, Processes: 1, NoSandbox: c.NoSandbox, Logger: c.logger(term),
		Egress: egress.Policy{AllowPrivate: append(c.allow, loopback)},
	})
	if err != nil {
		return fail("allow user namespaces (sysctl kernel.unprivileged_userns_clone=1; in a container use deploy/seccomp.json)", "the browser does not start: %v", err)
	}
	page, err := pool.Render(ctx, render.Request{URL: address})
	settling, cancel := context.WithTimeout(ctx, 5*time.Second)
	sandboxed := pool.Sandboxed(settling)
	cancel()
	if err = errors.Join(err, pool.Close()); err != nil {
		return fail("run `pasban check` on a page that you know for the whole log", "no page can be rendered: %v", err)
	}
	switch {
	case page.Outcome != render.OK || page.Screenshot == nil:
		return fail("run `pasban check` on a page that you know for the whole log", "a simple page came out as %s %s", page.Outcome, page.Detail)
	case c.NoSandbox:
		return warn("leave out --no-sandbox: a hostile page then needs two holes, not one", "works, but the sandbox is switched off")
	case !sandboxed:
		return fail("do not watch hostile pages on this machine before its user namespaces and seccomp work", "works, but the renderers are not in the sandbox")
	}
	return ok("a page in %d ms, sandbox on", page.Timings.Done.Milliseconds())
}

// checkFonts asks fontconfig for what the pages of the country need.
func checkFonts(ctx context.Context, _ *common, _ terminal) diagnosis {
	const mend = "apt-get install fontconfig fonts-noto-core fonts-noto-color-emoji (or `make setup`)"
	var missing []string
	for _, want := range []struct{ family, script string }{
		{"Noto Nastaliq Urdu", "Urdu"}, {"Noto Naskh Arabic", "Arabic"}, {"Noto Sans", "Latin"}, {"Noto Color Emoji", "emoji"},
	} {
		out, err := exec.CommandContext(ctx, "fc-list", want.family, "family").Output()
		if err != nil {
			return warn(mend, "fontconfig cannot be asked: %v", err)
		}
		if !strings.Contains(string(out), want.family) {
			missing = append(missing, fmt.Sprintf("%s (%s)", want.family, want.script))
		}
	}
	if len(missing) > 0 {
		return warn(mend, "missing: %s; such text will be empty boxes in pictures and alerts", strings.Join(missing, ", "))
	}
	return ok("Latin, Urdu, Arabic and emoji")
}

// checkReading asks what could read the words in pictures. It is optional: an
// exchanged picture is judged by what it looks like as well.
func checkReading(ctx context.Context, _ *common, _ terminal) diagnosis {
	const mend = "optional: apt-get install tesseract-ocr tesseract-ocr-urd tesseract-ocr-ara"
	reader, err := ocr.Open(ctx, ocr.Options{})
	if errors.Is(err, ocr.ErrMissing) {
		return diagnosis{well, "words in pictures are not read: tesseract is not installed", mend}
	}
	if err != nil {
		return warn(mend, "words in pictures are not read: %v", err)
	}
	found := ok("words in pictures, in %s", strings.Join(reader.Languages(), ", "))
	if len(reader.Languages()) == 1 {
		found.mend = mend
	}
	return found
}

// One look needs about 400 MB of Chrome at its peak on an ordinary page.
const memoryPerLook = 400 << 20

func checkMemory(_ context.Context, c *common, _ terminal) diagnosis {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return warn("", "cannot be read: %v", err)
	}
	total := info.Totalram * uint64(info.Unit)
	need := uint64(c.looks()) * memoryPerLook
	if total < need {
		return warn(fmt.Sprintf("use fewer --workers than %d", c.looks()), "%.1f GB for %d looks at once", float64(total)/1e9, c.looks())
	}
	return ok("%.1f GB for %d looks at once", float64(total)/1e9, c.looks())
}

// Below this much free space a day of evidence may not fit.
const minFree = 1 << 30

func checkData(_ context.Context, c *common, _ terminal) diagnosis {
	if c.keepsNothing() {
		return ok("nothing is kept in %s", c.Data)
	}
	mend := "choose another directory with --data, or make this one writable"
	if err := c.makeData(); err != nil {
		return fail(mend, "%v", err)
	}
	probe := filepath.Join(c.Data, fmt.Sprintf(".doctor-%d", os.Getpid()))
	err := os.WriteFile(probe, []byte("written by pasban doctor"), 0o600)
	if err == nil {
		err = os.Remove(probe)
	}
	if err != nil {
		return fail(mend, "%s cannot be written: %v", c.Data, err)
	}
	free, err := freeSpace(c.Data)
	if err != nil {
		return warn("", "%v", err)
	}
	if free < minFree {
		return warn("make room: looks fail when the disk is full", "%s has only %d MB free", c.Data, free>>20)
	}
	return ok("%s, %.1f GB free", c.Data, float64(free)/1e9)
}

func checkDatabase(ctx context.Context, c *common, _ terminal) diagnosis {
	store, err := db.Open(ctx, c.DB)
	if err != nil {
		return fail("see --db", "%v", err)
	}
	_, err = store.Sites(ctx)
	if err = errors.Join(err, store.Close()); err != nil {
		return fail("see --db", "%v", err)
	}
	return ok("%s", withoutPassword(c.DB))
}

func checkBlobs(ctx context.Context, c *common, _ terminal) diagnosis {
	blobs, err := blob.Open(ctx, c.Blobs)
	if err != nil {
		return fail("see --blobs", "%v", err)
	}
	digest, err := blobs.Put(ctx, []byte("written by pasban doctor"))
	if err == nil {
		_, err = blobs.Stat(ctx, digest)
	}
	if err = errors.Join(err, blobs.Close()); err != nil {
		return fail("see --blobs", "%v", err)
	}
	return ok("%s", withoutPassword(c.Blobs))
}

func withoutPassword(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" {
		return raw
	}
	return u.Redacted()
}

// checkMail greets the mail server; it sends nothing.
func checkMail(ctx context.Context, c *common, _ terminal) diagnosis {
	if c.SMTP == "" {
		return warn("set --smtp smtp://user:pass@host:port", "nobody is told by mail")
	}
	if _, err := c.sinks(use{}); err != nil {
		return fail("see --smtp", "%v", err)
	}
	u, err := url.Parse(c.SMTP)
	if err != nil {
		return fail("see --smtp", "%v", errors.Unwrap(err))
	}
	if err := greet(ctx, u); err != nil {
		return fail("check the address, the firewall and the server's log; alerts wait in the outbox meanwhile", "%s does not answer: %v", u.Host, err)
	}
	return ok("%s answers", u.Host)
}

func greet(ctx context.Context, u *url.URL) error {
	port := u.Port()
	if port == "" {
		port = map[string]string{"smtps": "465", "smtp": "25"}[u.Scheme]
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return err
	}
	if u.Scheme == "smtps" {
		conn = tls.Client(conn, &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12})
	}
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return errors.Join(err, conn.Close())
	}
	client, err := netsmtp.NewClient(conn, u.Hostname())
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	if err := client.Hello("localhost"); err != nil {
		return errors.Join(err, client.Close())
	}
	return client.Quit()
}

func checkRecipients(_ context.Context, c *common, _ terminal) diagnosis {
	if len(c.CERT) == 0 {
		return warn("set --cert cert@...: it gets every alert, whatever the contacts of an institution are", "no mailbox of the CERT is set")
	}
	return ok("%s gets every alert", strings.Join(c.CERT, ", "))
}

// checkClock asks the kernel whether the clock is kept: evidence is dated by it.
func checkClock(_ context.Context, _ *common, _ terminal) diagnosis {
	const mend = "run chrony, ntpd or systemd-timesyncd: evidence is dated by this clock"
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	now := time.Now().Format("2006-01-02 15:04:05 MST")
	if err != nil {
		return warn(mend, "%s; the kernel does not say whether it is kept", now)
	}
	const timeError = 5 // TIME_ERROR of adjtimex(2): not synchronised
	if state == timeError {
		return warn(mend, "%s; nothing keeps it right", now)
	}
	return ok("%s, synchronised", now)
}
