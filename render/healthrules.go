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

	{"cloudflare-platform", Challenge, "Cloudflare's challenge in any language: its platform's script beside the ids of its page", 150, false,
		func(v *pageView) bool {
			return v.asks("/cdn-cgi/challenge-platform/") && v.has("challenge-error-text", "challenge-success-text", "challenge-stage", "challenge-running", "challenge-form", "cf-chl-widget")
		}},
	{"cloudflare-old", Challenge, "Cloudflare's earlier pages: \"I'm under attack\" mode with jschl, \"One more step\" with a captcha", 150, true,
		func(v *pageView) bool {
			return v.has("cf-browser-verification", "cf-im-under-attack", "cf-please-wait", "cf-captcha-container", "jschl-answer") && v.says("ddos protection by", "cloudflare", "security check")
		}},
	{"azure", Challenge, "Azure Front Door and Application Gateway docs: their block pages, and the JavaScript challenge of Azure WAF", 80, true,
		func(v *pageView) bool {
			return v.says("the request is blocked.") && (v.header("x-azure-ref", "") || azureReference.MatchString(v.text)) ||
				v.says("microsoft-azure-application-gateway") && v.p.Status == 403 || v.titled("azure waf") && v.says("verify", "checking")
		}},
	{"aws-block", Challenge, "CloudFront: \"Request blocked\" and \"Generated by cloudfront\" under its error heading", 120, true,
		func(v *pageView) bool {
			return v.says("the request could not be satisfied") && v.says("request blocked", "block access from your country")
		}},
	{"modsecurity", Challenge, "cPanel's and others' pages for ModSecurity", 80, true,
		func(v *pageView) bool {
			return v.says("this error was generated by mod_security", "mod_security action", "rejected by modsecurity")
		}},
	{"wordfence", Challenge, "Wordfence: its block and rate limit pages name it", 300, true,
		func(v *pageView) bool {
			return v.says("generated by wordfence at", "wordfence is a security plugin", "your access to this site has been limited by the site owner")
		}},
	{"fortinet", Challenge, "FortiWeb's and FortiGate's replacement messages", 120, true,
		func(v *pageView) bool {
			return v.titled("web page blocked", "web filter violation", "attack detected") && v.says("attack id", "fortiguard", "fortigate", "fortiweb")
		}},
	{"siteground", Challenge, "SiteGround's captcha has an address of its own", 100, true,
		func(v *pageView) bool {
			return containsAny(v.p.FinalURL, []string{"/.well-known/sgcaptcha", "/.well-known/captcha"})
		}},
	{"vercel", Challenge, "Vercel: title of its checkpoint", 80, true,
		func(v *pageView) bool { return v.titled("vercel security checkpoint") }},
	{"anubis", Challenge, "Anubis: a proof of work before the page", 150, true,
		func(v *pageView) bool {
			return v.has("anubis_challenge", "anubis_version") || v.asks("/.within.website/x/cmd/anubis") && v.says("bot", "robot")
		}},
	{"waiting-room", Challenge, "Queue-it and Cloudflare's waiting room", 200, true,
		func(v *pageView) bool {
			return v.asks("queue-it.net/") && v.says("queue", "line") || v.says("you are now in line") && v.says("waiting room", "estimated wait time")
		}},
	{"waf-vendor", Challenge, "block pages of other firewalls, by their names", 120, true,
		func(v *pageView) bool {
			return containsAny(v.text+" "+v.title, firewalls) && (v.p.Status >= 400 || v.says("firewall", "waf", "your request", "incident", "support id", "您的请求")) && v.says("blocked", "denied", "rejected", "forbidden", "not allowed", "拦截", "مسدود", "заблокирован") && v.links <= 10
		}},

	// What stands between us and the site.
	{"captive-511", Captive, "RFC 6585, 6: 511 is sent by a network that wants its visitor to log in", 300, true,
		func(v *pageView) bool { return v.p.Status == 511 }},
	{"captive-portal", Captive, "log-in pages of MikroTik, Cisco, Aruba, FortiGate, pfSense, CoovaChilli and UniFi", 200, true,
		func(v *pageView) bool {
			return containsAny(v.p.FinalURL, []string{"/fgtauth?", "/login?dst=", "/guest/s/", "/cgi-bin/login?cmd=", "/captiveportal", "hotspotlogin.cgi", "/captive/", "1.1.1.1/login.html"}) ||
				v.titled("captive portal", "hotspot > login", "web authentication redirect", "network authentication required", "firewall authentication", "wi-fi login", "wifi login", "guest wifi", "guest wi-fi") && v.links <= 15
		}},
	{"provider-block", Captive, "notices that providers put in the place of sites: PTA's \"Surf Safely\", OpenDNS, Umbrella, Roskomnadzor, court orders", 200, true,
		func(v *pageView) bool {
			return v.links <= 15 && (v.says("surf safely") && v.says("prohibited", "not accessible") || v.says("content that is prohibited for viewership from within pakistan") ||
				v.asks("block.opendns.com", "malware.opendns.com", "hit-adult.opendns.com") || v.says("this site is blocked due to", "this domain is blocked", "this site is blocked by your") && v.links <= 5 ||
				v.says("доступ к ресурсу ограничен", "доступ к запрашиваемому ресурсу ограничен"))
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

	{"parked-more", Parked, "further parking services and registrars, by the hosts that they load from", 150, true,
		func(v *pageView) bool {
			return v.asks("sedo.com/search/details", "godaddy.com/forsale", "cashparking.com", "skenzo.com", "rookdns.com", "ztomy.com", "namebright.com/", "dynadot.com/forsale", "epik.com/domain", "atom.com/name/",
				"brandbucket.com/names", "undeveloped.com/", "efty.com/", "dns-parking.com", "parking.hostinger", "parking.reg.ru", "parking.nic.ru", "voodoo.com/", "uniregistry.com/market", "squadhelp.com/name", "porkbun.com/parked",
				"domains.google/parked", "parked-content.godaddy.com", "img1.wsimg.com/parking", "parkingcrew.com", "fwdcdn.com/parking", "searchhounds.com", "ndparking.com", "parkweb.gandi")
		}},
	{"parked-language", Parked, "the same notices in German, French, Spanish, Portuguese, Italian, Turkish, Indonesian, Russian, Chinese, Arabic, Persian and Urdu", 120, true,
		func(v *pageView) bool { return v.p.Status < 500 && parkedLanguage.MatchString(v.title+" "+v.text) }},
	{"parked-expired", Parked, "registrars' notices of a name that was not renewed", 120, true,
		func(v *pageView) bool {
			return expiredDomain.MatchString(v.title+" "+v.text) && v.says("renew", "registrar", "registr", "owner", "expired", "whois")
		}},
	{"parked-unconnected", Parked, "builders' notices that a name leads to no site of theirs", 100, true,
		func(v *pageView) bool {
			return v.says("this domain isn't connected to a website yet", "this domain is not connected to a website", "domain is successfully pointing to wp engine", "this domain has been registered with", "this domain name has been registered with",
				"has been registered via", "domain has been mapped to squarespace, but it has not yet been verified", "is registered, but the owner currently does not have an active website")
		}},

	// The hoster's suspension notice.
	{"cpanel-suspended", Suspended, "cPanel docs: suspended accounts are sent to /cgi-sys/suspendedpage.cgi", 200, true,
		func(v *pageView) bool { return containsAny(v.p.FinalURL, []string{"/cgi-sys/suspendedpage.cgi"}) }},
	{"suspended-title", Suspended, "cPanel's, Plesk's and hosters' templates: short page titled so", 120, true,
		func(v *pageView) bool {
			return v.line(suspendedLine) && v.p.Status != 404 &&
				v.says("suspended", "contact your hosting", "contact the billing", "exceeded", "معطل")
		}},

	{"suspended-language", Suspended, "hosters' notices in German, French, Spanish, Portuguese, Italian, Turkish, Indonesian, Russian, Chinese, Arabic and Urdu", 100, true,
		func(v *pageView) bool { return v.line(suspendedLanguage) && v.links <= 10 }},
	{"suspended-platform", Suspended, "WordPress.com, Blogger, Shopify, Wix, Weebly, Heroku and resellers say that a site was taken down", 150, true,
		func(v *pageView) bool {
			return v.links <= 20 && v.says("has been archived or suspended for a violation of our terms", "has been archived or suspended in accordance with our terms", "the authors have deleted this site", "sorry, the blog at", "blog has been removed",
				"sorry, this shop is currently unavailable", "this site was deactivated", "this website has been disabled", "site has been disabled", "account disabled by server administrator", "this account has been disabled",
				"this site has been temporarily disabled", "has been deactivated. please contact", "website is currently unavailable. please contact your hosting", "this hosting account has expired", "hosting package has expired", "your hosting has expired")
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
	{"server-more", Placeholder, "lighttpd, Jetty, WildFly, GlassFish, WebLogic, Synology, QNAP, IBM and Oracle servers", 300, true,
		func(v *pageView) bool {
			return v.titled("welcome to wildfly", "welcome to jboss", "glassfish server", "welcome to oracle weblogic server", "welcome to ibm http server", "welcome to web station", "hello! welcome to synology web station", "welcome to lighttpd", "welcome to your new vm") ||
				v.says("the owner of this web site has not put up any web pages yet", "your server is now running", "web station has been enabled", "powered by eclipse jetty:// server") && v.links <= 30
		}},
	{"framework", Placeholder, "first pages of Laravel, Django, Rails, Symfony, CodeIgniter, Express, ASP.NET and Azure App Service", 400, true,
		func(v *pageView) bool {
			return v.says("the install worked successfully! congratulations!", "yay! you're on rails!", "you're on ruby on rails", "welcome to codeigniter", "your web app is running and waiting for your content", "hey, app service developers!",
				"the page you are looking at is being generated dynamically by codeigniter") || v.titled("welcome to symfony", "welcome to codeigniter") ||
				v.line(firstExpress) && v.says("welcome to express") || v.title == "laravel" && v.says("laravel has", "vibrant ecosystem", "laracasts")
		}},
	{"stack", Placeholder, "front pages of WampServer, MAMP, EasyPHP, AppServ, Bitnami and Docker's images", 500, true,
		func(v *pageView) bool {
			return v.titled("wampserver homepage", "mamp", "easyphp", "appserv open project", "bitnami") && v.says("congratulations", "welcome", "server configuration", "php version") ||
				v.says("you are now running bitnami", "congratulations! your docker container is now running")
		}},
	{"panel-more", Placeholder, "Virtualmin, ISPmanager, VestaCP, Froxlor, CentOS Web Panel, DirectAdmin, RunCloud and CloudPanel", 300, true,
		func(v *pageView) bool {
			return v.titled("website default page", "cwp http server test page", "froxlor server management panel - installed", "welcome to runcloud", "hello world :-)") ||
				v.says("this is the default virtualmin page", "just created by virtualmin", "virtual server default page", "centos webpanel", "happy coding ☺ cloudpanel", "cwp is free", "this site was created with ispmanager", "froxlor is installed")
		}},
	{"hoster", Placeholder, "the page that a hoster puts into a new web space: Hostinger, OVH, Hetzner, IONOS, Bluehost, GoDaddy, cPanel resellers", 200, true,
		func(v *pageView) bool {
			return v.says("you are all set to go! all you have to do now is upload your website files", "another website powered by bluehost", "votre domaine a bien été créé chez ovhcloud", "herzlich willkommen auf ihrem webspace",
				"félicitations ! votre domaine", "diese domain wurde soeben freigeschaltet", "this is a placeholder for the subdomain", "this is the default welcome page used to test", "website is ready. the content is to be added",
				"default page for your new website", "your website is up and running! upload your site", "this site is not yet available. the owner", "replace this file with your own")
		}},
	{"cms-fresh", Placeholder, "WordPress, Drupal, Joomla, Moodle and others before anybody wrote anything", 300, true,
		func(v *pageView) bool {
			return v.says("no front page content has been created yet") || v.titled("moodle installation", "installation - moodle", "mediawiki installation", "prestashop installation assistant", "opencart - installation", "phpbb installation") ||
				v.says("mediawiki has been installed") && v.words < 100 || v.titled("just another wordpress site") && v.says("welcome to wordpress. this is your first post")
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

	{"maintenance-language", Maintenance, "headlines in German, French, Spanish, Portuguese, Italian, Turkish, Indonesian, Russian, Chinese, Arabic, Persian, Hindi and Bengali", 60, true,
		func(v *pageView) bool { return v.line(maintenanceLanguage) && v.links <= 12 }},

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
	{"error-proxy", ErrorPage, "Varnish, Squid, CloudFront, Fastly, Akamai and Traefik in front of a site that does not answer", 150, true,
		func(v *pageView) bool {
			return v.says("guru meditation", "error 503 backend fetch failed", "the requested url could not be retrieved", "fastly error: unknown domain", "404 page not found traefik") ||
				v.says("the request could not be satisfied") && v.says("cloudfront") || v.says("an error occurred while processing your request") && akamaiReference.MatchString(v.text)
		}},
	{"error-platform", ErrorPage, "GitHub Pages, Heroku, Netlify, Vercel, Azure, S3 and Firebase for a name without a site", 120, true,
		func(v *pageView) bool {
			return v.says("there isn't a github pages site here", "no such app", "there's nothing here, yet", "looks like you've followed a broken link or entered a url that doesn't exist on this site", "the deployment could not be found on vercel",
				"404 web site not found", "error 404 - web app not found", "the specified bucket does not exist", "firebase hosting setup complete", "an error occurred in the application and your page could not be served")
		}},
	{"error-framework", ErrorPage, "Spring's Whitelabel page, Rails' and Symfony's production errors, Drupal's and Joomla's", 80, true,
		func(v *pageView) bool {
			return v.says("whitelabel error page", "we're sorry, but something went wrong", "oops! an error occurred", "the website encountered an unexpected error. please try again later", "an error has occurred. please try again later", "0 - an error has occurred")
		}},
	{"error-php", ErrorPage, "PHP display_errors: nothing but the message", 60, true,
		func(v *pageView) bool { return phpError.MatchString(v.text) }},
	{"error-text", ErrorPage, "title or headline of an error page sent with another status", 40, true,
		func(v *pageView) bool { return v.line(errorLine) && v.links <= 10 }},
}

// firewalls are names by which block pages give their makers away.
var firewalls = []string{"barracuda", "netscaler", "citrix adc", "sitelock", "stackpath", "wallarm", "reblaze", "arvancloud", "arvan cloud", "ابر آروان", "qrator", "comodo waf", "safeline", "yunjiasu", "安全狗", "云防护", "玄武盾",
	"sangfor", "array networks", "radware", "blockdos", "astra security", "malcare", "ninjafirewall", "all in one wp security", "bitninja", "cloudbric", "baffin bay", "edgio", "palo alto networks", "sophos", "kerio", "web application firewall"}

// Patterns that stand anywhere in a short page.
var (
	azureReference = regexp.MustCompile(`\b\d{8}t\d{6}z-[0-9a-z]{8,}`)
	parkedLanguage = regexp.MustCompile(`diese domain (steht zum verkauf|ist zu verkaufen|könnte zum verkauf|wurde geparkt)|domain (ist )?geparkt|(ce|le) (nom de )?domaine est (à vendre|parqué|en vente)|este dominio está (en venta|aparcado|a la venta|estacionado)|este domínio está (à venda|estacionado)|questo dominio è in vendita|bu alan adı (satılıktır|park edilmiştir)|alan adı satılık|domain ini (dijual|diparkir)|домен (продаётся|продается|припаркован)|эта страница припаркована|(此|本|该)?域名(出售|正在出售|待售|停放)|这个域名可以转让|هذا النطاق معروض للبيع|النطاق للبيع|این دامنه (به فروش|برای فروش)|یہ ڈومین برائے فروخت`)
	expiredDomain  = regexp.MustCompile(`(this |the |your )?domain( name)?( [\w.-]+\.\w+)? (has |is )?(expired|lapsed)( on| and|\.|!|$| -)|expired on .{1,40} and is pending renewal|domain (wurde gelöscht|ist abgelaufen)|nom de domaine a expiré|(el )?dominio ha (caducado|expirado)|domínio expirou|alan adı(nın)? süresi dol|masa berlaku domain|срок регистрации домена .{0,40}ист[её]к|域名已(过期|到期)|انتهت صلاحية النطاق|دامنه منقضی`)
)

// Patterns that must fill a whole line or title.
var (
	firstExpress        = regexp.MustCompile(`^express$`)
	suspendedLanguage   = regexp.MustCompile(`^.{0,25}((dieser? )?(website|webseite|account|konto|webhosting-paket|internetpräsenz) (ist |wurde )?(vorübergehend )?(gesperrt|deaktiviert)|(ce |le )?(site|compte)( web)? (est |a été )?(temporairement )?suspendue?|(este |esta |el |la )?(sitio|cuenta|página)( web)? (ha sido |está |fue )?(temporalmente )?suspendid[oa]|cuenta suspendida|(este |esta |o |a )?(site|conta|página) (foi |está )?(temporariamente )?suspens[oa]|conta suspensa|(questo )?(sito|account) (è stato |è )?sospeso|(bu )?(site|hesap|web sitesi) (geçici olarak )?(askıya alın\S*|durdurul\S*)|hesap askıya alındı|(situs|akun|website)( web)? (ini )?(telah )?(ditangguhkan|dinonaktifkan|disuspend)|(сайт|аккаунт|хостинг)( временно)? (заблокирован|приостановлен|отключ[её]н)|(该|此|本)?(网站|站点|账户|账号|主机)(已|已被)(暂停|停用|关闭)|(تم )?(إيقاف|تعليق) (هذا )?(الموقع|الحساب|الاستضافة)|(الموقع|الحساب) (موقوف|معلق)|ویب سائٹ (عارضی طور پر )?(معطل|بند) (ہے|کر دی گئی ہے)).{0,20}$`)
	maintenanceLanguage = regexp.MustCompile(`^.{0,25}(wartungsarbeiten|wartungsmodus|im wartungsmodus|en mantenimiento|modo mantenimiento|em manutenção|en maintenance|site en cours de maintenance|maintenance en cours|in manutenzione|bakım(da|dayız| çalışması|dadır| modu)|(sedang )?(dalam )?(perbaikan|pemeliharaan)|технические работы|техническое обслуживание|на реконструкции|(网站|系统)?(正在)?维护中|(网站|系统)(正在)?(维护|升级)|تحت الصيانة|قيد الصيانة|الموقع تحت التحديث|در (دست|حال) (تعمیر|بروزرسانی|به\x{200c}روزرسانی)|रखरखाव|रक्षणावेक्षण|রক্ষণাবেক্ষণ).{0,25}$`)
	akamaiReference     = regexp.MustCompile(`reference #\d+\.[0-9a-f]+\.\d+\.[0-9a-f]+`)
	suspendedLine       = regexp.MustCompile(`^(this |your |the )?(web ?site|site|account|domain|hosting account|web hosting account|service)( has been| is| was|) ?(temporarily |currently )?suspended[.!]?$|^account suspended\b.{0,30}$|^یہ (ویب سائٹ|اکاؤنٹ) معطل.{0,20}$`)
	apacheDefault       = regexp.MustCompile(`^(apache2? (debian|ubuntu) default page.*|apache2? default page|test page for the apache http server.*|apache http server test page.*|http server test page.*|(red hat|centos|alma ?linux|rocky linux|fedora).{0,20}test page.*)$`)
	comingSoon          = regexp.MustCompile(`^(coming soon[.!]*|(this |our |the )?(new )?(web ?site|site|page) (is )?(coming soon|under construction)[.!]*|under construction[.!]*|future home of .{1,60}|site not published|launching soon[.!]*|جلد آ رہا ہے.{0,5}|زیر تعمیر.{0,20})$`)
	maintenanceLine     = regexp.MustCompile(`^((site |website |we are |we're |sorry, we're |the site is |this site is |our site is |our website is |website is |portal is |system is |server is |the website is |this website is |the portal is |this portal is )?(currently |temporarily )?(under|undergoing|down for|in|offline for) (scheduled |planned |routine |system |server |website |some )*(maintenance|upgrade|upgradation|up-?gradation)( mode| work)?( at the moment| right now| currently)?[.!]?|(scheduled|planned|site|website|system|routine|server) maintenance( in progress| mode| notice)?[.!]?|maintenance( mode| in progress| page| break)?[.!]?|we'?ll be (right )?back( soon| shortly)?[.!]*|.{0,40}(زیر مرمت|مرمت کا کام|دیکھ بھال (کا کام|کے لیے|جاری)).{0,40})$`)
	errorLine           = regexp.MustCompile(`^((http )?(status |error |status code )?[-–: ]{0,3}([45]\d\d)(\.\d+)?\b( error)?[-–:.!| ]{0,4}((http|status|error)? ?(page |file |the page |resource |object )?(could |can )?(cannot be |was |is |requested url was )?(bad request|unauthori[sz]ed|forbidden|(not )?found|access (is )?denied|access forbidden|method not allowed|not acceptable|request time-?out|gone|too many requests|(internal )?server error|internal error|not implemented|bad gateway|(service|service temporarily|server|temporarily) (is )?(temporarily )?unavailable|gateway time-?out|connection timed out|web server is down|error)?[.!]?).{0,30}|(error )?(page |file |object |the page |resource |the resource )?not found[.!]?|the requested url was not found on this server[.!]?|forbidden[.!]?|bad gateway[.!]?|bad request[.!]?|(internal )?server error[.!]?|service (temporarily )?unavailable[.!]?|gateway time-?out[.!]?|oops!? (that )?page (can't be|not) found[.!]*|page can'?t be found[.!]?|صفحہ (نہیں ملا|موجود نہیں).{0,20})$`)
	phpError            = regexp.MustCompile(`^(php )?(fatal|parse) error: .{10,}on line \d+`)
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
