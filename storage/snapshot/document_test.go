package snapshot

import (
	"net/url"
	"testing"
)

// Frames are relative to themselves, whatever the page around them says of its base; one
// without an address of its own is relative to that base.
func TestFramesHaveTheirOwnBase(t *testing.T) {
	at := &url.URL{Scheme: "https", Host: "site.example", Path: "/about"}
	for _, c := range []struct{ head, frame, within, want string }{
		{"", `<iframe src="/in/p.html"></iframe>`, "", "https://site.example/in/p.html"},
		{`<base href="https://site.example/">`, `<iframe src="/in/p.html"></iframe>`, "", "https://site.example/in/p.html"},
		{`<base href="/b/">`, `<iframe src="in/p.html"></iframe>`, "", "https://site.example/b/in/p.html"},
		{`<base href="/b/">`, `<iframe src="/in/p.html"></iframe>`, `<base href="c/">`, "https://site.example/in/c/"},
		{`<base href="/b/">`, `<iframe srcdoc="x" src="/in/p.html"></iframe>`, "", "https://site.example/b/"},
		{`<base href="/b/">`, `<iframe></iframe>`, "", "https://site.example/b/"},
	} {
		page := "<html><head>" + c.head + "</head><body>" + c.frame + `<template data-frame="x"><html><head>` + c.within + `</head><body><img src="a.png"></body></html></template></body></html>`
		d, err := parseDocument([]byte(page), at)
		if err != nil || len(d.frames) != 1 {
			t.Fatalf("%s: %d frames: %v", page, len(d.frames), err)
		}
		d.placeFrames()
		if have := d.frames[0].base.String(); have != c.want {
			t.Errorf("%s: the frame is relative to %s, want %s", page, have, c.want)
		}
	}
}
