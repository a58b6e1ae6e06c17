package db

import (
	"context"

	"pasban/monitor"
)

// How we are ourselves: one row for each thing that is measured.

func (q queries) Conditions(ctx context.Context) ([]monitor.Condition, error) {
	all, err := list(ctx, q, scanCondition, `
		SELECT name, ill, since, told, episode, text, value, measured FROM conditions ORDER BY name`)
	return all, wrap(err, "listing conditions")
}

func scanCondition(r row) (c monitor.Condition, err error) {
	err = r.Scan(&c.Name, &c.Ill, instantInto{&c.Since}, &c.Told, &c.Episode, &c.Text, &c.Value, instantInto{&c.Measured})
	return c, err
}

func (t *tx) PutCondition(ctx context.Context, c monitor.Condition) error {
	err := checkKeys(c.Name)
	if err == nil {
		_, err = t.exec(ctx, `
			INSERT INTO conditions (name, ill, since, told, episode, text, value, measured)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (name) DO UPDATE SET ill = excluded.ill, since = excluded.since, told = excluded.told,
				episode = excluded.episode, text = excluded.text, value = excluded.value, measured = excluded.measured`,
			c.Name, c.Ill, instant(c.Since), c.Told, c.Episode, c.Text, c.Value, instant(c.Measured))
	}
	return wrap(err, "storing the condition of %q", c.Name)
}
