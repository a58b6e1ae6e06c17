package render

import (
	"fmt"
	"net/http"
	"testing"
)

// TestFontsByLanguage: text without a font of its own is set in the one its
// language wants, Urdu in Nastaliq, Arabic and Persian in Naskh. A picture made
// with the font left open must be the picture made with that font named.
func TestFontsByLanguage(t *testing.T) {
	p := testPool(t, Options{Processes: 2})
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		fmt.Fprintf(w, `<!doctype html><html lang="%s" dir="%s"><meta charset="utf-8"><style>p { font-size: 32px; %s }</style><p>%s</p></html>`,
			q.Get("lang"), q.Get("dir"), q.Get("style"), q.Get("text"))
	})
	picture := func(lang, dir, style, text string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		q := req.URL.Query()
		q.Set("lang", lang)
		q.Set("dir", dir)
		q.Set("style", style)
		q.Set("text", text)
		req.URL.RawQuery = q.Encode()
		page := visit(t, p, Request{URL: req.URL.String()})
		wantOutcome(t, page, OK)
		if page.Screenshot == nil {
			t.Fatalf("no picture of %s", text)
		}
		return page.Screenshot.SHA256
	}
	const latin = "font-family: Liberation Sans" // it has none of these letters
	for _, c := range []struct{ name, lang, dir, text, font, other string }{
		{"Urdu", "ur", "rtl", "پاکستان کی نگہبانی", "Noto Nastaliq Urdu", "Noto Naskh Arabic"},
		{"Arabic", "ar", "rtl", "الحارس الأمين", "Noto Naskh Arabic", "Noto Nastaliq Urdu"},
		{"Persian", "fa", "rtl", "نگهبان روز و شب", "Noto Naskh Arabic", "Noto Nastaliq Urdu"},
		{"emoji", "en", "ltr", "\U0001F6E1", "Noto Color Emoji", "Noto Naskh Arabic; visibility: hidden"},
	} {
		t.Run(c.name, func(t *testing.T) {
			open := picture(c.lang, c.dir, latin, c.text)
			if named := picture(c.lang, c.dir, latin+", "+c.font, c.text); open != named {
				t.Errorf("%s is not set in %s", c.name, c.font)
			}
			if other := picture(c.lang, c.dir, latin+", "+c.other, c.text); open == other {
				t.Errorf("%s cannot be told from %s: the test shows nothing", c.font, c.other)
			}
		})
	}
}
