package console

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"pasban/console/api"
	"pasban/console/desk"
	"pasban/monitor"
)

// described is the description as it is served, read by somebody else's library.
func described(t *testing.T, r *room) validator.Validator {
	t.Helper()
	_, data := program{r: r}.ask("GET", "/openapi.json", nil)
	document, err := libopenapi.NewDocument(data)
	if err != nil {
		t.Fatal(err)
	}
	if v := document.GetVersion(); !strings.HasPrefix(v, "3.1") {
		t.Errorf("the description is of version %s", v)
	}
	v, errs := validator.NewValidator(document)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return v
}

// The description is OpenAPI 3.1 by its own schema, in both forms alike; every answer is
// what it says, and there is no operation that it does not tell.
func TestAPIIsAsDescribed(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	v := described(t, r)
	if ok, errs := v.ValidateDocument(); !ok {
		for _, e := range errs {
			t.Errorf("the description is not OpenAPI 3.1: %s %v", e.Message, e.SchemaValidationErrors)
		}
	}
	if _, yaml := (program{r: r}).ask("GET", "/openapi.yaml", nil); !bytes.Contains(yaml, []byte("openapi: 3.1")) || !bytes.Contains(yaml, []byte("/lockdown/orders:")) {
		t.Errorf("the other form begins %.80s", yaml)
	}
	c := r.site("bank", "bank", "Bank", "x", "y")
	r.question(c)
	p := r.program("root", monitor.Administrator, "", monitor.TokenDecides)
	if _, err := r.monitor.Confirm(t.Context(), monitor.Order{Actor: "operator:x"}, 1); err != nil {
		t.Fatal(err)
	}
	p.do("POST", "/lockdown/orders", obj{"scope": obj{"all": true}, "deadline": r.now.AddDate(0, 0, 1), "authority": "CERT"}, nil)
	p.do("POST", "/silences", obj{"mode": "planned", "site": "bank", "until": r.now.AddDate(0, 0, 1), "reason": "a new page"}, nil)
	asked := 0
	for _, o := range r.operations() {
		if o.method != http.MethodGet {
			continue
		}
		req, err := http.NewRequestWithContext(t.Context(), o.method, r.http.URL+api.Root+address(o.path, "bank"), http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+p.secret)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != http.StatusOK && o.id != "getCampaign" {
			t.Errorf("%s is answered %d", o.id, res.StatusCode)
		}
		if ok, errs := v.ValidateHttpRequestResponse(req, res); !ok {
			for _, e := range errs {
				t.Errorf("%s: %s: %s %v", o.id, e.Message, e.Reason, e.SchemaValidationErrors)
			}
		}
		res.Body.Close()
		asked++
	}
	if asked < 20 {
		t.Errorf("only %d operations were asked", asked)
	}
}

// everyRoute tells, for each thing that can be done on a screen, the operation of the
// API that does it, or why there is none. docs/decisions/2026-11-28-api.md says the same
// in words.
var everyRoute = map[string]string{
	"POST /login": "no: a token is sent along", "POST /logout": "no: a token is sent along", "POST /welcome": "no: the first account is made by a person",
	"POST /preferences": "no: how pages look", "POST /account": "no: what lets an account in", "POST /tokens": "no: what lets an account in", "POST /settings": "no: what lets accounts in",
	"POST /decide accept": "decide", "POST /decide confirm": "decide", "POST /decide false": "decide", "POST /decide ignore": "decide", "POST /decide snooze": "decide",
	"POST /undo":                       "undoDecisions",
	"POST /incidents/{id} acknowledge": "changeIncident", "POST /incidents/{id} contain": "changeIncident", "POST /incidents/{id} resolve": "changeIncident", "POST /incidents/{id} false": "changeIncident",
	"POST /incidents/{id} reopen": "changeIncident", "POST /incidents/{id} note": "noteIncident", "POST /incidents/{id} assign": "assignIncident",
	"POST /sites/{id} look": "lookNow", "POST /sites/{id} pause": "pauseSite", "POST /sites/{id} resume": "resumeSite", "POST /sites/{id} silence": "placeSilence",
	"GET /{$}": "getWall", "GET /queue": "listQueue", "GET /review/{key}": "getReview", "GET /incidents": "listIncidents", "GET /incidents/{id}": "getIncident", "GET /sites": "listSites",
	"GET /sites/{id}": "getSite", "GET /record": "listAudit", "GET /settings": "listAccounts", "GET /account": "whoAmI", "GET /statistics": "getStatistics", "GET /statistics/csv": "getStatistics",
	"GET /lockdown": "listStandings", "GET /lockdown/{id}": "getStanding", "GET /snapshots": "listSnapshots", "GET /health": "getHealth",
	"GET /events": "no: a stream of hints to read the wall anew", "GET /account/code.png": "no: what lets an account in", "GET /tokens": "no: what lets an account in",
	"GET /api/v1/docs": "no: a page", "GET /login": "no: a page", "GET /welcome": "no: a page", "GET /enter": "no: a page",
}

// verbsOf are what can be done at an address that can do several things.
var verbsOf = map[string][]string{"POST /decide": desk.Verbs(), "POST /incidents/{id}": desk.IncidentVerbs(), "POST /sites/{id}": desk.SiteVerbs()}

// Whatever can be done on a screen can be done over the API, or there is a reason why
// not; and the API names no operation that there is not.
func TestEveryScreenHasItsOperation(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	var ids []string
	for _, o := range r.operations() {
		ids = append(ids, o.id)
	}
	table := everyRoute
	seen := map[string]bool{}
	for _, pattern := range slices.Concat(slices.Collect(maps.Keys(r.server.doors())), slices.Collect(maps.Keys(r.server.screens()))) {
		things := []string{pattern}
		if verbs := verbsOf[pattern]; verbs != nil {
			things = nil
			for _, verb := range verbs {
				things = append(things, pattern+" "+verb)
			}
		}
		for _, thing := range things {
			seen[thing] = true
			said := table[thing]
			if said == "" || !strings.HasPrefix(said, "no: ") && !slices.Contains(ids, said) {
				t.Errorf("%s is not to be had over the API: %q", thing, said)
			}
		}
	}
	for thing := range table {
		if !seen[thing] {
			t.Errorf("%s is no screen any more", thing)
		}
	}
}
