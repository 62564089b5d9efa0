package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/parleyhq/parley/internal/store"
)

// cluster is the PostgreSQL of this test binary.
type cluster struct {
	socket string    // the folder of its socket
	admin  *sql.DB   // on the database "postgres"
	alive  io.Closer // the guard's input; collecting it would end the server

	mu   sync.Mutex // serialises CREATE DATABASE, which locks the template
	next int        // guarded by mu
}

// theCluster is started by the first test that needs it and ends with the
// process: see guard.
var theCluster = sync.OnceValues(start)

// guard runs PostgreSQL until its own input ends, which it does however the
// test binary ends, and then removes everything. $0 is the folder, the rest
// the command.
const guard = `"$@" </dev/null & pid=$!
cat >/dev/null
kill -QUIT $pid 2>/dev/null; wait $pid
rm -rf "$0"`

const template = "template_parley"

func clone(tb testing.TB) string {
	tb.Helper()
	c, err := theCluster()
	if err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("PostgreSQL tests must run here: %v", err)
		}
		tb.Skipf("NOT TESTED ON POSTGRESQL: %v", err)
	}
	c.mu.Lock()
	c.next++
	name := "test_" + strconv.Itoa(c.next)
	_, err = c.admin.Exec("CREATE DATABASE " + name + " TEMPLATE " + template)
	c.mu.Unlock()
	if err != nil {
		tb.Fatalf("make a test database: %v", err)
	}
	tb.Cleanup(func() { _, _ = c.admin.Exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)") })
	return c.url(name)
}

func (c *cluster) url(database string) string {
	q := url.Values{"host": {c.socket}, "user": {"postgres"}}
	return "postgres:///" + database + "?" + q.Encode()
}

func start() (*cluster, error) {
	bin, err := findPostgres()
	if err != nil {
		return nil, err
	}
	// Not t.TempDir: its parents may be closed to the user PostgreSQL runs
	// as, and a socket's path may have 107 bytes only.
	dir, err := os.MkdirTemp(root(), "parley-pg-")
	if err != nil {
		return nil, err
	}
	cred, err := credential(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	initdb := command(cred, filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	server := command(cred, "/bin/sh", "-c", guard, dir, filepath.Join(bin, "postgres"), "-D", data,
		"-c", "listen_addresses=", "-c", "unix_socket_directories="+dir, "-c", "max_connections=500",
		"-c", "shared_buffers=32MB", "-c", "jit=off", "-c", "autovacuum=off", "-c", "deadlock_timeout=50ms",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")
	// Neither end may be the test's own output: go test would wait for it.
	log, err := os.Create(filepath.Join(dir, "server.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	server.Stdout, server.Stderr = log, log
	alive, err := server.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := server.Start(); err != nil {
		return nil, err
	}
	c := &cluster{socket: dir, alive: alive}
	if err := c.prepare(); err != nil {
		text, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("start PostgreSQL: %w\n%s", err, text)
	}
	return c, nil
}

// prepare waits for the server and makes the template that tests clone.
func (c *cluster) prepare() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	first, err := store.Open(ctx, c.url("postgres")) // waits until it is up
	if err != nil {
		return err
	}
	if err := first.Close(); err != nil {
		return err
	}
	if c.admin, err = sql.Open("pgx", c.url("postgres")); err != nil {
		return err
	}
	c.admin.SetMaxOpenConns(2)
	if _, err := c.admin.ExecContext(ctx, "CREATE DATABASE "+template); err != nil {
		return err
	}
	db, err := store.Open(ctx, c.url(template))
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Migrate(ctx)
}

// root is where the cluster is kept: in memory when there is a gigabyte for it,
// since a database is hundreds of small files.
func root() string {
	var fs syscall.Statfs_t
	const memory = "/dev/shm"
	if err := syscall.Statfs(memory, &fs); err == nil && fs.Bavail*uint64(fs.Bsize) > 1<<30 {
		return memory
	}
	return "/tmp"
}

// findPostgres returns the folder of PostgreSQL's programs.
func findPostgres() (string, error) {
	if bin := os.Getenv("PARLEY_PG_BIN"); bin != "" {
		return bin, nil
	}
	built := fmt.Sprintf("/var/tmp/parley-%d/postgres/bin", os.Getuid())
	if bin, err := filepath.EvalSymlinks(built); err == nil && ours(built) {
		return bin, nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	if len(found) > 0 {
		return filepath.Dir(found[0]), nil
	}
	return "", fmt.Errorf("no PostgreSQL found: run scripts/pgvector.sh, or name the folder of its programs in PARLEY_PG_BIN")
}

// ours reports whether nobody else could have put path there.
func ours(path string) bool {
	info, err := os.Lstat(path)
	if err != nil {
		return false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Getuid()
}

func version(path string) int {
	n, _ := strconv.Atoi(strings.Split(path, "/")[4])
	return n
}

// credential gives dir to the user that PostgreSQL, which refuses to run as
// root, is to run as. It is nil when we are not root.
func credential(dir string) (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, fmt.Errorf("find a user to run PostgreSQL as: %w", err)
		}
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

func command(cred *syscall.Credential, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "HOME=/", "LC_ALL=C.UTF-8")
	// A group of its own, so that an interrupt at the terminal reaches the
	// test only and the guard can still clean up.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: cred, Setpgid: true}
	return cmd
}
