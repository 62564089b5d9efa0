package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// table is a table as the database describes it.
type table struct {
	name    string
	columns []column
	key     []string // the primary key
	parents []string // tables that its rows refer to, without itself
}

type column struct {
	name string
	kind kind
}

// kind is what a column holds, whichever engine keeps it.
type kind int

const (
	kindText kind = iota // on SQLite JSON too
	kindJSON
	kindInt
	kindFloat
	kindBool
	kindBytes
	kindOther // only one of the engines has it
)

func kindOf(typ string) kind {
	switch strings.ToLower(typ) {
	case "text", "varchar":
		return kindText
	case "json", "jsonb":
		return kindJSON
	case "integer", "int2", "int4", "int8":
		return kindInt
	case "real", "float4", "float8":
		return kindFloat
	case "bool":
		return kindBool
	case "blob", "bytea":
		return kindBytes
	}
	return kindOther
}

func (t table) names() []string {
	out := make([]string, len(t.columns))
	for i, c := range t.columns {
		out[i] = c.name
	}
	return out
}

// portable reports whether both engines can hold the table. What is not
// portable is derived from what is, and made again.
func (t table) portable() bool {
	return !slices.ContainsFunc(t.columns, func(c column) bool { return c.kind == kindOther })
}

// schema describes every table, those that others refer to first.
func (d Dialect) schema(ctx context.Context, q Q) ([]table, error) {
	names, columns, keys, parents := sqliteNames, sqliteColumns, sqliteKeys, sqliteParents
	if d.Postgres() {
		names, columns, keys, parents = postgresNames, postgresColumns, postgresKeys, postgresParents
	}
	all, err := All(ctx, q, Value[string], names)
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	scan := func(row Scanner) (column, error) {
		var c column
		var typ string
		err := row.Scan(&c.name, &typ)
		c.kind = kindOf(typ)
		return c, err
	}
	var out []table
	for _, name := range all {
		t := table{name: name}
		if t.columns, err = All(ctx, q, scan, columns, name); err != nil {
			return nil, fmt.Errorf("describe table %s: %w", name, err)
		}
		if t.key, err = All(ctx, q, Value[string], keys, name); err != nil {
			return nil, fmt.Errorf("describe table %s: %w", name, err)
		}
		if t.parents, err = All(ctx, q, Value[string], parents, name); err != nil {
			return nil, fmt.Errorf("describe table %s: %w", name, err)
		}
		out = append(out, t)
	}
	return parentsFirst(out)
}

func parentsFirst(tables []table) ([]table, error) {
	var out []table
	placed := map[string]bool{}
	for len(out) < len(tables) {
		before := len(out)
		for _, t := range tables {
			waits := slices.ContainsFunc(t.parents, func(p string) bool { return p != t.name && !placed[p] })
			if !placed[t.name] && !waits {
				placed[t.name] = true
				out = append(out, t)
			}
		}
		if len(out) == before {
			return nil, desk.Errorf(desk.Internal, "table_cycle", "tables refer to each other in a circle")
		}
	}
	return out, nil
}

// The order of names makes archives of one database alike.
const (
	sqliteNames   = `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name`
	sqliteColumns = `SELECT name, type FROM pragma_table_xinfo($1) WHERE hidden = 0 ORDER BY cid`
	sqliteKeys    = `SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk`
	sqliteParents = `SELECT DISTINCT "table" FROM pragma_foreign_key_list($1) ORDER BY 1`

	postgresNames   = `SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename COLLATE "C"`
	postgresColumns = `SELECT CAST(column_name AS TEXT), CAST(udt_name AS TEXT) FROM information_schema.columns
		WHERE table_schema = current_schema() AND table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position`
	postgresKeys = `SELECT CAST(a.attname AS TEXT) FROM pg_index i
		JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (attnum, ord) ON true
		JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
		WHERE i.indisprimary AND i.indrelid = to_regclass(quote_ident($1)) ORDER BY k.ord`
	postgresParents = `SELECT DISTINCT CAST(p.relname AS TEXT) FROM pg_constraint c JOIN pg_class p ON p.oid = c.confrelid
		WHERE c.contype = 'f' AND c.conrelid = to_regclass(quote_ident($1)) ORDER BY 1`
)

// quoted makes identifiers of names, joined by commas.
func quoted(names ...string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = `"` + strings.ReplaceAll(n, `"`, `""`) + `"`
	}
	return strings.Join(out, ", ")
}
