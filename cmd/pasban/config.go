package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/mail"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"

	"pasban/monitor"
)

// common are the flags every subcommand takes. Each is also a variable
// PASBAN_NAME and a key of pasban.yaml; a flag wins over a variable, a variable
// over the file. The zero value of each works.
type common struct {
	Config        string   `help:"Configuration file with the same names as these flags. Default pasban.yaml, if there is one." placeholder:"FILE" env:"PASBAN_CONFIG"`
	Data          string   `help:"Data directory. Default ./data." default:"./data" placeholder:"DIR" env:"PASBAN_DATA"`
	DB            string   `name:"db" help:"Database: a SQLite file or postgres://URL. Default DATA/pasban.db." placeholder:"URL" env:"PASBAN_DB"`
	Blobs         string   `help:"Evidence and baselines: a directory or s3://KEY:SECRET@HOST/BUCKET?tls=false. Default DATA/blobs." placeholder:"URL" env:"PASBAN_BLOBS"`
	Watchlist     string   `help:"CSV or YAML list of sites, which replaces what is watched." placeholder:"FILE" env:"PASBAN_WATCHLIST"`
	SMTP          string   `name:"smtp" help:"Mail server: smtp[s]://user:pass@host:port." placeholder:"URL" env:"PASBAN_SMTP"`
	From          string   `help:"Sender of alerts. Default pasban@ this machine." placeholder:"ADDRESS" env:"PASBAN_FROM"`
	CERT          []string `name:"cert" help:"The CERT's mailboxes, which get every alert." placeholder:"ADDRESS" env:"PASBAN_CERT"`
	ReportTo      []string `help:"Mailboxes that get every incident as a numbered report with JSON attached, and each change of its state: one mail each, never as a list." placeholder:"ADDRESS" env:"PASBAN_REPORT_TO"`
	Webhook       []string `help:"URL that gets every alert, signed: https://host/path#whsec_SECRET." placeholder:"URL" env:"PASBAN_WEBHOOK" sep:"none"`
	MailLimit     int      `help:"Mails to one recipient in ten minutes before more come as one list; negative for no limit." default:"10" placeholder:"N" env:"PASBAN_MAIL_LIMIT"`
	EgressAllow   []string `help:"Private range that may be looked at, such as 10.1.0.0/16. Repeatable." placeholder:"CIDR" env:"PASBAN_EGRESS_ALLOW"`
	Workers       int      `help:"Looks at once, each in a browser of its own. Default: one a processor." placeholder:"N" env:"PASBAN_WORKERS"`
	Chrome        string   `help:"Chrome to use. Default: chrome-headless-shell where Debian installs it." placeholder:"PATH" env:"PASBAN_CHROME"`
	NoSandbox     bool     `help:"Run Chrome without its sandbox. Dangerous: a hostile page then needs one hole, not two." env:"PASBAN_NO_SANDBOX"`
	Learn         string   `help:"What the approved looks follow: approved, what people approve alone; aged, also what stood for a day without a complaint." enum:"approved,aged" default:"aged" env:"PASBAN_LEARN"`
	KeepAll       span     `help:"How long every look is kept: 48h and more, as 48h, 30d, 2y or forever." default:"48h" placeholder:"TIME" env:"PASBAN_KEEP_ALL"`
	KeepChanged   span     `help:"How long looks are kept that saw a page begin or cease to look as it did." default:"90d" placeholder:"TIME" env:"PASBAN_KEEP_CHANGED"`
	KeepCases     span     `name:"keep-incidents" help:"How long what an incident rests on is kept after it was closed." default:"forever" placeholder:"TIME" env:"PASBAN_KEEP_INCIDENTS"`
	KeepBlobs     span     `help:"How long evidence is kept that nothing names any more: 1h and more; forever collects none." default:"24h" placeholder:"TIME" env:"PASBAN_KEEP_BLOBS"`
	SnapshotPages int      `help:"Pages of a copy for recovery, at most; 0 makes none." default:"25" placeholder:"N" env:"PASBAN_SNAPSHOT_PAGES"`
	SnapshotForms string   `help:"What becomes of forms in a copy: weld, they stay in sight and cannot be used; remove." enum:"weld,remove" default:"weld" env:"PASBAN_SNAPSHOT_FORMS"`
	Logs          string   `help:"Folder of access logs, one folder a site in it named by its ID, which serve reads as they grow. Default: none." placeholder:"DIR" env:"PASBAN_LOGS"`
	LogFormat     string   `help:"Form of the log on stderr." enum:"text,json" default:"text" env:"PASBAN_LOG_FORMAT"`

	allow    []netip.Prefix // EgressAllow, parsed
	logLevel slog.Level     // what is logged at least: information, where nothing is set
}

// complete checks the flags and fills in what follows from others.
func (c *common) complete(*kong.Context) error {
	for _, s := range c.EgressAllow {
		p, err := parsePrefix(s)
		if err != nil {
			return fmt.Errorf("--egress-allow: %w", err)
		}
		c.allow = append(c.allow, p)
	}
	for _, s := range append(slices.Concat(c.CERT, c.ReportTo), c.From) {
		if s == "" {
			continue
		}
		if _, err := mail.ParseAddress(s); err != nil {
			return fmt.Errorf("%q is no mail address", s)
		}
	}
	if _, err := c.keep().Complete(); err != nil {
		return fmt.Errorf("--keep-all, --keep-changed, --keep-incidents, --keep-blobs: %w", err)
	}
	if c.SnapshotPages < 0 {
		return fmt.Errorf("--snapshot-pages must be 0 or more, not %d", c.SnapshotPages)
	}
	if c.Workers < 0 {
		return fmt.Errorf("--workers must be a positive number, not %d", c.Workers)
	}
	if c.DB == "" {
		c.DB = filepath.Join(c.Data, "pasban.db")
	}
	if c.Blobs == "" {
		c.Blobs = filepath.Join(c.Data, "blobs")
	}
	return nil
}

// keep is the policy of retention.
func (c *common) keep() monitor.Keep {
	return monitor.Keep{
		All: time.Duration(c.KeepAll), Changed: time.Duration(c.KeepChanged),
		Incidents: time.Duration(c.KeepCases), Blobs: time.Duration(c.KeepBlobs),
	}
}

func parsePrefix(s string) (netip.Prefix, error) {
	// A zone names an interface of one machine; no range has one.
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, fmt.Errorf("%q is no address range; expected something like 10.1.0.0/16", s)
	}
	return p.Masked(), nil
}

// fileResolver gives flags the values of pasban.yaml.
type fileResolver struct {
	loaded bool
	k      *koanf.Koanf
}

const defaultConfig = "pasban.yaml"

// Validate implements kong.Resolver: it refuses keys that are no flag.
func (r *fileResolver) Validate(app *kong.Application) error {
	if err := r.load(); err != nil || r.k == nil {
		return err
	}
	known := commonFlags(app)
	for _, key := range r.k.Keys() {
		if !slices.Contains(known, key) {
			return fmt.Errorf("%s: unknown key %q%s", configPath(), key, suggest(key, known))
		}
	}
	return nil
}

// Resolve implements kong.Resolver.
func (r *fileResolver) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if err := r.load(); err != nil || r.k == nil || !r.k.Exists(flag.Name) {
		return nil, err
	}
	for _, env := range flag.Envs {
		if os.Getenv(env) != "" {
			return nil, nil // the variable wins
		}
	}
	switch v := r.k.Get(flag.Name).(type) {
	case []any:
		return v, nil
	default:
		return fmt.Sprint(v), nil
	}
}

// load reads the file once. The file that --config names must be there.
func (r *fileResolver) load() error {
	if r.loaded {
		return nil
	}
	r.loaded = true
	path := configPath()
	k := koanf.New("\x00") // keys hold no such delimiter: names stay whole
	err := k.Load(file.Provider(path), yaml.Parser())
	if errors.Is(err, fs.ErrNotExist) && path == defaultConfig {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the configuration %s: %w", path, err)
	}
	r.k = k
	return nil
}

// configPath looks for --config by itself, since its value is needed before
// the other flags are resolved.
func configPath() string {
	for i, arg := range os.Args {
		if value, ok := strings.CutPrefix(arg, "--config="); ok {
			return value
		}
		if arg == "--config" && i+1 < len(os.Args) {
			return os.Args[i+1]
		}
	}
	if path := os.Getenv("PASBAN_CONFIG"); path != "" {
		return path
	}
	return defaultConfig
}

func commonFlags(app *kong.Application) []string {
	var out []string
	for _, f := range app.Flags {
		if f.Name != "help" && f.Name != "config" {
			out = append(out, f.Name)
		}
	}
	return out
}

// suggest names the known word that is nearest to a mistyped one.
func suggest(word string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if d := editDistance(word, k); d < distance {
			best, distance = k, d
		}
	}
	if best == "" {
		return "; known are " + strings.Join(known, ", ")
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// editDistance counts the letters to add, drop or change (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
