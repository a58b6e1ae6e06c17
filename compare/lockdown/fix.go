package lockdown

// How to close each door on what the country's sites run on: two lines for somebody
// who knows his server, at night. Where a server does it, it is done there and not in
// the CMS alone, because what the CMS hides it still answers to.

const (
	getOnlyApache = "In the virtual host: <LimitExcept GET HEAD> Require all denied </LimitExcept>, and TraceEnable Off."
	getOnlyNginx  = "In the server block: limit_except GET { deny all; } in each location, or if ($request_method !~ ^(GET|HEAD)$) { return 405; }."
	getOnlyIIS    = "Request Filtering: <verbs allowUnlisted=\"false\"><add verb=\"GET\" allowed=\"true\"/><add verb=\"HEAD\" allowed=\"true\"/></verbs> in web.config."
	noChat        = "Take the chat's script out of the page; a Content-Security-Policy with script-src 'self' keeps it out."
	noOthers      = "Serve libraries from the site itself; take analytics, advertisements and widgets out for the time of the order."
	putNotice     = "Put a file into /.well-known/security.txt: Contact: mailto:..., Expires: a date within a year."
	strictPolicy  = "\"default-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'\""
	threeHeaders  = "X-Content-Type-Options nosniff, X-Frame-Options SAMEORIGIN, Referrer-Policy strict-origin-when-cross-origin."
)

var fixMethod = Fix{
	Apache: getOnlyApache, Nginx: getOnlyNginx, IIS: getOnlyIIS,
	WordPress: "Do it at the web server; xmlrpc.php, wp-comments-post.php, admin-ajax.php and /wp-json/ take POST whatever the theme shows.",
	Joomla:    "Do it at the web server; index.php?option=com_... takes POST whatever the template shows.",
	Drupal:    "Do it at the web server; closing forms in Drupal leaves their routes.",
}

var fixLogin = Fix{
	Apache:    "<LocationMatch \"(?i)/(login|signin|account|user)\"> Require ip OFFICE-RANGE </LocationMatch>.",
	Nginx:     "location ~* ^/(login|signin|account|user) { allow OFFICE-RANGE; deny all; }.",
	IIS:       "IP Address and Domain Restrictions on the login's path: allow the office range, deny all others.",
	WordPress: "Allow wp-login.php and /wp-admin/ to the office range only; take login widgets and blocks out of the theme.",
	Joomla:    "Unpublish the Login module and menu items of type Login Form; allow /administrator/ to the office range only.",
	Drupal:    "Remove the User login block; allow /user and /admin to the office range only.",
}

var fixUpload = Fix{
	Apache:    "Take the form out, and deny its address: <Location \"/upload\"> Require all denied </Location>. LimitRequestBody 1 for the rest.",
	Nginx:     "Take the form out; client_max_body_size 1; and location /upload { deny all; }.",
	IIS:       "Take the form out; <requestLimits maxAllowedContentLength=\"1\"/> in web.config.",
	WordPress: "Deactivate upload and form plugins; make wp-content/uploads read-only for the server's user.",
	Joomla:    "Unpublish components that take files; make images/ and tmp/ read-only for the server's user.",
	Drupal:    "Take file fields off public forms; make sites/default/files read-only for the server's user.",
}

var fixForm = Fix{
	Apache:    "Serve the page without the form, and refuse what it would send. " + getOnlyApache,
	Nginx:     "Serve the page without the form, and refuse what it would send. " + getOnlyNginx,
	IIS:       "Serve the page without the form, and refuse what it would send. " + getOnlyIIS,
	WordPress: "Deactivate the form plugin (Contact Form 7, WPForms, Gravity Forms ...); its shortcode then shows nothing.",
	Joomla:    "Unpublish contact and form components and their menu items; hiding the module with CSS is not enough.",
	Drupal:    "Uninstall or close Webform and Contact: admin/structure/webform, and revoke 'use site-wide contact form'.",
}

var fixComment = Fix{
	Apache:    "Deny the address that comments are sent to, e.g. <Files \"wp-comments-post.php\"> Require all denied </Files>.",
	Nginx:     "location = /wp-comments-post.php { deny all; } or the address of your own.",
	IIS:       "<denyUrlSequences> with the address that comments are sent to.",
	WordPress: "Settings, Discussion: disallow comments, and close them on posts that exist: wp post list --format=ids | xargs wp post update --comment_status=closed.",
	Joomla:    "Unpublish the comment extension (JComments, Kunena ...) and its plugin.",
	Drupal:    "Set the comment field of each content type to Closed, and revoke 'post comments' for anonymous.",
}

var fixSearch = Fix{
	Apache:    "Take the box out, and refuse the query: RewriteCond %{QUERY_STRING} (^|&)(s|q|search|searchword|keyword)= and RewriteRule ^ - [F].",
	Nginx:     "Take the box out, and refuse the query: if ($arg_s$arg_q$arg_search) { return 403; }.",
	IIS:       "Take the box out, and refuse the query by <denyQueryStringSequences> in Request Filtering.",
	WordPress: "Remove the search block or widget, and add_action('parse_query') to refuse is_search(): hiding the box leaves /?s= open.",
	Joomla:    "Unpublish the Search and Smart Search modules and disable com_search and com_finder.",
	Drupal:    "Uninstall Search, or revoke 'use search' for anonymous.",
}

var fixChat = Fix{
	Apache:    noChat,
	Nginx:     noChat,
	IIS:       noChat,
	WordPress: "Deactivate the chat's plugin, and look into header and footer scripts.",
	Joomla:    "Unpublish the chat's module or plugin, and look into the template's custom code.",
	Drupal:    "Uninstall the chat's module, and look into Asset Injector and blocks with full HTML.",
}

var fixScript = Fix{
	Apache:    "Take the script out. Until then Header always set Content-Security-Policy \"form-action 'none'; connect-src 'self'\" keeps it from sending to others.",
	Nginx:     "Take the script out. Until then add_header Content-Security-Policy \"form-action 'none'; connect-src 'self'\" always; keeps it from sending to others.",
	IIS:       "Take the script out. Until then a customHeaders entry Content-Security-Policy with form-action 'none' keeps it from sending.",
	WordPress: "Deactivate the plugin whose script it is; the address names it: wp-content/plugins/NAME/.",
	Joomla:    "Disable the extension whose script it is; the address names it: media/NAME/.",
	Drupal:    "Uninstall the module whose script it is; with aggregation off the address names it.",
}

var fixBackend = Fix{
	Apache:    "<LocationMatch \"(?i)^/(wp-login|wp-admin|administrator|admin|phpmyadmin|user/login|webmail)\"> Require ip OFFICE-RANGE </LocationMatch>.",
	Nginx:     "location ~* ^/(wp-login|wp-admin|administrator|admin|phpmyadmin|user/login|webmail) { allow OFFICE-RANGE; deny all; }.",
	IIS:       "IP Address and Domain Restrictions on each of these paths; panels (Plesk, cPanel) in the provider's firewall.",
	WordPress: "Deny wp-login.php, /wp-admin/ and xmlrpc.php to all but the office range at the web server; a plugin that renames the login is not enough.",
	Joomla:    "Deny /administrator/ to all but the office range at the web server; a secret word in its address is not enough.",
	Drupal:    "Deny /user/login, /admin and update.php to all but the office range at the web server.",
}

var fixShell = Fix{
	Apache:    "Keep a copy and the logs first, then remove it. In upload directories: php_admin_flag engine off, and <FilesMatch \"\\.ph\"> Require all denied </FilesMatch>.",
	Nginx:     "Keep a copy and the logs first, then remove it. location ~* ^/(uploads|files|images)/.*\\.ph { deny all; }.",
	IIS:       "Keep a copy and the logs first, then remove it. Remove script handlers from upload directories: <handlers accessPolicy=\"Read\">.",
	WordPress: "Keep a copy first. wp core verify-checksums and wp plugin verify-checksums --all show what does not belong; treat the site as broken into.",
	Joomla:    "Keep a copy first. Compare with a clean release; look into images/, tmp/ and templates/; treat the site as broken into.",
	Drupal:    "Keep a copy first. Compare with a clean release (Hacked! module); look into sites/default/files; treat the site as broken into.",
}

var fixListing = Fix{
	Apache: "Options -Indexes in the virtual host.", Nginx: "autoindex off; (the default: look for where it is on).",
	IIS:       "Directory Browsing: Disable, or <directoryBrowse enabled=\"false\"/>.",
	WordPress: "Options -Indexes in .htaccess, and an empty index.php in wp-content/uploads.",
	Joomla:    "Options -Indexes in .htaccess; Joomla's own htaccess.txt has it.",
	Drupal:    "Options -Indexes in .htaccess; Drupal's own has it, so look for what overrides it.",
}

var fixDatabase = Fix{
	Apache:    "Serve static copies or a cache; take write permission from the site's database user: REVOKE INSERT, UPDATE, DELETE.",
	Nginx:     "Serve static copies or a cache: proxy_ignore_headers Set-Cookie; proxy_hide_header Set-Cookie; and revoke the database user's writes.",
	IIS:       "<sessionState mode=\"Off\"/> in web.config; and deny db_datawriter to the site's database user.",
	WordPress: "Deactivate what calls session_start() and WooCommerce; REVOKE INSERT, UPDATE, DELETE for the site's database user.",
	Joomla:    "Joomla opens a session for each visitor: serve from a cache in front, and revoke the database user's writes.",
	Drupal:    "No session is opened for anonymous visitors unless a module does: find it; revoke the database user's writes.",
}

var fixOutdated = Fix{
	Apache:    "Update from your distribution or the maker; a version that your distribution still mends may be named in a waiver.",
	Nginx:     "Update to a branch that nginx.org maintains, or to what your distribution mends.",
	IIS:       "IIS goes with Windows Server: move to 2019 or later.",
	WordPress: "wp core update; then plugins and themes; then PHP.",
	Joomla:    "Update to a major version that joomla.org supports; 3 to 4 needs a migration.",
	Drupal:    "Update to a major version that drupal.org supports; 7 needs a migration.",
}

var fixVersion = Fix{
	Apache: "ServerTokens Prod and ServerSignature Off; expose_php = Off in php.ini.", Nginx: "server_tokens off; fastcgi_hide_header X-Powered-By;.",
	IIS:       "removeServerHeader=\"true\" in requestFiltering; remove X-Powered-By; <httpRuntime enableVersionHeader=\"false\"/>.",
	WordPress: "remove_action('wp_head', 'wp_generator'); and deny readme.html.",
	Joomla:    "Global Configuration: Show Joomla Version: No; set the generator in the template.",
	Drupal:    "Remove the Generator meta tag (Metatag, or hook_page_attachments_alter) and CHANGELOG.txt.",
}

var fixCDN = Fix{
	Apache:    "Put a CDN or WAF in front by DNS, and allow its ranges only (mod_remoteip for the logs).",
	Nginx:     "Put a CDN or WAF in front by DNS, and allow its ranges only (real_ip for the logs).",
	IIS:       "Put a CDN or WAF in front by DNS, and allow its ranges only.",
	WordPress: "Put a CDN in front and cache whole pages; a cache plugin is no CDN.",
	Joomla:    "Put a CDN in front and cache whole pages.",
	Drupal:    "Put a CDN in front and let it cache pages of anonymous visitors.",
}

var fixOrigin = Fix{
	Apache:    "Require ip CDN-RANGES, better in the firewall, and change the server's address: the old one is known.",
	Nginx:     "allow CDN-RANGES; deny all; better in the firewall, and change the server's address: the old one is known.",
	IIS:       "Windows Firewall: ports 80 and 443 from the CDN's ranges only; change the server's address.",
	WordPress: "In the firewall of the server, not in WordPress.", Joomla: "In the firewall of the server, not in Joomla.", Drupal: "In the firewall of the server, not in Drupal.",
}

var fixTLS = Fix{
	Apache:    "A certificate from a public authority (certbot --apache), SSLProtocol -all +TLSv1.2 +TLSv1.3, and a redirect from port 80.",
	Nginx:     "A certificate from a public authority (certbot --nginx), ssl_protocols TLSv1.2 TLSv1.3; and return 301 https:// on port 80.",
	IIS:       "A certificate from a public authority (win-acme), TLS 1.2 and above in SChannel, and a redirect by URL Rewrite.",
	WordPress: "At the web server; then set both addresses in Settings, General to https.",
	Joomla:    "At the web server; then Global Configuration, Server, Force HTTPS: Entire Site.",
	Drupal:    "At the web server; then trusted_host_patterns and a redirect in .htaccess.",
}

var fixHSTS = Fix{
	Apache:    "Header always set Strict-Transport-Security \"max-age=31536000\".",
	Nginx:     "add_header Strict-Transport-Security \"max-age=31536000\" always;.",
	IIS:       "<hsts enabled=\"true\" max-age=\"31536000\"/> at the site (IIS 10).",
	WordPress: "At the web server.", Joomla: "System - HTTP Headers plugin, or the web server.", Drupal: "At the web server, or the Security Kit module.",
}

var fixCSP = Fix{
	Apache:    "Header always set Content-Security-Policy " + strictPolicy + ".",
	Nginx:     "add_header Content-Security-Policy " + strictPolicy + " always;.",
	IIS:       "The same value as customHeaders entry Content-Security-Policy in web.config.",
	WordPress: "At the web server, on a static copy: WordPress itself uses inline script.",
	Joomla:    "System - HTTP Headers plugin: Content-Security-Policy, enforced.",
	Drupal:    "The CSP or Security Kit module, enforced.",
}

var fixHeaders = Fix{
	Apache:    "Header always set " + threeHeaders,
	Nginx:     "add_header ... always; for the three: " + threeHeaders,
	IIS:       "The three as customHeaders in web.config.",
	WordPress: "At the web server.", Joomla: "System - HTTP Headers plugin.", Drupal: "Drupal sends the first two; Security Kit the third.",
}

var fixOthers = Fix{
	Apache:    noOthers,
	Nginx:     noOthers,
	IIS:       noOthers,
	WordPress: "Deactivate analytics, social and widget plugins; host fonts and libraries locally.",
	Joomla:    "Disable plugins that load scripts of others; host fonts and libraries locally.",
	Drupal:    "Uninstall modules that load scripts of others; host libraries locally.",
}

var fixContact = Fix{
	Apache:    putNotice,
	Nginx:     putNotice,
	IIS:       "Put the file into /.well-known/security.txt, and allow the extension in Request Filtering.",
	WordPress: "A file in the web root is enough; no plugin is needed.", Joomla: "A file in the web root is enough.", Drupal: "A file in the web root is enough.",
}
