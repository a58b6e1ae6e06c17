package render

import (
	"context"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/debugger"
)

// The script inventory is what V8 says it compiled, not what the document says
// it contains: an eval, a string given to Function, a script that removed its
// own element and a worker's imports are all reported by Debugger.scriptParsed.

// scriptParsed is Debugger.scriptParsed with the fields we read.
type scriptParsed struct {
	ScriptID     string       `json:"scriptId"`
	URL          string       `json:"url"`
	StartLine    int          `json:"startLine"`
	StartColumn  int          `json:"startColumn"`
	Hash         string       `json:"hash"`
	HasSourceURL bool         `json:"hasSourceURL"`
	IsModule     bool         `json:"isModule"`
	Length       int          `json:"length"`
	Embedder     string       `json:"embedderName"`
	Language     string       `json:"scriptLanguage"`
	Stack        stackTrace   `json:"stackTrace"`
	Aux          jsonv2.Value `json:"executionContextAuxData"`
}

// heardScript is a script with the session that can be asked for its source.
type heardScript struct {
	session session
	parsedScript
}

// scriptParsed notes a script that V8 compiled, our own excepted.
func (w *watch) scriptParsed(s session, ev *scriptParsed) {
	if strings.Contains(string(ev.Aux), `"isDefault":false`) || ev.Hash != "" && ev.Hash == ownScripts[ev.Length] {
		return
	}
	if len(w.scripts) == maxScripts {
		w.unheard++
		return
	}
	w.scripts = append(w.scripts, heardScript{s, parsedScript{
		id: ev.ScriptID, url: clip(ev.URL, maxAddress), sourceURL: ev.HasSourceURL, module: ev.IsModule,
		worker: s.id != w.tab.page.id, startLine: ev.StartLine, startColumn: ev.StartColumn,
		length: max(ev.Length, 0), hash: ev.Hash, stack: ev.Stack.urls(10), embedder: clip(ev.Embedder, maxAddress),
	}})
}

// ownScripts are the digests of what we put into pages, by length.
var ownScripts = map[int]string{
	len(freezeScript): sha256Hex([]byte(freezeScript)),
	len(asksScript):   sha256Hex([]byte(asksScript)),
}

// sourceRequest is a script and the reply its source will come in; the reply
// is nil when the source is known or not wanted.
type sourceRequest struct {
	script heardScript
	reply  *reply[debugger.GetScriptSourceResult]
}

// askSources sends for the sources of scripts, within maxScriptSources for all
// of them together. A source seen before is taken from the library instead,
// by the digest V8 made of it: a site's scripts seldom change between looks.
func askSources(scripts []heardScript, lib *library) (list []sourceRequest, cut int) {
	left := maxScriptSources
	for _, script := range scripts {
		req := sourceRequest{script: script}
		if source, ok := lib.get(script.hash); ok {
			req.script.source = source
		} else if script.length <= left && script.length <= 4*maxScriptSource {
			req.reply = send(script.session, debugger.GetScriptSource, debugger.GetScriptSourceParams{ScriptID: cdp.ScriptID(script.id)})
		} else {
			cut++
		}
		left -= min(left, min(script.length, maxScriptSource))
		list = append(list, req)
	}
	return list, cut
}

// collectSources waits for the sources asked for. A script whose source does
// not come (its worker ended, its document went away) is kept without.
func collectSources(ctx context.Context, list []sourceRequest, lib *library) []parsedScript {
	parsed := make([]parsedScript, 0, len(list))
	for _, req := range list {
		script := req.script.parsedScript
		if req.reply != nil {
			if res, err := req.reply.wait(ctx); err == nil {
				script.source = shorten(res.ScriptSource)
				if len(res.ScriptSource) <= maxScriptSource {
					lib.put(script.hash, res.ScriptSource)
				}
			}
		}
		parsed = append(parsed, script)
	}
	return parsed
}
