package lockdown

import (
	"cmp"
	_ "embed"
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

//go:embed eol.csv
var eolTable string

// Knowledge is as of when the table of ends of support is: what was announced later is
// not in it.
var Knowledge = time.Date(2026, 2, 15, 0, 0, 0, 0, time.UTC)

// End is when a line of versions gets no security updates any more.
type End struct {
	Product, Cycle string
	At             time.Time // zero if it was supported at the time of Knowledge
	Source         string
}

var ends = readEnds(eolTable)

// readEnds reads the embedded table. It is our own file: what is wrong with it shows
// in every test.
func readEnds(text string) []End {
	r := csv.NewReader(strings.NewReader(text))
	r.Comment, r.FieldsPerRecord, r.LazyQuotes = '#', 4, true
	rows, err := r.ReadAll()
	if err != nil {
		panic(fmt.Sprintf("lockdown: reading eol.csv: %v", err))
	}
	var out []End
	for _, row := range rows {
		e := End{Product: row[0], Cycle: row[1], Source: row[3]}
		if row[2] != "-" {
			if e.At, err = time.Parse(time.DateOnly, row[2]); err != nil {
				panic(fmt.Sprintf("lockdown: eol.csv, %s %s: %v", row[0], row[1], err))
			}
		}
		out = append(out, e)
	}
	return out
}

// Product is a program that a site runs on, with the version that it tells, "" if
// none.
type Product struct {
	Name, Version string
	// Kept says that a distribution's name stands beside the version: it may mend what
	// its maker does not.
	Kept string
}

// marks are how servers and CMSs tell what they are.
var marks = []struct {
	name string
	re   *regexp.Regexp
}{
	{"apache", regexp.MustCompile(`(?i)\bapache/(\d[\d.]*)`)},
	{"nginx", regexp.MustCompile(`(?i)\bnginx/(\d[\d.]*)`)},
	{"iis", regexp.MustCompile(`(?i)\bmicrosoft-iis/(\d[\d.]*)`)},
	{"php", regexp.MustCompile(`(?i)\bphp/(\d[\d.]*)`)},
	{"openssl", regexp.MustCompile(`(?i)\bopenssl/(\d[\d.]*[a-z]?)`)},
	{"tomcat", regexp.MustCompile(`(?i)\btomcat/(\d[\d.]*)`)},
	{"litespeed", regexp.MustCompile(`(?i)\blitespeed/(\d[\d.]*)`)},
	{"openresty", regexp.MustCompile(`(?i)\bopenresty/(\d[\d.]*)`)},
	{"wordpress", regexp.MustCompile(`(?i)\bwordpress[ /](\d[\d.]*)`)},
	{"joomla", regexp.MustCompile(`(?i)\bjoomla!?[ /](\d[\d.]*)`)},
	{"drupal", regexp.MustCompile(`(?i)\bdrupal[ /](\d[\d.]*)`)},
	{"asp.net", regexp.MustCompile(`(?i)\basp\.net[ /](\d[\d.]*)`)},
	{"woocommerce", regexp.MustCompile(`(?i)\bwoocommerce[ /](\d[\d.]*)`)},
}

var distributions = regexp.MustCompile(`(?i)\((debian|ubuntu|red hat|rhel|centos|almalinux|rocky|fedora|suse|oracle)[^)]*\)|\dubuntu\d|\+deb\d+`)

// keepers mend versions that their makers do not, and do not say so in them: Debian and
// Red Hat, by the versions of their releases.
var keepers = map[string]string{
	"nginx 1.26.3": "Debian 13", "nginx 1.22.1": "Debian 12", "nginx 1.20.1": "RHEL 9", "php 7.4.33": "RHEL 8", "php 8.0.30": "RHEL 9",
}

// told are the products that a page's headers and document name with a version.
func (p *Page) told() []Product {
	var out []Product
	read := func(text string) {
		kept := strings.Trim(distributions.FindString(text), "()")
		for _, m := range marks {
			for _, found := range m.re.FindAllStringSubmatch(text, 3) {
				one := Product{Name: m.name, Version: strings.Trim(found[1], "."), Kept: cmp.Or(kept, keepers[m.name+" "+strings.Trim(found[1], ".")])}
				if !slices.Contains(out, one) {
					out = append(out, one)
				}
			}
		}
	}
	for _, h := range p.Headers {
		switch h.Name {
		case "server", "x-powered-by", "x-generator", "via":
			read(h.Value)
		case "x-aspnet-version", "x-aspnetmvc-version":
			read("ASP.NET/" + h.Value)
		}
	}
	read(p.Generator)
	return out
}

func version(e Evidence) Verdict {
	v := closed("")
	for _, p := range e.Page.told() {
		v.State = Open
		v.add(p.Name + " " + p.Version)
	}
	return settle(v, e, cutHeaders)
}

// centos7 is the version of Apache that CentOS 7 has, which ended with it.
const centos7 = "2.4.6"

func outdated(e Evidence) Verdict {
	v := closed("")
	unclear := ""
	for _, p := range e.Page.told() {
		end, known := endOf(p)
		switch {
		case p.Name == "apache" && p.Version == centos7 && strings.EqualFold(p.Kept, "centos"):
			v.State = Open
			v.add("apache 2.4.6 of CentOS 7: ended 2024-06-30 (https://www.redhat.com: CentOS Linux end of life)")
		case !known:
			unclear = fmt.Sprintf("%s %s is not in the table of ends of support of %s: whether it gets updates cannot be told.", p.Name, p.Version, Knowledge.Format(time.DateOnly))
		case end.At.IsZero() || end.At.After(e.Now):
		case p.Kept != "":
			unclear = fmt.Sprintf("%s %s ended %s at its maker, and %s may still mend it.", p.Name, p.Version, end.At.Format(time.DateOnly), p.Kept)
		default:
			v.State = Open
			v.add(fmt.Sprintf("%s %s: ended %s (%s)", p.Name, p.Version, end.At.Format(time.DateOnly), end.Source))
		}
	}
	if v.State == Closed && unclear != "" {
		return unknown(clip(unclear, maxEvidenceLine))
	}
	return settle(v, e, cutHeaders)
}

// endOf finds the row of a version: the longest cycle that begins it.
func endOf(p Product) (found End, known bool) {
	for _, e := range ends {
		begins := p.Version == e.Cycle || strings.HasPrefix(p.Version, e.Cycle+".") || len(p.Version) == len(e.Cycle)+1 && strings.HasPrefix(p.Version, e.Cycle) && p.Version[len(e.Cycle)] >= 'a'
		if e.Product == p.Name && begins && len(e.Cycle) > len(found.Cycle) {
			found, known = e, true
		}
	}
	return found, known
}
