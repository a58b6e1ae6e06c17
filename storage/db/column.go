package db

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// instant is a time as a column: nanoseconds since 1970 UTC, the zero time as
// 0. It is exact, sorts, and is the same on both databases; a timestamp column
// would round to microseconds on PostgreSQL and be a text on SQLite.
type instant time.Time

// Years outside of these do not fit into 64 bits of nanoseconds.
var (
	firstInstant = time.Unix(0, math.MinInt64)
	lastInstant  = time.Unix(0, math.MaxInt64)
)

// Value implements driver.Valuer.
func (i instant) Value() (driver.Value, error) {
	t := time.Time(i)
	switch {
	case t.IsZero():
		return int64(0), nil
	case t.Before(firstInstant) || t.After(lastInstant):
		return nil, fmt.Errorf("the time %s cannot be stored", t)
	}
	return t.UnixNano(), nil
}

// instantInto is the destination of Scan for an instant. Times come back in UTC.
type instantInto struct{ t *time.Time }

// Scan implements sql.Scanner.
func (i instantInto) Scan(value any) error {
	n, ok := value.(int64)
	if !ok {
		return fmt.Errorf("a time is stored as %T", value)
	}
	*i.t = time.Time{}
	if n != 0 {
		*i.t = time.Unix(0, n).UTC()
	}
	return nil
}

// asJSON is a value as a text column with JSON in it.
type asJSON struct{ v any }

// Value implements driver.Valuer.
func (a asJSON) Value() (driver.Value, error) {
	text, err := json.Marshal(a.v)
	if err != nil {
		return nil, fmt.Errorf("encoding %T: %w", a.v, err)
	}
	return string(text), nil
}

// jsonInto is the destination of Scan for asJSON.
type jsonInto struct{ v any }

// Scan implements sql.Scanner.
func (j jsonInto) Scan(value any) error {
	text, err := columnText(value)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(text), j.v); err != nil {
		return fmt.Errorf("decoding %T: %w", j.v, err)
	}
	return nil
}

// rawJSON is JSON that this package passes through byte by byte; the empty text is none.
type rawJSON json.RawMessage

// Value implements driver.Valuer.
func (r rawJSON) Value() (driver.Value, error) {
	if len(r) > 0 && !json.Valid(r) {
		return nil, fmt.Errorf("%.40q is no JSON", []byte(r))
	}
	return cleanText(string(r)), nil
}

// rawInto is the destination of Scan for rawJSON.
type rawInto struct{ v *json.RawMessage }

// Scan implements sql.Scanner.
func (r rawInto) Scan(value any) error {
	text, err := columnText(value)
	if err != nil {
		return err
	}
	*r.v = nil
	if text != "" {
		*r.v = json.RawMessage(text)
	}
	return nil
}

// columnText reads a text column, which drivers hand over in either form.
func columnText(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	}
	return "", fmt.Errorf("a text is stored as %T", value)
}

// optional is a value as a text column with JSON in it, and the empty text for nil.
func optional[T any](v *T) any {
	if v == nil {
		return ""
	}
	return asJSON{v}
}

// optionalInto is the destination of Scan for optional; v is a pointer to a pointer.
type optionalInto struct{ v any }

// Scan implements sql.Scanner.
func (o optionalInto) Scan(value any) error {
	text, err := columnText(value)
	if err != nil || text == "" {
		return err
	}
	return jsonInto(o).Scan(value)
}
