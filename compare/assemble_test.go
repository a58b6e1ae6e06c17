package compare

import (
	"slices"
	"strings"
	"testing"
)

// A host is found however its name is put together, and is in disguise if nobody
// would write it so.
func TestAssembledHosts(t *testing.T) {
	const host = "drop.evil-pay.top"
	for name, tt := range map[string]struct {
		code   string
		veiled bool
	}{
		"plain":            {`fetch("https://drop.evil-pay.top/x")`, false},
		"joined":           {`x.open("POST",["ht","tps:","//drop.ev","il-pay",".top/x"].join(""))`, true},
		"concatenated":     {`fetch("https://dr".concat("op.evil","-pay.top/x"))`, true},
		"template":         {"var a='op.evil';fetch(`https://dr${a}-pay.top/x`)", true},
		"names":            {`var p="https://dro",q="p.evil-pa",s="y.top/x";fetch(p+q+s)`, true},
		"table":            {`var t=["y.top/","https://dro","p.evil-pa"];fetch(t[1]+t[2]+t[0])`, true},
		"raw":              {"fetch(String.raw`https://dro`+String.raw`p.evil-pay.top`+'/x')", true},
		"backwards":        {`fetch("x/pot.yap-live.pord//:sptth".split("").reverse().join(""))`, true},
		"strewn":           {`fetch("htQtps:/Q/droQp.evQil-pay.tQop/x".replace(/Q/g,""))`, true},
		"strewn, split":    {`fetch("ht#tps://dro#p.evil-#pay.top/x".split("#").join(""))`, true},
		"codes and text":   {`fetch(String.fromCharCode(104,116,116,112,115)+"://dro"+String.fromCharCode(112)+".evil-pay.top/x")`, true},
		"atob in pieces":   {`fetch("https:"+atob("Ly9kcm9wLmV2aWw"+"tcGF5LnRvcC8="))`, true},
		"protocol of page": {`var h="drop.evil-pay.top";fetch("https:"+"//"+h+"/x")`, false},
		"region":           {"var r='drop';fetch(`https://${r}.evil-pay.top/x`)", false},
	} {
		c := conductOf(lexScript(tt.code), 2)
		if !slices.Contains(c.hosts, host) || slices.Contains(c.veiled, host) != tt.veiled {
			t.Errorf("%s: hosts %q, in disguise %q", name, c.hosts, c.veiled)
		}
	}
}

// What cannot be known is left alone, and nothing costs more than its share.
func TestPuzzlesThatAreNone(t *testing.T) {
	for _, code := range []string{
		`var e="https://dro";function f(e){fetch(e+"p.evil-pay.top/x")}`, `var e="https://dro";e=g();fetch(e+"p.evil-pay.top/x")`, `var e="https://dro";h.map((a,e)=>fetch(e+"p.evil-pay.top/x"))`,
		"`", "`${", "`a${", "`a${b}`", `["a"`, `["a",`, `"a".`, `"a".join(`, `("a"`, `"a".replace(/(/,"")`, `"a".replace(/b/`, `a=a+a`, `String.fromCharCode(`, `String.raw`, `t=["a"];t[9]`, `atob("!")`, `atob(`,
		strings.Repeat("(", 5000) + `"a"`, strings.Repeat(`["a",`, 5000), strings.Repeat("`${", 5000), strings.Repeat(`"a"+`, 50_000), strings.Repeat(`"a".concat(`, 5000), "a=" + strings.Repeat("b=", 20_000) + `"c"`,
	} {
		if c := conductOf(lexScript(code), 2); len(c.hosts) > 0 {
			t.Errorf("%.40q: %q", code, c.hosts)
		}
	}
}
