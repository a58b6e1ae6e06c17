// Package api is the console for programs: what people do on its screens, a program does
// over HTTP with a token.
//
// A request takes one way through it. [API] finds out whose token came along, and how
// fast it asks; the operation checks role and scope, and asks package desk, as the
// console's handlers do, or hands on what somebody decided. Package monitor authorises
// that once more, in the transaction that writes it down with the token that was used.
// Nobody is known by a cookie here, and no page of another origin is answered.
//
// The operations are Go functions from one type to another, and the description of the
// API is made from these types by huma: it cannot tell anything else than what is done.
// What a site says is an attacker's text. It is answered bounded, with characters that
// reorder text made visible, as JSON and never as anything that a browser runs; pictures
// are addresses of package evidence, which hold for some minutes.
package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"pasban/console/desk"
	"pasban/console/evidence"
	"pasban/monitor"
)

// Root is where the API is served. Another version will stand beside it.
const Root = "/api/v1"

// Version of the API. Within it things are added, and none changed or taken away.
const Version = "1.0"

// maxBody bounds what somebody sends, in bytes: an order in two languages is the longest.
const maxBody = 64 << 10

// API serves everything below Root. Make it with New.
type API struct {
	desk   *desk.Desk
	signer *evidence.Signer
	logger *slog.Logger
	mux    *http.ServeMux
	huma   huma.API
	pace   *pace
	text   map[string]document // the description, by the end of its address
}

// document is a form of the description of the API.
type document struct {
	kind string
	data []byte
}

// New makes the API of a desk. origin is where people reach the console.
func New(d *desk.Desk, signer *evidence.Signer, origin string, logger *slog.Logger) (*API, error) {
	a := &API{desk: d, signer: signer, logger: logger, mux: http.NewServeMux(), pace: newPace(d.Clock)}
	a.huma = humago.NewWithPrefix(a.mux, Root, configuration(origin))
	for _, add := range []func(*API){
		(*API).addOwn, (*API).addSites, (*API).addQueue, (*API).addIncidents, (*API).addSilences, (*API).addLockdown, (*API).addWatch,
	} {
		add(a)
	}
	if err := a.describe(); err != nil {
		return nil, err
	}
	return a, nil
}

// huma has this setting for all APIs of a process: a list of nothing is [], and never null.
func init() { huma.DefaultArrayNullable = false }

// configuration is what huma is told of this API.
func configuration(origin string) huma.Config {
	c := huma.DefaultConfig("Pasban", Version)
	c.Info.Description = "What the console of Pasban shows and does, for programs. Send a token of your account with each request: `Authorization: Bearer pasban_...`. " +
		"A list is answered page by page: go on with `cursor` as long as there is a `next`. What is refused is answered as RFC 9457 has it, with what to do about it in `detail`."
	c.Servers = []*huma.Server{{URL: origin + Root}}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"token": {
		Type: "http", Scheme: "bearer", Description: "A token of an account: made on the console's screen Tokens, or by `pasban token make`. It may do what its scope and the role of its account allow.",
	}}
	c.Security = []map[string][]string{{"token": {}}}
	c.Tags = tags
	c.OpenAPIPath, c.DocsPath, c.SchemasPath, c.CreateHooks = "", "", "", nil
	c.RejectUnknownQueryParameters = true // a mistyped filter must not mean everything
	format := huma.Format{Marshal: marshal, Unmarshal: json.Unmarshal}
	c.Formats, c.DefaultFormat = map[string]huma.Format{"application/json": format, "json": format}, "application/json"
	return c
}

var tags = []*huma.Tag{
	{Name: "Access", Description: "Who you are, and who else there is."},
	{Name: "Sites", Description: "What is watched, how it is, and its looks and copies."},
	{Name: "Queue", Description: "What waits for a decision, and deciding it."},
	{Name: "Incidents", Description: "What was found, what became of it, and campaigns."},
	{Name: "Silences", Description: "What holds alerts for a time."},
	{Name: "Lockdown", Description: "Orders to be read-only, who complied, and who explained."},
	{Name: "Watch", Description: "The watch itself: at a glance, in numbers, its health and its record."},
}

// marshal writes JSON with < and > escaped, so that it is harmless even where somebody
// takes it for a page.
func marshal(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) }

// describe writes the description down, which does not change any more.
func (a *API) describe() error {
	a.mayGrow()
	asJSON, err := json.Marshal(a.huma.OpenAPI())
	if err != nil {
		return fmt.Errorf("describing the API: %w", err)
	}
	asYAML, err := a.huma.OpenAPI().YAML()
	if err != nil {
		return fmt.Errorf("describing the API: %w", err)
	}
	a.text = map[string]document{Root + "/openapi.json": {"application/openapi+json", asJSON}, Root + "/openapi.yaml": {"application/openapi+yaml", asYAML}}
	return nil
}

// mayGrow says that there may be more in an answer than the description tells, as within
// a version there may. What is sent has nothing else in it: a mistyped name is refused.
func (a *API) mayGrow() {
	schemas := a.huma.OpenAPI().Components.Schemas
	sent := map[*huma.Schema]bool{}
	for _, path := range a.huma.OpenAPI().Paths {
		for _, o := range []*huma.Operation{path.Post, path.Put, path.Delete} {
			if o != nil && o.RequestBody != nil {
				reach(schemas, o.RequestBody.Content["application/json"].Schema, sent)
			}
		}
	}
	for _, s := range schemas.Map() {
		if !sent[s] && s.Type == huma.TypeObject && s.AdditionalProperties == false {
			s.AdditionalProperties = nil
		}
	}
}

// reach notes a schema and those that it is made of.
func reach(in huma.Registry, s *huma.Schema, noted map[*huma.Schema]bool) {
	if s == nil || noted[s] {
		return
	}
	noted[s] = true
	if s.Ref != "" {
		reach(in, in.SchemaFromRef(s.Ref), noted)
	}
	reach(in, s.Items, noted)
	for _, p := range s.Properties {
		reach(in, p, noted)
	}
}

// OpenAPI is the description of the API, for a reader. It is not to be changed.
func (a *API) OpenAPI() *huma.OpenAPI { return a.huma.OpenAPI() }

// ServeHTTP implements http.Handler. The description is told to everybody: it is the same
// wherever Pasban runs.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	if d, ok := a.text[r.URL.Path]; ok && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		h.Set("Content-Type", d.kind)
		_, _ = w.Write(d.data) // who has gone does not read it
		return
	}
	c, ok := a.admit(w, r)
	if !ok {
		return
	}
	if _, pattern := a.mux.Handler(r); pattern == "" {
		a.nothingThere(w, r)
		return
	}
	a.mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, c)))
}

// nothingThere answers for an address or a method that there is not.
func (a *API) nothingThere(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		asked := *r
		asked.Method = method
		if _, pattern := a.mux.Handler(&asked); pattern != "" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		problem(w, http.StatusMethodNotAllowed, "use "+strings.Join(allowed, " or "))
		return
	}
	problem(w, http.StatusNotFound, "there is no such operation; "+Root+"/openapi.json lists them")
}

// operation is what can be asked for, and by whom.
type operation struct {
	method, path, tag string
	id, summary, text string
	least             monitor.Role
	status            int // of success, default 200
}

// scope is that of a token which may ask for it.
func (o operation) scope() monitor.TokenScope {
	if o.method == http.MethodGet {
		return monitor.TokenReads
	}
	return monitor.TokenDecides
}

// answer is the body of what is answered.
type answer[T any] struct{ Body T }

// add makes an operation of a function.
func add[I, O any](a *API, o operation, do func(ctx context.Context, w desk.Who, in *I) (O, error)) {
	errors := []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests}
	if strings.Contains(o.path, "{") || o.method != http.MethodGet {
		errors = append(errors, http.StatusNotFound)
	}
	if o.method != http.MethodGet {
		errors = append(errors, http.StatusConflict, http.StatusRequestEntityTooLarge)
	}
	slices.Sort(errors)
	described := huma.Operation{
		OperationID: o.id, Method: o.method, Path: o.path, Tags: []string{o.tag}, Summary: o.summary, DefaultStatus: o.status, Errors: errors,
		Description:  strings.TrimSpace(fmt.Sprintf("%s Takes the role %s, and a token to %s.", o.text, o.least, o.scope())),
		MaxBodyBytes: maxBody, BodyReadTimeout: 10 * time.Second, RejectUnknownQueryParameters: true,
		Extensions:  map[string]any{"x-pasban-role": o.least, "x-pasban-scope": o.scope()},
		Middlewares: huma.Middlewares{func(ctx huma.Context, next func(huma.Context)) { a.permit(ctx, o, next) }},
	}
	huma.Register(a.huma, described, func(ctx context.Context, in *I) (*answer[O], error) {
		c := callerOf(ctx)
		out, err := do(ctx, c.Who, in)
		if err != nil {
			return nil, a.explain(ctx, c, o, err)
		}
		return &answer[O]{out}, nil
	})
}

// permit refuses whose role or token does not reach, before anything is read of what
// was sent.
func (a *API) permit(ctx huma.Context, o operation, next func(huma.Context)) {
	c := callerOf(ctx.Context())
	why := ""
	switch {
	case !c.Role.AtLeast(o.least):
		why = fmt.Sprintf("this takes the role %s, and %s is %s", o.least, c.Name, c.Role)
	case o.scope() == monitor.TokenDecides && c.scope != monitor.TokenDecides:
		why = "this takes a token to decide, and this one may only read"
	}
	if why == "" {
		next(ctx)
		return
	}
	_, w := humago.Unwrap(ctx)
	problem(w, http.StatusForbidden, why)
}
