package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/parleyhq/parley/desk"
)

// outage makes an error of Kind Unavailable of one that says that the database
// cannot be reached or cannot work: it is stopped, starting, full. What a
// statement itself did wrong stays as it is. Only the log gets the details;
// they hold addresses.
func outage(err error) error {
	var known *desk.Error
	if err == nil || errors.As(err, &known) || !isOutage(err) {
		return err
	}
	return &desk.Error{Kind: desk.Unavailable, Code: "database_unavailable", Message: "the database does not answer; try again in a moment", Err: err}
}

func isOutage(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false // the caller's own limit
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) { // it stops, starts, is full, or has lost a connection
		return strings.HasPrefix(pg.Code, "57P") || strings.HasPrefix(pg.Code, "53") || strings.HasPrefix(pg.Code, "08")
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		code := lite.Code() & 0xff
		return code == sqlite3.SQLITE_FULL || code == sqlite3.SQLITE_IOERR || code == sqlite3.SQLITE_CANTOPEN || code == sqlite3.SQLITE_READONLY
	}
	var refused *pgconn.ConnectError
	var broken net.Error
	return errors.As(err, &refused) || errors.As(err, &broken) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || err.Error() == "conn closed" || strings.HasSuffix(err.Error(), ": conn closed")
}
