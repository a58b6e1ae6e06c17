package compare

import (
	"fmt"
	"image"
	"image/color"
	"strings"
	"testing"
)

// ministry is the page that the rules are tried on: navigation, notices that
// change with every look, a search and a login form, a script of its own.
func ministry(look int) string {
	var notices strings.Builder
	for i := range 8 {
		fmt.Fprintf(&notices, "<li><a href=/notice/%d>Notice %d: %s of the development programme</a></li>\n", look*10+i, look*10+i,
			[]string{"Review", "Approval", "Schedule", "Minutes", "Extension", "Summary", "Budget", "Progress"}[(look+i)%8])
	}
	return `<html lang=en><head><title>Ministry of Planning, Development and Reform</title>
<script>var settings={token:"` + fmt.Sprint(look*7919) + `",lang:"en"};function search(q){var r=new XMLHttpRequest();r.open("GET","/api/search?q="+encodeURIComponent(q));r.onload=function(){document.getElementById("results").textContent=r.responseText};r.send()}</script></head>
<body><header id=top><img src=/img/emblem.png alt="State emblem"><h1>Ministry of Planning, Development and Reform</h1></header>
<nav id=menu><ul><li><a href=/about>About the ministry</a></li><li><a href=/projects>Projects and schemes</a></li><li><a href=/tenders>Tenders</a></li>
<li><a href=/contact>Contact us</a></li><li><a href=https://www.finance.gov.pk/>Ministry of Finance</a></li></ul></nav>
<img id=hero src=/img/hero.jpg alt="Secretariat building">
<main id=main><h2>Latest notices</h2><ul>` + notices.String() + `</ul>
<p>The Ministry of Planning prepares the national plan, reviews public sector projects and monitors how they are carried out in all provinces.</p>
<p>Citizens may ask for information about any scheme under the Right of Access to Information Act by writing to the public information officer.</p>
<form id=search action=/search><input type=text name=q></form>
<form id=login action=/login method=post><input type=text name=user><input type=password name=secret></form></main>
<footer id=foot><p>Block P, Secretariat, Islamabad. Copyright ` + fmt.Sprint(2020+look) + ` Ministry of Planning. Visitors: ` + fmt.Sprint(100000+look*313) + `</p></footer></body></html>`
}

const ministryURL = "https://www.planning.gov.pk/"

// heroBox is where the hero stands in the painted pictures.
var heroBox = Box{40, 280, 1200, 320}

// ministryLook is the page as it is at one time, with a picture.
func ministryLook(t testing.TB, n int) Look {
	t.Helper()
	return finish(lookAt(t, ministryURL, ministry(n), ""))
}

// emblemBox is where the emblem stands in them.
var emblemBox = Box{40, 10, 60, 60}

// finish gives emblem and hero their places and the look its picture.
func finish(l Look) Look {
	for i, e := range l.View.Elements {
		if e.Key == "#hero" {
			l.View.Elements[i].Box = heroBox
		}
		if e.Alt == "State emblem" {
			l.View.Elements[i].Box = emblemBox
		}
	}
	l.Picture = painted(1366, 1, 2, 3, 4, 5, 6)
	return l
}

// ministryBaseline is learnt from three looks.
func ministryBaseline(t testing.TB) *Baseline {
	t.Helper()
	return learned(ministryLook(t, 1), ministryLook(t, 2), ministryLook(t, 3))
}

// edited is the next look with its HTML changed.
func edited(t testing.TB, do func(string) string) Look {
	t.Helper()
	return finish(lookAt(t, ministryURL, do(ministry(4)), ""))
}

// added is the next look with a fragment at the end of its body.
func added(fragment string) func(testing.TB) Look {
	return func(t testing.TB) Look { return edited(t, into(fragment, "</body>")) }
}

// posted is the next look with a fragment among what the page says.
func posted(fragment string) func(testing.TB) Look {
	return func(t testing.TB) Look { return edited(t, into(fragment, "<p>Citizens may ask")) }
}

// headed is the next look with a fragment in its head.
func headed(fragment string) func(testing.TB) Look {
	return func(t testing.TB) Look { return edited(t, into(fragment, "</head>")) }
}

func replaced(from, to string) func(testing.TB) Look {
	return func(t testing.TB) Look {
		if !strings.Contains(ministry(4), from) {
			t.Fatalf("the page has no %q", from)
		}
		return edited(t, func(p string) string { return strings.ReplaceAll(p, from, to) })
	}
}

func wholePage(title, body string) func(testing.TB) Look {
	return func(t testing.TB) Look { return edited(t, whole(title, body)) }
}

// seen is the next look with its View changed.
func seen(do func(*View)) func(testing.TB) Look {
	return func(t testing.TB) Look {
		l := ministryLook(t, 4)
		do(&l.View)
		return l
	}
}

// ministryAt is an ordinary look at another time.
func ministryAt(n int) func(testing.TB) Look {
	return func(t testing.TB) Look { return ministryLook(t, n) }
}

// external adds a script from elsewhere, with its source.
func external(url, source string) func(testing.TB) Look {
	return func(t testing.TB) Look {
		l := ministryLook(t, 4)
		s := Script{Kind: "external", URL: url, Host: hostOf(url), Ran: true, SHA256: digest(source), Length: len(source)}
		l.View.Scripts = append(l.View.Scripts, s)
		l.Sources[s.SHA256] = source
		return l
	}
}

// heroPainted is the next look with its hero painted over in one colour and with
// some other shapes, from the given file.
func heroPainted(src string, c color.RGBA) func(testing.TB) Look {
	return func(t testing.TB) Look {
		l := replaced("/img/hero.jpg", src)(t)
		img := clone(l.Picture)
		fill(img, rectOf(heroBox), c)
		fill(img, image.Rect(400, 380, 700, 470), color.RGBA{180, 20, 20, 255})
		l.Picture = img
		return l
	}
}
