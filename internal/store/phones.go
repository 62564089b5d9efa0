package store

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

const phoneColumns = "name, realm, ha1_md5, ha1_sha256, agent_id, contact_id, label, created_at"

func scanPhone(row Scanner) (a voice.Account, err error) {
	return a, row.Scan(&a.User, &a.Realm, &a.MD5, &a.SHA256, &a.AgentID, &a.ContactID, &a.Label, timeInto(&a.CreatedAt))
}

// Accounts lists the phones that may register, by user, after the user named
// after; those of one agent unless agent is empty.
func (v *Voice) Accounts(ctx context.Context, agent desk.ID, after string, limit int) ([]voice.Account, error) {
	return All(ctx, v.db.Read(), scanPhone, "SELECT "+phoneColumns+` FROM sip_accounts
		WHERE name > $1 AND ($2 = '' OR agent_id = $2) ORDER BY name LIMIT 0+$3`, after, agent, pageSize(limit))
}

// Account finds one.
func (v *Voice) Account(ctx context.Context, user string) (voice.Account, error) {
	return One(ctx, v.db.Read(), scanPhone, "SELECT "+phoneColumns+" FROM sip_accounts WHERE name = $1", user)
}

// AddAccount stores a new one; Conflict "user_taken" when its name is taken.
func (v *Voice) AddAccount(ctx context.Context, a voice.Account) error {
	return v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		n, err := Exec(ctx, q, "INSERT INTO sip_accounts ("+phoneColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
			a.User, a.Realm, a.MD5, a.SHA256, a.AgentID, a.ContactID, a.Label, micros(a.CreatedAt))
		if err == nil && n == 0 {
			return &desk.Error{Kind: desk.Conflict, Code: "user_taken", Field: "user", Message: "there is a phone of that name already"}
		}
		return err
	})
}

// SaveAccount stores a changed one.
func (v *Voice) SaveAccount(ctx context.Context, a voice.Account) error {
	return v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		return Exec1(ctx, q, `UPDATE sip_accounts SET realm = $2, ha1_md5 = $3, ha1_sha256 = $4, agent_id = $5, contact_id = $6, label = $7 WHERE name = $1`,
			a.User, a.Realm, a.MD5, a.SHA256, a.AgentID, a.ContactID, a.Label)
	})
}

// DropAccount deletes one, and forgets where its phone is.
func (v *Voice) DropAccount(ctx context.Context, user string) error {
	return v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		if _, err := Exec(ctx, q, "DELETE FROM sip_bindings WHERE name = $1", user); err != nil {
			return err
		}
		return Exec1(ctx, q, "DELETE FROM sip_accounts WHERE name = $1", user)
	})
}

const bindingColumns = "name, uri, source, transport, path, call_id, cseq, node, agent, expires_at"

func scanBinding(row Scanner) (b voice.Binding, err error) {
	return b, row.Scan(&b.User, &b.Contact, &b.Source, &b.Transport, &b.Path, &b.CallID, &b.CSeq, &b.Node, &b.Agent, timeInto(&b.Expires))
}

// maxBindings is how many phones may register under one name.
const maxBindings = 20

// Bind stores where a phone is reached, in place of the same user's same
// contact, and forgets what has expired of his.
func (v *Voice) Bind(ctx context.Context, b voice.Binding) error {
	return v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		if _, err := Exec(ctx, q, "DELETE FROM sip_bindings WHERE name = $1 AND expires_at <= $2", b.User, micros(time.Now())); err != nil {
			return err
		}
		n, err := One(ctx, q, Value[int], "SELECT count(*) FROM sip_bindings WHERE name = $1 AND uri <> $2", b.User, b.Contact)
		if err != nil {
			return err
		}
		if n >= maxBindings {
			return desk.Errorf(desk.TooMany, "too_many_bindings", "%d phones are registered as %s already", n, b.User)
		}
		return Exec1(ctx, q, "INSERT INTO sip_bindings ("+bindingColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
			ON CONFLICT (name, uri) DO UPDATE SET source = excluded.source, transport = excluded.transport, path = excluded.path, call_id = excluded.call_id,
				cseq = excluded.cseq, node = excluded.node, agent = excluded.agent, expires_at = excluded.expires_at`,
			b.User, b.Contact, b.Source, b.Transport, b.Path, b.CallID, int64(b.CSeq), b.Node, b.Agent, micros(b.Expires))
	})
}

// Bound lists where a user's phones are reached that have not expired, those
// that last longest first.
func (v *Voice) Bound(ctx context.Context, user string) ([]voice.Binding, error) {
	return All(ctx, v.db.Read(), scanBinding, "SELECT "+bindingColumns+` FROM sip_bindings
		WHERE name = $1 AND expires_at > $2 ORDER BY expires_at DESC, uri LIMIT 0+$3`, user, micros(time.Now()), maxBindings)
}

// Unbind forgets a user's contact; all of them when contact is empty.
func (v *Voice) Unbind(ctx context.Context, user, contact string) error {
	return v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		_, err := Exec(ctx, q, "DELETE FROM sip_bindings WHERE name = $1 AND ($2 = '' OR uri = $2)", user, contact)
		return err
	})
}

// ForgetBindings drops those that expired before a time.
func (v *Voice) ForgetBindings(ctx context.Context, before time.Time) (n int64, err error) {
	err = v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		n, err = Exec(ctx, q, "DELETE FROM sip_bindings WHERE expires_at <= $1", micros(before))
		return err
	})
	return n, err
}

// Station is where an agent takes calls.
func (v *Voice) Station(ctx context.Context, agent desk.ID) (voice.Station, error) {
	return One(ctx, v.db.Read(), func(row Scanner) (st voice.Station, err error) {
		return st, row.Scan(&st.Where, &st.Number)
	}, "SELECT takes_on, number FROM agents WHERE id = $1", agent)
}

// PutStation changes where an agent takes calls.
func (v *Voice) PutStation(ctx context.Context, agent desk.ID, st voice.Station) error {
	return v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		return Exec1(ctx, q, "UPDATE agents SET takes_on = $2, number = $3 WHERE id = $1", agent, st.Where, st.Number)
	})
}
