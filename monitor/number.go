package monitor

import (
	"context"
	"encoding/json"
	"fmt"

	"pasban/alerting"
)

// Every incident is reported to the CERT under a number that it keeps: the first that
// is told of it takes the next one of the year, in the same transaction. What the CERT
// gets by mail has the report attached for machines. A mailbox of ReportTo, such as the
// intake of a system for tickets, gets all of it one by one; a person's mailbox, which CERT
// is for, gets lists when there is too much to read.

// reportLogs is how many findings of access logs a report has.
const reportLogs = 20

// asReport is an alert as it goes to the CERT, ready for the outbox, with what access logs
// tell of the time of the incident. Only there a link
// into the console is of use: most owners have no account, and a mail that leads to a
// login is what they should distrust.
func (m *Monitor) asReport(ctx context.Context, tx Tx, a alerting.Alert, owner Institution, i *Incident) ([]byte, error) {
	logs, err := m.IncidentLogs(ctx, tx, *i)
	if err != nil {
		return nil, err
	}
	told := logs.Gravest(reportLogs)
	a.MoreLogs = logs.LeftOut + len(logs.Findings) - len(told)
	for _, f := range told {
		a.Logs = append(a.Logs, alerting.LogLine{Rule: f.Rule, Severity: string(f.Severity), Why: f.Why, Request: f.Request(), Agent: f.Agent, First: f.First, Last: f.Last, Count: f.Count})
	}
	a.ForCERT, a.Tier, a.Region, a.Revision, a.State = true, string(owner.Tier), owner.Region, i.Notices, string(i.State)
	if m.ConsoleURL != "" {
		a.ConsoleURL = fmt.Sprintf("%s/incidents/%d", m.ConsoleURL, i.ID)
	}
	payload, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("writing the report of incident %d: %w", i.ID, err)
	}
	return payload, nil
}

// report puts a report into the outbox for each mailbox that gets all of them, and
// returns those.
func (m *Monitor) report(ctx context.Context, tx Tx, a alerting.Alert, payload []byte) ([]alerting.Address, error) {
	to := alerting.Route(nil, alerting.English, m.ReportTo, nil)
	for _, address := range to {
		if err := m.send(ctx, tx, m.delivery(a, address, payload)); err != nil {
			return nil, err
		}
	}
	return to, nil
}

// reportState tells the mailboxes that get all reports, and nobody else, that people have
// moved an incident on.
func (m *Monitor) reportState(ctx context.Context, tx Tx, i *Incident, event alerting.Event) error {
	seen, err := m.lastSeen(ctx, tx, *i)
	if err != nil {
		return err
	}
	alert, owner, err := m.notice(ctx, tx, i, event, seen)
	if err != nil || i.Site == CanarySite {
		return err
	}
	payload, err := m.asReport(ctx, tx, alert, owner, i)
	if err != nil {
		return err
	}
	_, err = m.report(ctx, tx, alert, payload)
	return err
}
