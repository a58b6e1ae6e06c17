package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"pasban/console/desk"
	"pasban/monitor"
)

// SilenceScope is what a silence is about: what is set must all fit.
type SilenceScope struct {
	Site        string `json:"site,omitempty" maxLength:"200" doc:"The ID of a site."`
	Institution string `json:"institution,omitempty" maxLength:"120" doc:"The ID of an institution."`
	Rule        string `json:"rule,omitempty" maxLength:"80"`
	Kind        string `json:"kind,omitempty" enum:"defacement,injection,leak,lockdown,availability"`
}

// silence holds what there is to tell of some sites, for some time.
type silence struct {
	ID   int64        `json:"id"`
	Mode monitor.Mode `json:"mode" enum:"silence,maintenance,planned"`
	SilenceScope
	From     time.Time `json:"from"`
	Until    time.Time `json:"until" doc:"When it ends or ended."`
	Holds    bool      `json:"holds" doc:"It is in force."`
	Reason   string    `json:"reason"`
	By       string    `json:"by"`
	LiftedBy string    `json:"lifted_by,omitempty"`
}

func (a *API) silenceOf(s monitor.Silence) silence {
	return silence{
		ID: s.ID, Mode: s.Mode, SilenceScope: SilenceScope{s.Site, s.Institution, s.Rule, string(s.Kind)}, From: s.From, Until: s.Ends(), Holds: s.Holds(a.desk.Clock()),
		Reason: why(s.Reason), By: name(s.By), LiftedBy: name(s.LiftedBy),
	}
}

type newSilence struct {
	Body struct {
		SilenceScope
		Mode   monitor.Mode `json:"mode" enum:"silence,maintenance,planned" doc:"silence holds mails; maintenance does while somebody works on a site; planned lets a page change as its owner announced, and holds what that explains."`
		From   time.Time    `json:"from,omitzero" doc:"Default now."`
		Until  time.Time    `json:"until" doc:"Seven days after it begins at most, fourteen for a planned change."`
		By     string       `json:"by,omitempty" maxLength:"200" doc:"For whom it is. Default you."`
		Reason string       `json:"reason" minLength:"1" maxLength:"500"`
	}
}

type numbered struct {
	ID   int64 `path:"id" minimum:"1"`
	Body Because
}

func (a *API) addSilences() {
	add(a, operation{method: http.MethodGet, path: "/silences", tag: "Silences", id: "listSilences", summary: "What is held, and until when", least: monitor.Viewer, text: "Newest first."}, a.listSilences)
	add(a, operation{method: http.MethodPost, path: "/silences", tag: "Silences", id: "placeSilence", summary: "Hold alerts for a time", least: monitor.Analyst, status: http.StatusCreated, text: "At least one of site, institution, rule and kind is named. What is seen meanwhile is recorded and shown as ever."}, a.placeSilence)
	add(a, operation{method: http.MethodPost, path: "/silences/{id}/lift", tag: "Silences", id: "liftSilence", summary: "End a silence now", least: monitor.Analyst, text: "What it held goes out, as far as it is still true."}, a.liftSilence)
}

func (a *API) listSilences(ctx context.Context, _ desk.Who, in *struct {
	Paging
	Ended bool `query:"ended" doc:"Also those that ended within the last 90 days."`
},
) (out pageOf[silence], err error) {
	since := a.desk.Clock()
	if in.Ended {
		since = since.AddDate(0, 0, -90)
	}
	all, err := a.desk.Monitor.Store.Silences(ctx, since)
	if err != nil {
		return out, err
	}
	all, out.Next, err = turn(all, in.Paging, func(s monitor.Silence) string { return strconv.FormatInt(s.ID, 10) })
	out.Items = each(all, a.silenceOf)
	return out, err
}

func (a *API) placeSilence(ctx context.Context, w desk.Who, in *newSilence) (silence, error) {
	b := in.Body
	s, err := a.desk.PlaceSilence(ctx, w, b.Reason, monitor.Silence{
		Mode: b.Mode, Site: b.Site, Institution: b.Institution, Rule: b.Rule, Kind: monitor.Kind(b.Kind), From: b.From, Until: b.Until, By: b.By,
	})
	return a.silenceOf(s), err
}

func (a *API) liftSilence(ctx context.Context, w desk.Who, in *numbered) (silence, error) {
	s, err := a.desk.LiftSilence(ctx, w, in.Body.Reason, in.ID)
	return a.silenceOf(s), err
}
