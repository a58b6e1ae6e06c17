package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/url"

	"pasban/compare"
	"pasban/render"
)

// synthetic is a monitor.Renderer without a browser: every address shows the same
// small page, at once. What it costs to look at one is then what all of Pasban
// costs but Chrome and the comparison of what has changed.
type synthetic struct{ page render.Page }

func newSynthetic() (*synthetic, error) {
	picture, err := syntheticPicture()
	if err != nil {
		return nil, fmt.Errorf("painting the page of a simulation: %w", err)
	}
	text := "The office is open from nine to five. Applications are received at the counter on the ground floor."
	document := []byte("<html><head><title>A simulated office</title></head><body><p>" + text + "</p></body></html>")
	return &synthetic{render.Page{
		Title: "A simulated office", Status: 200, MIME: "text/html", Outcome: render.OK, Language: "en", Direction: "ltr",
		HTML: document, DOMDigest: hexSum(document),
		Screenshot: &render.Screenshot{Data: picture, SHA256: hexSum(picture), Width: 320, Height: 200},
		Nodes: []render.Node{
			{Parent: -1, Name: "#document"},
			{Parent: 0, Name: "html", Box: render.Box{W: 320, H: 200}},
			{Parent: 1, Name: "body", Box: render.Box{W: 320, H: 200}},
			{Parent: 2, Name: "p", Box: render.Box{X: 20, Y: 20, W: 280, H: 60}},
			{Parent: 3, Name: "#text", Text: text, Box: render.Box{X: 20, Y: 20, W: 280, H: 60}},
		},
	}}, nil
}

// Render implements monitor.Renderer.
func (s *synthetic) Render(_ context.Context, r render.Request) (*render.Page, error) {
	page := s.page
	page.URL, page.FinalURL = r.URL, r.URL
	return &page, nil
}

// digest is what the page is recognised by at an address.
func (s *synthetic) digest(address string) compare.LookDigest {
	return compare.Digest(compare.View{FinalURL: address, PictureDigest: s.page.Screenshot.SHA256, DOMDigest: s.page.DOMDigest})
}

func syntheticPicture() ([]byte, error) {
	img := image.NewGray(image.Rect(0, 0, 320, 200))
	for i := range img.Pix {
		img.Pix[i] = 0xff
	}
	for x := 20; x < 300; x++ {
		for y := 20; y < 80; y += 12 {
			img.SetGray(x, y, color.Gray{Y: uint8(x * y)})
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return b.Bytes(), err
}

func hexSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// everyHostItsOwn resolves names to themselves: each simulated site is a machine.
func everyHostItsOwn(_ context.Context, host string) ([]string, error) { return []string{host}, nil }

// simulatedURL is the address of a site; the domain is one that no name can have.
func simulatedURL(n int) string {
	return (&url.URL{Scheme: "https", Host: simulatedID(n) + ".invalid", Path: "/"}).String()
}

func simulatedID(n int) string { return fmt.Sprintf("office-%07d", n) }
