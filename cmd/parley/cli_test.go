package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/internal/store"
)

// What goes wrong on the command line says what, and what to do about it, with
// exit code 1 and without a page of help or a stack.
func TestCommands_SayWhatToDo(t *testing.T) {
	s := newSetting(t)
	file := func(name, text string) string {
		name = filepath.Join(s.dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	empty := filepath.Join(s.dir, "empty")
	if err := os.Mkdir(empty, 0o700); err != nil {
		t.Fatal(err)
	}
	plain, archive, gone := file("plain", "x"), file("bad.zip", "not an archive"), filepath.Join(s.dir, "gone")
	half := file("half.zip", "PK\x03\x04")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	there := filepath.Join(s.dir, "there.zip")
	s.must("", "backup", there)

	for _, c := range []struct {
		args  string
		env   []string
		input string
		want  []string
	}{
		{"frobnicate", nil, "", []string{"unexpected argument frobnicate"}},
		{"serve --colour", nil, "", []string{"unknown flag --colour"}},
		{"-c " + gone + " serve", nil, "", []string{"--config", gone, "no such file"}},
		{"-c " + file("bad.yaml", "version: 1\nadr: x\n") + " serve", nil, "", []string{"bad.yaml:2:1", `did you mean "addr"`}},
		{"config check", []string{"PARLEY_ZONE", "Mars"}, "", []string{"zone: ", "Asia/Shanghai"}},
		{"serve", []string{"PARLEY_ADDR", taken.Addr().String()}, "", []string{"cannot listen on " + taken.Addr().String(), "address already in use", "PARLEY_ADDR"}},
		{"serve --demo --demo-addr " + taken.Addr().String(), nil, "", []string{"cannot listen", "--demo-addr"}},
		{"serve", []string{"PARLEY_ADDR", "192.0.2.1:80"}, "", []string{"cannot listen", "PARLEY_ADDR"}},
		{"serve", []string{"PARLEY_DATA_DIR", filepath.Join(plain, "data")}, "", []string{"make the data folder", "PARLEY_DATA_DIR"}},
		{"serve", []string{"PARLEY_DATA_DIR", "/proc/parley"}, "", []string{"make the data folder", "PARLEY_DATA_DIR"}},
		{"migrate", []string{"DATABASE_URL", "mysql://db/parley"}, "", []string{"unknown database URL", "postgres://"}},
		{"migrate", []string{"DATABASE_URL", "postgres://me:hush@127.0.0.1:1/parley"}, "", []string{"reach PostgreSQL at 127.0.0.1", "DATABASE_URL"}},
		{"serve", []string{"PARLEY_PLAYBOOKS", plain}, "", []string{"read the playbooks", plain}},
		{"playbook check " + gone, nil, "", []string{gone, "no such file"}},
		{"playbook check " + plain, nil, "", []string{plain, "not a directory"}},
		{"playbook check " + empty, nil, "", []string{"playbook.yaml:1:1", "missing"}},
		{"playbook publish " + empty, nil, "", []string{"playbook.yaml:1:1", "missing"}},
		{"playbook versions nobody", nil, "", []string{`no published playbook "nobody"`}},
		{"playbook rollback cafe 9", nil, "", []string{"revision 9 of cafe", "not found"}},
		{"eval run " + gone, nil, "", []string{gone}},
		{"eval run " + plain, nil, "", []string{"playbook.yaml"}},
		{"user add ann@example.com", nil, "", []string{"missing flags", "--name", "--roles"}},
		{"user add ann@example.com --name Ann --roles king", nil, testPassword + "\n", []string{"unknown role: use owner"}},
		{"user add ann --name Ann --roles owner", nil, testPassword + "\n", []string{"mail"}},
		{"user add ann@example.com --name Ann --roles owner", nil, "short\n", []string{"password"}},
		{"user add ann@example.com --name Ann --roles owner", nil, "", []string{"read the password"}},
		{"user password nobody@example.com", nil, testPassword + "\n", []string{"nobody@example.com"}},
		{"backup " + filepath.Join(gone, "b.zip"), nil, "", []string{"make the backup file", "no such file"}},
		{"backup " + there, nil, "", []string{"is there already"}},
		{"restore " + gone, nil, "", []string{gone, "no such file"}},
		{"restore " + archive, nil, "", []string{archive, "zip"}},
		{"restore " + half, nil, "", []string{half, "zip"}},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			out, code := s.with(c.env...).run(c.input, strings.Fields(c.args)...)
			if code != 1 && code != 80 { // 80 is kong's, of arguments that do not parse
				t.Errorf("exit code %d", code)
			}
			for _, w := range c.want {
				if !strings.Contains(out, w) {
					t.Errorf("%q is not in: %s", w, out)
				}
			}
			if strings.Count(out, "\n") > 8 || strings.Contains(out, "goroutine") || strings.Contains(out, "sql:") || strings.Contains(out, "hush") {
				t.Errorf("too much is said: %s", out)
			}
		})
	}
}

func TestCommands_RefuseANewerDatabase(t *testing.T) {
	s := newSetting(t)
	s.must("", "migrate")
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(s.env["PARLEY_DATA_DIR"], "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	err = db.Tx(t.Context(), func(ctx context.Context, q *store.Tx) error {
		_, err := q.ExecContext(ctx, "INSERT INTO schema_steps (number, name, applied_at) VALUES (9999, 'tomorrow', 0)")
		return err
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"serve"}, {"migrate"}, {"backup", filepath.Join(s.dir, "b.zip")}} {
		if out, code := s.run("", args...); code != 1 || !strings.Contains(out, "9999_tomorrow") || !strings.Contains(out, "newer") {
			t.Errorf("%s: exit code %d: %s", args[0], code, out)
		}
	}
}

func TestServe_LimitsWhatASlowStrangerHolds(t *testing.T) {
	srv := newServer(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	if srv.ReadHeaderTimeout <= 0 || srv.ReadHeaderTimeout > 15*time.Second || srv.IdleTimeout <= 0 || srv.WriteTimeout <= 0 || srv.MaxHeaderBytes > 64<<10 {
		t.Errorf("got %+v", srv)
	}
	srv.ReadHeaderTimeout = 200 * time.Millisecond
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(l) }()
	defer srv.Close()
	for name, sent := range map[string]string{
		"half a header": "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
		"nothing":       "",
		"huge header":   "GET / HTTP/1.1\r\nHost: x\r\nX-Big: " + strings.Repeat("x", 128<<10) + "\r\n\r\n",
	} {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, sent) // it may be cut off in the middle
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		b, err := io.ReadAll(conn)
		var late net.Error
		if errors.As(err, &late) && late.Timeout() {
			t.Errorf("%s: the connection is held open", name)
		}
		if strings.Contains(string(b), "404") {
			t.Errorf("%s: it was served: %s", name, b)
		}
		_ = conn.Close()
	}
}
