package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"pasban/console/access"
	"pasban/monitor"
)

// tokenCommand is for whoever owns the machine; people make tokens of their own accounts
// on the console.
type tokenCommand struct {
	Make   tokenMake   `cmd:"" help:"Make a token of an account and print it, this once."`
	List   tokenList   `cmd:"" help:"The tokens there are: whose, what for, used when, until when."`
	Revoke tokenRevoke `cmd:"" help:"End a token now."`
}

// tokenLine is a token as scripts read it. The secret is told when it is made, and kept
// nowhere.
type tokenLine struct {
	ID      int64              `json:"id"`
	Account string             `json:"account"`
	Name    string             `json:"name"`
	Scope   monitor.TokenScope `json:"scope"`
	Created string             `json:"created"`
	Expires string             `json:"expires"`
	Used    string             `json:"used,omitempty"`
	Revoked string             `json:"revoked,omitempty"`
	Holds   bool               `json:"holds"`
	Secret  string             `json:"secret,omitempty"`
}

func tokenLineOf(t monitor.Token) tokenLine {
	return tokenLine{ID: t.ID, Account: t.Account, Name: t.Name, Scope: t.Scope, Created: stamp(t.Created), Expires: stamp(t.Expires), Used: stamp(t.Used), Revoked: stamp(t.Revoked), Holds: t.Holds(time.Now())}
}

type tokenMake struct {
	Account string `arg:"" help:"The account that it acts for."`
	Name    string `help:"What it is for." placeholder:"TEXT" required:""`
	Scope   string `help:"What it may do of what the account may: read, or decide as well." enum:"read,decide" default:"read"`
	For     string `help:"How long it holds: 12h, 90d. At most 365d." default:"90d" placeholder:"DURATION"`
	Reason  string `help:"Why, for the record." placeholder:"TEXT"`
	JSON    bool   `help:"The token as one object."`
}

// Run makes a token. It alone goes to stdout, so that a script can keep it.
func (n *tokenMake) Run(ctx context.Context, c *common, term terminal) error {
	length, err := parseLength(n.For)
	if err != nil {
		return usageError{fmt.Errorf("--for: %w", err)}
	}
	return withHouse(ctx, c, term, func(h *house) error {
		secret, digest := access.NewToken()
		t, err := h.MakeToken(ctx, operator(n.Reason, false), monitor.Token{
			Account: n.Account, Name: n.Name, Scope: monitor.TokenScope(n.Scope), Digest: digest, Expires: time.Now().Add(length),
		})
		if err != nil {
			return refusedInput(err)
		}
		if n.JSON {
			line := tokenLineOf(t)
			line.Secret = secret
			return printJSON(term.out, line)
		}
		fmt.Fprintf(term.err, "token %d of %s, until %s; it is told this once\n", t.ID, t.Account, t.Expires.Local().Format("2006-01-02 15:04 MST"))
		fmt.Fprintln(term.out, secret)
		return nil
	})
}

type tokenList struct {
	Account string `arg:"" optional:"" help:"Those of this account."`
	JSON    bool   `help:"One object a line."`
}

// Run lists tokens, newest first.
func (l *tokenList) Run(ctx context.Context, c *common, term terminal) error {
	return withHouse(ctx, c, term, func(h *house) error {
		all, err := h.Store.Tokens(ctx, l.Account)
		if err != nil {
			return err
		}
		if l.JSON {
			for _, t := range all {
				if err := printJSON(term.out, tokenLineOf(t)); err != nil {
					return err
				}
			}
			return nil
		}
		w := tabwriter.NewWriter(term.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tACCOUNT\tSCOPE\tHOLDS\tEXPIRES\tUSED\tFOR")
		for _, t := range all {
			line := tokenLineOf(t)
			fmt.Fprintf(w, "%d\t%s\t%s\t%t\t%s\t%s\t%s\n", line.ID, line.Account, line.Scope, line.Holds, line.Expires, line.Used, plain(line.Name, 60))
		}
		return w.Flush()
	})
}

type tokenRevoke struct {
	ID     int64  `arg:"" help:"Number of the token."`
	Reason string `help:"Why, for the record." placeholder:"TEXT"`
	JSON   bool   `help:"The token as one object."`
}

// Run ends a token. A serve that runs refuses it from the next request on.
func (r *tokenRevoke) Run(ctx context.Context, c *common, term terminal) error {
	return withHouse(ctx, c, term, func(h *house) error {
		t, err := h.RevokeToken(ctx, operator(r.Reason, false), r.ID)
		if err != nil {
			return refusedInput(err)
		}
		if r.JSON {
			return printJSON(term.out, tokenLineOf(t))
		}
		fmt.Fprintf(term.out, "token %d of %s is revoked\n", t.ID, t.Account)
		return nil
	})
}
