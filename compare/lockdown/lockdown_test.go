package lockdown_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pasban/compare/lockdown"
)

var now = time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)

// page is one that complies in everything.
func page(change func(*lockdown.Page)) *lockdown.Page {
	p := &lockdown.Page{URL: "https://office.example/", Status: 200, TLS: &lockdown.TLS{Protocol: "TLS 1.3"}, Headers: []lockdown.Header{
		{"cf-ray", "1"}, {"strict-transport-security", "max-age=31536000"}, {"content-security-policy", "default-src 'self'; frame-ancestors 'none'"},
		{"x-content-type-options", "nosniff"}, {"referrer-policy", "no-referrer"}, {"server", "cloudflare"}}}
	if change != nil {
		change(p)
	}
	return p
}

// server is one that complies in everything.
func server(change func(*lockdown.Server)) *lockdown.Server {
	s := &lockdown.Server{At: now, Home: lockdown.Reply{Asked: true, Status: 200, Shape: 1}, Options: lockdown.Reply{Asked: true, Status: 405},
		Unknown: lockdown.Reply{Asked: true, Status: 405}, Post: lockdown.Reply{Asked: true, Status: 405},
		Absent:  []lockdown.Reply{{Asked: true, Status: 404, Shape: 2}},
		Notice:  &lockdown.Notice{Reply: lockdown.Reply{Asked: true, Status: 200}, Contact: "mailto:cert@office.example", Expires: now.AddDate(0, 6, 0)},
		Origins: []lockdown.Origin{{Address: "203.0.113.5", Failed: "timeout"}}}
	for _, k := range lockdown.Known() {
		s.Places = append(s.Places, k.Read(lockdown.Reply{Asked: true, Status: 404, Shape: 2}, nil))
	}
	if change != nil {
		change(s)
	}
	return s
}

func evidence(p *lockdown.Page, s *lockdown.Server) lockdown.Evidence {
	return lockdown.Evidence{Page: p, Server: s, Home: true, Origin: []string{"203.0.113.5"}, Now: now}
}

// of is the verdict on one control.
func of(t *testing.T, e lockdown.Evidence, control string) lockdown.Verdict {
	t.Helper()
	all := lockdown.Judge(e, []string{control})
	if len(all) != 1 {
		t.Fatalf("%d verdicts on %s", len(all), control)
	}
	return all[0]
}

func withDoor(d lockdown.Door) func(*lockdown.Page) {
	return func(p *lockdown.Page) { p.Doors = append(p.Doors, d) }
}

func withHeader(name, value string) func(*lockdown.Page) {
	return func(p *lockdown.Page) {
		p.Headers = slices.DeleteFunc(p.Headers, func(h lockdown.Header) bool { return h.Name == name })
		if value != "" {
			p.Headers = append(p.Headers, lockdown.Header{Name: name, Value: value})
		}
	}
}

func withPlace(group, path string, status int, body string) func(*lockdown.Server) {
	return func(s *lockdown.Server) {
		for _, k := range lockdown.Known() {
			if k.Path == path {
				s.Places = append(s.Places, k.Read(lockdown.Reply{Asked: true, Status: status, Shape: 77}, []byte(body)))
			}
		}
	}
}

func input(kind, name string) lockdown.Input { return lockdown.Input{Kind: kind, Name: name} }

// Every control has a site that fails it alone, and each has an unknown.
func TestEveryControl(t *testing.T) {
	post := func(inputs ...lockdown.Input) lockdown.Door { return lockdown.Door{Method: "post", Inputs: inputs} }
	fails := map[string]lockdown.Evidence{
		"login":    evidence(page(withDoor(post(input("text", "user"), input("password", "p")))), server(nil)),
		"upload":   evidence(page(withDoor(post(input("file", "f")))), server(nil)),
		"form":     evidence(page(withDoor(post(input("text", "name"), input("textarea", "text")))), server(nil)),
		"comment":  evidence(page(withDoor(post(input("textarea", "comment")))), server(nil)),
		"search":   evidence(page(withDoor(lockdown.Door{Loose: true, Inputs: []lockdown.Input{input("search", "x")}})), server(nil)),
		"chat":     evidence(page(func(p *lockdown.Page) { p.Frames = []lockdown.Frame{{URL: "https://embed.tawk.to/1/2"}} }), server(nil)),
		"script":   evidence(page(func(p *lockdown.Page) { p.Makers = []lockdown.Maker{{"inline", "writes a form"}} }), server(nil)),
		"method":   evidence(page(nil), server(func(s *lockdown.Server) { s.Post.Status = 200 })),
		"backend":  evidence(page(nil), server(withPlace("backend", "/wp-login.php", 200, `<form id="loginform">`))),
		"shell":    evidence(page(nil), server(withPlace("shell", "/wso.php", 200, "<h1>WSO 2.5</h1>"))),
		"listing":  evidence(page(nil), server(withPlace("listing", "/uploads/", 200, "<title>Index of /uploads</title>"))),
		"database": evidence(page(func(p *lockdown.Page) { p.Cookies = []string{"PHPSESSID"} }), server(nil)),
		"cdn":      evidence(page(func(p *lockdown.Page) { withHeader("cf-ray", "")(p); withHeader("server", "Apache")(p) }), server(nil)),
		"version":  evidence(page(withHeader("server", "Apache/2.4.62")), server(nil)),
		"origin": evidence(page(nil), server(func(s *lockdown.Server) {
			s.Origins[0] = lockdown.Origin{Address: "203.0.113.5", Status: 200, Same: true}
		})),
		"tls":     evidence(page(func(p *lockdown.Page) { p.TLS.Error = "net::ERR_CERT_DATE_INVALID" }), server(nil)),
		"hsts":    evidence(page(withHeader("strict-transport-security", "max-age=300")), server(nil)),
		"csp":     evidence(page(withHeader("content-security-policy", "default-src 'self' 'unsafe-inline'; frame-ancestors 'self'")), server(nil)),
		"headers": evidence(page(withHeader("x-content-type-options", "")), server(nil)),
		"others":  evidence(page(func(p *lockdown.Page) { p.Hosts = []string{"cdn.example"} }), server(nil)),
		"contact": evidence(page(nil), server(func(s *lockdown.Server) { s.Notice.Expires = now.AddDate(0, -1, 0) })),
	}
	for _, c := range lockdown.Controls() {
		if v := of(t, evidence(page(nil), server(nil)), c.ID); v.State != lockdown.Closed {
			t.Errorf("%s of a site that complies is %s: %s %q", c.ID, v.State, v.Why, v.Evidence)
		}
		if v := of(t, lockdown.Evidence{Page: &lockdown.Page{Unseen: "challenge"}, Home: true, Passive: true, Origin: []string{"203.0.113.5"}, Now: now}, c.ID); v.State != lockdown.Unknown || v.Why == "" {
			t.Errorf("%s of a site that cannot be seen is %s (%q)", c.ID, v.State, v.Why)
		}
		e, there := fails[c.ID]
		if !there {
			continue // outdated: see below
		}
		for _, v := range lockdown.Judge(e, nil) {
			if want := v.Control == c.ID; want != (v.State == lockdown.Open) {
				t.Errorf("the site that fails %s is %s of %s: %s %q", c.ID, v.State, v.Control, v.Why, v.Evidence)
			}
		}
	}
}

// A version that is told is open; one whose support has ended is outdated, unless a
// distribution may still mend it.
func TestOutdated(t *testing.T) {
	for header, want := range map[string]lockdown.State{
		"PHP/5.6.40": lockdown.Open, "PHP/8.4.1": lockdown.Closed, "Apache/2.2.15 (CentOS)": lockdown.Unknown, "Apache/2.2.15": lockdown.Open,
		"nginx/1.18.0 (Ubuntu)": lockdown.Unknown, "nginx/1.22.1": lockdown.Unknown, "nginx/1.16.1": lockdown.Open, "nginx/1.1": lockdown.Open, "nginx/1.17.10": lockdown.Open, "nginx/0.8.54": lockdown.Open, "nginx/1.28.0": lockdown.Closed, "nginx/1.99.0": lockdown.Unknown,
		"PHP/4.4.9": lockdown.Open, "OpenSSL/1.0.1e": lockdown.Open, "Apache Tomcat/8.5.5": lockdown.Open, "LiteSpeed/5.4": lockdown.Unknown, "Apache/2": lockdown.Unknown,
		"Microsoft-IIS/8.5": lockdown.Open, "Microsoft-IIS/10.0": lockdown.Closed, "Apache/2.4.6 (CentOS)": lockdown.Open, "OpenSSL/1.0.2k": lockdown.Open, "nginx": lockdown.Closed,
	} {
		if v := of(t, evidence(page(withHeader("server", header)), nil), "outdated"); v.State != want {
			t.Errorf("%s is %s (%q), want %s", header, v.State, v.Evidence, want)
		}
	}
	generator := func(s string) *lockdown.Page { return page(func(p *lockdown.Page) { p.Generator = s }) }
	for text, want := range map[string]lockdown.State{"WordPress 4.5.3": lockdown.Open, "WordPress 6.9": lockdown.Closed, "WordPress 5.8": lockdown.Closed, "WordPress 9.0": lockdown.Unknown, "Joomla! 3.9": lockdown.Open, "Joomla! 1.5 - Open Source": lockdown.Open, "Drupal 7 (https://www.drupal.org)": lockdown.Open, "Drupal 11": lockdown.Closed} {
		if v := of(t, evidence(generator(text), nil), "outdated"); v.State != want {
			t.Errorf("%s is %s (%q), want %s", text, v.State, v.Evidence, want)
		}
	}
	// The day counts: nothing ends before its end.
	e := evidence(page(withHeader("x-powered-by", "PHP/8.2.30")), nil)
	if v := of(t, e, "outdated"); v.State != lockdown.Closed {
		t.Errorf("PHP 8.2 is %s before its end", v.State)
	}
	e.Now = time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)
	if v := of(t, e, "outdated"); v.State != lockdown.Open {
		t.Errorf("PHP 8.2 is %s after its end", v.State)
	}
	for _, end := range lockdown.Ends() {
		if end.Source == "" || end.Cycle == "" {
			t.Errorf("%+v has no source", end)
		}
	}
}

// Of answers to a POST only a refusal of the method closes it; a refusal of its form
// tells nothing, and what is like the answer to an absent path is no back end.
func TestAnswers(t *testing.T) {
	for status, want := range map[int]lockdown.State{200: lockdown.Open, 303: lockdown.Open, 405: lockdown.Closed, 403: lockdown.Closed, 501: lockdown.Closed,
		415: lockdown.Unknown, 400: lockdown.Unknown, 404: lockdown.Unknown, 500: lockdown.Unknown, 401: lockdown.Unknown} {
		s := server(func(s *lockdown.Server) { s.Post.Status = status })
		if v := of(t, evidence(page(nil), s), "method"); v.State != want {
			t.Errorf("a POST answered with %d is %s, want %s", status, v.State, want)
		}
	}
	s := server(func(s *lockdown.Server) { s.Options.Allow = "GET, HEAD, PUT" })
	if v := of(t, evidence(page(nil), s), "method"); v.State != lockdown.Open {
		t.Errorf("a server that names PUT is %s", v.State)
	}
	like := server(func(s *lockdown.Server) {
		withPlace("backend", "/login", 200, `<input type="password">`)(s)
		s.Places[len(s.Places)-1].Like = true
	})
	if v := of(t, evidence(page(nil), like), "backend"); v.State != lockdown.Closed {
		t.Errorf("a soft 404 is %s: %q", v.State, v.Evidence)
	}
	asks := server(withPlace("backend", "/admin/", 401, ""))
	if v := of(t, evidence(page(nil), asks), "backend"); v.State != lockdown.Open {
		t.Errorf("a panel that asks everybody for a password is %s", v.State)
	}
	for _, status := range []int{429, 500, 502, 503, 504, 520} {
		off := server(withPlace("backend", "/admin/", status, ""))
		if v := of(t, evidence(page(nil), off), "backend"); v.State != lockdown.Unknown {
			t.Errorf("a panel that put us off with %d is %s", status, v.State)
		}
	}
	// A cache still has the home page, and all else gives the same error.
	down := server(func(s *lockdown.Server) {
		for i := range s.Places {
			s.Places[i].Reply.Status, s.Places[i].Like = 503, true
		}
	})
	for _, v := range lockdown.Judge(evidence(page(nil), down), []string{"backend", "shell", "listing"}) {
		if v.State != lockdown.Unknown {
			t.Errorf("%s of a server that is down behind its cache is %s", v.Control, v.State)
		}
	}
	// A 403 refuses the method only if it refuses others like it, too.
	forbids := server(func(s *lockdown.Server) { s.Post.Status, s.Unknown.Status = 403, 200 })
	if v := of(t, evidence(page(nil), forbids), "method"); v.State != lockdown.Unknown {
		t.Errorf("a POST that a program forbids is %s", v.State)
	}
	origin := server(func(s *lockdown.Server) { s.Origins[0] = lockdown.Origin{Address: "203.0.113.5", Status: 502} })
	if v := of(t, evidence(page(nil), origin), "origin"); v.State != lockdown.Unknown {
		t.Errorf("an origin in trouble is %s", v.State)
	}
	hidden := server(withPlace("shell", "/wso.php", 200, `<form method=post>Password: <input type=password name=pass></form>`))
	if v := of(t, evidence(page(nil), hidden), "shell"); v.State != lockdown.Unknown {
		t.Errorf("what asks for a password under a shell's name is %s", v.State)
	}
}

// A login is a login, not also a form; a menu is none; what is switched off is closed.
func TestDoorsAreNamed(t *testing.T) {
	for _, row := range []struct {
		door lockdown.Door
		want string // the control that is open, "" for none
	}{
		{lockdown.Door{Method: "post", Inputs: []lockdown.Input{{Kind: "text", Name: "email"}, {Kind: "submit", Label: "Sign in"}}}, "login"},
		{lockdown.Door{Method: "get", Action: "https://office.example/search", Inputs: []lockdown.Input{{Kind: "text", Name: "x"}}}, "search"},
		{lockdown.Door{Method: "get", Inputs: []lockdown.Input{{Kind: "text", Name: "a", Label: "تلاش"}}}, "search"},
		{lockdown.Door{Method: "get", Inputs: []lockdown.Input{{Kind: "text", Name: "q box1"}}}, "search"},
		{lockdown.Door{Method: "post", Inputs: []lockdown.Input{{Kind: "text", Name: "name"}, {Kind: "textarea", Name: "message", Label: "تبصرہ"}}}, "comment"},
		{lockdown.Door{Method: "post", Inputs: []lockdown.Input{{Kind: "hidden", Name: "vote"}, {Kind: "submit"}}}, "form"},
		{lockdown.Door{Method: "get", Inputs: []lockdown.Input{{Kind: "hidden", Name: "lang"}, {Kind: "submit"}}}, ""},
		{lockdown.Door{Loose: true, Inputs: []lockdown.Input{{Kind: "checkbox"}, {Kind: "select"}, {Kind: "button"}}}, ""},
		{lockdown.Door{Loose: true, Inputs: []lockdown.Input{{Kind: "contenteditable"}}}, "form"},
		{lockdown.Door{Method: "post", Inputs: []lockdown.Input{{Kind: "password", Off: true}, {Kind: "text", Off: true}}}, ""},
		{lockdown.Door{Method: "post", Hidden: "display-none", Inputs: []lockdown.Input{{Kind: "text", Name: "n"}}}, "form"},
	} {
		for _, v := range lockdown.Judge(evidence(page(withDoor(row.door)), nil), []string{"login", "upload", "form", "comment", "search"}) {
			if (v.State == lockdown.Open) != (v.Control == row.want) {
				t.Errorf("%+v: %s is %s, want %q open", row.door, v.Control, v.State, row.want)
			}
		}
	}
}

// What a bound cut off may hold an open door: the controls that depend on it are unknown,
// and the others are not.
func TestCutPagesProveNothing(t *testing.T) {
	many := func(n int, add func(*lockdown.Page, int)) *lockdown.Page {
		return page(func(p *lockdown.Page) {
			for i := range n {
				add(p, i)
			}
			p.Bound()
		})
	}
	for name, c := range map[string]struct {
		page    *lockdown.Page
		unknown []string
	}{
		"forms": {many(100, func(p *lockdown.Page, _ int) {
			p.Doors = append(p.Doors, lockdown.Door{Method: "get", Inputs: []lockdown.Input{{Kind: "hidden"}}})
		}), []string{"login", "upload", "form", "comment", "search", "database"}},
		"frames": {many(100, func(p *lockdown.Page, i int) {
			p.Frames = append(p.Frames, lockdown.Frame{URL: fmt.Sprintf("https://office.example/%d", i)})
		}), []string{"form", "comment", "chat"}},
		"hosts":   {many(100, func(p *lockdown.Page, i int) { p.Hosts = append(p.Hosts, "cdn.example") }), []string{"comment", "chat", "others"}},
		"cookies": {many(100, func(p *lockdown.Page, i int) { p.Cookies = append(p.Cookies, fmt.Sprintf("c%d", i)) }), []string{"database"}},
		"scripts": {page(func(p *lockdown.Page) { p.Dropped("scripts") }), []string{"script"}},
		"policy": {many(1, func(p *lockdown.Page, _ int) {
			withHeader("content-security-policy", "default-src 'self'; frame-ancestors 'none'; img-src "+strings.Repeat("https://a.example ", 400))(p)
		}), []string{"csp", "headers"}},
	} {
		e := evidence(c.page, server(nil))
		e.Allowed = []string{"cdn.example"}
		for _, v := range lockdown.Judge(e, nil) {
			if unknown := slices.Contains(c.unknown, v.Control); (v.State == lockdown.Unknown) != unknown {
				t.Errorf("a page with more %s: %s is %s (%s)", name, v.Control, v.State, v.Why)
			}
		}
	}
}

// Policies are read as browsers read them: all that are sent hold, what 'strict-dynamic'
// makes them ignore is ignored, and only who is named may frame the page.
func TestPolicies(t *testing.T) {
	for _, c := range []struct {
		policies     []string
		csp, headers lockdown.State
	}{
		{[]string{"script-src 'nonce-abc' 'strict-dynamic' https: 'unsafe-inline'; frame-ancestors 'self'"}, lockdown.Closed, lockdown.Closed},
		{[]string{"script-src 'nonce-abc' https:; frame-ancestors 'self'"}, lockdown.Open, lockdown.Closed},
		{[]string{"upgrade-insecure-requests", "default-src 'self'; frame-ancestors 'none'"}, lockdown.Closed, lockdown.Closed},
		{[]string{"frame-ancestors 'none', default-src 'self'"}, lockdown.Closed, lockdown.Closed},
		{[]string{"default-src *", "script-src 'unsafe-eval'; frame-ancestors 'none'"}, lockdown.Open, lockdown.Closed},
		{[]string{"script-src 'self'; script-src-elem *; frame-ancestors 'none'"}, lockdown.Open, lockdown.Closed},
		{[]string{"default-src 'self'; frame-ancestors *"}, lockdown.Closed, lockdown.Open},
		{[]string{"script-src 'self'; img-src " + strings.Repeat("https://a.example ", 60) + "; frame-ancestors 'none'"}, lockdown.Closed, lockdown.Closed},
		{nil, lockdown.Open, lockdown.Open},
	} {
		p := page(withHeader("content-security-policy", ""))
		for _, policy := range c.policies {
			p.Headers = append(p.Headers, lockdown.Header{Name: "content-security-policy", Value: policy})
		}
		p.Bound()
		e := evidence(p, nil)
		if v := of(t, e, "csp"); v.State != c.csp {
			t.Errorf("%.100q: csp is %s (%q), want %s", c.policies, v.State, v.Evidence, c.csp)
		}
		if v := of(t, e, "headers"); v.State != c.headers {
			t.Errorf("%.100q: headers is %s (%q), want %s", c.policies, v.State, v.Evidence, c.headers)
		}
	}
}

// A script that makes or sends a form is known by its source; one that does not, and a
// library, are not taken for one.
func TestReadScript(t *testing.T) {
	for source, makes := range map[string]bool{
		`el.innerHTML = '<form action="/x"><input name="a"></form>'`:                         true,
		`var f = document.createElement('form'); document.body.append(f); f.submit()`:        true,
		`fetch('/x', {method: 'POST', body: new FormData(f)})`:                               true,
		`navigator.sendBeacon('/x', document.getElementById('a').value)`:                     true,
		`document.querySelector('nav').classList.toggle('open')`:                             false,
		`fetch('/news.json').then(function (r) { return r.json() })`:                         false,
		`/*! jQuery v3.7.1 | (c) */ a.innerHTML = "<form>"; x.open("POST", u); b.value`:      false,
		`var s = document.createElement('script'); s.src = '/a.js'; document.head.append(s)`: false,
	} {
		if got := lockdown.ReadScript(source); (got != "") != makes {
			t.Errorf("%s: %q", source, got)
		}
	}
}

// Unknown is no compliance, a waiver is, and an empty order is kept.
func TestScore(t *testing.T) {
	v := func(state lockdown.State) lockdown.Verdict { return lockdown.Verdict{Control: "login", State: state} }
	for state, want := range map[lockdown.State]int{lockdown.Closed: 100, lockdown.Waived: 100, lockdown.Unknown: 0, lockdown.Open: 0} {
		if got := lockdown.Score([]lockdown.Verdict{v(state)}); got != want {
			t.Errorf("%s scores %d, want %d", state, got, want)
		}
	}
	if got := lockdown.Score([]lockdown.Verdict{v(lockdown.Open), {Control: "hsts", State: lockdown.Closed}}); got >= 50 {
		t.Errorf("an open login beside a header scores %d", got)
	}
	if lockdown.Score(nil) != 100 {
		t.Error("nothing ordered is not kept")
	}
}

// A control tells everything that a person needs, and names are checked.
func TestControlsAreComplete(t *testing.T) {
	for _, c := range lockdown.Controls() {
		for _, text := range []string{c.Title, c.Why, c.Tested, c.Source, c.Opened(), c.Fix.Apache, c.Fix.Nginx, c.Fix.IIS, c.Fix.WordPress, c.Fix.Joomla, c.Fix.Drupal} {
			if text == "" {
				t.Errorf("%s lacks a text", c.ID)
			}
		}
	}
	if got, err := lockdown.Select([]string{"doors", "tls"}); err != nil || len(got) != 8 || got[0] != "login" {
		t.Errorf("Select: %v, %v", got, err)
	}
	if _, err := lockdown.Select([]string{"login", ""}); err == nil {
		t.Error("Select takes a blank for all")
	}
	if _, err := lockdown.Select([]string{"gate"}); err == nil || !strings.Contains(err.Error(), `"gate"`) {
		t.Errorf("Select of nonsense: %v", err)
	}
}

// Whatever a page and a server say, verdicts are bounded and name their control.
func FuzzJudge(f *testing.F) {
	f.Add("<form id=loginform>", "https://x/", "PHP/5.6", "default-src *")
	f.Fuzz(func(t *testing.T, body, address, told, policy string) {
		lockdown.Shape([]byte(body))
		lockdown.ReadScript(body)
		lockdown.ReadNotice([]byte(body))
		p := page(withHeader("server", told))
		withHeader("content-security-policy", policy)(p)
		p.Doors = []lockdown.Door{{Action: address, Name: body, Inputs: []lockdown.Input{{Kind: told, Name: body, Label: policy}}}}
		p.Frames, p.Hosts, p.Cookies = []lockdown.Frame{{URL: address}}, []string{address}, []string{body}
		p.Bound()
		s := server(withPlace("backend", "/wp-login.php", 200, body))
		for _, v := range lockdown.Judge(evidence(p, s), nil) {
			if v.Control == "" || len(v.Evidence) > 5 {
				t.Fatalf("%+v", v)
			}
			for _, line := range v.Evidence {
				if len(line) > 310 {
					t.Fatalf("evidence of %d bytes", len(line))
				}
			}
		}
	})
}

// A page that the navigation leads to is judged by its doors alone, and named.
func TestJudgeBeyond(t *testing.T) {
	p := &lockdown.Page{URL: "https://office.example/complaint", Hosts: []string{"cdn.example"}, Doors: []lockdown.Door{{Method: "post", Inputs: []lockdown.Input{{Kind: "text", Name: "n", Box: lockdown.Box{W: 9, H: 9}}}}}}
	for _, v := range lockdown.JudgeBeyond(p, []string{"form", "login", "others", "tls"}) {
		want := lockdown.Closed
		if v.Control == "form" {
			want = lockdown.Open
		}
		if v.State != want || v.Box != nil || v.State == lockdown.Open && !slices.Equal(v.Evidence, []string{"https://office.example/complaint: form (post): text n"}) {
			t.Errorf("%+v", v)
		}
	}
	if got := lockdown.Beyond([]string{"others", "form", "tls", "login"}); !slices.Equal(got, []string{"login", "form"}) {
		t.Errorf("judged are %v", got)
	}
	if got := lockdown.JudgeBeyond(p, []string{"tls"}); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	p.Unseen = "status 500"
	if v := lockdown.JudgeBeyond(p, []string{"form"})[0]; v.State != lockdown.Unknown || !slices.Equal(v.Evidence, []string{p.URL}) {
		t.Errorf("%+v", v)
	}
}
