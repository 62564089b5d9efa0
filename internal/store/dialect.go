package store

import (
	"errors"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

type engine string

const (
	sqliteEngine   engine = "sqlite"
	postgresEngine engine = "postgres"
)

// A limit is written 0+$n: SQLite prepares a statement anew at each run when
// the bound limit is all there is to it, which costs more than the query.

// Dialect is everything that differs between the engines.
type Dialect struct{ engine engine }

// Name is "sqlite" or "postgres".
func (d Dialect) Name() string { return string(d.engine) }

// Postgres reports whether the engine is PostgreSQL.
func (d Dialect) Postgres() bool { return d.engine == postgresEngine }

// ForUpdate ends a SELECT whose rows this transaction is going to change, so
// that nobody changes them meanwhile. SQLite has one writer and needs nothing.
func (d Dialect) ForUpdate() string {
	if d.Postgres() {
		return " FOR UPDATE"
	}
	return ""
}

// SkipLocked is ForUpdate, but passes over rows that others hold.
func (d Dialect) SkipLocked() string {
	if d.Postgres() {
		return " FOR UPDATE SKIP LOCKED"
	}
	return ""
}

// InList is the right side of IN for a list that list() made into parameter
// p: `id IN ` + D.InList("$1"). An empty list matches nothing.
func (d Dialect) InList(p string) string {
	if d.Postgres() {
		return "(SELECT jsonb_array_elements_text(CAST(" + p + " AS JSONB)))"
	}
	return "(SELECT value FROM json_each(" + p + "))"
}

// Class sorts the errors of both engines by what to do about them.
type Class int

// The classes of error.
const (
	ClassOther        Class = iota
	ClassConflict           // a unique key exists already
	ClassBadReference       // a foreign key points nowhere, or is still pointed at
	ClassInvalid            // the database refuses the value
	ClassRetry              // nothing is wrong; the transaction must run again
)

// Classify says what to do about an error of a statement.
func (d Dialect) Classify(err error) Class {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return classifyPostgres(pg)
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return classifySQLite(lite.Code())
	}
	return ClassOther
}

func classifyPostgres(err *pgconn.PgError) Class {
	switch err.Code {
	case "23505":
		return ClassConflict
	case "23503":
		return ClassBadReference
	case "23514", "23502", "22P02", "22003", "22021", "22P05", "22001":
		return ClassInvalid
	case "40001", "40P01", "55P03":
		return ClassRetry
	case "0A000": // another node migrated; the next try plans anew
		if strings.Contains(err.Message, "cached plan") {
			return ClassRetry
		}
	}
	return ClassOther
}

func classifySQLite(code int) Class {
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return ClassConflict
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY, sqlite3.SQLITE_CONSTRAINT_TRIGGER:
		return ClassBadReference
	case sqlite3.SQLITE_CONSTRAINT_CHECK, sqlite3.SQLITE_CONSTRAINT_NOTNULL, sqlite3.SQLITE_CONSTRAINT_DATATYPE:
		return ClassInvalid
	}
	switch code & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return ClassRetry
	}
	return ClassOther
}

var (
	only  = regexp.MustCompile(`(?s)\{if (sqlite|postgres)\}(.*?)\{end\}`)
	types = regexp.MustCompile(`\b(BIGINT|BOOLEAN|DOUBLE PRECISION)\b`)
)

// ddl puts the engine's own words into a migration: {json} {bytes} {strict},
// the column types, and the parts within {if sqlite}…{end} or
// {if postgres}…{end}.
func (d Dialect) ddl(script string) string {
	script = only.ReplaceAllStringFunc(script, func(s string) string {
		if m := only.FindStringSubmatch(s); m[1] == d.Name() {
			return m[2]
		}
		return ""
	})
	if d.Postgres() {
		return strings.NewReplacer("{json}", "JSONB", "{bytes}", "BYTEA", "{strict}", "").Replace(script)
	}
	script = types.ReplaceAllStringFunc(script, func(s string) string {
		if s == "DOUBLE PRECISION" {
			return "REAL"
		}
		return "INTEGER"
	})
	return strings.NewReplacer("{json}", "TEXT", "{bytes}", "BLOB", "{strict}", "STRICT").Replace(script)
}
