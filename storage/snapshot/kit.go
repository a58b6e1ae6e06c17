package snapshot

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"time"
)

//go:embed kit
var kitTemplates embed.FS

// adminPaths are where back ends of the usual systems are, as regular expressions of
// what follows the first slash: content management, panels, databases, mail, version
// control, installers and descriptions of interfaces. Lists of the sort: OWASP WSTG 4.2,
// WSTG-CONF-05 "Enumerate Infrastructure and Application Admin Interfaces".
var adminPaths = []string{
	"wp-admin", "wp-login", "wp-json", "xmlrpc", "administrator", "admin", "user/login", "umbraco", "typo3", "joomla", "drupal",
	"phpmyadmin", "pma", "adminer", "mysql", "pgadmin", "cpanel", "whm", "plesk", "webmin", "webmail", "roundcube", "owa", "ecp",
	"manager/html", "jenkins", "solr", "actuator", "server-status", "server-info", "cgi-bin", "install", "setup", "swagger",
	"api-docs", "graphql", "config", "backup", "phpinfo", "elmah", "trace\\.axd", "remote", "console",
}

type kitFile struct {
	path, mime string
	content    []byte
}

// kitView is what the templates are filled with. All of it but the name is of letters,
// digits and a few marks: see Export.check.
type kitView struct {
	Name, Date, Host, Root, Listen, File string
	VirtualHost, AdminRegexp             string
	CaddySite, CaddyBind                 string
	ListenOwn                            bool
	Types                                []kitType
	Headers                              [][2]string
	Exact                                []exactPage
}

type kitType struct{ Type, Exts, Dotted string }

// exactPage is a page that the site tells by what follows the question mark.
type exactPage struct{ From, Args, To string }

// kitFiles fills in configuration and instructions.
func kitFiles(e Export, x *Index) ([]kitFile, error) {
	view := e.view(x)
	var all []kitFile
	for _, name := range []string{"nginx.conf", "apache.conf", "Caddyfile"} {
		t, err := template.ParseFS(kitTemplates, "kit/"+name)
		if err != nil {
			return nil, fmt.Errorf("reading the template %s: %w", name, err)
		}
		var b bytes.Buffer
		if err := t.Execute(&b, view); err != nil {
			return nil, fmt.Errorf("filling in %s: %w", name, err)
		}
		all = append(all, kitFile{"kit/" + name, "text/plain; charset=utf-8", b.Bytes()})
	}
	page, err := instructions(e, x)
	if err != nil {
		return nil, err
	}
	return append(all, kitFile{"INSTRUCTIONS.html", htmlType, page}), nil
}

var (
	plainHost   = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$`)
	plainListen = regexp.MustCompile(`^([0-9.]+:|\[[0-9a-fA-F:]+\]:)?[0-9]{1,5}$`)
	plainRoot   = regexp.MustCompile(`^/[A-Za-z0-9._/-]{1,200}$`)
	// systemFolder are folders that hold more than a copy, and all below those in which
	// nobody's files belong.
	systemFolder = regexp.MustCompile(`^/(?:(?:etc|usr|bin|sbin|lib(?:32|64|x32)?|boot|dev|proc|sys|root|run)(?:/.*)?|var|home|opt|srv|mnt|media|tmp|var/(?:lib|log|www|cache|spool|tmp|run))$`)
	plainMail    = regexp.MustCompile(`^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}$`)
)

const securityPath = ".well-known/security.txt"

// securityTXT is the file that tells whom to write to about a hole (RFC 9116), for a
// year from when the copy was taken; none if the site has its own, or nobody is known.
func (e Export) securityTXT(x *Index) []kitFile {
	var b strings.Builder
	for _, mail := range e.Contacts {
		if plainMail.MatchString(mail) {
			fmt.Fprintf(&b, "Contact: mailto:%s\n", mail)
		}
	}
	if b.Len() == 0 || slices.ContainsFunc(x.Files, func(f File) bool { return f.Path == securityPath }) {
		return nil
	}
	fmt.Fprintf(&b, "Expires: %s\nPreferred-Languages: en, ur\n", e.Copy.Created.UTC().AddDate(1, 0, 0).Format(time.RFC3339))
	return []kitFile{{"www/" + securityPath, "text/plain; charset=utf-8", []byte(b.String())}}
}

// ErrSetting is returned, wrapped, for a host, an address to listen on or a folder that a
// web server cannot be configured with.
var ErrSetting = errors.New("no web server can be configured like that")

// check refuses what would be read as more than a value in a configuration, and a folder
// that the instructions must not change the owner of.
func (e Export) check() error {
	switch {
	case !plainHost.MatchString(e.Host):
		return fmt.Errorf("%w: %q is no host; name it with --host", ErrSetting, e.Host)
	case e.Listen != "" && !plainListen.MatchString(e.Listen):
		return fmt.Errorf("%w: --listen %q is no address to listen on, such as 80 or 192.0.2.7:80", ErrSetting, e.Listen)
	case systemFolder.MatchString(path.Clean(e.Root)):
		return fmt.Errorf("%w: --root %s belongs to the system; take a folder for the copy alone, such as /srv/pasban/%s", ErrSetting, e.Root, e.Host)
	case !plainRoot.MatchString(e.Root), strings.Contains(e.Root, ".."), path.Clean(e.Root) == "/":
		return fmt.Errorf("%w: --root %q is no folder for a copy on the server: it must be absolute, below / and of letters, digits and ._-", ErrSetting, e.Root)
	}
	return nil
}

func (e Export) view(x *Index) kitView {
	v := kitView{
		Name: inComment(e.Name), Date: e.Copy.Created.UTC().Format("2 January 2006"), Host: e.Host, Root: strings.TrimSuffix(e.Root, "/"),
		Listen: "80", VirtualHost: "*:80", CaddySite: "http://:80", File: "apache",
		AdminRegexp: adminRegexp(x), Headers: headers, Types: kitTypes(), Exact: exactPages(x),
	}
	if e.Listen != "" {
		colon := strings.LastIndexByte(e.Listen, ':')
		port := e.Listen[colon+1:]
		v.Listen, v.VirtualHost, v.CaddySite, v.ListenOwn = e.Listen, "*:"+port, "http://:"+port, port != "80"
		if colon >= 0 {
			v.VirtualHost, v.CaddyBind, v.ListenOwn = e.Listen, strings.Trim(e.Listen[:colon], "[]"), true
		}
	}
	return v
}

// adminRegexp matches where back ends usually are, but for what is a page of this site:
// an office may well have one called /admin-training/.
func adminRegexp(x *Index) string {
	const end = "([/._-]|$)"
	var names []string
	for _, name := range adminPaths {
		here := regexp.MustCompile("(?i)^" + name + end)
		if !slices.ContainsFunc(x.Files, func(f File) bool { return here.MatchString(f.Path) }) {
			names = append(names, name)
		}
	}
	return "(" + strings.Join(names, "|") + ")" + end
}

// inComment keeps a name, which is anybody's, inside of the line it stands in.
func inComment(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`{}\"'`, r) || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, s[:min(len(s), 200)])
}

func kitTypes() []kitType {
	exts := map[string][]string{"text/html": {"html", "htm"}}
	for _, k := range kinds {
		plain, _, _ := strings.Cut(k.mime, ";")
		if !slices.Contains(exts[plain], k.ext) {
			exts[plain] = append(exts[plain], k.ext)
		}
	}
	var all []kitType
	for t, list := range exts {
		slices.Sort(list)
		all = append(all, kitType{t, strings.Join(list, " "), "." + strings.Join(list, " .")})
	}
	slices.SortFunc(all, func(a, b kitType) int { return strings.Compare(a.Type, b.Type) })
	return all
}

// plainQuery is a query that stands in a configuration as it stands in an address.
var plainQuery = regexp.MustCompile(`^[A-Za-z0-9_=&.%+-]{1,120}$`)

// exactPages are pages like /page.php?id=5, so that links from elsewhere find them. One
// for each path: nginx cannot have two locations of one name.
func exactPages(x *Index) []exactPage {
	var all []exactPage
	seen := map[string]bool{}
	for _, p := range x.Pages {
		u, err := url.Parse(p.URL)
		if err != nil || !plainQuery.MatchString(u.RawQuery) || !safePath(strings.Trim(u.Path, "/")) || seen[u.Path] || strings.HasSuffix(u.Path, "/") {
			continue
		}
		seen[u.Path] = true
		all = append(all, exactPage{u.Path, u.RawQuery, "/" + p.Path})
	}
	return all[:min(len(all), 200)]
}

func hostName(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
}

// instructionsView fills the page of instructions.
type instructionsView struct {
	Name, Host, Root, Folder, Bundle, Copy string
	Created                                string
	State                                  string
	Proved                                 bool
	Likeness                               string
	Pages                                  []Page
	More, LeftOut                          int
	Fingerprint                            string
}

// maxListed pages are named in the instructions.
const maxListed = 40

func instructions(e Export, x *Index) ([]byte, error) {
	t, err := htmltemplate.ParseFS(kitTemplates, "kit/instructions.html")
	if err != nil {
		return nil, fmt.Errorf("reading the template of the instructions: %w", err)
	}
	m := Manifest{Site: e.Copy.Site, Created: e.Copy.Created}
	v := instructionsView{
		Name: e.Name, Host: e.Host, Root: strings.TrimSuffix(e.Root, "/"), Folder: bundleFolder(m), Bundle: BundleName(e.Copy), Copy: e.Copy.ID,
		Created: e.Copy.Created.UTC().Format(time.DateTime) + " UTC", State: string(e.Copy.State), Proved: e.Copy.State == "proved",
		Likeness: fmt.Sprintf("%.1f %%", 100*e.Copy.Likeness()), Pages: x.Pages[:min(len(x.Pages), maxListed)],
		More: max(0, len(x.Pages)-maxListed), LeftOut: len(x.LeftOut), Fingerprint: e.Key.Public().Fingerprint(),
	}
	var b bytes.Buffer
	if err := t.Execute(&b, v); err != nil {
		return nil, fmt.Errorf("filling in the instructions: %w", err)
	}
	return b.Bytes(), nil
}
