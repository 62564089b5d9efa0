package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
)

const contactColumns = `id, name, email, phone, lang, verified, claimed, attributes, tags, created_at, updated_at`

func scanContact(row Scanner) (c desk.Contact, err error) {
	err = row.Scan(&c.ID, &c.Name, &c.Email, &c.Phone, &c.Lang, &c.Verified, jsonInto(&c.Claimed), jsonInto(&c.Attributes), jsonInto(&c.Tags),
		timeInto(&c.CreatedAt), timeInto(&c.UpdatedAt))
	return c, err
}

// contactByID reads a contact with all his identities.
func contactByID(ctx context.Context, q Q, id desk.ID, lock string) (desk.Contact, error) {
	c, err := One(ctx, q, scanContact, "SELECT "+contactColumns+" FROM contacts WHERE id = $1"+lock, id)
	if err != nil {
		return c, err
	}
	c.Identities, err = All(ctx, q, func(row Scanner) (i desk.Identity, err error) {
		return i, row.Scan(&i.Channel, &i.Address)
	}, "SELECT channel, address FROM identities WHERE contact_id = $1 ORDER BY created_at, channel, address LIMIT 100", id)
	return c, err
}

// ContactAt finds who is reached at an identity.
func (t routingTx) ContactAt(ctx context.Context, at desk.Identity) (desk.Contact, bool, error) {
	return first(All(ctx, t, scanContact, "SELECT "+contactColumns+` FROM contacts
		WHERE id = (SELECT contact_id FROM identities WHERE channel = $1 AND address = $2)`, at.Channel, at.Address))
}

// ContactOfPhone finds the only contact who has a telephone number: who writes
// short messages from it, else whose card says so. A number that he merely claims is not his.
func (t routingTx) ContactOfPhone(ctx context.Context, number string) (desk.Contact, bool, error) {
	c, ok, err := t.ContactAt(ctx, desk.Identity{Channel: desk.SMS, Address: number})
	if err != nil || ok || number == "" {
		return c, ok, err
	}
	found, err := All(ctx, t, scanContact, "SELECT "+contactColumns+" FROM contacts WHERE phone = $1 AND phone <> '' ORDER BY id LIMIT 20", number)
	found = slices.DeleteFunc(found, func(c desk.Contact) bool { return slices.Contains(c.Claimed, "phone") })
	if err != nil || len(found) != 1 {
		return desk.Contact{}, false, err
	}
	return found[0], true, nil
}

// AddIdentity gives a contact one more address; false if somebody has it.
func (t routingTx) AddIdentity(ctx context.Context, contact desk.ID, at desk.Identity, now time.Time) (bool, error) {
	n, err := Exec(ctx, t, "INSERT INTO identities (channel, address, contact_id, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
		at.Channel, at.Address, contact, micros(now))
	return n == 1, err
}

// LockContact reads a contact for a change.
func (t routingTx) LockContact(ctx context.Context, id desk.ID) (desk.Contact, error) {
	return contactByID(ctx, t, id, t.D.ForUpdate())
}

// AddContact stores a new contact under one identity; false if somebody has
// that identity, and then nothing is stored.
func (t routingTx) AddContact(ctx context.Context, c desk.Contact, at desk.Identity) (bool, error) {
	err := Exec1(ctx, t, "INSERT INTO contacts ("+contactColumns+", search) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
		c.ID, c.Name, c.Email, c.Phone, c.Lang, c.Verified, orEmpty(c.Claimed), attributesOf(c), orEmpty(c.Tags), micros(c.CreatedAt), micros(c.UpdatedAt), contactSearch(c))
	if err != nil {
		return false, err
	}
	n, err := Exec(ctx, t, "INSERT INTO identities (channel, address, contact_id, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
		at.Channel, at.Address, c.ID, micros(c.CreatedAt))
	if err != nil || n == 1 {
		return n == 1, err
	}
	return false, Exec1(ctx, t, "DELETE FROM contacts WHERE id = $1", c.ID)
}

// SaveContact stores a changed contact.
func (t routingTx) SaveContact(ctx context.Context, c desk.Contact) error {
	err := Exec1(ctx, t, `UPDATE contacts SET name = $2, email = $3, phone = $4, lang = $5, verified = $6, attributes = $7, tags = $8,
		updated_at = $9, search = $10, claimed = $11 WHERE id = $1`,
		c.ID, c.Name, c.Email, c.Phone, c.Lang, c.Verified, attributesOf(c), orEmpty(c.Tags), micros(c.UpdatedAt), contactSearch(c), orEmpty(c.Claimed))
	if err != nil {
		return err
	}
	// His conversations are found by his new name, too.
	_, err = Exec(ctx, t, "UPDATE conversations SET indexed_seq = 0 WHERE contact_id = $1", c.ID)
	return err
}

// AddPage remembers a page view, and of each contact the newest keep.
func (t routingTx) AddPage(ctx context.Context, contact desk.ID, p desk.PageView, keep int) error {
	if _, err := t.LockContact(ctx, contact); err != nil {
		return err
	}
	err := Exec1(ctx, t, "INSERT INTO pages (id, contact_id, url, title, at) VALUES ($1, $2, $3, $4, $5)",
		desk.NewIDAt(p.At), contact, p.URL, p.Title, micros(p.At))
	if err != nil {
		return err
	}
	_, err = Exec(ctx, t, `DELETE FROM pages WHERE contact_id = $1 AND id NOT IN
		(SELECT id FROM pages WHERE contact_id = $1 ORDER BY at DESC, id DESC LIMIT 0+$2)`, contact, keep)
	return err
}

func attributesOf(c desk.Contact) any {
	if c.Attributes == nil {
		return jsonOf(map[string]string{})
	}
	return jsonOf(c.Attributes)
}

func contactSearch(c desk.Contact) string {
	return fold(strings.Join([]string{c.Name, c.Email, c.Phone}, " "))
}
