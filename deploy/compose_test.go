// Package deploy holds how Pasban gets onto a machine: the scripts behind make,
// and the files beside docker-compose.yml. It has no code of its own. Its tests
// keep promises that no compiler checks:
//
//   - compose_test.go: every container is confined as the decisions say, and workers
//     and serve go out by their firewalls alone.
//   - firewall_test.go: what those firewalls let through and what they refuse, tried in
//     the kernel.
//   - seccomp_test.go (with filter_test.go): a real Chrome keeps its sandbox under the workers' profile,
//     and what the profile is meant to refuse is refused.
//   - house_test.go: imports follow the arrows of CONTRIBUTING.md, and the linter
//     knows the same arrows.
package deploy

import (
	"fmt"
	"maps"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// load reads docker-compose.yml as `docker compose` would, with the given
// environment and without the .env file that may lie beside it.
func load(t *testing.T, env ...string) (*types.Project, error) {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"../docker-compose.yml"}, cli.WithEnv(env), cli.WithDiscardEnvFile)
	if err != nil {
		t.Fatalf("reading docker-compose.yml: %v", err)
	}
	return options.LoadProject(t.Context())
}

var secrets = []string{
	"PASBAN_DB_PASSWORD=d1", "PASBAN_BLOBS_PASSWORD=b1", "PASBAN_WORKER_DB_PASSWORD=d2", "PASBAN_WORKER_BLOBS_PASSWORD=b2",
}

func project(t *testing.T) *types.Project {
	t.Helper()
	p, err := load(t, secrets...)
	if err != nil {
		t.Fatalf("loading docker-compose.yml: %v", err)
	}
	return p
}

func TestServices(t *testing.T) {
	want := []string{"egress", "egress-serve", "mail", "minio", "pasban", "postgresql", "worker", "worker-key", "worker-login"}
	if got := project(t).ServiceNames(); !slices.Equal(got, want) {
		t.Errorf("services %q, want %q", got, want)
	}
}

// Nobody gets a default password by forgetting to set one.
func TestSecretsMustBeSet(t *testing.T) {
	for _, secret := range secrets {
		missing, _, _ := strings.Cut(secret, "=")
		env := slices.DeleteFunc(slices.Clone(secrets), func(e string) bool { return e == secret })
		if _, err := load(t, env...); err == nil || !strings.Contains(err.Error(), "set it in .env") {
			t.Errorf("without %s: %v, want an error that says where to set it", missing, err)
		}
		if !strings.Contains(read(t, "env.example"), "\n"+missing+"=\n") {
			t.Errorf("env.example does not ask for %s", missing)
		}
	}
}

// Every container, whatever it runs, is unprivileged and bounded.
func TestEveryServiceIsConfined(t *testing.T) {
	for name, s := range project(t).Services {
		check := func(ok bool, what string) {
			if !ok {
				t.Errorf("%s: %s", name, what)
			}
		}
		user, _, _ := strings.Cut(s.User, ":")
		check(regexp.MustCompile(`^[1-9][0-9]*$`).MatchString(user), "runs as root or as an unknown user: "+s.User)
		check(s.Init != nil && *s.Init, "has no init to reap orphaned processes")
		check(s.MemLimit > 0, "may eat all memory")
		check(s.PidsLimit > 0, "may fork without bound")
		check(s.ReadOnly, "may write to its image")
		check(slices.Equal(s.CapDrop, []string{"ALL"}), "keeps capabilities")
		check(!s.Privileged, "is privileged")
		check(s.Pid == "" && s.Ipc == "" && s.UserNSMode == "" && s.NetworkMode != "host", "shares a namespace with the host")
		check(s.Build != nil || regexp.MustCompile(`:v?\d+\.\d+`).MatchString(s.Image), "has an image without a version: "+s.Image)
		if name == "egress" || name == "egress-serve" {
			check(slices.Equal(s.CapAdd, []string{"NET_ADMIN"}), "needs NET_ADMIN and nothing else for its firewall")
		} else {
			check(len(s.CapAdd) == 0, "adds capabilities")
			check(slices.Contains(s.SecurityOpt, "no-new-privileges:true"), "may gain privileges")
		}
	}
}

// The process that opens incidents and sends mail meets no hostile page.
func TestServerDoesNotLook(t *testing.T) {
	server := project(t).Services["pasban"]
	if got := server.Environment["PASBAN_NO_LOOKS"]; got == nil || *got != "true" {
		t.Errorf("PASBAN_NO_LOOKS is %v in the server", got)
	}
	if got := server.Command; !slices.Contains(got, "serve") {
		t.Errorf("command %q", got)
	}
}

// A worker gets no password but its own, which are good for looking alone: its login is
// a member of the role that the migrations make, its key has the policy beside this
// file. What it puts over evidence is a version only in a bucket that is locked.
func TestWorkerGetsItsOwnSecretsAlone(t *testing.T) {
	p := project(t)
	var known []string
	for _, value := range p.Services["worker"].Environment {
		known = append(known, *value)
	}
	all := strings.Join(known, "\n")
	for secret, want := range map[string]bool{"worker:d2@": true, "worker:b2@": true, ":d1@": false, ":b1@": false} {
		if got := strings.Contains(all, secret); got != want {
			t.Errorf("a worker is told %q: %v, want %v", secret, got, want)
		}
	}
	if got := p.Services["pasban"].Environment["PASBAN_BLOBS"]; got == nil || !strings.Contains(*got, "&lock=governance:") {
		t.Errorf("the bucket is not locked: %v", got)
	}
	worker := p.Services["worker"]
	for name, want := range map[string]string{
		"pasban": types.ServiceConditionHealthy, "worker-login": types.ServiceConditionCompletedSuccessfully,
		"worker-key": types.ServiceConditionCompletedSuccessfully,
	} {
		if got := worker.DependsOn[name].Condition; got != want {
			t.Errorf("a worker starts when %s is %q, want %q", name, got, want)
		}
	}
	if login := strings.Join(p.Services["worker-login"].Command, " "); !strings.Contains(login, "IN ROLE pasban_worker") {
		t.Errorf("the workers' login is not of their role: %s", login)
	}
	if key := strings.Join(p.Services["worker-key"].Command, " "); !strings.Contains(key, "/etc/pasban/minio-worker.json") ||
		!strings.Contains(read(t, "../Dockerfile"), "COPY deploy/minio-worker.json /etc/pasban/\n") {
		t.Errorf("the workers' key does not have their policy: %s", key)
	}
}

// Nothing listens beyond this machine, and no container sees files of the host
// but the watchlist, which it cannot write.
func TestNothingOfTheHostIsOpen(t *testing.T) {
	for name, s := range project(t).Services {
		for _, port := range s.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes %s on %q, want 127.0.0.1", name, port.Published, port.HostIP)
			}
		}
		for _, volume := range s.Volumes {
			if volume.Type == types.VolumeTypeBind && (!volume.ReadOnly || volume.Target != "/etc/pasban/watchlist.csv") {
				t.Errorf("%s sees %s of the host", name, volume.Source)
			}
		}
	}
}

// The worker has the room Chrome needs, and the profile that lets it have its
// sandbox.
func TestWorkerHasRoomForChrome(t *testing.T) {
	worker := project(t).Services["worker"]
	if worker.ShmSize != 1<<30 {
		t.Errorf("shm_size is %d, want 1 GiB: Chrome dies of the usual 64 MB", worker.ShmSize)
	}
	if worker.MemLimit < 3<<30 || worker.MemLimit > 8<<30 {
		t.Errorf("mem_limit is %d, want room for two Chromes of 1.5 GB and an end to it", worker.MemLimit)
	}
	if worker.StopGracePeriod == nil || time.Duration(*worker.StopGracePeriod) < 45*time.Second {
		t.Error("a worker is killed before it has finished its looks")
	}
	if worker.MemSwapLimit != worker.MemLimit {
		t.Error("a worker may swap: a page that eats memory would slow the machine instead of ending")
	}
	if !slices.Contains(worker.SecurityOpt, "seccomp:deploy/seccomp.json") {
		t.Errorf("security_opt %q does not name deploy/seccomp.json", worker.SecurityOpt)
	}
	for _, tmp := range worker.Tmpfs {
		if !strings.Contains(tmp, "size=") || !strings.Contains(tmp, "noexec") {
			t.Errorf("tmpfs %s has no size, or may hold programs", tmp)
		}
	}
}

// Neither the worker nor the server has a network of its own: each is on the internal
// network, and may reach the outside, only within what the firewall of its egress lets
// pass. Each has another: who has taken over a worker is no neighbour of the server.
func TestGoesOutByEgressOnly(t *testing.T) {
	p := project(t)
	for name, way := range map[string]string{"worker": "egress", "pasban": "egress-serve"} {
		member, egress := p.Services[name], p.Services[way]
		if member.NetworkMode != "service:"+way || len(member.Networks) != 0 || len(member.Ports) != 0 {
			t.Errorf("%s: network_mode %q, networks %v, ports %v", name, member.NetworkMode, networks(member), member.Ports)
		}
		if d := member.DependsOn[way]; d.Condition != types.ServiceConditionHealthy || !d.Restart {
			t.Errorf("%s may start before the firewall is loaded, or outlive it: %+v", name, d)
		}
		if len(egress.HealthCheck.Test) == 0 || !slices.Contains(egress.HealthCheck.Test, "output") {
			t.Errorf("%s is called healthy without its firewall: %q", way, egress.HealthCheck.Test)
		}
	}
	if got := p.Services["egress"].Command; !slices.Equal(got, []string{"worker"}) {
		t.Errorf("the workers' firewall is of %q", got)
	}
	if got := p.Services["egress-serve"].Command; !slices.Equal(got, []string{"serve"}) {
		t.Errorf("the server's firewall is of %q", got)
	}
	if !p.Networks["inside"].Internal {
		t.Error("network inside is not internal")
	}
	for network, want := range map[string][]string{
		"inside":  {"egress", "egress-serve", "mail", "minio", "postgresql", "worker-key", "worker-login"},
		"outside": {"egress"},
		"desk":    {"egress-serve"},
		"caught":  {"mail"},
	} {
		if got := on(p, network); !slices.Equal(got, want) {
			t.Errorf("on the network %s: %q, want %q", network, got, want)
		}
	}
	for _, store := range []string{"postgresql", "minio"} {
		if got := networks(p.Services[store]); !slices.Equal(got, []string{"inside"}) {
			t.Errorf("%s is on %q, want the internal network alone", store, got)
		}
	}
}

// The server probes, and has canaries where the workers can look at them: at the address
// that both firewalls know, which nobody else is given.
func TestServerProbesAndHasCanaries(t *testing.T) {
	p := project(t)
	env := p.Services["pasban"].Environment
	for _, off := range []string{"PASBAN_PROBE_EVERY", "PASBAN_NO_CANARIES"} {
		if got := env[off]; got != nil {
			t.Errorf("%s is %q", off, *got)
		}
	}
	if env["PASBAN_CANARY_LISTEN"] == nil {
		t.Fatal("without PASBAN_CANARY_LISTEN a server that does not look has no canaries")
	}
	at, err := netip.ParseAddrPort(*env["PASBAN_CANARY_LISTEN"])
	if err != nil {
		t.Fatal(err)
	}
	inside := p.Services["egress-serve"].Networks["inside"]
	if inside == nil || inside.Ipv4Address != at.Addr().String() {
		t.Errorf("canaries are served on %v, which is not the server's address", at)
	}
	pool := netip.MustParsePrefix(p.Networks["inside"].Ipam.Config[0].IPRange)
	if pool.Contains(at.Addr()) {
		t.Errorf("%v may be given to another container: it is of %v", at.Addr(), pool)
	}
	for name, rule := range map[string]string{
		"worker": fmt.Sprintf("ip daddr $canary tcp dport %d accept", at.Port()),
		"serve":  fmt.Sprintf("ip saddr $store ip daddr $canary tcp dport %d accept", at.Port()),
	} {
		if !strings.Contains(read(t, "egress/"+name+".nft"), rule+"\n") {
			t.Errorf("the firewall of %s lacks %q", name, rule)
		}
	}
}

func networks(s types.ServiceConfig) []string { return slices.Sorted(maps.Keys(s.Networks)) }

func on(p *types.Project, network string) []string {
	var names []string
	for name, s := range p.Services {
		if _, ok := s.Networks[network]; ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// The firewalls know the same subnet, name server and canaries as the networks do.
func TestFirewallsFitTheNetworks(t *testing.T) {
	p := project(t)
	for _, name := range []string{"egress", "egress-serve"} {
		egress := p.Services[name]
		for variable, want := range map[string]string{
			"PASBAN_STORE": p.Networks["inside"].Ipam.Config[0].Subnet, "PASBAN_CANARY": p.Services["egress-serve"].Networks["inside"].Ipv4Address,
			"PASBAN_RESOLVERS": strings.Join(egress.DNS, " "), "PASBAN_ALLOW": "",
		} {
			if got := egress.Environment[variable]; got == nil || *got != want {
				t.Errorf("%s: %s is %v, want %q", name, variable, got, want)
			}
		}
	}
}

// Addresses that are not public are refused by the firewall; neighbours of the
// refused ranges are not. The list is IANA's special-purpose registry.
func TestFirewallRefusesWhatIsNotPublic(t *testing.T) {
	_, elements, _ := strings.Cut(read(t, "egress/special.nft"), "special = {")
	elements, _, _ = strings.Cut(elements, "}")
	var special []netip.Prefix
	for e := range strings.FieldsFuncSeq(elements, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' }) {
		special = append(special, netip.MustParsePrefix(e))
	}
	for address, want := range map[string]bool{
		"0.0.0.0": true, "10.1.2.3": true, "100.64.0.1": true, "127.0.0.1": true, "169.254.169.254": true,
		"172.31.255.255": true, "172.30.77.1": true, "192.0.0.8": true, "192.0.2.1": true, "192.88.99.1": true,
		"192.168.1.1": true, "198.19.0.1": true, "198.51.100.7": true, "203.0.113.9": true, "224.0.0.1": true,
		"239.255.255.250": true, "255.255.255.255": true,
		"9.255.255.255": false, "11.0.0.1": false, "100.128.0.1": false, "172.32.0.1": false, "192.0.1.1": false,
		"198.20.0.1": false, "223.255.255.255": false,
	} {
		got := slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(netip.MustParseAddr(address)) })
		if got != want {
			t.Errorf("%s is refused: %v, want %v", address, got, want)
		}
	}
	for _, name := range []string{"worker", "serve"} {
		if got := strings.Count(read(t, "egress/"+name+".nft"), "policy drop;"); got != 3 {
			t.Errorf("%s: %d chains drop by default, want all 3", name, got)
		}
	}
}

// Images and machines are made of the same parts.
func TestDockerfileAndSetupAgree(t *testing.T) {
	dockerfile, setup := read(t, "../Dockerfile"), read(t, "setup.sh")
	version := regexp.MustCompile(`minio/minio\s+(v\S+)"`).FindStringSubmatch(setup)
	if len(version) != 2 || !strings.Contains(dockerfile, "github.com/minio/minio@"+version[1]+"\n") {
		t.Errorf("setup.sh pins MinIO %q, the Dockerfile another", version)
	}
	list := regexp.MustCompile(`(?s)run_packages=\((.*?)\)`).FindStringSubmatch(setup)
	if len(list) != 2 || len(strings.Fields(list[1])) < 5 {
		t.Fatalf("no list of packages in setup.sh: %q", list)
	}
	for _, name := range strings.Fields(list[1]) {
		if !strings.Contains(dockerfile, " "+name+" ") {
			t.Errorf("the image lacks %s", name)
		}
	}
	for name, s := range project(t).Services {
		if s.Build != nil && !strings.Contains(dockerfile, " AS "+s.Build.Target+"\n") {
			t.Errorf("%s is built from stage %q, which does not exist", name, s.Build.Target)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
