package accesslog

import (
	"bytes"
	"hash/maphash"
	"regexp"
)

// scriptEnds are endings that servers run (the handlers of PHP, IIS, Tomcat, ColdFusion and
// old CGI as they ship).
var scriptEnds = words(".php", ".phtml", ".phar", ".php3", ".php4", ".php5", ".php7", ".php8", ".pht", ".aspx", ".asp", ".ashx", ".asmx", ".asa", ".cer", ".jsp", ".jspx", ".jspf", ".cfm", ".cgi", ".pl")

// scriptOf is the script that a path runs, "" if it names none. What follows a script
// after a slash is an argument of it.
func scriptOf(path []byte) []byte {
	if bytes.IndexByte(path, '.') < 0 {
		return nil
	}
	for rest, at := path, 0; ; {
		i := bytes.IndexByte(rest, '/')
		part := rest
		if i >= 0 {
			part = rest[:i]
		}
		if isScript(part) {
			return path[:at+len(part)]
		}
		if i < 0 {
			return nil
		}
		rest, at = rest[i+1:], at+i+1
	}
}

func isScript(name []byte) bool {
	dot := bytes.LastIndexByte(name, '.')
	if dot < 0 || len(name)-dot > 6 {
		return false
	}
	for _, end := range scriptEnds {
		if bytes.EqualFold(name[dot:], end) {
			return true
		}
	}
	return false
}

// strange are folders from which no honest script runs: visitors' files, what is
// temporary, what is public by its name. Those of pictures and styles are left to
// strangeWrite, because old sites keep a captcha there.
var (
	strange = regexp.MustCompile(`/(uploads?|userfiles?|attachments?|avatars?|tmp|temp|\.well-known|\.tmb|wp-content/(upgrade|languages|backups?)|sites/[^/]+/files|fileadmin/user_upload|media/k2|images/stories|public/storage)/`)
	// route is a script of the site itself by which it shows or takes what visitors send:
	// the folder has the name of what it does. It is learnt as any other.
	route        = regexp.MustCompile(`^(/[\w-]+)?/(upload|attachments?|avatars?)/(index|default|view|show|get|list|download|upload)\.(php|aspx?|ashx|jsp|cfm)$`)
	strangeWrite = regexp.MustCompile(`/(images?|img|css|js|fonts?|media|assets|icons?|cache|files)/`)
	// doubled hides a script behind the ending of a picture.
	doubled = regexp.MustCompile(`\.(jpe?g|gif|png|pdf|docx?|txt|ico|svg)\.(php\d?|phtml|phar|aspx?|jspx?)$|\.(php\d?|phtml|aspx?|jspx?);?\.(jpe?g|gif|png)$`)
	// semicolon is how IIS 6 was made to run what looks like a picture (CVE-2009-4444).
	semicolon = regexp.MustCompile(`\.(asp|aspx|asa|cer);\.\w{2,5}$`)
	// shellName are names under which kits of shells come, as analyses of incidents and
	// collections of samples list them.
	shellName = regexp.MustCompile(`/(c99|c100|r57|r00t|wso(\d[\w.]*)?|b374k([\w.-]*)?|alfa|alfa(shell|_data|new|-rex\d*|cgiapi)?|indoxploit|idx_?shell|web-?shell|cmd-?shell|php-?shell|simple-?(backdoor|shell)|php-?backdoor|qsd-php-backdoor|aspxspy\d?|aspydrv|jspspy|jspwebshell|weevely|antsword|godzilla|behinder|rebeyond|chopper|p0wny(-?shell)?|tryag|sadrazam|gecko|mini(-?shell)?|marijuana|0byte|leafmailer[\d.]*|anonymousfox|fox(shell|wso)?|priv8|bypass|symlink|sym404|uploader|up404|1337|h4x[0o]r?|hacked|ngsi|xleet|ws_?shell|cmdasp|cmd|shell\d?|backdoor)\.(php\d?|phtml|phar|aspx?|ashx|jspx?|cfm)$`)
	// shellWord is a command as the value of a parameter.
	shellWord = regexp.MustCompile(`[?&](cmd|exec|execute|command|c|act|action|do|e|x|pass|run|shell|code|ip|z0|z1|z2)=((whoami|id|pwd|ipconfig|ifconfig|systeminfo|tasklist|bash|powershell|@?eval|@?ini_set)([ (;|&]|$)|uname( |$|&)|ls( |$|&|/)|cat( |/)|dir( |$|&|c:)|net (user|view|localgroup)|ps( -|$|&)|wget |curl |nc |php -|phpinfo\(|system\(|chmod |rm -|find /|echo )`)
)

// place is what a path says by itself, whoever asks for it.
type place struct {
	script                                     int // length of the script that it runs, 0 for none
	strange, strangeWrite, exposed, takes, kit bool
	login, admin, probed, doubled, semicolon   bool
}

// maxPlaces bounds how many are kept: those of a site repeat, those of a scanner do not.
const maxPlaces = 8192

// placeOf judges a path in lower case, once for as long as it is kept.
func (s *Scanner) placeOf(path []byte) place {
	key := maphash.Bytes(s.visitors.seed, path)
	p, known := s.places[key]
	if known {
		return p
	}
	p = judgePlace(path)
	if len(s.places) >= maxPlaces {
		clear(s.places)
	}
	s.places[key] = p
	return p
}

func judgePlace(path []byte) place {
	script := scriptOf(path)
	p := place{script: len(script), exposed: isExposed(path), probed: probed.Match(path) || shellName.Match(path)}
	p.takes, p.kit = takesFiles(path)
	p.doubled, p.semicolon = doubled.Match(path), semicolon.Match(path)
	if len(script) > 0 {
		p.strange = strange.Match(script) && !route.Match(script) || doubled.Match(script) || shellName.Match(script)
		p.strangeWrite = strangeWrite.Match(script) && !ajax.Match(script)
	}
	if adminish(path) {
		p.login, p.admin = loginPath.Match(path), adminPath.Match(path)
	}
	return p
}

// shell reports the traits of a web shell. target is decoded.
func (p place) shell(e *Entry, target []byte) bool {
	if p.script == 0 {
		return p.doubled && e.writes() || p.semicolon
	}
	return p.strange || p.strangeWrite && e.writes() || bytes.IndexByte(target, '=') > 0 && shellWord.Match(target)
}

// ajax are scripts of well-known software that take POSTs below such a folder: themes and
// components of Joomla and WordPress serve their own styles and pictures from there.
var ajax = regexp.MustCompile(`/wp-(includes|admin)/|/administrator/|/components/|/modules/|/plugins/|/libraries/`)

// uploadPath are paths that take files, and uploadKit those of kits by which many sites
// were taken over.
var (
	uploadWords = words("upload", "filemanager", "ckfinder", "kcfinder", "elfinder", "fckeditor", "ajaxfile", "fileman", "media-new", "file-manager")
	uploadPath  = regexp.MustCompile(`/[^/]*upload[^/]*(/|$)|/(async-upload|media-new)\.php$|/filemanager(/|$)|/file-?manager/|/fileman/`)
	uploadKit   = regexp.MustCompile(`/(ckfinder|kcfinder|elfinder|fckeditor|tinybrowser|responsivefilemanager|filemanager)/.*(connector|upload|browse|dialog|execute)[^/]*\.(php|aspx?|ashx|jsp|cfm|py)|/jquery-?file-?upload/|/uploadify|/plupload/|/wp-file-manager/|/com_(media|jce|fabrik|adsmanager)`)
)

func takesFiles(path []byte) (plain, kit bool) {
	for _, w := range uploadWords {
		if bytes.Contains(path, w) {
			return uploadPath.Match(path), uploadKit.Match(path)
		}
	}
	return false, false
}

// Where administrators log in, and where they are once they have: the paths of
// WordPress, Joomla, Drupal, TYPO3, DotNetNuke, phpMyAdmin, and the names that
// home-made sites use.
var (
	adminWords = words("login", "admin", "user", "typo3", "phpmyadmin", "sign", "auth", "cpanel", "panel")
	loginPath  = regexp.MustCompile(`/wp-login\.php$|/administrator/(index\.php)?$|/user/login$|/typo3/(index\.php)?$|/(admin|administrator|backend|manage|cpanel|panel|cms|dashboard|webadmin|adminpanel)(/?$|(/[\w-]+)*/(login|log-in|signin|sign-in|index|auth|default)(\.(php|aspx?|jsp))?$)|/(admin|administrator|cms)[_-]?login(\.(php|aspx?|jsp))?$|/phpmyadmin/(index\.php)?$`)
	adminPath  = regexp.MustCompile(`/wp-admin/($|(index|edit|post|post-new|plugins|plugin-editor|theme-editor|themes|users|upload|options-general|profile|update-core|media-new)\.php$)|/administrator/index\.php$|/admin(istrator)?/(dashboard|content|config|people|structure|home|index|main|default|users|settings|pages|posts)[\w/.-]*$|/(backend|manage|cpanel|panel|cms|dashboard|webadmin|adminpanel)/(home|dashboard|main|index|default)[\w/.-]*$|/phpmyadmin/(index|db_structure|sql|server_\w+)\.php$`)
)

func adminish(path []byte) bool {
	for _, w := range adminWords {
		if bytes.Contains(path, w) {
			return true
		}
	}
	return bytes.Contains(path, []byte("cms")) || bytes.Contains(path, []byte("manage")) || bytes.Contains(path, []byte("backend")) || bytes.Contains(path, []byte("dashboard"))
}

// scannerNames are tools that name themselves, as data file scanners-user-agents of CRS
// lists them, and those that came after it.
var scannerNames = words("sqlmap", "nikto", "nuclei", "acunetix", "nessus", "openvas", "wpscan", "dirbuster", "gobuster", "ffuf", "fuzz faster", "feroxbuster",
	"masscan", "zgrab", "w3af", "havij", "netsparker", "invicti", "arachni", "whatweb", "joomscan", "droopescan", "cmsmap", "zmeu", "morfeus", "sqlninja", "commix",
	"wfuzz", "dirsearch", "jorgee", "nmap scripting", "libredtail", "l9explore", "l9tcpid", "fimap", "jbrofuzz", "webshag", "skipfish", "vega/", "paros/",
	"burpcollaborator", "burp suite", "interactsh", "jaeles", "katana", "expanse, a palo")

// tool reports an agent that is one of those. Agents repeat, so that what was found out
// about one is kept for the next line.
func (s *Scanner) tool(agent []byte) bool {
	key := maphash.Bytes(s.visitors.seed, agent)
	is, known := s.agents[key]
	if known {
		return is
	}
	low := bytes.ToLower(agent[:min(len(agent), 512)])
	for _, name := range scannerNames {
		is = is || bytes.Contains(low, name)
	}
	if len(s.agents) >= maxAgents {
		clear(s.agents)
	}
	s.agents[key] = is
	return is
}

// maxAgents bounds how many are kept: a crowd of inventions costs time, not memory.
const maxAgents = 4096

// probed are paths that only a search for holes asks for. The ending of a script alone
// says nothing, for a site that was built anew left hundreds of them in the links of
// others; one under a name of a letter or three, or of what installs and shows, does.
var probed = regexp.MustCompile(`\.(sql|bak|env|git|zip|tar\.gz|rar|ini|old|log|yml|yaml|conf|cfg)(/|$)|/\.|/(wp-|phpmyadmin|pma|admin|manager|actuator|cgi-bin|vendor|solr|jenkins|console|setup|struts|boaform|hnap1)|/(\w{1,3}|backup|config|install|info|test|shell)\.(php\d?|aspx?|jspx?|cgi)$`)
