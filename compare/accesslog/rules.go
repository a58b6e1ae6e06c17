package accesslog

import (
	"slices"

	"pasban/compare"
)

// Rule is one thing that a Scanner looks for.
type Rule struct {
	ID       string           `json:"id"`
	Kind     string           `json:"kind"` // "log"
	Severity compare.Severity `json:"severity"`
	Title    string           `json:"title"`
	Source   string           `json:"source"` // where the knowledge comes from

	why string // one sentence for who looks after the site
	// byClient rules tell of a visitor and not of a path: what he did is one finding.
	byClient bool
}

// Rules lists every rule, in a fixed order.
func Rules() []Rule { return slices.Clone(ruleTable[:]) }

// The rules, by their place in the table.
const (
	ruleSQL = iota
	ruleTraversal
	ruleExec
	ruleXSS
	ruleExposed
	ruleShell
	ruleNewScript
	ruleUpload
	rulePut
	ruleAdmin
	ruleGuessing
	ruleScanner
	ruleLockdown
	ruleCount
)

// The sources are for the knowledge; the patterns are our own. CRS is the OWASP Core
// Rule Set 4 (https://coreruleset.org), whose rules judge requests before they are
// answered. A log also knows the answer, and so every rule here asks whether the server
// did what was asked: a probe that was refused is the weather.
var ruleTable = [ruleCount]Rule{
	ruleSQL:       {"log.sql", "log", compare.High, "SQL injection that was answered", "CRS 942 (SQL injection); CWE-89; OWASP Testing Guide WSTG-INPV-05", "A request with SQL in it was answered as if it were in order. Ask the application's log what the database made of it.", true},
	ruleTraversal: {"log.traversal", "log", compare.High, "A path out of the site that was answered", "CRS 930 (local file inclusion); CWE-22; WSTG-ATHZ-01", "A request for a file outside of the site was answered as if it were in order. See what was sent.", true},
	ruleExec:      {"log.exec", "log", compare.Critical, "A command or code that was answered", "CRS 932, 933, 944 (commands, PHP, Java); CVE-2021-44228; CVE-2014-6271; CVE-2024-4577", "A request that carries a command was answered as if it were in order.", true},
	ruleXSS:       {"log.script_in_url", "log", compare.Low, "Script in an address that was answered", "CRS 941 (cross-site scripting); CWE-79", "A request with script in its address was answered; if the page repeats it, visitors run it.", true},
	ruleExposed:   {"log.exposed", "log", compare.High, "A file was handed out that is nobody's business", "CRS 930130 (restricted files); WSTG-CONF-04; CWE-538", "A file with code, keys or data of the site was handed out. Remove it, and change the secrets that are in it.", false},
	ruleShell:     {"log.shell", "log", compare.Critical, "Traits of a web shell", "NSA and ASD, Detect and Prevent Web Shell Malware (2020); MITRE ATT&CK T1505.003; CRS 933110, 933190", "A script ran where no script belongs, or under the name or with the commands of a web shell. Take it for an intruder's until it is known.", false},
	ruleNewScript: {"log.new_script", "log", compare.Medium, "First request to a script that was never asked for", "NSA and ASD, Detect and Prevent Web Shell Malware (2020), anomalous pages in access logs; MITRE ATT&CK T1505.003", "A script answered that nobody had asked for before. See who put it there.", false},
	ruleUpload:    {"log.upload", "log", compare.Medium, "Something was sent to an upload path", "CRS 933110 (PHP upload); CWE-434; connectors of CKFinder, KCFinder, elFinder and FCKeditor in CVE records", "Something was sent to a path that takes files, by somebody who is not known as an administrator. See what came.", false},
	rulePut:       {"log.put_script", "log", compare.Critical, "A script was put onto the server", "CRS 911100 (methods); CVE-2017-12615; RFC 9110 section 9.3.4", "The server took a script by PUT, MOVE or COPY. Anybody can now run what he sent.", false},
	ruleAdmin:     {"log.admin_new_address", "log", compare.Medium, "An administrator from a new address", "MITRE ATT&CK T1078 (valid accounts); CIS Control 6", "Somebody logged in as an administrator from a network that no administrator used before. Ask whether it was one of yours.", true},
	ruleGuessing:  {"log.guessing", "log", compare.Medium, "Passwords are being guessed", "MITRE ATT&CK T1110 (brute force); OWASP ASVS 4.0.3, 2.2.1", "One address tried to log in again and again.", true},
	ruleScanner:   {"log.scanner", "log", compare.Low, "A scanner", "CRS 913 (scanner detection), data file scanners-user-agents; WSTG-INFO", "Somebody went through the site with a tool that looks for holes. It matters together with what else he did.", true},
	ruleLockdown:  {"log.write_in_lockdown", "log", compare.High, "Something was written during the lockdown", "RFC 9110 section 9.2.1 (safe methods); the CERT's order of read-only mode", "A request that changes something was accepted after the site was ordered to take none.", false},
}
