package store

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
)

// Q runs statements: a *Tx, or what Read and ReadTx give. Prefer All, One and
// Exec to its methods; they leave no rows open.
type Q interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Scanner is one row, as *sql.Rows and *sql.Row are.
type Scanner interface{ Scan(dest ...any) error }

// All returns every row of the query, scanned. The query must have a LIMIT
// unless its rows are few by nature. No rows give an empty slice.
func All[T any](ctx context.Context, q Q, scan func(Scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, outage(err)
	}
	defer rows.Close()
	out := []T{}
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, outage(rows.Err())
}

// One returns the first row of the query, scanned. No row is an error of Kind
// NotFound that also is sql.ErrNoRows.
func One[T any](ctx context.Context, q Q, scan func(Scanner) (T, error), query string, args ...any) (T, error) {
	v, err := scan(q.QueryRowContext(ctx, query, args...))
	if errors.Is(err, sql.ErrNoRows) {
		err = &desk.Error{Kind: desk.NotFound, Code: "not_found", Message: "not found", Err: sql.ErrNoRows}
	}
	return v, outage(err)
}

// Value scans rows of a single column, for All and One.
func Value[T any](row Scanner) (T, error) {
	var v T
	err := row.Scan(&v)
	return v, err
}

// Exec runs a statement and returns how many rows it touched.
func Exec(ctx context.Context, q Q, query string, args ...any) (int64, error) {
	res, err := q.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, outage(err)
	}
	return res.RowsAffected()
}

// Exec1 runs a statement that must touch exactly one row; touching none is an
// error of Kind NotFound.
func Exec1(ctx context.Context, q Q, query string, args ...any) error {
	n, err := Exec(ctx, q, query, args...)
	switch {
	case err != nil:
		return err
	case n == 0:
		return desk.Errorf(desk.NotFound, "not_found", "not found")
	case n > 1:
		return desk.Errorf(desk.Internal, "too_many_rows", "a statement for one row touched %d", n)
	}
	return nil
}

// micros is how a time is stored; the zero time is 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// fromMicros is the inverse of micros, in UTC.
func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// timeInto scans a stored time into t; 0 and NULL are the zero time.
func timeInto(t *time.Time) sql.Scanner { return timeScanner{t} }

type timeScanner struct{ t *time.Time }

func (s timeScanner) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*s.t = time.Time{}
	case int64:
		*s.t = fromMicros(v)
	default:
		return fmt.Errorf("a time is stored as microseconds, not as %T", src)
	}
	return nil
}

// jsonOf stores v as JSON.
func jsonOf(v any) driver.Valuer { return jsonValuer{v} }

type jsonValuer struct{ v any }

func (j jsonValuer) Value() (driver.Value, error) {
	b, err := json.Marshal(j.v)
	if err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	return string(dropNUL(b)), nil
}

// dropNUL removes escaped NUL characters, which PostgreSQL refuses in JSON.
func dropNUL(b []byte) []byte {
	if !bytes.Contains(b, []byte(`\u0000`)) {
		return b
	}
	out := b[:0]
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			out = append(out, b[i])
			continue
		}
		if bytes.HasPrefix(b[i:], []byte(`\u0000`)) {
			i += 5
			continue
		}
		out = append(out, b[i], b[i+1]) // an escape is never the last byte
		i++
	}
	return out
}

// jsonInto scans stored JSON into v, a pointer. NULL leaves it as it is.
func jsonInto(v any) sql.Scanner { return jsonScanner{v} }

type jsonScanner struct{ v any }

func (j jsonScanner) Scan(src any) error {
	switch b := src.(type) {
	case nil:
		return nil
	case string:
		return json.Unmarshal([]byte(b), j.v)
	case []byte:
		return json.Unmarshal(bytes.Clone(b), j.v) // a driver may reuse b
	}
	return fmt.Errorf("JSON is stored as text, not as %T", src)
}

// list is the argument that D.InList reads.
func list[T ~string](vs []T) driver.Valuer {
	if vs == nil {
		vs = []T{}
	}
	return jsonValuer{vs}
}

// nullable stores "" as NULL.
func nullable[T ~string](s T) any {
	if s == "" {
		return nil
	}
	return string(s)
}

// like makes a pattern for LIKE … ESCAPE '\' that finds s anywhere.
func like(s string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s) + "%"
}

// bindable checks and cleans arguments: text loses what PostgreSQL refuses,
// and values that the engines store differently are refused.
func bindable(args []any) ([]any, error) {
	for i, a := range args {
		switch v := a.(type) {
		case string:
			if s := cleanText(v); s != v {
				args = replaced(args, i, s)
			}
		case time.Time:
			return nil, fmt.Errorf("argument %d is a time: store micros(t)", i+1)
		case json.RawMessage:
			return nil, fmt.Errorf("argument %d is raw JSON: store jsonOf(v)", i+1)
		case nil, driver.Valuer, int, int64, bool, float64, []byte:
		default:
			if r := reflect.ValueOf(a); r.Kind() == reflect.String {
				args = replaced(args, i, cleanText(r.String()))
			}
		}
	}
	return args, nil
}

func replaced(args []any, i int, v any) []any {
	out := append([]any(nil), args...)
	out[i] = v
	return out
}

// cleanText drops NUL characters and bytes that are not UTF-8.
func cleanText(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
}
