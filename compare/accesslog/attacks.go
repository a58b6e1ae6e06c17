package accesslog

import (
	"bytes"
	"regexp"
)

// A pattern is tried only if one of its words is in the target: looking for a word
// costs nanoseconds, and a regular expression microseconds.
type pattern struct {
	rule  int
	words [][]byte
	is    *regexp.Regexp // nil: a word is enough
}

func words(w ...string) [][]byte {
	out := make([][]byte, len(w))
	for i, s := range w {
		out[i] = []byte(s)
	}
	return out
}

// Patterns over targets as decoded makes them: lower case, single blanks.
var patterns = []pattern{
	// SQL. Words of the language are words of English as well, so that each pattern asks
	// for its grammar: two words in their order, a call with its bracket, a quote that
	// closes what the application opened.
	{ruleSQL, words("union"), regexp.MustCompile(`\bunion[ (]+(all |distinct )?[ (]*select\b`)},
	{ruleSQL, words("select"), regexp.MustCompile(`[(;'] ?select\b.{1,200}\bfrom\b|" ?select\b[^"]{1,200}\bfrom\b|\(select ([*@'"(\d]|\w+ ?[(,])|\bselect (@@|(concat|char|count|sleep|pg_sleep|version|user|database) ?\()`)},
	{ruleSQL, words("sleep", "benchmark", "dbms_pipe", "dbms_lock", "waitfor"), regexp.MustCompile(`\b(pg_)?sleep ?\( ?['"]?\d|\bbenchmark ?\( ?\d+ ?,|\bdbms_(pipe\.receive_message|lock\.sleep) ?\(|\bwaitfor delay ['"]`)},
	{ruleSQL, words("extractvalue", "updatexml", "load_file", "xp_cmdshell", "group_concat", "utl_http", "utl_inaddr"), regexp.MustCompile(`\b(extractvalue|updatexml|load_file|group_concat|utl_http\.request|utl_inaddr\.get_host_\w+) ?\(|\bxp_cmdshell\b`)},
	{ruleSQL, words("information_schema", "sysobjects", "pg_catalog", "sqlite_master", "mysql.user", "all_tables", "sys.databases"), regexp.MustCompile(`\b(from|join|into|update) [\w."\x60]*(information_schema|sysobjects|pg_catalog|sqlite_master|mysql\.user|all_tables|sys\.databases)|\binformation_schema\.`)},
	{ruleSQL, words("outfile", "dumpfile"), regexp.MustCompile(`\binto (out|dump)file ?['"]`)},
	{ruleSQL, words("or", "and", "||", "&&"), regexp.MustCompile(`['")\d][ )]*(\bor\b|\band\b|\|\||&&) *[(]*(not )?['"(]*(\w*['")]* ?= ?['"(]*(\w|')|(\d+|\w+['"])['")]* ?[<>] ?['"(]*\w|\w*['")]* ?\b(like ?['"(]|between ?['"\d(]|in ?\())`)},
	{ruleSQL, words("order by", "group by"), regexp.MustCompile(`['")\d] ?(order|group) by \d{1,3} ?(--|#|/\*|,|$|&)`)},
	{ruleSQL, words("--", "#", "/*"), regexp.MustCompile(`['"]\)* ?(--|/\*)|['"]\)*#|\d['"]?\)* ?--[ -]*($|&)`)},
	{ruleSQL, words(";"), regexp.MustCompile(`['")\d ];? ?; ?(drop|insert|update|delete|alter|create|shutdown|exec|execute|declare|truncate|select)\b[ (]`)},
	{ruleSQL, words("having", "procedure analyse", "rlike", "regexp"), regexp.MustCompile(`['")\d] ?having \d+ ?=|procedure analyse ?\(|\b(and|or) .{0,40}\b(rlike|regexp)\b`)},
	{ruleSQL, words("cast(", "convert(", "char(", "chr(", "0x"), regexp.MustCompile(`\bcast ?\(.{1,60} as (char|int|varchar|nvarchar|numeric)|\bconvert ?\( ?(int|varchar)|\b(char|chr) ?\( ?\d{2,3} ?\) ?(\|\||,|\+| )|=0x[0-9a-f]{12,}`)},

	// Files outside of the site, and inside of it where no visitor belongs. Old sites name
	// their own pictures by two steps up; what climbs further, or to code, is none of them.
	{ruleTraversal, words("../", `..\`, "..;/"), regexp.MustCompile(`(\.\.[/\\]+){3,}|(\.\.[/\\]+){2}[^&?]*\.(php\d?|inc|aspx?|jsp|config|conf|ini|xml|ya?ml|env|log|sql|bak|key|pem)\b|\.\.;/|\.\.\\|\.\./(wp-config|configuration|config|settings|\.env|\.git)\b`)},
	{ruleTraversal, words("/etc/", "/proc/self", "win.ini", "boot.ini", "web-inf", "windows/system32", `windows\system32`, "/var/log/"), regexp.MustCompile(`/etc/(passwd|shadow|group|hosts|issue|crontab|nginx/|apache2/|httpd/)|/proc/self/|\bwin(dows)?[/\\]win\.ini|\bboot\.ini\b|/web-inf/|windows[/\\]system32|=[^&]*/var/log/`)},
	{ruleTraversal, words("php://", "file:/", "expect://", "phar://", "zip://", "data:"), regexp.MustCompile(`=[^&]*(php://(filter|input|fd|temp)|file:///?\w|expect://|phar://|zip://)|=data:(text/plain|;base64|,<)`)},
	{ruleTraversal, [][]byte{{0}}, regexp.MustCompile(`\x00[^&]*\.?\w*`)},

	// Commands and code.
	{ruleExec, words("${"), regexp.MustCompile(`\$\{.{0,40}(jndi|:-j|lower:j|upper:j)|\$\{ifs\}`)},
	{ruleExec, words(";", "|", "`", "$(", "&&", "\n"), regexp.MustCompile("([^a-z_ ][;|]|\\|\\||&&|`|\\$\\() ?(id|dir|ls|sh|php|type [\\w/\\\\.:-]+\\.\\w)([;|`)&/]|\\$|$)|(;|\\|\\|?|&&|`|\\$\\() ?(sudo )?(/\\w+)*/?(whoami|uname|cat|ls -|/bin/ls|dir c|ping|curl|wget|nc|ncat|bash|python\\d?|perl|powershell|net user|ifconfig|ipconfig|nslookup|sleep|echo|rm|chmod|tftp|busybox)([ ;|`)&/]|\\$|$)")},
	{ruleExec, words("/bin/", "cmd.exe", "powershell", "certutil"), regexp.MustCompile(`/bin/(ba|da|z|k|c)?sh\b|\bcmd(\.exe)? ?/c\b|\bpowershell(\.exe)? ?-|\bcertutil(\.exe)? -urlcache`)},
	{ruleExec, words("auto_prepend_file", "allow_url_include", "call_user_func", "base64_decode(", "phpinfo(", "eval(", "system(", "passthru(", "shell_exec(", "assert(", "<?php", "<?=", "md5("), regexp.MustCompile(`-?d ?\w*(auto_prepend_file|allow_url_include)|invokefunction.*call_user_func|=[^&]*(base64_decode|phpinfo|eval|system|passthru|shell_exec|assert)\(|<\?(php|=)|function=.{0,40}md5`)},
	{ruleExec, words("ognl", "getruntime", "classloader", "__import__", "{{", "%{", "${t("), regexp.MustCompile(`getruntime\(\)|ognl\.|class\.module\.classloader|__import__\(|\{\{.{0,40}(\d\*|config|self\.|request\.|__class__)|%\{.{0,40}(#|\d\*)|\$\{t\(`)},
	{ruleExec, words("() {", "() { :"), regexp.MustCompile(`\(\) \{ ?(:|_)`)},

	{ruleXSS, words("<script", "<svg", "<img", "<iframe", "<body", "javascript:", "onerror", "onload", "alert("), regexp.MustCompile(`<script[ >/]|<iframe[ /]|<(svg|img|iframe|body|video|audio|details|input)[ /][^>]{0,120}\bon\w{3,20} ?=|=['"]?javascript:|['"<][ /]*on(error|load|mouseover|focus|toggle|click) ?=|['"(>;]alert\(`)},
}

// payload tells which rules a decoded target is an attack by.
func payload(target []byte, hit *hits) {
	for i := range patterns {
		p := &patterns[i]
		if hit.has(p.rule) {
			continue
		}
		for _, w := range p.words {
			if bytes.Contains(target, w) {
				if p.is == nil || p.is.Match(target) {
					hit.add(p.rule)
				}
				break
			}
		}
	}
}

// inHeader reports a command in a header that the log keeps. Browsers write none.
func inHeader(b []byte) bool {
	if bytes.IndexByte(b, '{') < 0 {
		return false
	}
	return bytes.Contains(b, []byte("${jndi:")) || bytes.Contains(b, []byte("() {")) || bytes.Contains(b, []byte("${${"))
}

// exposed are files that hold code, keys or data, as paths in lower case. They must be
// the whole last part of the path, so that an article about .env is none.
var exposed = regexp.MustCompile(`/\.env(\.\w{2,12})?$|/\.git/(config|head|index|logs/head|objects/[0-9a-f/]+)$|/\.svn/(entries|wc\.db)$|/\.hg/hgrc$|/\.(htpasswd|bash_history|npmrc|pgpass|my\.cnf)$|/(id_rsa|id_ed25519|id_dsa)$|/\.aws/credentials$|/\.ssh/|/\.(vscode|idea)/|` +
	`/wp-config\.(php\.?|inc|txt)?[.~_-]?(bak|old|save|orig|swp|txt|zip|1)?~?$|/(configuration|config|settings|database|db|local)\.(php|inc|yml|xml)[.~_-](bak|old|save|orig|swp|txt|zip|1)$|/configuration\.php~$|` +
	`/([\w.-]*[._-])?(backup|dump|database|db|public_html|htdocs|mysql|sql)\d*([._-][\w.-]*)?\.(sql|sql\.gz|sql\.zip|bak|dump|tar|tar\.gz|tgz|rar|7z|mdb)$|/(site|www)[\d._-]*\.(tar|tar\.gz|tgz|rar|7z)$|/[\w-]+\.(sql|sql\.gz|mdb|bak|bacpac)$|` +
	`/web\.config(\.bak|\.old|\.txt)?$|/(phpinfo|php_info|i)\.php$|/server-status$|/actuator/(env|heapdump|configprops|mappings)$|/(elmah|trace)\.axd$|/(debug|error|laravel|wp-content/debug)\.log$`)

// exposedWords are the letters of which one is in each of those.
var exposedWords = words("/.", "wp-config", ".sql", "backup", "dump", ".bak", ".old", ".save", ".orig", ".swp", "~", "web.config", "phpinfo", "php_info", "/i.php", "server-status", "actuator/", ".axd", ".log", ".mdb", ".tar", ".tgz", ".rar", ".7z", ".zip", "id_rsa", "id_ed", "id_dsa", ".bacpac")

// publicPrefix are well-known places below a dot that are meant for everybody (RFC 8615).
var publicPrefix = []byte("/.well-known/")

func isExposed(path []byte) bool {
	if bytes.HasPrefix(path, publicPrefix) {
		return false
	}
	for _, w := range exposedWords {
		if bytes.Contains(path, w) {
			return exposed.Match(path)
		}
	}
	return false
}
