package render

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
)

// fontsConf is Chrome's whole font configuration: it decides which fonts are
// found and that Urdu is set in Nastaliq, the same on every machine.
//
//go:embed fonts.conf
var fontsConf []byte

// fontsDir is where Debian keeps the fonts that fontsConf names.
const fontsDir = "/usr/share/fonts/truetype"

// writeFonts puts the font configuration into a profile and returns its path.
// On a machine with no fonts where it looks, the machine's own configuration
// is better than no letters at all, and the path is "".
func writeFonts(dir string) (string, error) {
	for _, family := range []string{"noto", "dejavu", "liberation"} {
		if _, err := os.Stat(filepath.Join(fontsDir, family)); err != nil {
			continue
		}
		path := filepath.Join(dir, "fonts.conf")
		if err := os.WriteFile(path, fontsConf, 0o644); err != nil {
			return "", fmt.Errorf("writing the browser's font configuration: %w", err)
		}
		return path, nil
	}
	return "", nil
}
