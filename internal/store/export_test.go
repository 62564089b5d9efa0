package store

import (
	"context"
	"database/sql/driver"
	"io/fs"
)

// KeptStatements is how many statements a connection keeps.
const KeptStatements = keptStatements

// What a connection and a statement of SQLite can do.
type (
	SQLiteConn = sqliteConn
	SQLiteStmt = sqliteStmt
)

// Preparing makes the connections of c keep their statements.
func Preparing(c driver.Connector) driver.Connector { return preparing{c} }

// What tests of the package need of its inside.
var (
	Micros     = micros
	FromMicros = fromMicros
	TimeInto   = timeInto
	JSONOf     = jsonOf
	JSONInto   = jsonInto
	List       = list[string]
	ReadSteps  = readSteps
)

func (d Dialect) DDL(script string) string { return d.ddl(script) }

func (db *DB) MigrateFrom(ctx context.Context, files fs.FS) error {
	steps, err := readSteps(files)
	if err != nil {
		return err
	}
	return db.migrate(ctx, steps)
}

func (db *DB) RestoreFrom(ctx context.Context, files fs.FS, path string) error {
	steps, err := readSteps(files)
	if err != nil {
		return err
	}
	return db.restore(ctx, path, "", false, steps)
}
