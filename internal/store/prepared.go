package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"

	"modernc.org/sqlite"
)

// keptStatements is how many prepared statements a connection to SQLite keeps.
// The product has fewer than this in use at any time; what searches put
// together comes and goes.
const keptStatements = 128

// openPrepared opens SQLite with connections that keep the statements they
// have prepared: parsing and planning one takes longer than running it. (pgx
// does the same for PostgreSQL by itself.)
func openPrepared(dsn string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(preparing{c}), nil
}

// preparing makes connections that keep their statements.
type preparing struct{ driver.Connector }

func (p preparing) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	lite, ok := c.(sqliteConn)
	if !ok {
		_ = c.Close()
		return nil, fmt.Errorf("a connection to SQLite cannot do what it should: %T", c)
	}
	return &preparedConn{sqliteConn: lite, idle: map[string]*preparedStmt{}}, nil
}

// sqliteConn is what database/sql uses of a connection.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// sqliteStmt is what we use of a prepared statement.
type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// preparedConn is a connection that keeps its statements. Like every driver's
// connection it is used by one goroutine at a time. A statement that runs is
// not among the idle ones, so the same text may run twice at once. SQLite
// itself prepares a kept statement again when the schema has changed.
type preparedConn struct {
	sqliteConn
	idle   map[string]*preparedStmt // by text
	clock  int64                    // counts uses
	closed bool
}

type preparedStmt struct {
	sqliteStmt
	text string
	used int64 // when it was last used, by the connection's clock
}

// take gives a statement that no other run uses. Give it back with keep, or
// close it.
func (c *preparedConn) take(ctx context.Context, text string) (*preparedStmt, error) {
	if s := c.idle[text]; s != nil {
		delete(c.idle, text)
		return s, nil
	}
	s, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	lite, ok := s.(sqliteStmt)
	if !ok {
		_ = s.Close()
		return nil, fmt.Errorf("a statement of SQLite cannot do what it should: %T", s)
	}
	return &preparedStmt{sqliteStmt: lite, text: text}, nil
}

// keep takes a statement back. The one that was not used for the longest time
// makes room.
func (c *preparedConn) keep(s *preparedStmt) error {
	if c.closed || c.idle[s.text] != nil {
		return s.Close()
	}
	c.clock++
	s.used = c.clock
	c.idle[s.text] = s
	if len(c.idle) <= keptStatements {
		return nil
	}
	oldest := s
	for _, o := range c.idle {
		if o.used < oldest.used {
			oldest = o
		}
	}
	delete(c.idle, oldest.text)
	return oldest.Close()
}

// ExecContext runs a statement, or a script of several.
func (c *preparedConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	res, err := s.ExecContext(ctx, args)
	if err != nil {
		_ = s.Close() // its error is the one we have
		return nil, err
	}
	return res, c.keep(s)
}

// QueryContext runs a query.
func (c *preparedConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	return &preparedRows{Rows: rows, c: c, s: s}, nil
}

// Close closes the connection and the statements it keeps.
func (c *preparedConn) Close() error {
	c.closed = true
	for _, s := range c.idle {
		_ = s.Close() // the connection goes anyway
	}
	clear(c.idle)
	return c.sqliteConn.Close()
}

// preparedRows gives its statement back when it is closed.
type preparedRows struct {
	driver.Rows
	c *preparedConn
	s *preparedStmt // nil once closed
}

func (r *preparedRows) Close() error {
	if r.s == nil {
		return nil
	}
	s := r.s
	r.s = nil
	if err := r.Rows.Close(); err != nil {
		_ = s.Close()
		return err
	}
	return r.c.keep(s)
}
