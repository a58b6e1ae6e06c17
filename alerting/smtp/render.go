package smtp

import (
	"embed"
	"fmt"
	"html/template"
	"strings"
	texttemplate "text/template"
)

//go:embed templates
var files embed.FS

var (
	htmlTemplate = template.Must(template.New("mail.html").Funcs(template.FuncMap{
		"colour": colour,
	}).ParseFS(files, "templates/mail.html"))
	textTemplate = texttemplate.Must(texttemplate.New("mail.txt").Funcs(texttemplate.FuncMap{
		"add": func(a, b int) int { return a + b },
	}).ParseFS(files, "templates/mail.txt"))
)

// render fills both templates.
func (c *content) render() (text, html string, err error) {
	var t, h strings.Builder
	if err := textTemplate.Execute(&t, c); err != nil {
		return "", "", fmt.Errorf("writing the text of a mail: %w", err)
	}
	if err := htmlTemplate.Execute(&h, c); err != nil {
		return "", "", fmt.Errorf("writing the HTML of a mail: %w", err)
	}
	return t.String(), h.String(), nil
}

// colour is that of a severity. Each carries white text at a contrast of 4.5:1 or
// more (WCAG 2.2, 1.4.3).
func colour(level string) template.CSS {
	switch level {
	case "critical":
		return "#a3121f"
	case "high":
		return "#b4460f"
	case "medium":
		return "#7a5c00"
	}
	return "#4b5563"
}
