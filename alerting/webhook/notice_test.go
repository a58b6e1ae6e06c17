package webhook_test

import (
	"encoding/json"
	"testing"
	"time"

	"pasban/alerting"
)

// A notice about the watch is told to programs as an event of its own, so that none
// takes it for an incident of a site.
func TestNotice(t *testing.T) {
	h := newHook(t)
	at := time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)
	alert := alerting.Alert{ID: "unseen.3.opened", Event: alerting.Opened, Severity: "high", TLP: "AMBER", Opened: at, Observed: at, Notice: &alerting.Notice{
		Title: "2 sites cannot be seen", Text: "Not in good order.", MoreSites: 1,
		Sites: []alerting.NoticeSite{{Name: "Bank", URL: "https://bank.examples.test/", Why: "no answer"}},
	}}
	if err := h.sink.Deliver(t.Context(), alert, h.Address(alerting.English)); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Type string
		Data struct {
			Kind, Summary string
			Reasons       []struct{ Why, Evidence string }
			LeftOut       int `json:"reasons_left_out"`
			Incident      int64
		}
	}
	if err := json.Unmarshal(h.bodies[0], &got); err != nil {
		t.Fatal(err)
	}
	d := got.Data
	if got.Type != "watch.opened" || d.Kind != "watch" || d.Summary != "2 sites cannot be seen: Not in good order." || d.LeftOut != 1 || d.Incident != 0 {
		t.Errorf("the payload is %+v", got)
	}
	if len(d.Reasons) != 1 || d.Reasons[0].Why != "no answer" || d.Reasons[0].Evidence != "Bank, hxxps://bank[.]examples[.]test/" {
		t.Errorf("its sites are %+v", d.Reasons)
	}
}
