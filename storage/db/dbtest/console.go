package dbtest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pasban/monitor"
)

func accounts(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	_, err := store.Account(ctx, "x")
	missing(t, "Account", err)
	none, err := store.Accounts(ctx)
	noneOf(t, "Accounts", none, err)
	amina := monitor.Account{
		Name: "amina", FullName: "Amina", Role: monitor.Analyst, Language: "ur", Password: "$argon2id$", TOTP: "ABC",
		Created: at(1), Disabled: true, Epoch: 1 << 40,
	}
	bank := monitor.Account{Name: "bank", Role: monitor.InstitutionRole, Institution: "the-bank", Language: "en"}
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		return errors.Join(tx.PutAccount(ctx, bank), tx.PutAccount(ctx, amina))
	})
	all, err := store.Accounts(ctx)
	same(t, "Accounts", err, all, []monitor.Account{amina, bank})
	amina.Disabled, amina.Epoch, amina.Role = false, 7, monitor.Lead
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.PutAccount(ctx, amina) })
	have, err := store.Account(ctx, "amina")
	same(t, "a changed Account", err, have, amina)
	if err := tryUpdate(t, store, func(ctx context.Context, tx monitor.Tx) error {
		return tx.PutAccount(ctx, monitor.Account{})
	}); err == nil {
		t.Error("an account without a name was stored")
	}
}

func sessions(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	one := monitor.Session{Token: "t1", Data: []byte{0, 255, 7}, Expires: at(10)}
	two := monitor.Session{Token: "t2", Data: []byte("x"), Expires: at(20)}
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		return errors.Join(tx.PutSession(ctx, one), tx.PutSession(ctx, two))
	})
	have, err := store.Session(ctx, "t1", at(9))
	same(t, "Session", err, have, one)
	_, err = store.Session(ctx, "t1", at(10))
	missing(t, "a Session that has expired", err)
	one.Data, one.Expires = []byte{}, at(30)
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.PutSession(ctx, one) })
	have, err = store.Session(ctx, "t1", at(29))
	same(t, "a changed Session", err, have, one)
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.RemoveSessions(ctx, at(20)) })
	_, err = store.Session(ctx, "t2", at(0))
	missing(t, "a removed Session", err)
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.RemoveSession(ctx, "t1") })
	_, err = store.Session(ctx, "t1", at(0))
	missing(t, "an ended Session", err)
}

func tokens(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	_, err := store.Token(ctx, 1)
	missing(t, "Token", err)
	_, err = store.TokenByDigest(ctx, "d1")
	missing(t, "TokenByDigest", err)
	none, err := store.Tokens(ctx, "")
	noneOf(t, "Tokens", none, err)
	one := monitor.Token{Account: "amina", Name: "siem", Scope: monitor.TokenReads, Digest: "d1", Created: at(1), Expires: at(90)}
	two := monitor.Token{Account: "bilal", Name: "soar", Scope: monitor.TokenDecides, Digest: "d2", Created: at(2), Expires: at(9), Used: at(3), Revoked: at(4), RevokedBy: "user:root"}
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		var err, err2 error
		one.ID, err = tx.AddToken(ctx, one)
		two.ID, err2 = tx.AddToken(ctx, two)
		return errors.Join(err, err2)
	})
	all, err := store.Tokens(ctx, "")
	same(t, "Tokens", err, all, []monitor.Token{two, one})
	some, err := store.Tokens(ctx, "amina")
	same(t, "Tokens of one account", err, some, []monitor.Token{one})
	have, err := store.TokenByDigest(ctx, "d2")
	same(t, "TokenByDigest", err, have, two)
	used := one
	used.Used, used.Revoked, used.RevokedBy = at(7), at(8), "user:amina"
	changed := used
	changed.Account, changed.Scope, changed.Digest, changed.Expires = "root", monitor.TokenDecides, "d3", at(999)
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.PutToken(ctx, changed) })
	have, err = store.Token(ctx, one.ID)
	same(t, "a token of which more was to be changed than may be", err, have, used)
	missing(t, "PutToken of nothing", tryUpdate(t, store, func(ctx context.Context, tx monitor.Tx) error {
		return tx.PutToken(ctx, monitor.Token{ID: 99})
	}))
	if err := tryUpdate(t, store, func(ctx context.Context, tx monitor.Tx) error { _, err := tx.AddToken(ctx, two); return err }); !errors.Is(err, monitor.ErrExists) {
		t.Errorf("the same token twice: %v", err)
	}
	if err := tryUpdate(t, store, func(ctx context.Context, tx monitor.Tx) error {
		_, err := tx.AddToken(ctx, monitor.Token{Account: "amina"})
		return err
	}); err == nil {
		t.Error("a token without a digest was stored")
	}
}

func snoozes(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	none, err := store.Snoozes(ctx, at(0))
	noneOf(t, "Snoozes", none, err)
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		return errors.Join(tx.PutSnooze(ctx, monitor.Snooze{Object: "question:2", Until: at(5)}),
			tx.PutSnooze(ctx, monitor.Snooze{Object: "incident:1", Until: at(9)}),
			tx.PutSnooze(ctx, monitor.Snooze{Object: "question:2", Until: at(7)}))
	})
	all, err := store.Snoozes(ctx, at(6))
	same(t, "Snoozes", err, all, []monitor.Snooze{{Object: "incident:1", Until: at(9)}, {Object: "question:2", Until: at(7)}})
	some, err := store.Snoozes(ctx, at(7))
	same(t, "Snoozes later", err, some, []monitor.Snooze{{Object: "incident:1", Until: at(9)}})
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.RemoveSnoozes(ctx, at(7)) })
	left, err := store.Snoozes(ctx, at(0))
	same(t, "Snoozes that are left", err, left, []monitor.Snooze{{Object: "incident:1", Until: at(9)}})
}

// A question can be answered by itself, and asked again.
func answers(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	_, err := store.Question(ctx, 1)
	missing(t, "Question", err)
	q := monitor.Question{Site: "s", Target: "t", Capture: "c", Opened: at(1)}
	update(t, store, func(ctx context.Context, tx monitor.Tx) (err error) {
		q.ID, err = tx.AddQuestion(ctx, q)
		return err
	})
	for _, answered := range []time.Time{at(2), {}} {
		q.Answered = answered
		update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.PutQuestion(ctx, q) })
		have, err := store.Question(ctx, q.ID)
		same(t, "Question", err, have, q)
		open, err := store.Questions(ctx)
		if err != nil || (len(open) == 1) != answered.IsZero() {
			t.Errorf("answered at %v: %d questions are open, %v", answered, len(open), err)
		}
	}
	missing(t, "PutQuestion of nothing", tryUpdate(t, store, func(ctx context.Context, tx monitor.Tx) error {
		return tx.PutQuestion(ctx, monitor.Question{ID: 99})
	}))
}

func findIncidents(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	none, err := store.FindIncidents(ctx, monitor.IncidentQuery{})
	noneOf(t, "FindIncidents", none, err)
	institutions, err := store.Institutions(ctx)
	noneOf(t, "Institutions", institutions, err)
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		for i := range 3 {
			owner := monitor.Institution{ID: fmt.Sprintf("i%d", i)}
			if err := errors.Join(tx.PutInstitution(ctx, owner), tx.PutSite(ctx, monitor.Site{ID: fmt.Sprintf("s%d", i), Institution: owner.ID})); err != nil {
				return err
			}
		}
		for i := range 6 {
			incident := monitor.Incident{Site: fmt.Sprintf("s%d", i%3), Kind: "leak", Severity: "high", State: monitor.Resolved, Opened: at(i), Updated: at(i)}
			if i >= 4 {
				incident.State, incident.Kind = monitor.Open, "injection"
			}
			if _, err := tx.AddIncident(ctx, incident); err != nil {
				return err
			}
		}
		_, err := tx.AddIncident(ctx, monitor.Incident{Site: monitor.CanarySite, State: monitor.Open, Opened: at(9)})
		return err
	})
	for name, test := range map[string]struct {
		query monitor.IncidentQuery
		want  []int64
	}{
		"all":            {monitor.IncidentQuery{}, []int64{6, 5, 4, 3, 2, 1}},
		"a page":         {monitor.IncidentQuery{Before: 5, Limit: 2}, []int64{4, 3}},
		"open ones":      {monitor.IncidentQuery{OpenOnly: true}, []int64{6, 5}},
		"of a kind":      {monitor.IncidentQuery{Kind: "leak", State: monitor.Resolved, Severity: "high"}, []int64{4, 3, 2, 1}},
		"of a site":      {monitor.IncidentQuery{Site: "s0"}, []int64{4, 1}},
		"of its owner":   {monitor.IncidentQuery{Institution: "i2", Limit: 9}, []int64{6, 3}},
		"since a moment": {monitor.IncidentQuery{Since: at(4), Kind: "injection"}, []int64{6, 5}},
		"of none":        {monitor.IncidentQuery{Campaign: "C-1"}, nil},
	} {
		all, err := store.FindIncidents(ctx, test.query)
		var ids []int64
		for _, i := range all {
			ids = append(ids, i.ID)
		}
		same(t, "incidents, "+name, err, ids, test.want)
	}
	seen := []monitor.IncidentFinding{{Capture: "c", Seen: 1}}
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		for i := range 2 {
			in := monitor.Incident{Site: fmt.Sprintf("t%d", i), Kind: "availability", State: monitor.Open, Opened: at(20), Updated: at(20), Findings: seen}
			if i == 1 {
				in.Kind = "leak"
			}
			if _, err := tx.AddIncident(ctx, in); err != nil {
				return err
			}
		}
		return nil
	})
	found, err := store.FindIncidents(ctx, monitor.IncidentQuery{Since: at(20), Sight: true})
	if err != nil || len(found) != 2 || len(found[0].Findings) != 0 || len(found[1].Findings) != 1 {
		t.Errorf("incidents with what tells whether they were seen: %+v, %v", found, err)
	}
	institutions, err = store.Institutions(ctx)
	if err != nil || len(institutions) != 3 || institutions[2].ID != "i2" {
		t.Errorf("Institutions = %v, %v", institutions, err)
	}
}

// How incidents went: the last look before, the first alert that arrived and the first
// answer of a person, each of the incident's own.
func courses(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	none, err := store.Courses(ctx, monitor.CourseQuery{Until: at(99), Limit: 9})
	noneOf(t, "Courses", none, err)
	var ids [3]int64
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		for i := range ids {
			site := fmt.Sprintf("s%d", i)
			in := monitor.Incident{Site: site, Target: site, Kind: "leak", State: monitor.Open, Opened: at(10 * (i + 1)), Updated: at(99)}
			id, err := tx.AddIncident(ctx, in)
			ids[i] = id
			if err := errors.Join(err, tx.PutSite(ctx, monitor.Site{ID: site, Institution: "i" + site})); err != nil {
				return err
			}
		}
		look := func(n int, outcome string, as monitor.Visitor) monitor.Capture {
			return monitor.Capture{ID: fmt.Sprintf("%03d%s", n, as), Target: "s0", Site: "s0", At: at(n), Outcome: outcome, Visitor: as}
		}
		alert := func(n int, incident int64, sink string, state monitor.DeliveryState) error {
			_, err := tx.AddDelivery(ctx, monitor.Delivery{Alert: fmt.Sprint("a", n), Incident: incident, Sink: sink, Recipient: "x", State: state, Created: at(n), Updated: at(n)})
			return err
		}
		decision := func(n int, incident int64, actor, action string) error {
			_, err := tx.AddDecision(ctx, monitor.Decision{At: at(n), Actor: actor, Action: action, Object: fmt.Sprintf("incident:%d", incident)})
			return err
		}
		return errors.Join(
			tx.AddCapture(ctx, look(3, "ok", "")), tx.AddCapture(ctx, look(5, "ok", "")), tx.AddCapture(ctx, look(6, "unreachable", "")),
			tx.AddCapture(ctx, look(7, "ok", monitor.Phone)), tx.AddCapture(ctx, look(10, "ok", "")),
			alert(11, ids[0], monitor.CanarySink, monitor.Sent), alert(12, ids[0], "smtp", monitor.Pending), alert(13, ids[0], "smtp", monitor.Sent), alert(14, ids[0], "smtp", monitor.Sent),
			decision(15, ids[0], "user:a", "incident.note"), decision(16, ids[0], "policy:seen-again", "incident.resolved"),
			decision(17, ids[0], "user:a", "incident.contained"), decision(18, ids[0], "user:b", "incident.resolved"), decision(11, ids[1], "user:a", "incident.acknowledged"),
		)
	})
	all, err := store.Courses(ctx, monitor.CourseQuery{From: at(10), Until: at(30), Limit: 9})
	if err != nil || len(all) != 2 || all[0].ID != ids[1] || all[1].ID != ids[0] {
		t.Fatalf("Courses = %+v, %v", all, err)
	}
	same(t, "the look before", nil, all[1].Seen, at(5))
	same(t, "the first alert", nil, all[1].Told, at(13))
	same(t, "the first answer", nil, all[1].Answered, at(17))
	if !all[0].Seen.IsZero() || !all[0].Told.IsZero() {
		t.Errorf("moments of another incident: %+v", all[0])
	}
	one, err := store.Courses(ctx, monitor.CourseQuery{Until: at(99), Institution: "is2", Limit: 9})
	if err != nil || len(one) != 1 || one[0].ID != ids[2] {
		t.Errorf("Courses of an institution = %+v, %v", one, err)
	}
	one, err = store.Courses(ctx, monitor.CourseQuery{Until: at(99), Limit: 1})
	if err != nil || len(one) != 1 || one[0].ID != ids[2] {
		t.Errorf("the newest of Courses = %+v, %v", one, err)
	}
}

// Every decision has its place in the chain, and nobody moves it.
func chain(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	none, err := store.Chain(ctx, 0, 10)
	noneOf(t, "Chain", none, err)
	// One that an older version recorded, before there was a chain.
	if err := forge(t, store, "INSERT INTO decisions (at, actor, action, object, reason, detail) VALUES (1, 'operator:old', 'a', 'x', '', '')"); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		d := monitor.Decision{At: at(i), Actor: fmt.Sprintf("user:%d", i%2), Action: "x", Object: "y", Reason: "\xff\x00", Detail: []byte(`{"a":  1}`)}
		update(t, store, func(ctx context.Context, tx monitor.Tx) error { _, err := tx.AddDecision(ctx, d); return err })
	}
	links, err := store.Chain(ctx, 0, 10)
	if err != nil || len(links) != 4 {
		t.Fatalf("Chain = %d links, %v", len(links), err)
	}
	hash := ""
	for _, l := range links {
		if hash = l.HashAfter(hash); l.Hash != hash {
			t.Errorf("decision %d has the hash %q, want %q", l.ID, l.Hash, hash)
		}
	}
	some, err := store.Chain(ctx, links[1].ID, 1)
	same(t, "a part of the Chain", err, some, links[2:3])
	one, err := store.Decision(ctx, links[3].ID)
	same(t, "Decision", err, one, links[3].Decision)
	_, err = store.Decision(ctx, 99)
	missing(t, "Decision", err)
	recent, err := store.RecentDecisions(ctx, "", 0, 2)
	same(t, "RecentDecisions", err, recent, []monitor.Decision{links[3].Decision, links[2].Decision})
	recent, err = store.RecentDecisions(ctx, "user:0", 0, 9)
	same(t, "RecentDecisions of one", err, recent, []monitor.Decision{links[3].Decision, links[1].Decision})
	recent, err = store.RecentDecisions(ctx, "", links[2].ID, 1)
	same(t, "RecentDecisions before one", err, recent, []monitor.Decision{links[1].Decision})
	recent, err = store.RecentDecisions(ctx, "user:0", links[3].ID, 9)
	same(t, "RecentDecisions of one before one", err, recent, []monitor.Decision{links[1].Decision})
	for _, statement := range []string{"UPDATE decision_chain SET hash = 'x'", "DELETE FROM decision_chain"} {
		if err := forge(t, store, statement); err == nil {
			t.Errorf("%q was obeyed", statement)
		}
	}
}
