package compare

import (
	"regexp"
	"strings"
	"sync"
)

// sign is the mark of a broken or open server: cheap words, and the expression
// that decides near each of them. White space in preformatted text is collapsed
// before it gets here, so that no expression asks for lines.
type sign struct {
	kind     string
	source   string   // whose wording it is
	words    []string // in any case
	pattern  *regexp.Regexp
	capitals bool // the words count in capitals only
}

// serverSigns are the signs. A database that cannot be reached is not among
// them: that is an outage.
var serverSigns = []sign{
	{leakSQL, "MySQL, MariaDB and their PHP drivers", []string{"sql syntax", "mysql", "mariadb", "unknown column", "sqlstate["},
		regexp.MustCompile(`(?i)you have an error in your sql syntax|warning: (mysqli?|pdo(statement)?)[_:]+(query|exec|execute|prepare|fetch_?\w*|num_rows|result)\(|supplied argument is not a valid mysql|mysqli_sql_exception|com\.mysql\.(cj\.)?jdbc|sqlstate\[(22|23|42|hy000: general error)\w*\]|unknown column '[^']{1,60}' in '(field list|where clause|order clause)'`), false},
	{leakSQL, "PostgreSQL and its drivers", []string{"pg_", "pg::", "psql", "postgres", "psycopg", "syntax error at or near"},
		regexp.MustCompile(`(?i)warning: pg_(query|exec|execute|prepare|fetch_?\w*|num_rows|result)\(|pg::(syntaxerror|undefined\w+)|org\.postgresql\.util\.psqlexception|psycopg2?\.errors\.|error: +syntax error at or near "`), false},
	{leakSQL, "Oracle and its drivers", []string{"ora-", "oci_", "oracle", "quoted string"},
		regexp.MustCompile(`(?i)\bora-\d{5}: |warning: oci_?\w*\(|oracle\.jdbc\.|quoted string not properly terminated|java\.sql\.SQLSyntaxErrorException`), false},
	{leakSQL, "SQL Server, ODBC and OLE DB", []string{"quotation mark", "odbc", "ole db", "sqlclient", "sql server", "sqlserver", "mssql"},
		regexp.MustCompile(`(?i)unclosed quotation mark after the character string|microsoft ole db provider for|\[microsoft\]\[odbc|warning: (odbc|mssql|sqlsrv)_(query|exec|execute|prepare|fetch_?\w*)\(|system\.data\.sqlclient\.sqlexception|microsoft\.data\.sqlclient|incorrect syntax near '`), false},
	{leakSQL, "SQLite, DB2 and MongoDB", []string{"sqlite", "db2", "mongo", "e11000"},
		regexp.MustCompile(`(?i)sqlite3?::(query|exec|exception)|sqlite3\.(operational|integrity|programming)error|sqlite_error: |db2 sql error: |\[ibm\]\[cli driver\]|mongo(server|network|bulkwrite)?error: |mongodb\\driver\\exception|e11000 duplicate key error`), false},

	{leakTrace, "PHP, and Laravel, Whoops, Symfony and CodeIgniter on it", []string{"fatal error", "stack trace:", "whoops", "symfony", "laravel", "illuminate", "php error", "vendor/"},
		regexp.MustCompile(`(?i:php )?Fatal error: +(Uncaught |Allowed memory|Call to |Cannot |Class )|Stack trace:\s*#0 |Whoops\\Exception|Whoops! There was an error|Illuminate\\\w+\\|Symfony\\Component\\\w+\\|A PHP Error was encountered|#\d+ /\S+\.php\(\d+\): `), false},
	{leakTrace, "Java, Kotlin, Scala and Tomcat's report", []string{".java:", ".kt:", ".scala:", "java.lang.", "javax.servlet", "jakarta.servlet", "http status 500"},
		regexp.MustCompile(`\bat [\w$./]+\([\w$]+\.(java|kt|scala):\d+\)|Exception in thread "|HTTP Status 500 . Internal Server Error Type Exception Report|(javax|jakarta)\.servlet\.ServletException: `), false},
	{leakTrace, ".NET: ASP.NET's yellow page and the developer's page of ASP.NET Core", []string{"system.", "server error in '", "httpexception", "unhandled exception"},
		regexp.MustCompile(`\[HttpException|Server Error in '/|System(\.\w+)*\.?\w+Exception: |An unhandled exception occurred while processing the request|Microsoft \.NET Framework Version:`), false},
	{leakTrace, "Python, and Django, Flask and Werkzeug on it", []string{"traceback", "django", "werkzeug", "debug = true"},
		regexp.MustCompile(`Traceback \(most recent call last\)|You're seeing this error because you have (DEBUG = True|in your Django settings)|Django Version:\s+\d|Werkzeug Debugger|The debugger caught an exception in your WSGI application`), false},
	{leakTrace, "Ruby and Rails", []string{".rb:", "rails.root", "actioncontroller", "activerecord", "nomethoderror", "nameerror"},
		regexp.MustCompile("Rails\\.root: /|(ActionController|ActiveRecord|ActionView|NoMethodError|NameError)\\S* (in|\\() ?[\\w:#]+|[\\w/.-]+\\.rb:\\d+:in [`'][^']{1,60}'"), false},
	{leakTrace, "Node, Go and Rust", []string{"node_modules", ".js:", "goroutine ", "panicked at"},
		regexp.MustCompile(`\bat (async )?[\w.<> \[\]]{1,80}\((file://)?/[^)]{1,200}\.[cm]?[jt]s:\d+:\d+\)|\bat (node:|Module\.|internal/)\S+:\d+:\d+|goroutine \d+ \[(running|chan|select)|thread '\w+' panicked at `), false},
	{leakWarning, "PHP with display_errors", []string{".php on line"},
		regexp.MustCompile(`(?:Warning|Notice|Deprecated|Parse error|Strict Standards): .{5,200} in (?:/|[A-Z]:\\)\S+\.php on line \d+`), false},

	{leakEnv, "settings of Laravel, Django, Rails, Node and Docker", []string{"PASSWORD", "_PASS", "_KEY", "SECRET", "TOKEN", "_PWD", "DATABASE_URL", "DB_USERNAME", "REDIS_URL", "MAILER_DSN"},
		regexp.MustCompile(`\b(?:[A-Z][A-Z0-9_]{0,30}_)?(?:DB_USERNAME|PASSWORD|PASSWD|PASS|PWD|SECRET|SECRET_KEY|ACCESS_KEY|API_KEY|APP_KEY|AUTH_TOKEN|ACCESS_TOKEN|PRIVATE_KEY|JWT_SECRET|DATABASE_URL|REDIS_URL|MAILER_DSN|SECRET_KEY_BASE)\s*=\s*["']?[^\s"'&]{2,200}`), true},
	{leakEnv, "wp-config.php and its like", []string{"define("},
		regexp.MustCompile(`(?i)define\(\s*['"](DB_PASSWORD|DB_USER|FTP_PASS|AUTH_KEY|SECURE_AUTH_KEY|LOGGED_IN_KEY|NONCE_KEY|AUTH_SALT|\w*(PASSWORD|SECRET|API_KEY))['"]\s*,\s*['"][^'"]{2,200}`), false},
	{leakEnv, "connection strings of .NET and ODBC", []string{"pwd=", "password="},
		regexp.MustCompile(`(?i)\b(?:server|data source|host|dsn|driver|mysql:host|pgsql:host)=[^"<>]{1,200};\s*(?:pwd|password)=[^;"'\s]{3,100}`), false},

	{leakDump, "heads of mysqldump, phpMyAdmin, pg_dump and others", []string{"dump", "adminer "},
		regexp.MustCompile(`(?i)-- (mysql|mariadb) dump \d|-- phpmyadmin sql dump|-- postgresql database dump|-- dump completed on|-- (adminer|heidisql|navicat) |sqlite3? .dump|-- dumping data for table`), false},
	{leakDump, "statements of an export", []string{"insert into", "create table", "from stdin"},
		regexp.MustCompile("(?i)insert into [`\"\\[]?\\w+[`\"\\]]?(\\.[`\"\\[]?\\w+[`\"\\]]?)?( ?\\([^)]{1,1000}\\))? values ?\\(|create table (if not exists )?[`\"\\[]\\w+[`\"\\]] ?\\(|copy [\\w.]+ \\([^)]{1,1000}\\) from stdin"), false},

	{leakFile, "Git's configuration", []string{"repositoryformatversion", "[remote ", "ref: refs/heads"},
		regexp.MustCompile(`\[core\]\s+repositoryformatversion\s*=|\[remote "\w+"\]\s+url\s*=|^\s*ref: refs/heads/\S+\s*$`), false},
	{leakFile, "account files of Unix and of web servers", []string{"root:x:0", "root:$", ":$apr1$", ":{sha}"},
		regexp.MustCompile(`\broot:x:0:0:\S*:/root:/|\broot:\$[1256y]\$\S+:\d+:|\b[\w.-]+:\$apr1\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22}|\b[\w.-]+:\{SHA\}[A-Za-z0-9+/]{27}=`), false},
	{leakFile, "source of the program, sent instead of run", []string{"<?php", "<%@", "<configuration>", "<connectionstrings>"},
		regexp.MustCompile(`(?i)<\?php\s+(/\*|//|#|namespace |use |require|include|define|declare|defined|class |function |if ?\(|error_reporting|session_start|@?ini_set|\$\w+)|<%@ ?page |<configuration>\s*<(configSections|connectionStrings|appSettings|system\.web)|<connectionStrings>\s*<add `), false},
	{leakFile, "private keys in PEM", []string{"private key-----"},
		regexp.MustCompile(`-----BEGIN (?:RSA |EC |OPENSSH |DSA |ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?-----\s*[A-Za-z0-9+/=:\s,-]{40}`), false},

	{leakLog, "access logs in the common and combined formats, and those of IIS", []string{" http/1", " http/2", " - 200 0 0"},
		regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3} \S+ \S+ \[\d{2}/\w{3}/\d{4}:[\d:]{8} [+-]\d{4}\] "[A-Z]{3,8} |\b\d{4}-\d\d-\d\d [\d:]{8} \d{1,3}(?:\.\d{1,3}){3} [A-Z]{3,8} /\S* \S+ \d+ `), false},
	{leakLog, "error logs of Apache, nginx, PHP, Laravel and Log4j", []string{"[error]", ":error]", "php ", ".error:", " error "},
		regexp.MustCompile(`\[\w{3} \w{3} \d{2} [\d:.]{8,15} \d{4}\] \[\S*error\]|\b\d{4}/\d\d/\d\d [\d:]{8} \[error\] \d+#|\[\d{2}-\w{3}-\d{4} [\d:]{8} \S+\] PHP |\[\d{4}-\d\d-\d\d [\d:]{8}\] \w+\.(ERROR|CRITICAL|INFO|DEBUG): |\b\d{4}-\d\d-\d\d[ T][\d:]{8}[,.]\d{3} +(\[\S+\] )?(ERROR|WARN|INFO|DEBUG) `), false},

	{leakStatus, "mod_status, mod_info, nginx and PHP-FPM", []string{"apache server status", "apache server information", "server accepts handled", "accepted conn:"},
		regexp.MustCompile(`(?i)Apache Server Status for |Apache Server Information|Active connections: \d+ server accepts handled requests|pool: \S+ process manager: \S+ start time: `), false},
	{leakStatus, "Spring actuators, Elasticsearch and Prometheus answers", []string{"\"_links\"", "you know, for search", "\"activeprofiles\"", "# help "},
		regexp.MustCompile(`(?i)"_links" ?: ?\{ ?"self" ?: ?\{ ?"href" ?: ?"[^"]{1,200}actuator|"tagline" ?: ?"You Know, for Search"|"activeProfiles" ?: ?\[[^\]]{0,200}\] ?, ?"propertySources"|# HELP \w+ .{1,200}# TYPE \w+ (counter|gauge)`), false},
	{leakPHPInfo, "phpinfo()", []string{"loaded configuration file"},
		regexp.MustCompile(`Loaded Configuration File`), false},
}

// Bounds of the search for signs.
const (
	maxSigns   = 100  // that are counted of one sign
	signBefore = 300  // bytes before a word that its expression reads
	signAfter  = 1500 // and after it
)

var signWords = sync.OnceValue(func() *keywordIndex {
	x := new(keywordIndex)
	for i, s := range serverSigns {
		for _, w := range s.words {
			x.add(w, i)
		}
	}
	return x
})

// signsIn adds the signs in a text to what was found.
func signsIn(text string, found map[string][]value) {
	for rule, places := range signPlaces(text) {
		s := &serverSigns[rule]
		for _, near := range places {
			for _, at := range s.pattern.FindAllStringIndex(text[near[0]:near[1]], maxSigns) {
				if len(found[s.kind]) < maxSigns {
					found[s.kind] = append(found[s.kind], value{text[near[0]+at[0] : near[0]+at[1]], near[0] + at[0]})
				}
			}
		}
	}
	if !strings.Contains(text, "PHP Version") {
		delete(found, leakPHPInfo)
	}
}

// signPlaces are, for each sign, the parts of a text around its words, in order
// and apart from each other.
func signPlaces(text string) [][][2]int {
	x, out := signWords(), make([][][2]int, len(serverSigns))
	for i := 0; i+2 < len(text); i++ {
		for _, k := range x.at(text, i) {
			if !k.standsAt(text, i) || serverSigns[k.rule].capitals && !isUpper(text[i:i+len(k.word)]) {
				continue
			}
			places := out[k.rule]
			from, to := max(0, i-signBefore), min(len(text), i+signAfter)
			switch n := len(places); {
			case n > 0 && from <= places[n-1][1]:
				places[n-1][1] = to
			case n < maxSigns:
				out[k.rule] = append(places, [2]int{from, to})
			}
		}
	}
	return out
}

func isUpper(s string) bool { return strings.ToUpper(s) == s }

// dumpColumns and dumpFile are words of what was exported from a database. The
// first stand in no directory of staff or contractors; a directory can be a file.
var (
	dumpColumns = regexp.MustCompile(`(?i)insert into|\bpassw(or)?d\b|\bpasswd\b|\b(md5|bcrypt|hash)\b|\$2[aby]\$|\b[\w-]+\.(sql|bak|dump)\b`)
	dumpFile    = regexp.MustCompile(`(?i)\b[\w-]+\.(csv|xlsx?|json)\b`)
)

// saltedHash are passwords as systems keep them: bcrypt, crypt(3) with MD5 and
// SHA-2, Apache's, argon2, phpass of WordPress and phpBB, Django's, LDAP's.
var saltedHash = regexp.MustCompile(`\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|\$(?:1|5|6|apr1)\$(?:rounds=\d+\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{22,86}|\$argon2(?:id|i|d)\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{8,}\$[A-Za-z0-9+/]{16,}|\$[PH]\$[./A-Za-z0-9]{31}|\bpbkdf2_sha256\$\d+\$[A-Za-z0-9]{6,40}\$[A-Za-z0-9+/=]{40,}|\{SSHA(?:512)?\}[A-Za-z0-9+/=]{28,}`)

// plainHash is a digest in hex, which may as well be of a file.
var plainHash = regexp.MustCompile(`\b(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64})\b`)

var (
	passwordColumn = regexp.MustCompile(`(?i)\b(user_?)?pass(word|wd)?(_?hash)?\b|\bpwd\b|\bmd5\b|پاس ورڈ`)
	fileChecksums  = regexp.MustCompile(`(?i)\bchecksums?\b|\bsha(1|256|512)sums?\b|\.(zip|iso|tar|tgz|gz|exe|msi|dmg|deb|rpm|apk|pdf|whl|jar)\b`)
)

// asciiLower keeps every byte in its place, which strings.ToLower does not.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		b[i] = lowerByte(c)
	}
	return string(b)
}

// passwordHashes finds the hashes of passwords, each once. Digests count where
// columns of passwords or mail addresses stand beside them and no files do.
func passwordHashes(text string, mails int) []value {
	var out []value
	seen := map[string]bool{}
	add := func(pattern *regexp.Regexp) {
		for _, at := range pattern.FindAllStringIndex(text, maxValues) {
			if s := text[at[0]:at[1]]; !seen[s] {
				seen[s] = true
				out = append(out, value{s, at[0]})
			}
		}
	}
	if strings.Contains(text, "$") || strings.Contains(text, "{SSHA") {
		add(saltedHash)
	}
	beside := mails >= minPassword || strings.Contains(text, ":")
	if beside && containsAny(asciiLower(text), []string{"pass", "pwd", "md5", "پاس ورڈ"}) && passwordColumn.MatchString(text) && !fileChecksums.MatchString(text) {
		add(plainHash)
	}
	return out
}
