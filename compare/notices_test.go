package compare

import (
	"os"
	"strings"
	"testing"
)

// Honest notices on an attacker's own matters (holes, break-ins, protest, phishing) page
// nobody, in any of fifteen languages: testdata/honest.tsv was written by somebody who
// did not know the rules.
func TestHonestNotices(t *testing.T) {
	b := ministryBaseline(t)
	source, err := os.ReadFile("testdata/honest.tsv")
	if err != nil {
		t.Fatal(err)
	}
	notices, asked := 0, 0
	for line := range strings.Lines(string(source)) {
		f := strings.SplitN(strings.TrimSpace(line), "\t", 3)
		if len(f) != 3 {
			t.Fatalf("not LANGUAGE, KIND and TEXT: %q", line)
		}
		notices++
		for _, html := range []string{"<div><p>" + f[2] + "</p></div>", "<div><h2>" + f[2] + "</h2></div>"} {
			r := saidIn(t, b, html)
			if r.Verdict == Alert && !outOfCharacter(r) {
				t.Errorf("%s, %s: %s\n%s", f[0], f[1], f[2], describe(r))
			}
			if hasRule(r, "defacement.words") { // that the page is in English is not the notice's fault
				asked++
				t.Logf("%s, %s: %s", f[0], f[1], describe(r))
			}
		}
	}
	t.Logf("%d of %d notices, set twice, are for the analysts", asked, 2*notices)
	if 20*asked > 2*notices {
		t.Errorf("%d of %d are for the analysts, want at most one in twenty", asked, 2*notices)
	}
}

// What attackers write without a signature is told by its tone.
func TestTone(t *testing.T) {
	b := ministryBaseline(t)
	for _, text := range []string{
		"lol admin, u left the backdoor open again. fixed nothing, took nothing :)",
		"Admin, your upload filter is a joke and the panel still has the default password.",
		"bhai admin, shell teen din se pari hai, hole band karo yaar",
		"halo min, celahnya masih bolong tuh, tambal dulu wkwkwk",
		"admin kardeş, panelin şifresi hala 123456, açığı kapat haha",
		"привет админ, дыра до сих пор не закрыта, база слита, лол",
	} {
		if r := saidIn(t, b, "<div><p>"+text+"</p></div>"); r.Verdict != Alert || !hasRule(r, "defacement.phrase") {
			t.Errorf("%s: %s", text, describe(r))
		}
	}
	for _, text := range []string{
		"For problems with uploads write to the administrator; files may have 2 MB at most.",
		"The administrator will patch the server on Sunday. We will be back soon.",
		"Plz upload ur documents (min 2 MB, max 5) before the last date, thx",
		"Dear users, plz dont share ur password or backup with anybody",
		"Bhai chara aur aman: Independence Day message of the Minister",
	} {
		if r := saidIn(t, b, "<div><p>"+text+"</p></div>"); len(r.Findings) > 0 {
			t.Errorf("%s: %s", text, describe(r))
		}
	}
}
