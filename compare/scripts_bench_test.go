package compare

import (
	"fmt"
	"testing"
)

// BenchmarkKnowsScript holds a page of many scripts, none of which could be read,
// against a baseline of many: each is known by where it comes from alone.
func BenchmarkKnowsScript(b *testing.B) {
	script := func(i int) Script {
		return Script{Kind: "external", URL: fmt.Sprintf("https://cdn.example/assets/%c%c/component-3.7.%d.min.js?v=%d", 'a'+i%26, 'a'+i/26, i, i), Host: "cdn.example"}
	}
	base := &Baseline{}
	for i := range 500 {
		base.Scripts = append(base.Scripts, KnownScript{SHA256: fmt.Sprint(i), Host: "cdn.example", Family: scriptFamily(script(1000 + i))})
	}
	for b.Loop() {
		for i := range 60 {
			if base.knowsScript(script(i)) {
				b.Fatal("a script is known that no look had")
			}
		}
	}
}
