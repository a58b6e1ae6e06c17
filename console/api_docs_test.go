package console

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"pasban/console/api"
	"pasban/monitor"
)

// The commands of docs/api.md do what it says. The shell reads them as it would, with a
// curl that tells what it was given.
func TestAPIExamples(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.now = time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC) // when the deadline of the example is to come
	r.question(r.site("bank", "bank", "Bank", "x", "y"))
	p := r.program("root", monitor.Administrator, "", monitor.TokenDecides)
	doc, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile(`(?m)^    curl (?:.*\\\n)*.*$`).FindAllString(string(doc), -1)
	if len(examples) != 3 {
		t.Fatalf("%d examples", len(examples))
	}
	var answers []string
	for _, example := range examples {
		shell := exec.CommandContext(t.Context(), "sh", "-c", `curl() { printf '%s\0' "$@"; }`+"\n"+example)
		shell.Env = []string{"PASBAN=" + r.http.URL + api.Root, "PASBAN_TOKEN=" + p.secret}
		out, err := shell.Output()
		if err != nil {
			t.Fatalf("%s: %v", example, err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		words := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
		for i := 0; i < len(words); i++ {
			switch words[i] {
			case "-H":
				name, value, _ := strings.Cut(words[i+1], ": ")
				req.Header.Set(name, value)
				i++
			case "-d":
				body, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "", bytes.NewReader([]byte(words[i+1])))
				if err != nil {
					t.Fatal(err)
				}
				body.Header, body.URL = req.Header, req.URL
				req = body
				i++
			default:
				if req.URL, err = req.URL.Parse(words[i]); err != nil {
					t.Fatal(err)
				}
			}
		}
		code, answer := r.answer(r.stranger(), req)
		if code >= 300 {
			t.Errorf("%s: %d %s", example, code, answer)
		}
		answers = append(answers, answer)
	}
	if !strings.Contains(answers[0], `"items":[]`) || len(r.waiting()) != 0 || !strings.Contains(answers[2], `"sites":["bank"]`) {
		t.Errorf("they are answered %q; %d wait", answers, len(r.waiting()))
	}
}
