package snapshot

import (
	_ "embed"
	"strings"
)

//go:embed absent.html
var absentTemplate string

// absentPage is what a copy shows for everything that is not in it. It loads nothing.
func absentPage() []byte {
	return []byte(strings.ReplaceAll(absentTemplate, "{{.Policy}}", policy))
}
