package compare

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// services are sites whose embeds, scripts and beacons institutions add as a
// matter of course. Being new is no evidence there. From the most used services
// in HTTP Archive's third-parties data.
var services = set("google.com", "google-analytics.com", "googletagmanager.com", "googleapis.com", "gstatic.com", "analytics.google.com",
	"youtube.com", "youtube-nocookie.com", "youtu.be", "ytimg.com", "vimeo.com", "vimeocdn.com", "dailymotion.com", "doubleclick.net", "googlesyndication.com",
	"googleadservices.com", "googleusercontent.com", "googletagservices.com", "facebook.com", "facebook.net", "fbcdn.net", "instagram.com", "twitter.com", "x.com",
	"twimg.com", "linkedin.com", "licdn.com", "whatsapp.com", "wa.me", "tiktok.com", "ttwstatic.com", "pinterest.com", "pinimg.com", "flickr.com", "spotify.com", "soundcloud.com",
	"microsoft.com", "clarity.ms", "bing.com", "office.com", "microsoftonline.com", "live.com", "cloudflare.com", "cloudflareinsights.com", "jquery.com", "bootstrapcdn.com",
	"fontawesome.com", "typekit.net", "adobedtm.com", "omtrdc.net", "demdex.net", "hotjar.com", "hotjar.io", "matomo.cloud", "plausible.io", "usefathom.com", "goatcounter.com", "segment.com", "mixpanel.com",
	"addtoany.com", "sharethis.com", "addthis.com", "recaptcha.net", "hcaptcha.com", "openstreetmap.org", "mapbox.com", "arcgis.com", "arcgisonline.com", "tawk.to", "crisp.chat", "zdassets.com", "zopim.com",
	"zendesk.com", "intercom.io", "intercomcdn.com", "livechatinc.com", "drift.com", "userway.org", "accessibe.com", "acsbapp.com", "readspeaker.com", "disqus.com", "disquscdn.com", "gravatar.com", "wp.com", "wordpress.com",
	"newrelic.com", "nr-data.net", "sentry.io", "sentry-cdn.com", "datadoghq-browser-agent.com", "bugsnag.com", "onesignal.com", "mailchimp.com", "list-manage.com", "hubspot.com", "hs-scripts.com", "hsforms.net", "hs-analytics.net",
	"cookielaw.org", "onetrust.com", "cookiebot.com", "iubenda.com", "usercentrics.eu", "trustarc.com", "osano.com", "stripe.com", "paypal.com", "paypalobjects.com", "braintreegateway.com", "statcounter.com", "apple.com",
	"yandex.ru", "yastatic.net", "baidu.com", "bdstatic.com", "issuu.com", "calendly.com", "typeform.com", "elfsight.com", "weglot.com", "gtranslate.net", "translate.goog")

// openCDN are sites that serve anybody's files: a script from there is judged by
// its content like one from an unknown host.
var openCDN = set("jsdelivr.net", "unpkg.com", "githubusercontent.com", "github.io", "pages.dev", "workers.dev", "netlify.app",
	"vercel.app", "blogspot.com", "amazonaws.com", "cloudfront.net", "web.app", "firebaseapp.com", "azureedge.net", "r2.dev")

// openSuffixes end the names of hosts where anybody can leave a file or a
// message for himself: what is sent there may go to whoever rents the corner.
// Thieves use them because they are on everybody's list of good names (Telegram
// bots, Google's Apps Script and forms, storage buckets).
var openSuffixes = []string{"api.telegram.org", "discord.com", "discordapp.com", "script.google.com", "script.googleusercontent.com", "docs.google.com", "sites.google.com",
	"drive.google.com", "drive.usercontent.google.com", "forms.gle", "storage.googleapis.com", "firebasestorage.googleapis.com", "firebaseio.com", "firebasedatabase.app",
	"githubusercontent.com", "gist.github.com", "github.io", "gitlab.io", "pages.dev", "workers.dev", "netlify.app", "vercel.app", "web.app", "firebaseapp.com", "r2.dev", "onrender.com",
	"herokuapp.com", "glitch.me", "repl.co", "replit.app", "azurewebsites.net", "azureedge.net", "windows.net", "amazonaws.com", "cloudfront.net", "blogspot.com", "b-cdn.net", "surge.sh", "neocities.org",
	"000webhostapp.com", "weebly.com", "wixsite.com", "hooks.slack.com", "pastebin.com", "paste.ee", "rentry.co", "hastebin.com", "webhook.site", "pipedream.net", "requestbin.com", "requestcatcher.com", "beeceptor.com",
	"ngrok.io", "ngrok.app", "ngrok-free.app", "trycloudflare.com", "loca.lt", "serveo.net", "supabase.co", "ipfs.io", "dweb.link", "cloudflare-ipfs.com", "transfer.sh", "jsdelivr.net", "unpkg.com", "statically.io",
	"rawgit.com", "githack.com", "duckdns.org", "ddns.net", "hopto.org", "zapto.org", "airtable.com", "formspree.io", "formsubmit.co", "getform.io", "web3forms.com", "forms.office.com"}

// openIndex finds a host's suffix in openSuffixes without trying them all.
var openIndex = set(openSuffixes...)

// isOpen reports a host whose corners anybody can rent.
func isOpen(host string) bool {
	for host != "" {
		if openIndex[host] {
			return true
		}
		_, rest, more := strings.Cut(host, ".")
		if !more {
			return false
		}
		host = rest
	}
	return false
}

// namespaces are hosts that code names without ever talking to them.
var namespaces = set("w3.org", "schema.org", "json-schema.org", "ogp.me", "purl.org", "xmlsoap.org", "openxmlformats.org", "mozilla.org", "apache.org",
	"reactjs.org", "react.dev", "fb.me", "vuejs.org", "angular.io", "getbootstrap.com", "popper.js.org", "jquery.org", "jqueryui.com", "sizzlejs.com", "momentjs.com", "underscorejs.org", "lodash.com",
	"github.com", "gitlab.com", "npmjs.com", "npms.io", "opensource.org", "creativecommons.org", "gnu.org", "example.com", "example.org", "stackoverflow.com", "wikipedia.org", "whatwg.org", "ecma-international.org", "chromium.org", "webkit.org",
	"caniuse.com", "developer.mozilla.org", "feross.org", "php.net", "unicode.org", "ietf.org", "rfc-editor.org", "browsehappy.com", "outdatedbrowser.com", "browser-update.org", "whatbrowser.org", "unlicense.org", "mit-license.org", "js.foundation", "openjsf.org")

// isService reports whether a host belongs to a well-known service.
func isService(host string) bool { return services[siteOf(host)] && !openCDN[siteOf(host)] }

// stranger reports a host that code has no business with: foreign, or a corner of
// an open service that no approved look dealt with.
func (c *comparison) stranger(host string) bool {
	if host == "" || namespaces[siteOf(host)] || c.standsInSources(host) {
		return false
	}
	if isOpen(host) && !slices.Contains(c.own, siteOf(host)) && c.base != nil && c.base.Version >= 3 {
		return !slices.Contains(c.base.Open, host)
	}
	return c.foreign(host)
}

// standsInSources reports a host that an approved script names already.
func (c *comparison) standsInSources(host string) bool {
	if c.base == nil {
		return false
	}
	if known, asked := c.named[host]; asked {
		return known
	}
	known := false
	for _, source := range c.base.Sources {
		if known = strings.Contains(source, host); known {
			break
		}
	}
	if c.named == nil {
		c.named = map[string]bool{}
	}
	c.named[host] = known
	return known
}

// openHosts lists the corners of open services that a view deals with.
func openHosts(v View) []string {
	var out []string
	add := func(host string) {
		if host = strings.ToLower(host); isOpen(host) {
			out = merge(out, host)
		}
	}
	for _, s := range v.Scripts {
		add(s.Host)
	}
	for _, f := range v.Frames {
		add(hostOf(f.URL))
	}
	for _, f := range v.Forms {
		add(hostOf(f.Action))
	}
	for _, d := range v.Destinations {
		add(d.Host)
	}
	return out
}

// libraries are packages that sites load from a public mirror of the npm
// registry. Anybody can publish a package of another name.
var libraries = set("jquery", "jquery-ui", "jquery-ui-dist", "jquery-migrate", "bootstrap", "bootstrap-icons", "popper.js", "@popperjs/core", "swiper", "slick-carousel", "owl.carousel", "aos", "animejs", "gsap", "lodash", "underscore",
	"moment", "dayjs", "axios", "vue", "react", "react-dom", "alpinejs", "htmx.org", "chart.js", "d3", "echarts", "leaflet", "ol", "select2", "flatpickr", "sweetalert2", "toastr", "datatables.net", "datatables.net-bs5", "datatables.net-dt", "simple-datatables",
	"@fortawesome/fontawesome-free", "@fancyapps/ui", "@fancyapps/fancybox", "lightbox2", "glightbox", "photoswipe", "magnific-popup", "isotope-layout", "masonry-layout", "imagesloaded", "waypoints", "jquery.counterup", "wowjs", "wow.js", "feather-icons",
	"video.js", "plyr", "hls.js", "clipboard", "cookieconsent", "vanilla-cookieconsent", "core-js", "core-js-bundle", "regenerator-runtime", "lazysizes", "vanilla-lazyload", "typed.js", "marked", "katex", "mathjax", "highlight.js", "prismjs",
	"tom-select", "choices.js", "perfect-scrollbar", "simplebar", "iscroll", "fullpage.js", "locomotive-scroll", "lottie-web", "@lottiefiles/lottie-player", "pdfjs-dist", "html5shiv", "respond.js", "jquery-validation", "jquery.easing", "jquery-lazy",
	"jquery-lazyload", "sticky-js", "splide", "@splidejs/splide", "tiny-slider", "flickity", "glide", "@glidejs/glide", "vue-router", "vuex", "pinia", "instant.page", "tailwindcss", "uikit", "foundation-sites", "materialize-css", "@docsearch/js", "algoliasearch", "mermaid")

var packagePath = regexp.MustCompile(`^(?:npm/)?((?:@[\w.-]+/)?[\w.-]+?)(?:@[\w.^~-]+)?(?:/|$)`)

// npmFile reports a file of a well-known package on one of the two public mirrors
// of the npm registry, where nobody but its makers can change it.
func npmFile(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
		return false
	}
	path := strings.TrimPrefix(u.Path, "/")
	switch strings.ToLower(u.Hostname()) {
	case "cdn.jsdelivr.net":
		if !strings.HasPrefix(path, "npm/") {
			return false // gh/ and wp/ hold anybody's files
		}
	case "unpkg.com":
	default:
		return false
	}
	m := packagePath.FindStringSubmatch(path)
	return len(m) > 1 && libraries[strings.ToLower(m[1])]
}

// imitated are names of services that thieves dress up as.
var imitated = []string{"google", "gstatic", "googleapis", "analytics", "tagmanager", "jquery", "cloudflare", "facebook", "bootstrap", "hotjar", "paypal", "stripe", "recaptcha", "fontawesome", "jsdelivr", "cdnjs", "wordpress", "magento", "shopify", "clarity", "doubleclick"}

// imitates reports a host that has the name of a service in its own although it is
// not one of the service's: google-analytlcs.top, jquery-cdn.example.
func imitates(host string) bool {
	if !imitable(host) {
		return false
	}
	plain := strings.NewReplacer("0", "o", "1", "l", "i", "l", "rn", "m", "vv", "w", "-", "", "_", "").Replace(siteOf(host))
	return slices.ContainsFunc(imitated, func(name string) bool {
		return strings.Contains(plain, strings.ReplaceAll(name, "i", "l"))
	})
}

// mimicked are names, without their hyphens, under which scripts are loaded
// everywhere, and which their owners use under the endings that services has.
var mimicked = []string{"googleanalytics", "googletagmanager", "googleapis", "googletagservices", "gstatic", "cloudflareinsights", "cloudflare", "jsdelivr", "bootstrapcdn", "fontawesome", "doubleclick", "recaptcha", "jquery", "hotjar", "onetrust", "cookielaw"}

// mimics reports a host whose name is that of a service but for a letter or two or
// for its ending. It is made to be read over; nobody comes by it by chance.
func mimics(host string) bool {
	if !imitable(host) {
		return false
	}
	label, _, _ := strings.Cut(siteOf(host), ".")
	label = strings.ReplaceAll(label, "-", "")
	return slices.ContainsFunc(mimicked, func(name string) bool {
		far := editsBetween(label, name)
		return far == 0 || far == 1 || far == 2 && len(name) >= 10
	})
}

// imitable reports a host that is not known for what it is.
func imitable(host string) bool {
	return host != "" && !isService(host) && !namespaces[siteOf(host)] && !isOpen(host)
}

// editsBetween counts the letters that have to be put in, left out or exchanged,
// up to 3.
func editsBetween(a, b string) int {
	if max(len(a)-len(b), len(b)-len(a)) > 2 {
		return 3
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost++
			}
			last = row[j+1]
			row[j+1] = min(cost, row[j]+1, last+1)
		}
	}
	return min(3, row[len(b)])
}
