package compare

import (
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"
)

func reportOf(findings ...Finding) Report { return Report{Verdict: Alert, Findings: findings} }

func found(rule string, score float64, evidence string) Finding {
	r := ruleByID[rule]
	return Finding{Kind: r.Kind, Rule: rule, Severity: r.Severity, Score: score, Evidence: evidence}
}

func hasTrace(all []Trace, kind TraceKind, value string) bool {
	return slices.Contains(all, Trace{kind, value})
}

// A crew is known again however it dresses its name, and whoever says what everybody
// says is nobody.
func TestTracesOfMessages(t *testing.T) {
	for evidence, name := range map[string]string{
		"HACKED BY GR3Y L4NTERN CREW":                        "grey lantern",
		"Hacked by Grey Lantern | greetz to all members":     "grey lantern",
		"Ministry of Roads was defaced by team Gr3y L4nt3rn": "grey lantern",
		"hacked by anonymous":                                "",
		"A notice about roads and schools":                   "",
	} {
		got := Traces(nil, Look{}, reportOf(found("defacement.phrase", decisiveScore, evidence)))
		if signed := slices.ContainsFunc(got, func(x Trace) bool { return x.Kind == TraceSigner }); signed != (name != "") || signed && !hasTrace(got, TraceSigner, name) {
			t.Errorf("%q gave %v; want the signer %q", evidence, got, name)
		}
	}
	one := Traces(nil, Look{}, reportOf(found("defacement.phrase", decisiveScore, "Your s3curity is zero, we own 14 of your servers")))
	two := Traces(nil, Look{}, reportOf(found("defacement.title", decisiveScore, "YOUR SECURITY IS ZERO we own 20 of your servers!!")))
	if len(one) != 1 || one[0].Kind != TraceMessage || !slices.Equal(one, two) {
		t.Errorf("one message in two dresses gave %v and %v", one, two)
	}
}

// The host that planted code answers to is a trace; the site's own, a service's, a file's
// name and what may be nothing are none.
func TestTracesOfInjections(t *testing.T) {
	sum := strings.Repeat("ab", 32)
	look := Look{View: View{URL: "https://www.health.gov.pk/", Scripts: []Script{
		{Kind: "inline", Length: 432, SHA256: sum, Tokens: strings.Repeat("cd", 32)},
		{Kind: "inline", Length: 431, SHA256: strings.Repeat("ee", 32)},
	}}}
	got := Traces(nil, look, reportOf(
		found("injection.skimmer", decisiveScore, "inline script of 432 bytes names collect.evil.example, www.google-analytics.com, api.health.gov.pk"),
		found("injection.redirect", decisiveScore, "http://203.0.113.9/x.php"),
		found("injection.frame", noteScore, "perhaps.example"),
		found("injection.loader", decisiveScore, "https://thief.github.io/jquery.min.js names raw.githubusercontent.com"),
	))
	for _, want := range []Trace{{TraceHost, "collect.evil.example"}, {TraceHost, "203.0.113.9"}, {TraceHost, "thief.github.io"},
		{TraceScript, sum}, {TraceScript, strings.Repeat("cd", 32)}} {
		if !slices.Contains(got, want) {
			t.Errorf("no trace %v in %v", want, got)
		}
	}
	for _, x := range got {
		if strings.Contains(x.Value, "google") || strings.Contains(x.Value, "health.gov.pk") || strings.Contains(x.Value, "perhaps") || strings.Contains(x.Value, "min.js") {
			t.Errorf("%v is a trace of nobody", x)
		}
	}
}

// One picture with another line in it is the same; another picture is not, and one that
// is flat says nothing.
func TestTracesOfPictures(t *testing.T) {
	pictures := map[string]image.Image{"": tiled(0, 0), "line": tiled(0, 30), "other": tiled(3, 0), "flat": image.NewRGBA(image.Rect(0, 0, 400, 300))}
	value := func(name string) string {
		for _, x := range Traces(nil, Look{Picture: pictures[name]}, reportOf(found("defacement.replaced", decisiveScore, "x"))) {
			if x.Kind == TracePicture {
				return x.Value
			}
		}
		return ""
	}
	if !SamePicture(value(""), value("line")) {
		t.Error("a line of text made it another picture")
	}
	if SamePicture(value(""), value("other")) || value("flat") != "" || SamePicture("", "") || SamePicture("zz", value("")) {
		t.Error("different pictures, or none, pass for the same")
	}
}

// tiled is a picture of blocks whose shades follow from seed, with a line of text in it.
func tiled(seed, line int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, 400, 300))
	for y := range 300 {
		for x := range 400 {
			shade := uint8((x/40*(7+seed*5) + y/30*(13+seed*11)) * 37)
			if y >= 140 && y < 146 && x < line {
				shade = 255
			}
			img.SetRGBA(x, y, color.RGBA{shade, shade, shade, 255})
		}
	}
	return img
}

// An announced change explains another design and nothing that an intruder says or does.
func TestPlanned(t *testing.T) {
	design := []Finding{found("defacement.replaced", decisiveScore, ""), found("injection.script_host", voteScore, "cdn.example"), found("defacement.words", voteScore, "hack")}
	if !Planned(reportOf(design...)) {
		t.Error("a new design was not explained")
	}
	for _, f := range []Finding{found("defacement.title", decisiveScore, ""), found("injection.skimmer", decisiveScore, ""), found("leak.cnic", decisiveScore, ""),
		{Rule: "lockdown.login", Score: decisiveScore}, found("defacement.crew", voteScore, "")} {
		if Planned(reportOf(append(slices.Clone(design), f)...)) {
			t.Errorf("%s passed for what the owner does", f.Rule)
		}
	}
}
