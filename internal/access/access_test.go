package access_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
)

const password = "correct horse battery"

var here = access.From{Address: "192.0.2.1", Agent: "test"}

// gate is a Gate on a real database, with a clock that tests move by hand.
type gate struct {
	*access.Gate
	now time.Time
}

func each(t *testing.T, f func(t *testing.T, g *gate)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := &gate{now: time.Now().UTC().Truncate(time.Microsecond)}
		cheap := access.NewGate(db.Access(), slog.New(slog.DiscardHandler)).WithParams(access.Params{Memory: 64, Time: 1, Threads: 1})
		cheap.Now = func() time.Time { return g.now }
		g.Gate = cheap
		f(t, g)
	})
}

func (g *gate) user(t *testing.T, email string, roles ...desk.Role) access.User {
	t.Helper()
	u, err := g.CreateUser(t.Context(), access.NewUser{Name: "Ann", Email: email, Password: password, Roles: roles})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestLogin_TellsNobodyWhoExists(t *testing.T) {
	each(t, func(t *testing.T, g *gate) {
		g.user(t, "ann@example.com", desk.Owner)
		off := true
		bob := g.user(t, "bob@example.com", desk.AgentRole)
		if _, err := g.ChangeUser(t.Context(), bob.ID, access.Change{Disabled: &off}); err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, c := range [][2]string{{"ann@example.com", "wrong"}, {"nobody@example.com", password}, {"bob@example.com", password}, {"ann@example.com", strings.Repeat("x", 10_000)}} {
			_, _, err := g.Login(t.Context(), c[0], c[1], here)
			if !desk.IsKind(err, desk.Unauthenticated) {
				t.Fatalf("%s: got %v", c[0], err)
			}
			texts = append(texts, err.Error())
		}
		for _, s := range texts {
			if s != texts[0] {
				t.Errorf("the answers differ: %q", texts)
			}
		}
		u, secret, err := g.Login(t.Context(), " ANN@example.com ", password, here)
		if err != nil || u.Name != "Ann" || len(secret) < 43 {
			t.Errorf("got %+v, %v", u, err)
		}
	})
}

// Unknown addresses cost a password check too. Counting time would depend on
// the machine; that both take a slow check does not.
func TestLogin_AnUnknownAddressCostsACheck(t *testing.T) {
	db := storetest.Open(t, storetest.SQLite(t))
	slow := access.NewGate(db.Access(), slog.New(slog.DiscardHandler)).WithParams(access.Params{Memory: 64 << 10, Time: 2, Threads: 1})
	if _, err := slow.CreateUser(t.Context(), access.NewUser{Name: "Ann", Email: "ann@example.com", Password: password, Roles: []desk.Role{desk.Owner}}); err != nil {
		t.Fatal(err)
	}
	fastest := func(email string) time.Duration {
		best := time.Hour
		for range 3 {
			start := time.Now()
			_, _, _ = slow.Login(t.Context(), email, "wrong password", here)
			best = min(best, time.Since(start))
		}
		return best
	}
	known, unknown := fastest("ann@example.com"), fastest("nobody@example.com")
	if unknown < known/3 || known < unknown/3 {
		t.Errorf("a known address takes %s, an unknown one %s", known, unknown)
	}
}

func TestLogin_SlowsGuessingDown(t *testing.T) {
	each(t, func(t *testing.T, g *gate) {
		g.user(t, "ann@example.com", desk.Owner)
		var err error
		tries := 0
		for ; tries < 20 && !desk.IsKind(err, desk.TooMany); tries++ {
			_, _, err = g.Login(t.Context(), "ann@example.com", "wrong", here)
		}
		var wait access.TooManyTries
		if tries != 6 || !errors.As(err, &wait) || wait.Wait <= 0 || !strings.Contains(err.Error(), "try again in") {
			t.Fatalf("after %d tries: %v", tries, err)
		}
		if _, _, err := g.Login(t.Context(), "ann@example.com", password, access.From{Address: "198.51.100.7"}); !desk.IsKind(err, desk.TooMany) {
			t.Errorf("another address may go on guessing: %v", err)
		}
		g.now = g.now.Add(wait.Wait)
		if _, _, err := g.Login(t.Context(), "ann@example.com", password, here); err != nil {
			t.Errorf("after the wait: %v", err)
		}
		for i := range 30 {
			_, _, err = g.Login(t.Context(), string(desk.NewID())+"@example.com", "wrong", here)
			if i == 29 && !desk.IsKind(err, desk.TooMany) {
				t.Errorf("one address may try every account: %v", err)
			}
		}
	})
}

func TestLogin_RehashesWhenTheCostChanges(t *testing.T) {
	db := storetest.Open(t, storetest.SQLite(t))
	g := access.NewGate(db.Access(), nil).WithParams(access.Params{Memory: 64, Time: 1, Threads: 1})
	u, err := g.CreateUser(t.Context(), access.NewUser{Name: "Ann", Email: "ann@example.com", Password: password, Roles: []desk.Role{desk.Owner}})
	if err != nil {
		t.Fatal(err)
	}
	dearer := g.WithParams(access.Params{Memory: 128, Time: 2, Threads: 1})
	for range 2 {
		if _, _, err := dearer.Login(t.Context(), u.Email, password, here); err != nil {
			t.Fatal(err)
		}
	}
	a, err := db.Access().Account(t.Context(), u.ID)
	if err != nil || !strings.HasPrefix(a.Hash, "$argon2id$v=19$m=128,t=2,p=1$") {
		t.Errorf("got %s, %v", a.Hash, err)
	}
}

func TestSession_Expires(t *testing.T) {
	each(t, func(t *testing.T, g *gate) {
		u := g.user(t, "ann@example.com", desk.Owner)
		login := func() string {
			_, secret, err := g.Login(t.Context(), u.Email, password, here)
			if err != nil {
				t.Fatal(err)
			}
			return secret
		}
		idle := login()
		for end := g.now.Add(g.Lifetime); g.now.Before(end); g.now = g.now.Add(g.Idle / 2) { // in use, it goes on
			if _, err := g.Session(t.Context(), idle); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := g.Session(t.Context(), idle); !desk.IsKind(err, desk.Unauthenticated) {
			t.Errorf("a session outlives its lifetime: %v", err)
		}
		second := login()
		g.now = g.now.Add(g.Idle + time.Second)
		if _, err := g.Session(t.Context(), second); !desk.IsKind(err, desk.Unauthenticated) {
			t.Errorf("an idle session goes on: %v", err)
		}
		for _, forged := range []string{"", "x", second[:42] + "A"} {
			if _, err := g.Session(t.Context(), forged); !desk.IsKind(err, desk.Unauthenticated) {
				t.Errorf("%q: got %v", forged, err)
			}
		}
	})
}

func TestTokens_DoWhatBothRolesAllow(t *testing.T) {
	each(t, func(t *testing.T, g *gate) {
		owner := g.user(t, "owner@example.com", desk.Owner)
		u := g.user(t, "ann@example.com", desk.Editor, desk.Evaluator)
		if _, _, err := g.CreateToken(t.Context(), u, "x", []desk.Role{desk.Owner}, 0); !desk.IsKind(err, desk.Invalid) {
			t.Errorf("a token got more than its user has: %v", err)
		}
		tok, secret, err := g.CreateToken(t.Context(), u, "ci", []desk.Role{desk.Evaluator}, time.Hour)
		if err != nil || !strings.HasPrefix(secret, access.TokenPrefix) || strings.Contains(tok.Hash, secret) {
			t.Fatalf("got %+v, %v", tok, err)
		}
		as, _, err := g.Bearer(t.Context(), secret)
		if err != nil || len(as.Roles) != 1 || !access.Can(as.Roles, access.EvalsRun) || access.Can(as.Roles, access.ArticlesWrite) {
			t.Errorf("got %v, %v", as.Roles, err)
		}
		if _, err := g.ChangeUser(t.Context(), u.ID, access.Change{Roles: []desk.Role{desk.Editor}}); err != nil {
			t.Fatal(err)
		}
		if as, _, err := g.Bearer(t.Context(), secret); err != nil || len(as.Roles) != 0 {
			t.Errorf("a token keeps a role its user lost: %v, %v", as.Roles, err)
		}
		g.now = g.now.Add(time.Hour)
		if _, _, err := g.Bearer(t.Context(), secret); !desk.IsKind(err, desk.Unauthenticated) {
			t.Errorf("an expired token: %v", err)
		}
		list, err := g.Store.Tokens(t.Context(), "", "", 10)
		if err != nil || len(list) != 1 || list[0].UsedAt.IsZero() {
			t.Errorf("got %+v, %v", list, err)
		}
		if err := g.Store.DropToken(t.Context(), tok.ID); err != nil {
			t.Error(err)
		}
		_ = owner
	})
}

func TestUsers_AreCheckedAndOneOwnerStays(t *testing.T) {
	each(t, func(t *testing.T, g *gate) {
		owner := g.user(t, "owner@example.com", desk.Owner)
		for name, n := range map[string]access.NewUser{
			"taken": {Name: "x", Email: "OWNER@example.com", Password: password, Roles: []desk.Role{desk.Owner}}, "no address": {Name: "x", Email: "x", Roles: []desk.Role{desk.Owner}},
			"header": {Name: "x", Email: "a@example.com\nBcc: b@example.com", Roles: []desk.Role{desk.Owner}}, "no role": {Name: "x", Email: "b@example.com"},
			"odd role": {Name: "x", Email: "b@example.com", Roles: []desk.Role{"root"}}, "short": {Name: "x", Email: "b@example.com", Password: "short", Roles: []desk.Role{desk.Owner}},
			"same": {Name: "x", Email: "b@example.com", Password: strings.Repeat("a", 12), Roles: []desk.Role{desk.Owner}}, "no name": {Email: "b@example.com", Roles: []desk.Role{desk.Owner}},
		} {
			if _, err := g.CreateUser(t.Context(), n); !desk.IsKind(err, desk.Invalid) && !desk.IsKind(err, desk.Conflict) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		off := true
		for _, c := range []access.Change{{Disabled: &off}, {Roles: []desk.Role{desk.Editor}}} {
			if _, err := g.ChangeUser(t.Context(), owner.ID, c); !desk.IsKind(err, desk.Conflict) {
				t.Errorf("the last owner went: %v", err)
			}
		}
		if users, err := g.Store.Users(t.Context(), "OWNER@", "", 10); err != nil || len(users) != 1 {
			t.Errorf("got %v, %v", users, err)
		}
		if err := g.ResetPassword(t.Context(), "owner@example.com", "a brand new one"); err != nil {
			t.Fatal(err)
		}
		if _, _, err := g.Login(t.Context(), "owner@example.com", "a brand new one", here); err != nil {
			t.Error(err)
		}
	})
}

func TestSecret_IsTheSameForEveryNode(t *testing.T) {
	each(t, func(t *testing.T, g *gate) {
		one, err1 := g.Store.Secret(context.Background(), "k", []byte{1, 0, 255})
		two, err2 := g.Store.Secret(context.Background(), "k", []byte{2})
		if err1 != nil || err2 != nil || string(one) != string(two) || string(one) != "\x01\x00\xff" {
			t.Errorf("got %v %v, %v %v", one, two, err1, err2)
		}
	})
}

func TestPermissions_OfTheRoles(t *testing.T) {
	for _, c := range []struct {
		role desk.Role
		p    access.Permission
		want bool
	}{
		{desk.Owner, access.TokensWrite, true}, {desk.Supervisor, access.InboxAll, true}, {desk.Supervisor, access.PeopleWrite, false},
		{desk.Supervisor, access.PlaybooksPublish, true}, {desk.AgentRole, access.InboxAll, false}, {desk.AgentRole, access.ConversationWrite, true},
		{desk.Editor, access.ArticlesPublish, true}, {desk.Editor, access.PlaybooksPublish, false}, {desk.Editor, access.InboxMine, false},
		{desk.Evaluator, access.EvalsRun, true}, {desk.Evaluator, access.ArticlesRead, false}, {"nobody", access.InboxMine, false},
	} {
		if got := access.Can([]desk.Role{c.role}, c.p); got != c.want {
			t.Errorf("%s %s: got %v, want %v", c.role, c.p, got, c.want)
		}
	}
	for _, r := range desk.Roles() {
		for _, p := range access.Allowed(r) {
			if !access.Can([]desk.Role{desk.Owner}, p) {
				t.Errorf("the owner lacks %s of %s", p, r)
			}
		}
	}
}
