package lockdown

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// What the answer to the page says beside the page.

// fronts are response headers by which services that stand in front are known, and
// the services. Most are documented by them.
var fronts = map[string]string{
	"cf-ray": "Cloudflare", "cf-cache-status": "Cloudflare", "x-amz-cf-id": "Amazon CloudFront", "x-amz-cf-pop": "Amazon CloudFront",
	"x-akamai-transformed": "Akamai", "akamai-grn": "Akamai", "x-akamai-request-id": "Akamai", "x-sucuri-id": "Sucuri", "x-sucuri-cache": "Sucuri",
	"x-iinfo": "Imperva", "x-cdn": "a CDN", "x-fastly-request-id": "Fastly", "x-azure-ref": "Azure Front Door", "x-vercel-id": "Vercel", "x-nf-request-id": "Netlify",
	"x-cdn-pop": "a CDN", "x-edge-location": "a CDN", "bunnycdn-cache-status": "Bunny", "cdn-pullzone": "Bunny", "x-qrator-requestid": "Qrator", "ddg-cache-status": "DDoS-Guard",
	"x-gcore-request-id": "Gcore", "x-stackpath-shield": "StackPath", "x-ar-request-id": "ArvanCloud", "x-hw": "a CDN", "x-github-request-id": "GitHub Pages",
	"eagleid": "Alibaba Cloud CDN", "x-swift-cachetime": "Alibaba Cloud CDN", "x-waf-event-info": "a WAF", "x-fw-server": "a firewall",
}

// frontServers and frontCookies are further marks of them.
var (
	frontServers = []string{"cloudflare", "akamaighost", "akamainetstorage", "cloudfront", "sucuri", "imperva", "ddos-guard", "arvancloud", "qrator", "bunnycdn", "fastly", "keycdn", "gcore", "netlify", "vercel", "google frontend", "tengine-waf", "bigip", "fortiweb", "barracuda"}
	frontCookies = []string{"__cf_bm", "__cfduid", "cf_clearance", "incap_ses_", "visid_incap_", "nlbi_", "ak_bmsc", "bm_sz", "_abck", "awsalb", "aws-waf-token", "sucuri_", "__ddg", "bigipserver", "fortiwafsid", "barra_counter_session"}
)

func cdn(e Evidence) Verdict {
	for _, h := range e.Page.Headers {
		if who := fronts[h.Name]; who != "" {
			return closed(who + " stands in front.")
		}
	}
	server := strings.ToLower(header(e.Page.Headers, "server"))
	for _, s := range frontServers {
		if strings.Contains(server, s) {
			return closed("A service in front answers: " + clip(server, 60))
		}
	}
	for _, c := range e.Page.Cookies {
		if slices.ContainsFunc(frontCookies, func(f string) bool { return strings.HasPrefix(strings.ToLower(c), f) }) {
			return closed("A service in front sets the cookie " + clip(c, 60))
		}
	}
	return Verdict{State: Open}
}

// sessions are names of cookies that languages, frameworks and shops give to a row
// that they keep for the visitor: of the whole name, or its beginning with a star.
var sessions = []string{"phpsessid", "jsessionid", "asp.net_sessionid", "aspsessionid*", "cfid", "cftoken", "connect.sid", "laravel_session", "ci_session*", "_session_id", "sess*", "ssess*",
	"wp_woocommerce_session_*", "woocommerce_*", "cart*", "edd_items_in_cart", "frontend", "prestashop-*", "ocsessid", "symfony", "sid", "sessionid", "session", "django_session", "rack.session", "wordpress_logged_in_*", "joomla_user_state", ".aspnetcore.session", "dnnsession*", "october_session", "craftsessionid", "typo3_session"}

// joomla names the cookie of a visitor's session by a hash.
var joomlaSession = regexp.MustCompile(`^[0-9a-f]{32}$`)

func isSession(cookie string) bool {
	name := strings.ToLower(cookie)
	return joomlaSession.MatchString(name) || slices.ContainsFunc(sessions, func(s string) bool {
		start, prefix := strings.CutSuffix(s, "*")
		return prefix && strings.HasPrefix(name, start) || name == s
	})
}

func database(e Evidence) Verdict {
	v := closed("")
	cookies := e.Page.Cookies
	if e.Server != nil && e.Home {
		cookies = append(slices.Clone(cookies), e.Server.Home.Cookies...)
	}
	for _, c := range cookies {
		if isSession(c) {
			v.State = Open
			v.add("cookie " + c)
		}
	}
	for _, d := range e.Page.Doors {
		if d.usable() && d.isSearch() && !d.Loose {
			v.State, v.Why = Open, "The server still searches its database for each visitor."
			v.add(d.describe())
			v.show(d.place())
		}
	}
	if len(v.Evidence) > 0 && strings.HasPrefix(v.Evidence[0], "cookie ") {
		v.Why = ""
	}
	return settle(v, e, cutCookies, cutForms, cutInputs)
}

func secure(e Evidence) Verdict {
	switch t := e.Page.TLS; {
	case t == nil:
		return Verdict{State: Open, Why: "The page is reached without TLS."}
	case t.Error != "":
		return Verdict{State: Open, Why: "Browsers refuse the site's certificate or connection.", Evidence: []string{clip(t.Error, maxEvidenceLine)}}
	case slices.Contains([]string{"SSL 3.0", "TLS 1", "TLS 1.0", "TLS 1.1"}, t.Protocol):
		return Verdict{State: Open, Why: "The site speaks a version of TLS that is given up.", Evidence: []string{clip(t.Protocol, 40)}}
	}
	return closed("")
}

var maxAge = regexp.MustCompile(`(?i)max-age\s*=\s*"?(\d{1,12})`)

// leastHSTS is 180 days: less does not outlast a visitor who comes twice a year.
const leastHSTS = 180 * 24 * 3600

func hsts(e Evidence) Verdict {
	if e.Page.TLS == nil {
		return Verdict{State: Open, Why: "The page is reached without TLS, where HSTS counts for nothing."}
	}
	value := header(e.Page.Headers, "strict-transport-security")
	m := maxAge.FindStringSubmatch(value)
	if m == nil {
		return Verdict{State: Open}
	}
	if n, err := strconv.ParseInt(m[1], 10, 64); err != nil || n < leastHSTS {
		return Verdict{State: Open, Why: "The site tells browsers to keep to TLS for too short a time.", Evidence: []string{value}}
	}
	return closed("")
}

const policyHeader = "content-security-policy"

// policies are the Content-Security-Policies of the page. Each header can carry
// several, and a browser keeps to all of them.
func (p *Page) policies() (out []map[string][]string) {
	for _, h := range p.Headers {
		if h.Name != policyHeader {
			continue
		}
		for one := range strings.SplitSeq(h.Value, ",") {
			if d := directives(one); len(d) > 0 {
				out = append(out, d)
			}
		}
	}
	return out
}

// directives reads a Content-Security-Policy; the first of a name counts.
func directives(policy string) map[string][]string {
	out := map[string][]string{}
	for _, part := range strings.Split(policy, ";") {
		words := strings.Fields(strings.ToLower(part))
		if len(words) == 0 {
			continue
		}
		if _, twice := out[words[0]]; !twice {
			out[words[0]] = words[1:]
		}
	}
	return out
}

// csp is closed by one policy that keeps script of others out: the others cannot allow
// what it forbids.
func csp(e Evidence) Verdict {
	v := Verdict{State: Open}
	for _, d := range e.Page.policies() {
		bad := unsafeScript(d)
		if len(bad) == 0 {
			return settle(closed(""), e, cutPolicy)
		}
		for _, what := range bad {
			v.add(what)
		}
	}
	return v
}

// unsafeScript lists what script a policy allows that nobody vouches for.
func unsafeScript(d map[string][]string) (bad []string) {
	if d["script-src"] == nil && d["default-src"] == nil {
		bad = append(bad, "it names neither script-src nor default-src")
	}
	for _, name := range []string{"script-src", "script-src-elem", "script-src-attr"} {
		sources, named := d[name]
		if !named && name == "script-src" {
			sources = d["default-src"]
		}
		for _, s := range sources {
			if unsafeSource(s, sources) {
				bad = append(bad, name+" allows "+s)
			}
		}
	}
	return bad
}

// unsafeSource reports one source among others by which script of anybody gets in
// (Content Security Policy Level 3, 6.7.2 and 6.7.3).
func unsafeSource(s string, among []string) bool {
	strict := slices.Contains(among, "'strict-dynamic'")
	switch s {
	case "'unsafe-eval'":
		return true
	case "'unsafe-inline'": // ignored beside a hash or nonce
		return !strict && !slices.ContainsFunc(among, func(s string) bool {
			return strings.HasPrefix(s, "'nonce-") || strings.HasPrefix(s, "'sha256-") || strings.HasPrefix(s, "'sha384-") || strings.HasPrefix(s, "'sha512-")
		})
	case "*", "http:", "https:", "data:": // ignored beside 'strict-dynamic'
		return !strict
	}
	return false
}

func security(e Evidence) Verdict {
	v := closed("")
	h := e.Page.Headers
	if !strings.EqualFold(strings.TrimSpace(header(h, "x-content-type-options")), "nosniff") {
		v.add("X-Content-Type-Options: nosniff is missing")
	}
	if !framedByOwn(e.Page) {
		v.add("X-Frame-Options or frame-ancestors is missing")
	}
	if header(h, "referrer-policy") == "" {
		v.add("Referrer-Policy is missing")
	}
	if len(v.Evidence) > 0 {
		v.State = Open
	}
	return settle(v, e, cutPolicy)
}

// framedByOwn reports that not everybody may frame the page. Where a policy names
// frame-ancestors, browsers do not look at X-Frame-Options.
func framedByOwn(p *Page) bool {
	named := false
	for _, d := range p.policies() {
		ancestors, here := d["frame-ancestors"]
		if here && !slices.ContainsFunc(ancestors, func(s string) bool { return s == "*" || s == "http:" || s == "https:" }) {
			return true
		}
		named = named || here
	}
	frame := strings.ToUpper(strings.TrimSpace(header(p.Headers, "x-frame-options")))
	return !named && (frame == "DENY" || frame == "SAMEORIGIN")
}

func others(e Evidence) Verdict {
	v := closed("")
	for _, host := range e.Page.Hosts {
		allowed := slices.ContainsFunc(e.Allowed, func(a string) bool {
			name, wild := strings.CutPrefix(strings.ToLower(a), "*.")
			return host == name || wild && strings.HasSuffix(host, "."+name)
		})
		if !allowed {
			v.State = Open
			v.add("script from " + host)
		}
	}
	return settle(v, e, cutHosts)
}
