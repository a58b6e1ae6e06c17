package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"pasban/console/desk"
	"pasban/monitor"
)

// institution owns sites.
type institution struct {
	ID     string       `json:"id"`
	Name   string       `json:"name"`
	Tier   monitor.Tier `json:"tier,omitempty" doc:"federal, banking, provincial, territory or private"`
	Region string       `json:"region,omitempty"`
}

func institutionOf(id string, i monitor.Institution) institution {
	return institution{ID: id, Name: name(i.Name), Tier: i.Tier, Region: name(i.Region)}
}

// Site is one web presence.
type Site struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	URL         string       `json:"url"`
	Institution institution  `json:"institution"`
	Mark        monitor.Mark `json:"mark" enum:"good,changed,incident,stale,paused" doc:"How it is, in one word: the gravest of what is true of it."`
	Schedule    string       `json:"schedule" doc:"A cron expression, in Pakistan Standard Time."`
	Paused      bool         `json:"paused"`
	Lockdown    string       `json:"lockdown,omitempty" doc:"What the watchlist says of its lockdown."`
}

func siteOf(s monitor.WallSite) Site {
	return Site{ID: s.ID, Name: name(s.Name), URL: address(s.URL), Institution: institutionOf(s.Institution, s.Owner), Mark: s.Mark, Schedule: name(s.Schedule), Paused: s.Paused, Lockdown: name(s.Lockdown)}
}

// Box is a region of a picture, in its pixels.
type Box struct {
	X int32 `json:"x" minimum:"0"`
	Y int32 `json:"y" minimum:"0"`
	W int32 `json:"w" minimum:"1" maximum:"20000"`
	H int32 `json:"h" minimum:"1" maximum:"20000"`
}

// mask is a region that is left out of the comparison of pictures.
type mask struct {
	Box
	Page     string `json:"page,omitempty" doc:"Path of the page, absent for all pages of the site."`
	Decision int64  `json:"decision,omitempty" doc:"That of the analyst who drew it, absent if the watchlist has it."`
}

// sitePage is one page of a site, the unit that is watched.
type sitePage struct {
	ID          string     `json:"id"`
	URL         string     `json:"url"`
	LastGood    time.Time  `json:"last_good,omitzero" doc:"When it was last seen well."`
	LastAttempt time.Time  `json:"last_attempt,omitzero"`
	Outcome     string     `json:"outcome,omitempty" doc:"Of the last attempt."`
	Reason      string     `json:"reason,omitempty" doc:"Why the last attempt was no good look."`
	Failures    int        `json:"failures" doc:"Attempts since it was last seen well."`
	Looks       []look     `json:"looks" doc:"The newest, newest first."`
	Baselines   []baseline `json:"baselines" doc:"The newest approved looks, newest first."`
}

// baseline is a version of what a page is to look like.
type baseline struct {
	Version     int       `json:"version"`
	Created     time.Time `json:"created"`
	Provisional bool      `json:"provisional" doc:"It was seen first, and nobody has approved it."`
	ApprovedBy  string    `json:"approved_by,omitempty"`
	Looks       []string  `json:"looks" doc:"IDs of the looks it is made of, newest last."`
	PictureURL  string    `json:"picture_url,omitempty" doc:"Holds for some minutes."`
}

// siteFile is a site with all that is known of it.
type siteFile struct {
	Site
	Contacts  []string   `json:"contacts,omitempty"`
	Masks     []mask     `json:"masks"`
	Pages     []sitePage `json:"pages"`
	Incidents []Incident `json:"incidents" doc:"The newest, newest first."`
	Silences  []silence  `json:"silences,omitempty"`
	Record    []decision `json:"record,omitempty" doc:"What was decided about it last."`
}

// snapshot is a copy from which a site can be shown while its server is cleaned.
type snapshot struct {
	ID       string    `json:"id"`
	Site     string    `json:"site"`
	Created  time.Time `json:"created"`
	State    string    `json:"state" doc:"proved: it was rendered and looks like the approved look; unproved; broken"`
	Problem  string    `json:"problem,omitempty" doc:"Why it is not proved."`
	Likeness float64   `json:"likeness" doc:"Of the least alike page, 0 to 1."`
	Pages    int       `json:"pages"`
	Files    int       `json:"files"`
	Bytes    int64     `json:"bytes"`
	Verified time.Time `json:"verified,omitzero" doc:"When every byte of it was last read and found right."`
}

func snapshotOf(s monitor.Snapshot) snapshot {
	return snapshot{ID: s.ID, Site: s.Site, Created: s.Created, State: string(s.State), Problem: why(s.Problem), Likeness: s.Likeness(), Pages: s.Pages, Files: s.Files, Bytes: s.Bytes, Verified: s.Verified}
}

// siteCopy is the newest copy of a site that can be used, or why there is none.
type siteCopy struct {
	Site    string    `json:"site"`
	Name    string    `json:"name"`
	Copy    *snapshot `json:"copy,omitempty"`
	Failure string    `json:"failure,omitempty" doc:"Why there is no newer one."`
}

type siteQuery struct {
	Paging
	Text        string `query:"q" maxLength:"80" doc:"What its ID, name, address or owner contains."`
	Mark        string `query:"mark" enum:"good,changed,incident,stale,paused"`
	Tier        string `query:"tier" enum:"federal,banking,provincial,territory,private"`
	Region      string `query:"region" maxLength:"80"`
	Institution string `query:"institution" maxLength:"120" doc:"The ID of an institution."`
}

type OneSite struct {
	Site string `path:"site" maxLength:"200" doc:"The ID of a site."`
}

// Because is why somebody decides something.
type Because struct {
	Reason string `json:"reason,omitempty" maxLength:"4000" doc:"Why, for the record."`
}

type siteChange struct {
	OneSite
	Body Because
}

type siteLook struct {
	OneSite
	Body struct {
		Because
		Page string `json:"page,omitempty" maxLength:"400" doc:"The ID of one of its pages. Default its home page."`
	}
}

// recorded says that something is on record.
type recorded struct {
	Undo []int64 `json:"undo,omitempty" doc:"Decisions that undoDecisions takes back, within a day. Absent where it is decided anew."`
}

func (a *API) addSites() {
	get := operation{method: http.MethodGet, tag: "Sites", least: monitor.InstitutionRole}
	one := func(o operation, path, id, summary, text string) operation {
		o.path, o.id, o.summary, o.text = path, id, summary, text
		return o
	}
	post := operation{method: http.MethodPost, tag: "Sites", least: monitor.Lead}
	add(a, one(get, "/sites", "listSites", "What is watched", "By ID. An institution sees its own."), a.listSites)
	add(a, one(get, "/sites/{site}", "getSite", "A site with all that is known of it", ""), a.getSite)
	add(a, one(get, "/sites/{site}/snapshots", "listSiteSnapshots", "The copies of a site", "Newest first."), a.listSiteSnapshots)
	add(a, one(get, "/snapshots", "listSnapshots", "The newest usable copy of each site", "By site. A copy is exported on the machine of the watch, by `pasban snapshot export`."), a.listSnapshots)
	looking := one(post, "/sites/{site}/look", "lookNow", "Look at a page now", "The look is queued ahead of all others.")
	looking.least, looking.status = monitor.Analyst, http.StatusAccepted
	add(a, looking, a.lookNow)
	add(a, one(post, "/sites/{site}/pause", "pauseSite", "Stop the watch over a site", ""), a.changing("pause"))
	add(a, one(post, "/sites/{site}/resume", "resumeSite", "Watch a site again", ""), a.changing("resume"))
}

func (a *API) listSites(ctx context.Context, w desk.Who, q *siteQuery) (out pageOf[Site], err error) {
	all, err := a.desk.Sites(ctx, w, desk.SiteFilter{Text: q.Text, Mark: q.Mark, Tier: q.Tier, Region: q.Region, Institution: q.Institution})
	if err != nil {
		return out, err
	}
	all, out.Next, err = turn(all, q.Paging, func(s monitor.WallSite) string { return s.ID })
	out.Items = each(all, siteOf)
	return out, err
}

func (a *API) getSite(ctx context.Context, w desk.Who, in *OneSite) (out siteFile, err error) {
	f, err := a.desk.SiteFile(ctx, w, in.Site)
	if err != nil {
		return out, err
	}
	on, err := a.desk.Sites(ctx, w, desk.SiteFilter{Institution: f.Site.Institution})
	if err != nil {
		return out, err
	}
	wall := monitor.WallSite{Site: f.Site, Owner: f.Owner, Mark: monitor.MarkStale} // until the wall has it
	if i := slices.IndexFunc(on, func(s monitor.WallSite) bool { return s.ID == f.Site.ID }); i >= 0 {
		wall.Mark = on[i].Mark
	}
	out = siteFile{
		Site: siteOf(wall), Masks: each(f.Site.Masks, maskOf), Pages: each(f.Pages, func(p desk.SitePage) sitePage { return a.pageOf(w, p) }),
		Incidents: each(f.Incidents, incidentOf), Silences: each(f.Silences, a.silenceOf), Record: each(f.Record, decisionOf),
	}
	if !w.Outside() {
		out.Contacts = names(f.Owner.Contacts)
	}
	return out, nil
}

func maskOf(k monitor.Mask) mask {
	return mask{Box{k.X, k.Y, k.W, k.H}, address(k.Page), k.Decision}
}

func (a *API) pageOf(w desk.Who, p desk.SitePage) sitePage {
	return sitePage{
		ID: p.Target.ID, URL: address(p.Target.URL), LastGood: p.Fresh.LastGood, LastAttempt: p.Fresh.LastAttempt, Outcome: p.Fresh.Outcome, Reason: why(p.Fresh.Reason),
		Failures: p.Fresh.Failures, Looks: each(p.Captures, a.lookOf), Baselines: each(p.Baselines, func(b monitor.Baseline) baseline { return a.baselineOf(w, b) }),
	}
}

func (a *API) baselineOf(w desk.Who, b monitor.Baseline) baseline {
	out := baseline{Version: b.Version, Created: b.Created, Provisional: b.Provisional, Looks: b.Captures}
	if !w.Outside() {
		out.ApprovedBy = name(b.ApprovedBy)
	}
	if n := len(b.Looks); n > 0 {
		out.PictureURL = a.picture(b.Looks[n-1].Picture)
	}
	return out
}

// picture is the address of a picture, "" where there is none.
func (a *API) picture(digest string) string {
	if digest == "" {
		return ""
	}
	return a.signer.Picture(digest)
}

func (a *API) listSiteSnapshots(ctx context.Context, w desk.Who, in *struct {
	OneSite
	Paging
},
) (out pageOf[snapshot], err error) {
	s, _, err := a.desk.Site(ctx, w, in.Site)
	if err != nil {
		return out, err
	}
	all, err := a.desk.Monitor.Store.SiteSnapshots(ctx, s.ID)
	if err != nil {
		return out, err
	}
	all, out.Next, err = turn(all, in.Paging, func(s monitor.Snapshot) string { return s.ID })
	out.Items = each(all, snapshotOf)
	return out, err
}

func (a *API) listSnapshots(ctx context.Context, w desk.Who, in *struct {
	Paging
	Text string `query:"q" maxLength:"80" doc:"What the site's ID, name, address or owner contains."`
},
) (out pageOf[siteCopy], err error) {
	all, err := a.desk.Sites(ctx, w, desk.SiteFilter{Text: in.Text})
	if err != nil {
		return out, err
	}
	all, out.Next, err = turn(all, in.Paging, func(s monitor.WallSite) string { return s.ID })
	out.Items = []siteCopy{}
	for _, s := range all {
		row, err := a.desk.CopyOf(ctx, s)
		if err != nil {
			return out, err
		}
		one := siteCopy{Site: s.ID, Name: name(s.Name), Failure: why(row.Failure)}
		if row.Copy.ID != "" {
			c := snapshotOf(row.Copy)
			one.Copy = &c
		}
		out.Items = append(out.Items, one)
	}
	return out, err
}

// changing is a function that decides one thing about a site.
func (a *API) changing(verb string) func(context.Context, desk.Who, *siteChange) (recorded, error) {
	return func(ctx context.Context, w desk.Who, in *siteChange) (recorded, error) {
		_, err := a.desk.ChangeSite(ctx, w, in.Site, verb, "", in.Body.Reason)
		return recorded{}, err
	}
}

func (a *API) lookNow(ctx context.Context, w desk.Who, in *siteLook) (recorded, error) {
	page := in.Body.Page
	if page == "" {
		page = in.Site // the home page has the ID of its site
	}
	_, err := a.desk.ChangeSite(ctx, w, in.Site, "look", page, in.Body.Reason)
	return recorded{}, err
}
