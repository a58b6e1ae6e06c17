package smtp

import (
	"embed"
	"html/template"
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
	htmlDigest = template.Must(template.New("digest.html").Funcs(template.FuncMap{
		"colour": colour,
	}).ParseFS(files, "templates/digest.html"))
	htmlGroup = template.Must(template.New("group.html").Funcs(template.FuncMap{
		"colour": colour,
	}).ParseFS(files, "templates/group.html"))
	textGroup = texttemplate.Must(texttemplate.New("group.txt").Funcs(texttemplate.FuncMap{
		"add": func(a, b int) int { return a + b },
	}).ParseFS(files, "templates/group.txt"))
	textDigest = texttemplate.Must(texttemplate.New("digest.txt").Funcs(texttemplate.FuncMap{
		"add": func(a, b int) int { return a + b },
	}).ParseFS(files, "templates/digest.txt"))
	htmlNotice = template.Must(template.New("notice.html").Funcs(template.FuncMap{
		"colour": colour,
	}).ParseFS(files, "templates/notice.html"))
	textNotice = texttemplate.Must(texttemplate.New("notice.txt").ParseFS(files, "templates/notice.txt"))
)

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
