package api

import (
	"context"
	"net/http"
	"time"

	"pasban/console/desk"
	"pasban/monitor"
)

// nothing is asked.
type nothing struct{}

// me is who asks.
type me struct {
	Account     string             `json:"account"`
	FullName    string             `json:"full_name,omitempty"`
	Role        monitor.Role       `json:"role" enum:"institution,viewer,analyst,lead,administrator"`
	Institution string             `json:"institution,omitempty" doc:"Of an account that sees the sites of one institution only: its ID."`
	Token       tokenLine          `json:"token"`
	Scope       monitor.TokenScope `json:"scope" enum:"read,decide"`
}

type tokenLine struct {
	ID      int64     `json:"id"`
	Name    string    `json:"name"`
	Expires time.Time `json:"expires"`
}

// account is somebody who may use the console.
type account struct {
	Name        string       `json:"name"`
	FullName    string       `json:"full_name,omitempty"`
	Role        monitor.Role `json:"role" enum:"institution,viewer,analyst,lead,administrator"`
	Institution string       `json:"institution,omitempty"`
	Language    string       `json:"language"`
	Disabled    bool         `json:"disabled"`
	Factor      bool         `json:"second_factor" doc:"A second factor is asked for when they sign in."`
	Created     time.Time    `json:"created,omitzero"`
}

func accountOf(x monitor.Account) account {
	return account{Name: x.Name, FullName: name(x.FullName), Role: x.Role, Institution: x.Institution, Language: x.Language, Disabled: x.Disabled, Factor: x.TOTP != "", Created: x.Created}
}

func (a *API) addOwn() {
	add(a, operation{method: http.MethodGet, path: "/me", tag: "Access", id: "whoAmI", summary: "Whose token this is", least: monitor.InstitutionRole}, a.whoAmI)
	add(a, operation{method: http.MethodGet, path: "/accounts", tag: "Access", id: "listAccounts", summary: "Who may use the console", least: monitor.Administrator,
		text: "Accounts and tokens are made and changed by people who have signed in, never by a token: what was stolen must not make itself another way in."}, a.listAccounts)
}

func (a *API) whoAmI(ctx context.Context, w desk.Who, _ *nothing) (me, error) {
	t, err := a.desk.Monitor.Store.Token(ctx, w.Token)
	return me{Account: w.Name, FullName: name(w.FullName), Role: w.Role, Institution: w.Institution, Scope: t.Scope, Token: tokenLine{t.ID, t.Name, t.Expires}}, err
}

func (a *API) listAccounts(ctx context.Context, _ desk.Who, p *Paging) (out pageOf[account], err error) {
	all, err := a.desk.Monitor.Store.Accounts(ctx)
	if err != nil {
		return out, err
	}
	all, out.Next, err = turn(all, *p, func(x monitor.Account) string { return x.Name })
	out.Items = each(all, accountOf)
	return out, err
}
