package monitor_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pasban/monitor"
)

func parse(name, text string) (monitor.Watchlist, error) {
	return monitor.ParseWatchlist(name, strings.NewReader(text))
}

func TestWatchlistOnlyNeedsURL(t *testing.T) {
	t.Parallel()
	list, err := parse("list.csv", "url\nhttps://www.example.gov.pk\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []monitor.Target{{ID: "www.example.gov.pk", Site: "www.example.gov.pk", URL: "https://www.example.gov.pk/"}}
	if diff := cmp.Diff(want, list.Targets); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
	if s := list.Sites[0]; s.Schedule != monitor.DefaultSchedule || s.Name != "www.example.gov.pk" {
		t.Errorf("site %+v; want the defaults", s)
	}
	if i := list.Institutions[0]; i.TLP != "AMBER" || i.Language != "en" {
		t.Errorf("institution %+v; want the defaults", i)
	}
}

// The same list in CSV and in YAML means the same.
func TestWatchlistFormsAgree(t *testing.T) {
	t.Parallel()
	fromCSV, err := parse("list.csv", `site_id,name,url,institution,tier,region,pages,schedule,contacts,language,tlp,lockdown,allow_hosts,masks
moe,وزارت تعلیم,https://moe.example.pk/ur/,Ministry of Education,federal,Islamabad,/news;/contact,@hourly,"web@moe.example.pk, cert@moe.example.pk",ur,GREEN,,10.1.0.0/16;cdn.example.pk,"0,100,1366x300;/news@10,10,200x50"
`)
	if err != nil {
		t.Fatal(err)
	}
	fromYAML, err := parse("list.yaml", `
- site_id: moe
  name: وزارت تعلیم
  url: https://moe.example.pk/ur/
  institution: Ministry of Education
  tier: federal
  region: Islamabad
  pages: [/news, /contact]
  schedule: "@hourly"
  contacts: [web@moe.example.pk, cert@moe.example.pk]
  language: ur
  tlp: GREEN
  allow_hosts: [10.1.0.0/16, cdn.example.pk]
  masks: ["0,100,1366x300", "/news@10,10,200x50"]
`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fromCSV, fromYAML, cmp.Comparer(func(a, b interface{ String() string }) bool { return a.String() == b.String() })); diff != "" {
		t.Errorf("CSV and YAML differ:\n%s", diff)
	}
	if n := len(fromCSV.Targets); n != 3 {
		t.Errorf("%d targets, want the home page and two others", n)
	}
	if got := fromCSV.Sites[0].AllowPrivate; len(got) != 1 || got[0].String() != "10.1.0.0/16" {
		t.Errorf("private ranges %v", got)
	}
	if m := fromCSV.Sites[0].Masks; len(m) != 2 || m[1].Page != "/news" || m[1].W != 200 {
		t.Errorf("masks %+v", m)
	}
}

// Every mistake is told with its line and column, all of them at once.
func TestWatchlistMistakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, text, want string }{
		{"empty", "l.csv", "", "line 1: the file is empty"},
		{"no url column", "l.csv", "name\nx\n", "line 1: there is no column url"},
		{"unknown column", "l.csv", "url,colour\n", "line 1, column colour: unknown column"},
		{"column twice", "l.csv", "url,url\n", "column url: the column stands here twice"},
		{"no rows", "l.csv", "url\n", "there is no site in the list"},
		{"empty url", "l.csv", "url,name\n,x\n", "line 2, column url: is empty"},
		{"no scheme", "l.csv", "url\nexample.pk\n", `line 2, column url: "example.pk" does not begin with http:// or https://`},
		{"bad scheme", "l.csv", "url\nftp://example.pk/\n", "the scheme ftp: cannot be watched"},
		{"file scheme", "l.csv", "url\nfile:///etc/passwd\n", "the scheme file: cannot be watched"},
		{"javascript", "l.csv", "url\njavascript:alert(1)\n", "does not begin with http"},
		{"upper-case file", "l.csv", "url\nFILE:///etc/passwd\n", "the scheme file: cannot be watched"},
		{"password", "l.csv", "url\nhttps://user:secret@example.pk/\n", "user name or password"},
		{"port", "l.csv", "url\nhttp://example.pk:99999/\n", "port 99999"},
		{"host", "l.csv", "url\nhttp://exa mple.pk/\n", "is no address"},
		{"duplicate id", "l.csv", "site_id,url\na,http://a.pk\na,http://b.pk\n", `line 3, column site_id: "a" is the ID of line 2`},
		{"bad id", "l.csv", "site_id,url\n../a,http://a.pk\n", `line 2, column site_id: "../a" is no ID`},
		{"duplicate url", "l.csv", "url\nhttp://a.pk\nHTTP://A.pk/\n", "http://a.pk/ is watched by line 2 already"},
		{"tier", "l.csv", "url,tier\nhttp://a.pk,royal\n", `line 2, column tier: unknown tier "royal"`},
		{"language", "l.csv", "url,language\nhttp://a.pk,fr\n", `unknown language "fr"`},
		{"tlp", "l.csv", "url,tlp\nhttp://a.pk,PINK\n", `unknown label "PINK"`},
		{"schedule", "l.csv", "url,schedule\nhttp://a.pk,often\n", "line 2, column schedule"},
		{"contact", "l.csv", "url,contacts\nhttp://a.pk,nobody\n", `"nobody" is no mail address`},
		{"mask", "l.csv", "url,masks\nhttp://a.pk,everything\n", `"everything" is no region`},
		{"other host", "l.csv", "url,pages\nhttp://a.pk,http://b.pk/x\n", "is no path on a.pk"},
		{"allow", "l.csv", "url,allow_hosts\nhttp://a.pk,http://x/\n", "is neither a host name"},
		{"fields", "l.csv", "url,name\nhttp://a.pk\n", "line 2: 1 fields where the first line names 2 columns"},
		{"quotes", "l.csv", "url,name\nhttp://a.pk,\"x\n", "check the quotes"},
		{"yaml key", "l.yaml", "- url: http://a.pk\n  colour: red\n", "line 2, column colour: unknown key"},
		{"yaml form", "l.yaml", "url: http://a.pk\n", "expected a list of sites"},
		{"yaml syntax", "l.yaml", "- url: [\n", "line 1: did not find"},
	} {
		t.Run(c.name, func(t *testing.T) {
			list, err := parse(c.file, c.text)
			var row monitor.RowError
			if !errors.As(err, &row) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %q, want one with %q", err, c.want)
			}
			if len(list.Sites) != 0 {
				t.Errorf("%d sites were parsed all the same", len(list.Sites))
			}
		})
	}
	_, err := parse("l.csv", "url,tier\nbad,federal\nhttp://a.pk,royal\n")
	if err == nil || !strings.Contains(err.Error(), "line 2") || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("two mistakes: %v; want both", err)
	}
}

// An exported list imports again as what it was.
func TestExportRoundTrip(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.importList("site_id,name,url,institution,tier,pages,schedule,contacts,language,tlp,allow_hosts,masks\n" +
		`a,=cmd|calc,https://a.example/,Office A,banking,/x;/y,@daily,a@a.example,ur,RED,10.0.0.0/8,"1,2,3x4"` + "\n" +
		"b,B,https://b.example/,Office B,private,,*/5 * * * *,,en,GREEN,,\n")
	var first bytes.Buffer
	if err := w.Export(t.Context(), &first); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(first.String(), ",=cmd") {
		t.Error("a spreadsheet would run the exported name")
	}
	w.importList(first.String())
	var second bytes.Buffer
	if err := w.Export(t.Context(), &second); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first.String(), second.String()); diff != "" {
		t.Errorf("exporting what was imported (-first +second):\n%s", diff)
	}
}

func FuzzWatchlist(f *testing.F) {
	f.Add(false, "site_id,url,masks\na,http://a.pk,\"0,0,1x1\"\n")
	f.Add(true, "- url: http://a.pk\n  pages: [/x]\n")
	f.Add(false, "url\n\"http://[::1]:80/%zz\"\n")
	f.Add(false, "url,schedule,contacts,allow_hosts\nhttp://a.pk,TZ=UTC,\"A <a@b.pk>\",*.a.pk;10.0.0.0/8\n")
	f.Add(true, "sites:\n- &a {url: http://a.pk, pages: [/x, /y], masks: \"/x@1,2,3x4\"}\n- *a\n")
	f.Add(true, "- {url: http://a.pk, <<: {url: http://b.pk}}\n")
	f.Add(false, "url\nhttp://\xa9\n")
	f.Fuzz(func(t *testing.T, asYAML bool, text string) {
		name := "l.csv"
		if asYAML {
			name = "l.yaml"
		}
		list, err := parse(name, text)
		if err != nil {
			return
		}
		for _, target := range list.Targets {
			if strings.ContainsAny(target.ID, "/\\ \x00") || target.ID == "" || strings.HasPrefix(target.ID, ".") {
				t.Errorf("target ID %q is no safe file name", target.ID)
			}
			if _, err := monitor.CheckURL(target.URL); err != nil {
				t.Errorf("target URL %q was accepted: %v", target.URL, err)
			}
		}
	})
}
