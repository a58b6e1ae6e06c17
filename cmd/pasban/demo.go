package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"pasban/alerting"
	"pasban/alerting/smtp"
	"pasban/alerting/smtp/smtptest"
	"pasban/fixtures"
	"pasban/monitor"
)

type demoCommand struct {
	Pace   time.Duration `help:"Time between two attacks." default:"20s"`
	Once   bool          `help:"End when the last attack was told, instead of watching on."`
	Listen string        `help:"Address of the console." default:"127.0.0.1:8080" placeholder:"HOST:PORT" env:"PASBAN_LISTEN"`
}

// scene is one attack of the demo.
type scene struct {
	site   string
	attack fixtures.Attack
}

// scenes tell the story: one institution after the other.
var scenes = []scene{
	{"planning", fixtures.FullBlack},
	{"province", fixtures.PartialBlock},
	{"bank", fixtures.SkimmerInline},
	{"tax", fixtures.LeakCNIC},
}

// demoPatience is how long the demo waits for an alert. On a machine that does
// nothing else it comes within twenty seconds.
const demoPatience = 3 * time.Minute

// demoCERT gets every alert of the demo.
const demoCERT = "cert@cert.example"

// demo is a running demonstration.
type demo struct {
	term    terminal
	fleet   *fixtures.Fleet
	mails   *smtptest.Server
	dir     string
	house   *house
	desk    desk
	front   net.Listener
	pages   []page
	link    string // signs the demo's analyst in, once
	started time.Time

	mu        sync.Mutex
	looks     int
	learned   map[string]bool
	attacked  map[string]time.Time // site -> when its attack began
	told      map[string]chan struct{}
	falsely   int
	changed   chan struct{}
	delivered map[int64]bool
}

// Run plays the demo until it is told to stop.
func (d *demoCommand) Run(ctx context.Context, c *common, term terminal) (err error) {
	show, err := openDemo(ctx, c, term, d.Listen)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, show.close()) }()
	watching, stop := context.WithCancel(ctx)
	watch := make(chan error, 1)
	go func() { watch <- show.run(watching) }()
	err = show.play(ctx, d.Pace, d.Once)
	stop()
	err = errors.Join(err, <-watch)
	show.say("%s. Everything is kept in %s.", show.score(), show.dir)
	if show.falsely > 0 && err == nil {
		err = fmt.Errorf("%s", count(show.falsely, "false alarm"))
	}
	if errors.Is(err, context.Canceled) {
		err = nil // how a demo ends
	}
	return err
}

// openDemo starts the sites, the mail server and the watch's parts.
func openDemo(ctx context.Context, c *common, term terminal, listen string) (_ *demo, err error) {
	d := &demo{
		term: term, started: time.Now(), learned: map[string]bool{}, attacked: map[string]time.Time{},
		told: map[string]chan struct{}{}, changed: make(chan struct{}, 1), delivered: map[int64]bool{},
		dir: filepath.Join(c.Data, "demo-"+time.Now().Format("20060102-150405")),
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the demo's folder: %w", err)
	}
	if d.fleet, err = fixtures.Start(ctx, fixtures.Options{Schedule: "@every 10s"}); err != nil {
		return nil, fmt.Errorf("starting the fixture sites: %w", err)
	}
	if d.mails, err = smtptest.Start(ctx, "127.0.0.1:0", smtptest.Options{Dir: filepath.Join(d.dir, "mails"), Handler: d.preview}); err != nil {
		return nil, fmt.Errorf("starting the mail server: %w", err)
	}
	mail, err := smtp.New(smtp.Config{URL: d.mails.URL(), From: "Pasban demo <pasban@cert.example>"})
	if err != nil {
		return nil, err
	}
	own := *c
	own.Data, own.DB, own.Blobs = d.dir, filepath.Join(d.dir, "pasban.db"), filepath.Join(d.dir, "blobs")
	own.CERT, own.Webhook = []string{demoCERT}, nil
	own.logLevel = slog.LevelWarn // the demo tells its story itself
	loopback, err := parsePrefix("127.0.0.0/8")
	if err != nil {
		return nil, err
	}
	own.allow = append(own.allow, loopback)
	if err := d.listen(ctx, listen); err != nil {
		return nil, err
	}
	if d.house, err = own.open(ctx, term, use{looks: true, judge: true, observe: d.observe, console: d.desk.origin, sinks: map[string]alerting.Sink{mail.Name(): mail}}); err != nil {
		return nil, err
	}
	err = d.openDesk(ctx)
	return d, err
}

// listen takes the addresses of the console.
func (d *demo) listen(ctx context.Context, listen string) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if errors.Is(err, syscall.EADDRINUSE) { // a serve has it: any other port does
		listener, err = new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	}
	if err != nil {
		return usageError{fmt.Errorf("--listen: %w; choose another address", err)}
	}
	d.front = listener
	return d.desk.listen(ctx, listener)
}

// openDesk opens the console, with an analyst who is signed in by a link.
func (d *demo) openDesk(ctx context.Context) (err error) {
	if d.pages, err = d.desk.open(d.house, healthHandler(d.house)); err != nil {
		return err
	}
	o := monitor.Order{Actor: "operator:demo", Reason: "the demo begins"}
	a := monitor.Account{Name: "demo", FullName: "Demo analyst", Role: monitor.Analyst, Language: "en", Created: time.Now()}
	if err := d.house.MakeAccount(ctx, o, a); err != nil {
		return err
	}
	d.link = d.desk.server.Load().SignInLink("demo")
	return nil
}

// run watches and shows the console until the context ends.
func (d *demo) run(ctx context.Context) error {
	group, work := errgroup.WithContext(ctx)
	group.Go(func() error { return d.house.Monitor.Run(work, true) })
	for _, p := range d.pages {
		p.serve(work, group)
	}
	return group.Wait()
}

func (d *demo) close() error {
	errs := []error{d.desk.Close()}
	if d.front != nil {
		errs = append(errs, ignoreClosed(d.front.Close()))
	}
	if d.house != nil {
		errs = append(errs, d.house.Close())
	}
	if d.mails != nil {
		errs = append(errs, d.mails.Close())
	}
	if d.fleet != nil {
		d.fleet.Close()
	}
	return errors.Join(errs...)
}

// say writes one line with the demo's own time.
func (d *demo) say(format string, args ...any) {
	t := time.Since(d.started).Round(time.Second)
	fmt.Fprintf(d.term.err, "%02d:%02d  %s\n", int(t.Minutes()), int(t.Seconds())%60, fmt.Sprintf(format, args...))
}

// play goes through the scenes.
func (d *demo) play(ctx context.Context, pace time.Duration, once bool) error {
	fmt.Fprintf(d.term.err, "Pasban demo. Everything runs on this machine; nothing leaves it. Ctrl-C ends it.\n\n")
	for _, s := range d.fleet.Sites() {
		fmt.Fprintf(d.term.err, "  %-28s %s\n", s.URL, s.Name)
	}
	fmt.Fprintf(d.term.err, "\n  mails   %s\n  console %s\n          (signs you in as an analyst, once; the queue fills with the first attack)\n\n", filepath.Join(d.dir, "mails"), d.link)
	if err := d.learn(ctx); err != nil {
		return err
	}
	for _, s := range scenes {
		if err := d.wait(ctx, pace); err != nil {
			return err
		}
		if err := d.act(ctx, s); err != nil {
			return err
		}
	}
	if once {
		return nil
	}
	d.say("That was the last attack. The watch goes on; open the mails, or look around in the console:\n       %s", d.desk.server.Load().SignInLink("demo"))
	<-ctx.Done()
	return ctx.Err()
}

// learn sees every page for the first time and approves what it sees.
func (d *demo) learn(ctx context.Context) error {
	list, err := monitor.ParseWatchlist("watchlist.csv", strings.NewReader(string(d.fleet.Watchlist())))
	if err != nil {
		return fmt.Errorf("the fixtures' watchlist: %w", err)
	}
	if _, err := d.house.Import(ctx, operator("the demo's sites", false), list, true); err != nil {
		return err
	}
	d.say("Looking at %s on %s, each several times: what stays, and what moves by itself?", count(len(list.Targets), "page"), count(len(list.Sites), "site"))
	for !d.knows(list.Targets) {
		select {
		case <-d.changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for _, t := range list.Targets {
		if _, err := d.house.Approve(ctx, monitor.Order{Actor: "operator:demo", Reason: "the demo begins"}, t.ID); err != nil {
			return err
		}
	}
	d.say("The looks are approved and on record. From now on every page is looked at every 10 seconds.")
	return nil
}

func (d *demo) knows(targets []monitor.Target) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, t := range targets {
		if !d.learned[t.ID] {
			return false
		}
	}
	return true
}

func (d *demo) wait(ctx context.Context, pace time.Duration) error {
	t := time.NewTimer(pace)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// act attacks a site, waits until its institution was told, and takes the
// attack back.
func (d *demo) act(ctx context.Context, s scene) error {
	site, _ := d.fleet.Site(s.site)
	told := make(chan struct{})
	d.mu.Lock()
	d.attacked[s.site], d.told[s.site] = time.Now(), told
	d.mu.Unlock()
	fmt.Fprintln(d.term.err)
	d.say("ATTACK on %s: %s", site.Name, s.attack.Description())
	if err := d.fleet.Attack(s.site, s.attack); err != nil {
		return fmt.Errorf("attacking %s: %w", s.site, err)
	}
	patience := time.NewTimer(demoPatience)
	defer patience.Stop()
	select {
	case <-told:
	case <-patience.C:
		return fmt.Errorf("nobody was told of the attack on %s within %s", site.Name, demoPatience)
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := d.fleet.Restore(s.site); err != nil {
		return fmt.Errorf("restoring %s: %w", s.site, err)
	}
	d.say("The webmaster restores the site. (%s)", d.score())
	return nil
}

// observe follows the watch.
func (d *demo) observe(e monitor.Event) {
	d.desk.observe(e)
	d.mu.Lock()
	defer d.mu.Unlock()
	if e.Err != nil {
		d.say("A look at %s failed and will be tried again: %v", e.Target, e.Err)
		return
	}
	if e.Delivery != nil {
		d.onDelivery(*e.Delivery)
		return
	}
	d.looks++
	if e.Concluded {
		d.learned[e.Target] = true
		select {
		case d.changed <- struct{}{}:
		default:
		}
	}
	if e.Incident != nil && e.Incident.Notices == 1 {
		d.onIncident(*e.Incident)
	}
}

func (d *demo) onIncident(i monitor.Incident) {
	began, attacked := d.attacked[i.Site]
	if !attacked {
		d.falsely++
		d.say("FALSE ALARM on %s: %s", i.Site, plain(i.Summary, 200))
		return
	}
	if d.delivered[-i.ID] {
		return
	}
	d.delivered[-i.ID] = true
	d.say("Incident %d, %s %s, %s after the attack: %s", i.ID, i.Severity, i.Kind, time.Since(began).Round(time.Second), plain(i.Summary, 200))
}

func (d *demo) onDelivery(x monitor.Delivery) {
	if x.State != monitor.Sent || !strings.HasSuffix(x.Alert, "."+string(alerting.Opened)) {
		return
	}
	i, err := d.house.Store.Incident(context.Background(), x.Incident)
	if err != nil {
		d.say("Reading incident %d: %v", x.Incident, err)
		return
	}
	d.say("Mail to %s, %s after the attack", x.Recipient, time.Since(d.attacked[i.Site]).Round(time.Second))
	// The CERT is told last, and of a campaign by a list.
	if ch := d.told[i.Site]; ch != nil && (x.Recipient == demoCERT || i.Campaign != "") {
		close(ch)
		d.told[i.Site] = nil
	}
}

func (d *demo) score() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return fmt.Sprintf("%s so far, %s", count(d.looks, "look"), count(d.falsely, "false alarm"))
}

// preview puts a page beside each mail that any browser can open.
func (d *demo) preview(m smtptest.Mail) error {
	page := m.HTML
	for id, p := range m.Pictures {
		page = strings.ReplaceAll(page, "cid:"+id, "data:"+p.MIME+";base64,"+base64.StdEncoding.EncodeToString(p.Data))
	}
	path := strings.TrimSuffix(m.File, ".eml") + ".html"
	if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
		return fmt.Errorf("writing the preview of a mail: %w", err)
	}
	d.say("  %s\n       %s", plain(m.Subject, 120), path)
	return nil
}
