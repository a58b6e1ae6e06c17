package compare

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// hostOf is the host of a URL in lower case, "" if it has none.
func hostOf(raw string) string {
	if strings.HasPrefix(raw, "//") {
		raw = "https:" + raw
	}
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
}

// siteOf is the registrable domain of a host: "portal.mofa.gov.pk" and
// "www.mofa.gov.pk" are one site, two ministries under gov.pk are two. An
// address is a site of its own.
func siteOf(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	site, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return host
	}
	return site
}

// isState reports a host under a suffix that only states hand out: gov.pk,
// gov.uk, mil ... Moving from one to another is no hijack.
func isState(host string) bool {
	suffix, _ := publicsuffix.PublicSuffix(host)
	first, _, _ := strings.Cut(suffix, ".")
	return first == "gov" || first == "gob" || first == "gouv" || first == "mil" || first == "gop" || first == "gok"
}

// services are sites whose embeds, scripts and beacons institutions add as a
// matter of course. Content on them can still be an attacker's, so that what
// they receive is judged elsewhere; being new is no evidence. From the most
// used services in HTTP Archive's third-parties data.
var services = set("google.com", "google-analytics.com", "googletagmanager.com", "googleapis.com", "gstatic.com",
	"youtube.com", "youtube-nocookie.com", "ytimg.com", "vimeo.com", "doubleclick.net", "googlesyndication.com",
	"googleadservices.com", "googleusercontent.com", "facebook.com", "facebook.net", "fbcdn.net", "instagram.com", "twitter.com", "x.com",
	"twimg.com", "linkedin.com", "licdn.com", "whatsapp.com", "wa.me", "tiktok.com", "microsoft.com", "clarity.ms", "bing.com",
	"office.com", "microsoftonline.com", "cloudflare.com", "cloudflareinsights.com", "jquery.com", "bootstrapcdn.com",
	"fontawesome.com", "typekit.net", "hotjar.com", "matomo.cloud", "addtoany.com", "sharethis.com", "addthis.com",
	"recaptcha.net", "hcaptcha.com", "openstreetmap.org", "mapbox.com", "arcgis.com", "tawk.to", "crisp.chat", "zdassets.com",
	"zendesk.com", "intercom.io", "userway.org", "accessibe.com", "disqus.com", "gravatar.com", "wp.com", "wordpress.com",
	"newrelic.com", "nr-data.net", "sentry.io", "onesignal.com", "mailchimp.com", "list-manage.com", "hubspot.com", "hs-scripts.com",
	"cookielaw.org", "onetrust.com", "cookiebot.com", "stripe.com", "paypal.com", "statcounter.com", "apple.com")

// openCDN are hosts that serve anybody's files: a script from there is judged
// by its content like one from an unknown host.
var openCDN = set("jsdelivr.net", "unpkg.com", "githubusercontent.com", "github.io", "pages.dev", "workers.dev", "netlify.app",
	"vercel.app", "blogspot.com", "amazonaws.com", "cloudfront.net", "web.app", "firebaseapp.com", "azureedge.net", "r2.dev")

// isService reports whether a host belongs to a well-known service.
func isService(host string) bool { return services[siteOf(host)] && !openCDN[siteOf(host)] }

// foreign reports a host that is neither the look's own site, nor known from the
// baseline, nor a well-known service.
func (c *comparison) foreign(host string) bool {
	return host != "" && !c.knownHost(host) && !isService(host)
}

// knownHost reports a host of the look's own site or of one the baseline knows.
// With no baseline only the own site is known.
func (c *comparison) knownHost(host string) bool {
	site := siteOf(host)
	if slices.Contains(c.own, site) {
		return true
	}
	if c.base == nil {
		return false
	}
	_, found := slices.BinarySearch(c.base.Sites, site)
	return found
}

// sitesOf lists the registrable domains that a view names as code, frame, form,
// link, picture or destination: sorted, unique.
func sitesOf(v View) []string {
	seen := map[string]bool{}
	add := func(host string) {
		if host != "" {
			seen[siteOf(host)] = true
		}
	}
	add(hostOf(v.FinalURL))
	for _, s := range v.Scripts {
		add(strings.ToLower(s.Host))
	}
	for _, f := range v.Frames {
		add(hostOf(f.URL))
	}
	for _, f := range v.Forms {
		add(hostOf(f.Action))
	}
	for _, l := range v.Links {
		add(hostOf(l.URL))
	}
	for _, d := range v.Destinations {
		add(strings.ToLower(d.Host))
	}
	for _, e := range v.Elements {
		add(hostOf(e.Src))
	}
	return sortedKeys(seen)
}

func sortedKeys(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
