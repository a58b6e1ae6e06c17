package deploy

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// knock is what becomes of connections behind the firewall of a role, by "out ADDRESS
// PORT" for those that its member makes and "in FROM PORT" for those made to it.
func knock(t *testing.T, role, allowed string, want map[string]string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var asked strings.Builder
	for way := range want {
		fmt.Fprintln(&asked, way)
	}
	// A namespace of the kernel's own, with the rights in it that nft needs.
	cmd := exec.CommandContext(ctx, "unshare", "-Urn", "bash", "testdata/firewall.sh", "egress", role, allowed)
	var complaints strings.Builder
	cmd.Stdin, cmd.Stderr = strings.NewReader(asked.String()), &complaints
	said, err := cmd.Output()
	if err != nil {
		t.Fatalf("trying the firewall (nft missing? make setup): %v\n%s", err, &complaints)
	}
	got := map[string]string{}
	for line := range strings.Lines(string(said)) {
		if way, result, ok := cutLast(strings.TrimSpace(line)); ok {
			got[way] = result
		}
	}
	for way, result := range want {
		if got[way] != result {
			t.Errorf("%s, %s: %q, want %q", role, way, got[way], result)
		}
	}
}

func cutLast(line string) (before, after string, ok bool) {
	at := strings.LastIndexByte(line, ' ')
	if at < 0 {
		return line, "", false
	}
	return line[:at], line[at+1:], true
}

// What was taken over from within a page reaches public web servers, the stores and
// the canaries, and nothing else: not the cloud's metadata, not the intranet, no mail
// server, no neighbour at another port. Nobody reaches it.
func TestFirewallOfWorkers(t *testing.T) {
	t.Parallel()
	knock(t, "worker", "", map[string]string{
		"out 8.8.8.8 443": "passed", "out 8.8.8.8 80": "passed", "out 1.1.1.1 53": "passed",
		"out 172.30.77.130 5432": "passed", "out 172.30.77.131 9000": "passed",
		"out 8.8.8.8 53": "refused", "out 8.8.8.8 22": "refused", "out 8.8.8.8 25": "refused",
		"out 10.1.2.3 80": "refused", "out 169.254.169.254 80": "refused", "out 192.168.1.1 443": "refused",
		"out 172.30.77.1 80": "refused", "out 172.30.77.130 8080": "refused", "out 172.30.77.130 1025": "refused",
		"in 9.9.9.9 8080": "silence", "in 172.30.77.130 8081": "silence",
	})
}

// The server reaches the same, and mail servers. People reach its page and workers its
// canaries, but not the other way round.
func TestFirewallOfServe(t *testing.T) {
	t.Parallel()
	knock(t, "serve", "", map[string]string{
		"out 8.8.8.8 443": "passed", "out 8.8.8.8 465": "passed", "out 8.8.8.8 587": "passed", "out 1.1.1.1 53": "passed",
		"out 172.30.77.130 5432": "passed", "out 172.30.77.131 9000": "passed", "out 172.30.77.131 1025": "passed",
		"out 8.8.8.8 53": "refused", "out 8.8.8.8 22": "refused",
		"out 10.1.2.3 80": "refused", "out 10.1.2.3 587": "refused", "out 169.254.169.254 80": "refused",
		"out 172.30.77.1 22": "refused", "out 172.30.77.130 8080": "refused",
		"in 9.9.9.9 8080": "passed", "in 9.9.9.9 8082": "passed", "in 172.30.77.130 8081": "passed",
		"in 172.30.77.130 8080": "silence", "in 9.9.9.9 8081": "silence", "in 9.9.9.9 22": "silence",
	})
}

// An address inside of the CERT's network is let through with the port that it was
// named with, and no other.
func TestFirewallLetsThroughWhatIsNamed(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"worker", "serve"} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			knock(t, role, "10.1.2.3:2587, 10.9.0.0/16:443", map[string]string{
				"out 10.1.2.3 2587": "passed", "out 10.9.8.7 443": "passed",
				"out 10.1.2.3 443": "refused", "out 10.9.8.7 80": "refused", "out 10.1.2.4 2587": "refused",
			})
		})
	}
}
