package lockdown

import (
	"hash/fnv"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The places that are asked for, and the marks by which what is there is
// recognised. A mark is lower case and stands in the page as its program writes it; a
// path alone proves nothing, for many servers answer to all of them.

// KnownPlace is a place to ask for.
type KnownPlace struct {
	Path, What, Group string
	// Marks: one of these in the answer's HTML, lower case, is enough.
	Marks []string
}

var indexMarks = []string{"<title>index of /", "<h1>index of /", "<title>directory listing for /", "<title>directory listing -- /", "[to parent directory]</a>"}

var known = []KnownPlace{
	{"/wp-login.php", "WordPress login", "backend", []string{`id="loginform"`, `name="wp-submit"`, `id="wp-submit"`}},
	{"/wp-admin/", "WordPress administration", "backend", []string{`id="loginform"`, `id="wp-submit"`, `id="wpadminbar"`}},
	{"/xmlrpc.php", "WordPress XML-RPC", "backend", []string{"xml-rpc server accepts post requests only"}},
	{"/administrator/", "Joomla administration", "backend", []string{`id="form-login"`, `id="mod-login-username"`, `name="passwd"`}},
	{"/user/login", "Drupal login", "backend", []string{"user-login-form", `id="edit-pass"`, `value="user_login"`}},
	{"/admin/", "administration", "backend", nil},
	{"/admin/login", "administration", "backend", nil},
	{"/login", "login", "backend", nil},
	{"/phpmyadmin/", "phpMyAdmin", "backend", []string{"pma_username", "<title>phpmyadmin", "phpmyadmin.css"}},
	{"/pma/", "phpMyAdmin", "backend", []string{"pma_username", "<title>phpmyadmin"}},
	{"/adminer.php", "Adminer", "backend", []string{`name="auth[username]"`, "- adminer</title>"}},
	{"/cpanel", "cPanel", "backend", []string{"cpanel login", "cpsess", "<title>cpanel"}},
	{"/webmail", "webmail", "backend", []string{"<title>roundcube", "rcmloginuser", "webmail login", "squirrelmail", "zloginform"}},
	{"/owa/", "Outlook on the web", "backend", []string{"owaauth", "outlook web app", "signinheader"}},
	{"/manager/html", "Tomcat manager", "backend", []string{"tomcat web application manager"}},
	{"/swagger-ui/", "API documents", "backend", []string{"swagger-ui", "swaggeruibundle"}},
	{"/swagger/index.html", "API documents", "backend", []string{"swagger-ui", "swaggeruibundle"}},
	{"/api-docs", "API documents", "backend", []string{`"swagger":`, `"openapi":`, "swagger-ui"}},
	{"/uploads/", "uploads", "listing", indexMarks},
	{"/upload/", "uploads", "listing", indexMarks},
	{"/wp-content/uploads/", "WordPress uploads", "listing", indexMarks},
	{"/images/", "images", "listing", indexMarks},
	{"/sites/default/files/", "Drupal files", "listing", indexMarks},
	{"/backup/", "backups", "listing", indexMarks},
	{"/shell.php", "web shell", "shell", shellMarks},
	{"/wso.php", "web shell", "shell", shellMarks},
	{"/alfa.php", "web shell", "shell", shellMarks},
	{"/c99.php", "web shell", "shell", shellMarks},
}

// shellMarks are headings of the shells that are found most.
var shellMarks = []string{"wso 2.", "wso 4.", "b374k", "c99shell", "r57shell", "alfa team", "alfa shell", "indoxploit", "<title>mini shell", "p0wny@shell", "filesman"}

// Known lists the places, in the order in which they are asked for.
func Known() []KnownPlace { return slices.Clone(known) }

var (
	passwordField = regexp.MustCompile(`(?i)<input[^>]*type\s*=\s*["']?password`)
	scriptFile    = regexp.MustCompile(`(?i)href\s*=\s*["']?([^"'<> ]+\.(?:php\d?|phtml|phar|aspx?|ashx|jspx?|cgi))["' >]`)
)

// Read tells what is at the place by what was answered.
func (k KnownPlace) Read(reply Reply, body []byte) Place {
	p := Place{Path: k.Path, What: k.What, Group: k.Group, Reply: reply}
	if reply.Status != 200 && reply.Status != 405 || reply.Away != "" {
		return p
	}
	page := strings.ToLower(string(body))
	for _, mark := range k.Marks {
		if strings.Contains(page, mark) {
			p.Sign = mark
			break
		}
	}
	p.Password = passwordField.MatchString(page)
	if k.Group == "listing" && p.Sign != "" {
		for _, m := range scriptFile.FindAllStringSubmatch(string(body), 5) {
			p.Files = append(p.Files, clip(m[1], 100))
		}
	}
	return p
}

// changing parts of a page: tokens against forged requests, which stand in values of
// fields and of the document's head, nonces, numbers, and the path that was asked for,
// which many an error page repeats.
var noise = regexp.MustCompile(`\b(?:value|content|nonce)\s*=\s*(?:"[^"]*"|'[^']*')|[0-9a-f]{8,}|\d+`)

// Shape is the same for answers that are the same page: of its tags and words, without
// numbers.
func Shape(body []byte) uint64 {
	h := fnv.New64a()
	for _, word := range strings.FieldsFunc(noise.ReplaceAllString(strings.ToLower(string(body)), ""), func(r rune) bool {
		return r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '>' || r == '<'
	}) {
		if !strings.Contains(word, "/") && !strings.Contains(word, "pasban-") { // addresses repeat what was asked for
			h.Write([]byte(word))
			h.Write([]byte{0})
		}
	}
	return h.Sum64()
}

// Alike reports answers that are the same page, at the same status or in the same
// place.
func Alike(a, b Reply) bool {
	if !a.Asked || !b.Asked || a.Status != b.Status || a.Status == 0 {
		return false
	}
	if a.Final != "" && a.Final == b.Final || a.Away != "" && a.Away == b.Away {
		return true
	}
	return a.Shape == b.Shape && a.Away == b.Away
}

// ReadNotice reads Contact and Expires of a security.txt (RFC 9116). What is not one,
// such as a page that stands for it, has neither.
func ReadNotice(body []byte) (contact string, expires time.Time) {
	text := string(body[:min(len(body), 32<<10)])
	if strings.Contains(text, "<") && strings.Contains(strings.ToLower(text), "<html") {
		return "", time.Time{}
	}
	for _, line := range strings.Split(text, "\n") {
		name, value, found := strings.Cut(strings.TrimSpace(line), ":")
		value = strings.TrimSpace(value)
		if !found || value == "" {
			continue
		}
		switch strings.ToLower(name) {
		case "contact":
			if contact == "" && (strings.HasPrefix(value, "mailto:") || strings.HasPrefix(value, "https://") || strings.HasPrefix(value, "tel:")) {
				contact = clip(value, 200)
			}
		case "expires":
			if t, err := time.Parse(time.RFC3339, strings.ToUpper(value)); err == nil && expires.IsZero() {
				expires = t.UTC()
			}
		}
	}
	return contact, expires
}
