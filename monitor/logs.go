package monitor

import (
	"pasban/compare/accesslog"
)

// LogFinding is what the access logs of a site told about one visitor or path on one
// day. Its texts are escaped and bounded, and an attacker's all the same.
type LogFinding struct {
	ID   int64  `json:"id"`
	Site string `json:"site"`
	accesslog.Finding
}
