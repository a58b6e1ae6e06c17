package render

import "regexp"

// healthRules in the order in which they are tried: product signatures first,
// phrases on short pages last.
var healthRules = []healthRule{
	// Bot walls and captchas before the site.
	{"cloudflare-mitigated", Challenge, "Cloudflare docs: a challenged response has cf-mitigated: challenge", 0, false,
		func(v *pageView) bool { return v.header("cf-mitigated", "challenge") }},
	{"cloudflare-challenge", Challenge, "Cloudflare's challenge platform serves its script from /cdn-cgi/challenge-platform/", 150, false,
		func(v *pageView) bool {
			return v.titled("just a moment", "attention required! | cloudflare", "please wait... | cloudflare") &&
				(v.asks("/cdn-cgi/", "challenges.cloudflare.com") || v.says("cloudflare"))
		}},
	{"cloudflare-block", Challenge, "Cloudflare docs: errors 1006 to 1020, access denied by the site's own rules", 250, true,
		func(v *pageView) bool {
			return v.says("cloudflare ray id") && (v.says("you have been blocked", "access denied") || v.titled("access denied"))
		}},
	{"aws-waf", Challenge, "AWS WAF guide: x-amzn-waf-action is challenge or captcha", 0, false,
		func(v *pageView) bool {
			return v.header("x-amzn-waf-action", "challenge") || v.header("x-amzn-waf-action", "captcha")
		}},
	{"aws-waf-script", Challenge, "AWS WAF guide: challenge.js and captcha.js from *.awswaf.com", 80, true,
		func(v *pageView) bool {
			return v.asks(".awswaf.com/") && v.has("challenge-container", "captcha-container")
		}},
	{"akamai-denied", Challenge, "Akamai edge: \"Access Denied\" with a reference number of the form #18.xxxxxxxx.unixtime.xxxxxxx", 80, true,
		func(v *pageView) bool {
			return v.titled("access denied") && v.says("permission to access") && akamaiReference.MatchString(v.text)
		}},
	{"akamai-challenge", Challenge, "Akamai Bot Manager: interstitial with sec-if-cpt-container or the sec-cpt cookie", 80, false,
		func(v *pageView) bool { return v.has("sec-if-cpt-container", "sec-bc-tile-container") }},
	{"imperva", Challenge, "Imperva: /_Incapsula_Resource in a page with an incident id", 80, true,
		func(v *pageView) bool {
			return v.asks("_incapsula_resource") && (v.says("incapsula incident id", "imperva") || v.words < 20 || v.p.Status == 403)
		}},
	{"sucuri", Challenge, "Sucuri firewall: \"Access Denied - Sucuri Website Firewall\"; its challenge sets sucuri_cloudproxy_js", 150, true,
		func(v *pageView) bool {
			return v.titled("sucuri website firewall", "sucuri cloudproxy", "you are being redirected...") &&
				(v.says("sucuri") || v.header("server", "sucuri") || v.header("x-sucuri-id", ""))
		}},
	{"ddos-guard", Challenge, "DDoS-Guard: Server: ddos-guard and /.well-known/ddos-guard/", 100, true,
		func(v *pageView) bool {
			return v.titled("ddos-guard") && (v.header("server", "ddos-guard") || v.asks("ddos-guard"))
		}},
	{"f5", Challenge, "F5 BIG-IP ASM/Advanced WAF: \"The requested URL was rejected\" and a support id", 60, true,
		func(v *pageView) bool {
			return v.says("the requested url was rejected") && v.says("support id")
		}},
	{"radware", Challenge, "Radware Bot Manager: validate.perfdrive.com", 120, true,
		func(v *pageView) bool {
			return v.asks("perfdrive.com") && (v.titled("radware") || v.says("radware", "captcha", "unusual traffic"))
		}},
	{"datadome", Challenge, "DataDome: interstitial framed from captcha-delivery.com", 60, true,
		func(v *pageView) bool { return v.asks("captcha-delivery.com") }},
	{"perimeterx", Challenge, "HUMAN (PerimeterX): #px-captcha", 80, true,
		func(v *pageView) bool { return v.has("px-captcha", "px-captcha-wrapper") }},
	{"captcha-only", Challenge, "hCaptcha, reCAPTCHA and Turnstile guides: widget classes; nothing else on the page", 60, true,
		func(v *pageView) bool {
			return v.has("h-captcha", "g-recaptcha", "cf-turnstile") && inputsAtMost(v.p, 1) && v.links <= 5 &&
				v.says("robot", "human", "captcha", "security check", "checking your browser", "verify")
		}},
	{"browser-check", Challenge, "wording of JavaScript challenges of several hosters (ModSecurity, Imunify360, LiteSpeed)", 60, true,
		func(v *pageView) bool {
			return v.links <= 5 && (v.says("checking your browser before accessing", "one moment, please",
				"please wait while your request is being verified", "verifying you are human", "imunify360 bot-protection") ||
				v.titled("one moment, please", "bot verification"))
		}},

	// Registrars' and brokers' pages.
	{"parked-service", Parked, "parking services load their page from hosts of their own", 150, true,
		func(v *pageView) bool {
			return v.asks("sedoparking.com", "img.sedoparking", "parkingcrew.net", "bodis.com", "parklogic.com", "above.com/marketplace",
				"d38psrni17bvxu.cloudfront.net", "parkingpage.namecheap.com", "wsimg.com/parking-lander", "afternic.com/forsale",
				"dan.com/buy-domain", "hugedomains.com/domain_profile", "google.com/adsense/domains/caf.js", "domainmarket.com")
		}},
	{"parked-text", Parked, "wording of GoDaddy, Sedo, Dan, Namecheap and registrars' landing pages", 150, true,
		func(v *pageView) bool {
			return v.titled("domain is for sale", "is for sale!", "parked domain", "domain parking") ||
				v.says("this domain is for sale", "this domain may be for sale", "domain name is for sale", "the domain is for sale", "buy this domain",
					"this domain is parked", "domain is parked free", "this web page is parked", "domain has expired and is",
					"this domain has expired", "domain is registered at namecheap", "this domain has recently been registered",
					"courtesy of godaddy", "inquire about this domain")
		}},

	// The hoster's suspension notice.
	{"cpanel-suspended", Suspended, "cPanel docs: suspended accounts are sent to /cgi-sys/suspendedpage.cgi", 200, true,
		func(v *pageView) bool { return containsAny(v.p.FinalURL, []string{"/cgi-sys/suspendedpage.cgi"}) }},
	{"suspended-title", Suspended, "cPanel's, Plesk's and hosters' templates: short page titled so", 120, true,
		func(v *pageView) bool {
			return v.line(suspendedLine) && v.p.Status != 404 &&
				v.says("suspended", "contact your hosting", "contact the billing", "exceeded", "معطل")
		}},

	// Default pages of servers, panels and installers.
	{"apache", Placeholder, "Apache httpd default index and Debian, Ubuntu, Red Hat, CentOS test pages", 600, true,
		func(v *pageView) bool {
			return v.line(apacheDefault) || (v.words <= 4 && v.text == "it works!")
		}},
	{"nginx", Placeholder, "nginx html/index.html and the distributions' versions of it", 300, true,
		func(v *pageView) bool {
			return v.titled("welcome to nginx", "test page for the nginx", "welcome to openresty", "welcome to tengine", "welcome to caddy", "caddy works!")
		}},
	{"iis", Placeholder, "IIS iisstart.htm: title and its single picture", 60, true,
		func(v *pageView) bool {
			return v.titled("iis windows server", "iis7", "iis8", "iis 8.5 detailed", "microsoft internet information services", "welcome to iis") &&
				v.asks("iis-85.png", "iisstart.png", "welcome.png", "go.microsoft.com/fwlink", "iis-8.png")
		}},
	{"panel", Placeholder, "Plesk, cPanel, DirectAdmin, CyberPanel, aaPanel, Hestia, ISPConfig default sites", 250, true,
		func(v *pageView) bool {
			return v.titled("default plesk page", "default web site page", "domain default page", "web server's default page", "apache is functioning normally",
				"success! your new web server is ready", "hestia control panel", "welcome to cyberpanel", "welcome to ispconfig") ||
				v.says("this page is generated by plesk", "site is working properly. this is the default plesk", "this page is used to test the proper operation of",
					"if you are seeing this message, the website for is not available", "this is the default index page of your website",
					"congratulations, the site is created successfully", "this is default index page by")
		}},
	{"xampp", Placeholder, "XAMPP dashboard", 600, true,
		func(v *pageView) bool { return v.titled("welcome to xampp") }},
	{"litespeed", Placeholder, "OpenLiteSpeed and LiteSpeed example pages", 400, true,
		func(v *pageView) bool {
			return v.titled("litespeed web server", "openlitespeed") && v.says("congratulation", "has been installed successfully", "default")
		}},
	{"tomcat", Placeholder, "Apache Tomcat ROOT application", 400, true,
		func(v *pageView) bool {
			return v.titled("apache tomcat") && v.says("if you're seeing this, you've successfully installed tomcat")
		}},
	{"wordpress-installer", Placeholder, "WordPress wp-admin/install.php and setup-config.php", 400, true,
		func(v *pageView) bool {
			return (v.titled("wordpress › installation", "wordpress › setup configuration file", "wordpress > installation") ||
				containsAny(v.p.FinalURL, []string{"/wp-admin/install.php", "/wp-admin/setup-config.php"}))
		}},
	{"drupal-installer", Placeholder, "Drupal core/install.php", 400, true,
		func(v *pageView) bool {
			return containsAny(v.p.FinalURL, []string{"/core/install.php", "/install.php"}) && v.titled("drupal", "choose language")
		}},
	{"joomla-installer", Placeholder, "Joomla installation/index.php", 400, true,
		func(v *pageView) bool {
			return containsAny(v.p.FinalURL, []string{"/installation/"}) && v.titled("joomla")
		}},
	{"coming-soon", Placeholder, "hosters' and builders' first pages; short and nothing else", 40, true,
		func(v *pageView) bool { return v.line(comingSoon) && v.links <= 10 }},

	// The site says itself that it is being worked on.
	{"wordpress-maintenance", Maintenance, "WordPress wp_maintenance(): 503 with this sentence", 60, true,
		func(v *pageView) bool { return v.says("briefly unavailable for scheduled maintenance") }},
	{"cms-maintenance", Maintenance, "Drupal maintenance-page class, Joomla offline.php, Laravel and MediaWiki texts", 120, true,
		func(v *pageView) bool {
			return (v.has("maintenance-page", "in-maintenance") && v.says("maintenance")) ||
				v.says("is currently under maintenance. we should be back shortly",
					"this site is down for maintenance. please check back again soon")
		}},
	{"maintenance-503", Maintenance, "RFC 9110, 15.6.4 and 10.2.3: 503 and Retry-After announce a temporary absence", 120, true,
		func(v *pageView) bool {
			_, announced := v.headers["retry-after"]
			return v.p.Status == 503 && (announced && v.says("back", "later", "soon", "maintenance", "بعد") || v.line(maintenanceLine))
		}},
	{"maintenance-text", Maintenance, "titles and headlines of maintenance pages, English and Urdu", 80, true,
		func(v *pageView) bool { return v.line(maintenanceLine) && v.links <= 12 }},

	// Errors, whatever the status says.
	{"error-status", ErrorPage, "RFC 9110, 15: short page of an error status that says so", 120, true,
		func(v *pageView) bool { return v.p.Status >= 400 && v.line(errorLine) }},
	{"error-server", ErrorPage, "stock error pages of servers, languages and frameworks", 400, true,
		func(v *pageView) bool {
			return v.titled("error establishing a database connection", "database error", "server error in '/", "runtime error", "iis detailed error", "iis 10.0 detailed error") ||
				(v.words <= 60 && v.says("error establishing a database connection", "there has been a critical error on this website",
					"server error in '/' application", "the service is unavailable.", "no input file specified.", "resource limit is reached",
					"cannot connect to the configured database", "upstream connect error or disconnect", "bandwidth limit exceeded",
					"no server is available to handle this request", "ڈیٹا بیس کنکشن"))
		}},
	{"error-cloudflare", ErrorPage, "Cloudflare docs: errors 520 to 527 between it and the origin", 250, true,
		func(v *pageView) bool { return v.has("cf-error-details", "cf-error-overview") && v.p.Status >= 500 }},
	{"error-php", ErrorPage, "PHP display_errors: nothing but the message", 60, true,
		func(v *pageView) bool { return phpError.MatchString(v.text) }},
	{"error-text", ErrorPage, "title or headline of an error page sent with another status", 40, true,
		func(v *pageView) bool { return v.line(errorLine) && v.links <= 10 }},
}

// Patterns that must fill a whole line or title.
var (
	akamaiReference = regexp.MustCompile(`reference #\d+\.[0-9a-f]+\.\d+\.[0-9a-f]+`)
	suspendedLine   = regexp.MustCompile(`^(this |your |the )?(web ?site|site|account|domain|hosting account|web hosting account|service)( has been| is| was|) ?(temporarily |currently )?suspended[.!]?$|^account suspended\b.{0,30}$|^یہ (ویب سائٹ|اکاؤنٹ) معطل.{0,20}$`)
	apacheDefault   = regexp.MustCompile(`^(apache2? (debian|ubuntu) default page.*|apache2? default page|test page for the apache http server.*|apache http server test page.*|http server test page.*|(red hat|centos|alma ?linux|rocky linux|fedora).{0,20}test page.*)$`)
	comingSoon      = regexp.MustCompile(`^(coming soon[.!]*|(this |our |the )?(new )?(web ?site|site|page) (is )?(coming soon|under construction)[.!]*|under construction[.!]*|future home of .{1,60}|site not published|launching soon[.!]*|جلد آ رہا ہے.{0,5}|زیر تعمیر.{0,20})$`)
	maintenanceLine = regexp.MustCompile(`^((site |website |we are |we're |sorry, we're |the site is |this site is |our site is |our website is |website is |portal is |system is |server is |the website is |this website is |the portal is |this portal is )?(currently |temporarily )?(under|undergoing|down for|in|offline for) (scheduled |planned |routine |system |server |website |some )*(maintenance|upgrade|upgradation|up-?gradation)( mode| work)?( at the moment| right now| currently)?[.!]?|(scheduled|planned|site|website|system|routine|server) maintenance( in progress| mode| notice)?[.!]?|maintenance( mode| in progress| page| break)?[.!]?|we'?ll be (right )?back( soon| shortly)?[.!]*|.{0,40}(زیر مرمت|مرمت کا کام|دیکھ بھال (کا کام|کے لیے|جاری)).{0,40})$`)
	errorLine       = regexp.MustCompile(`^((http )?(status |error |status code )?[-–: ]{0,3}([45]\d\d)(\.\d+)?\b( error)?[-–:.!| ]{0,4}((http|status|error)? ?(page |file |the page |resource |object )?(could |can )?(cannot be |was |is |requested url was )?(bad request|unauthori[sz]ed|forbidden|(not )?found|access (is )?denied|access forbidden|method not allowed|not acceptable|request time-?out|gone|too many requests|(internal )?server error|internal error|not implemented|bad gateway|(service|service temporarily|server|temporarily) (is )?(temporarily )?unavailable|gateway time-?out|connection timed out|web server is down|error)?[.!]?).{0,30}|(error )?(page |file |object |the page |resource |the resource )?not found[.!]?|the requested url was not found on this server[.!]?|forbidden[.!]?|bad gateway[.!]?|bad request[.!]?|(internal )?server error[.!]?|service (temporarily )?unavailable[.!]?|gateway time-?out[.!]?|oops!? (that )?page (can't be|not) found[.!]*|page can'?t be found[.!]?|صفحہ (نہیں ملا|موجود نہیں).{0,20})$`)
	phpError        = regexp.MustCompile(`^(php )?(fatal|parse) error: .{10,}on line \d+`)
)

func inputsAtMost(p *Page, most int) bool {
	count := 0
	for _, form := range p.Forms {
		for _, in := range form.Inputs {
			if in.Kind != "hidden" && in.Kind != "button" && in.Kind != "submit" && in.Name != "g-recaptcha-response" && in.Name != "h-captcha-response" {
				count++
			}
		}
	}
	return count <= most
}
