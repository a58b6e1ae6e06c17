package db

import (
	"context"
	"fmt"
	"time"

	"pasban/compare"
	"pasban/monitor"
)

// Campaigns, and the traces by which incidents are found to be part of one.

const selectCampaigns = `SELECT id, opened, updated, told, notices, pending, listed, part_of FROM campaigns `

func scanCampaign(r row) (c monitor.Campaign, err error) {
	err = r.Scan(&c.ID, instantInto{&c.Opened}, instantInto{&c.Updated}, instantInto{&c.Told}, &c.Notices, &c.Pending, jsonInto{&c.Listed}, &c.PartOf)
	return c, err
}

func (q queries) Campaign(ctx context.Context, id string) (monitor.Campaign, error) {
	c, err := one(ctx, q, scanCampaign, selectCampaigns+`WHERE id = $1`, id)
	return c, wrap(err, "finding campaign %q", id)
}

func (q queries) Campaigns(ctx context.Context) ([]monitor.Campaign, error) {
	all, err := list(ctx, q, scanCampaign, selectCampaigns+`ORDER BY year DESC, number DESC`)
	return all, wrap(err, "listing campaigns")
}

func (q queries) UntoldCampaigns(ctx context.Context) ([]monitor.Campaign, error) {
	all, err := list(ctx, q, scanCampaign, selectCampaigns+`WHERE pending ORDER BY told, id`)
	return all, wrap(err, "listing campaigns to tell of")
}

func (q queries) CampaignIncidents(ctx context.Context, campaign string) ([]monitor.Incident, error) {
	all, err := list(ctx, q, scanIncident, selectIncidents+`WHERE campaign = $1 AND campaign <> '' ORDER BY id`, campaign)
	return all, wrap(err, "listing the incidents of campaign %q", campaign)
}

// AddCampaign numbers the campaigns of a year from 1. Two transactions that open one at
// once collide, and the second is repeated: ON CONFLICT makes PostgreSQL call a number
// that it may not see yet a collision, and not a duplicate.
func (t *tx) AddCampaign(ctx context.Context, c monitor.Campaign) (string, error) {
	year := c.Opened.UTC().Year()
	number, err := one(ctx, t.queries, scanID, `SELECT COALESCE(MAX(number), 0) + 1 FROM campaigns WHERE year = $1`, year)
	if err != nil {
		return "", wrap(err, "numbering a campaign of %d", year)
	}
	id := fmt.Sprintf("C-%d-%04d", year, number)
	err = touched(t.exec(ctx, `
		INSERT INTO campaigns (id, year, number, opened, updated, told, notices, pending, listed, part_of)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
		id, year, number, instant(c.Opened), instant(c.Updated), instant(c.Told), c.Notices, c.Pending, asJSON{c.Listed}, c.PartOf))
	return id, wrap(err, "storing campaign %q", id)
}

// PutCampaign replaces what AddCampaign stored; monitor.ErrNotFound if there is none.
func (t *tx) PutCampaign(ctx context.Context, c monitor.Campaign) error {
	err := touched(t.exec(ctx, `
		UPDATE campaigns SET opened = $2, updated = $3, told = $4, notices = $5, pending = $6, listed = $7, part_of = $8 WHERE id = $1`,
		c.ID, instant(c.Opened), instant(c.Updated), instant(c.Told), c.Notices, c.Pending, asJSON{c.Listed}, c.PartOf))
	return wrap(err, "storing campaign %q", c.ID)
}

const selectTraces = `SELECT incident, site, kind, value, at FROM traces `

func scanTrace(r row) (x monitor.Trace, err error) {
	err = r.Scan(&x.Incident, &x.Site, &x.Kind, &x.Value, instantInto{&x.At})
	return x, err
}

// Traces has a statement for each of its two questions, since each has its index.
func (q queries) Traces(ctx context.Context, kind compare.TraceKind, value string, since time.Time) (all []monitor.Trace, err error) {
	if value == "" {
		all, err = list(ctx, q, scanTrace, selectTraces+`WHERE kind = $1 AND at >= $2 ORDER BY at, incident, value`, kind, instant(since))
	} else {
		all, err = list(ctx, q, scanTrace, selectTraces+`WHERE kind = $1 AND value = $3 AND at >= $2 ORDER BY at, incident`, kind, instant(since), value)
	}
	return all, wrap(err, "looking for traces")
}

func (q queries) IncidentTraces(ctx context.Context, incident int64) ([]monitor.Trace, error) {
	all, err := list(ctx, q, scanTrace, selectTraces+`WHERE incident = $1 ORDER BY kind, value`, incident)
	return all, wrap(err, "listing the traces of incident %d", incident)
}

func (t *tx) AddTrace(ctx context.Context, x monitor.Trace) error {
	_, err := t.exec(ctx, `
		INSERT INTO traces (incident, kind, value, site, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (incident, kind, value) DO NOTHING`, x.Incident, x.Kind, x.Value, x.Site, instant(x.At))
	return wrap(err, "storing a trace of incident %d", x.Incident)
}
