package routing

import (
	"context"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
)

// The bounds of what is kept of a contact.
const (
	keptPages     = 50
	maxAttributes = 50
)

// claimedAttribute begins the name of an attribute among the claimed facts.
const claimedAttribute = "attributes."

// Meet finds the contact at an identity, or makes one, and keeps what is new
// about him. What is vouched for replaces what was known; otherwise only gaps
// are filled, and what fills them is marked as claimed.
func (r *Router) Meet(ctx context.Context, p Person) (contact desk.Contact, err error) {
	if p, err = cleanPerson(p); err != nil {
		return contact, err
	}
	err = r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
		contact, err = r.meet(ctx, tx, p)
		return err
	})
	return contact, err
}

// meet is Meet within a transaction.
func (r *Router) meet(ctx context.Context, tx Tx, p Person) (desk.Contact, error) {
	for range 2 {
		contact, known, err := tx.ContactAt(ctx, p.Identity)
		if err != nil {
			return contact, err
		}
		if known {
			if changed := learn(&contact, p); !changed {
				return contact, nil
			}
			if contact, err = tx.LockContact(ctx, contact.ID); err != nil {
				return contact, err
			}
			learn(&contact, p)
			contact.UpdatedAt = r.now()
			return contact, tx.SaveContact(ctx, contact)
		}
		now := r.now()
		contact = desk.Contact{ID: desk.NewIDAt(now), Lang: desk.English, CreatedAt: now, UpdatedAt: now}
		if p.Lang != "" {
			contact.Lang = p.Lang
		}
		learn(&contact, p)
		contact.Identities = []desk.Identity{p.Identity}
		added, err := tx.AddContact(ctx, contact, p.Identity)
		if err != nil || added {
			return contact, err
		}
		// Somebody else was faster; he is committed now.
	}
	return desk.Contact{}, desk.Errorf(desk.Unavailable, "try_again", "the contact is just being made; try again")
}

// Link gives a contact one more address, unless it is somebody else's.
func (r *Router) Link(ctx context.Context, contact desk.ID, at desk.Identity) (c desk.Contact, err error) {
	at.Channel, at.Address = desk.ChannelName(cleanLine(string(at.Channel))), cleanLine(at.Address)
	if at.Channel == "" || at.Address == "" || len(at.Address) > maxID {
		return c, &desk.Error{Kind: desk.Invalid, Code: "no_address", Field: "address", Message: "a contact needs a channel and an address of at most 512 bytes on it"}
	}
	err = r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
		c, err = r.link(ctx, tx, contact, at)
		return err
	})
	return c, err
}

// link is Link within a transaction.
func (r *Router) link(ctx context.Context, tx Tx, contact desk.ID, at desk.Identity) (desk.Contact, error) {
	c, err := tx.LockContact(ctx, contact)
	if err != nil || slices.Contains(c.Identities, at) || at.Channel == desk.Voice && desk.Hidden(at.Address) {
		return c, err
	}
	added, err := tx.AddIdentity(ctx, c.ID, at, r.now())
	if added {
		c.Identities = append(c.Identities, at)
	}
	return c, err
}

// learn takes what p says into contact, and reports whether that changed it.
func learn(contact *desk.Contact, p Person) (changed bool) {
	// news is told whether a fact is known, and is the same as said now.
	news := func(fact string, known, same bool) bool {
		at := slices.Index(contact.Claimed, fact)
		switch {
		case p.Vouched && at >= 0:
			contact.Claimed = slices.Delete(slices.Clone(contact.Claimed), at, at+1)
		case p.Vouched && same, !p.Vouched && known:
			return false
		case !p.Vouched && at < 0:
			contact.Claimed = append(slices.Clone(contact.Claimed), fact)
		}
		changed = true
		return true
	}
	take := func(fact string, to *string, v string) {
		if v != "" && news(fact, *to != "", *to == v) {
			*to = v
		}
	}
	take("name", &contact.Name, p.Name)
	take("email", &contact.Email, p.Email)
	take("phone", &contact.Phone, p.Phone)
	if p.Verified && !contact.Verified {
		contact.Verified, changed = true, true
	}
	if p.Verified && p.Lang != "" && p.Lang != contact.Lang {
		contact.Lang, changed = p.Lang, true
	}
	attributes := maps.Clone(contact.Attributes)
	if attributes == nil {
		attributes = map[string]string{}
	}
	for _, k := range slices.Sorted(maps.Keys(p.Attributes)) {
		old, known := attributes[k]
		if !known && len(attributes) >= maxAttributes {
			continue
		}
		if v := p.Attributes[k]; news(claimedAttribute+k, known, known && old == v) {
			attributes[k], contact.Attributes = v, attributes
		}
	}
	return changed
}

func cleanPerson(p Person) (Person, error) {
	p.Channel, p.Address = desk.ChannelName(cleanLine(string(p.Channel))), cleanLine(p.Address)
	if p.Channel == "" || p.Address == "" || len(p.Address) > maxID {
		return p, &desk.Error{Kind: desk.Invalid, Code: "no_address", Field: "address", Message: "a contact needs a channel and an address of at most 512 bytes on it"}
	}
	p.Name, p.Email, p.Phone = cut(cleanLine(p.Name), maxName), cut(cleanLine(p.Email), maxName), cut(cleanLine(p.Phone), maxName)
	if len(p.Attributes) > maxAttributes {
		return p, &desk.Error{Kind: desk.TooLarge, Code: "too_many_attributes", Field: "attributes", Message: "at most 50 attributes"}
	}
	attributes := make(map[string]string, len(p.Attributes))
	for k, v := range p.Attributes {
		attributes[cut(cleanLine(k), 64)] = cut(cleanLine(v), 500)
	}
	p.Attributes = attributes
	return p, nil
}

// ContactEdit is what is changed about a contact; nil and empty fields stay.
type ContactEdit struct {
	Name, Email, Phone *string
	Lang               desk.Lang // of his open conversations, too
	Attributes         map[string]string
	Tags               []string // nil stays, empty clears
}

// EditContact changes what is known about a contact. What changes is no longer
// a mere claim.
func (r *Router) EditContact(ctx context.Context, id desk.ID, e ContactEdit) (contact desk.Contact, err error) {
	if e.Lang != "" && e.Lang != desk.English && e.Lang != desk.Chinese {
		return contact, &desk.Error{Kind: desk.Invalid, Code: "unknown_lang", Field: "lang", Message: "the languages are en and zh"}
	}
	if len(e.Attributes) > maxAttributes || len(e.Tags) > maxAttributes {
		return contact, &desk.Error{Kind: desk.TooLarge, Code: "too_many_attributes", Field: "attributes", Message: "at most 50 attributes and 50 tags"}
	}
	err = r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
		if contact, err = tx.LockContact(ctx, id); err != nil {
			return err
		}
		before := contact
		for to, v := range map[*string]*string{&contact.Name: e.Name, &contact.Email: e.Email, &contact.Phone: e.Phone} {
			if v != nil {
				*to = cut(cleanLine(*v), maxName)
			}
		}
		if e.Attributes != nil {
			contact.Attributes = map[string]string{}
			for k, v := range e.Attributes {
				contact.Attributes[cut(cleanLine(k), 64)] = cut(cleanLine(v), 500)
			}
		}
		contact.Claimed = slices.DeleteFunc(slices.Clone(contact.Claimed), func(fact string) bool { return factOf(before, fact) != factOf(contact, fact) })
		if e.Tags != nil {
			contact.Tags = nil
			for _, t := range e.Tags {
				if t = cut(cleanLine(t), 64); t != "" {
					contact.Tags = append(contact.Tags, t)
				}
			}
		}
		if e.Lang != "" {
			contact.Lang = e.Lang
			if err := r.speak(ctx, tx, id, e.Lang); err != nil {
				return err
			}
		}
		contact.UpdatedAt = r.now()
		return tx.SaveContact(ctx, contact)
	})
	return contact, err
}

// factOf is the value of a fact that may be claimed.
func factOf(c desk.Contact, fact string) string {
	switch fact {
	case "name":
		return c.Name
	case "email":
		return c.Email
	case "phone":
		return c.Phone
	}
	return c.Attributes[strings.TrimPrefix(fact, claimedAttribute)]
}

// speak changes the language of a contact's open conversation.
func (r *Router) speak(ctx context.Context, tx Tx, contact desk.ID, lang desk.Lang) error {
	rec, open, err := tx.LockOpen(ctx, contact, "")
	if err != nil || !open || rec.Lang == lang {
		return err
	}
	c := r.begin(tx, rec)
	c.rec.Lang, c.rec.UpdatedAt = lang, c.now
	return c.commit(ctx)
}

// Saw remembers a page of the host site that a contact looked at; of each
// contact the newest fifty are kept.
func (r *Router) Saw(ctx context.Context, contact desk.ID, url, title string) error {
	url = cleanLine(url)
	if !strings.HasPrefix(url, "http://") && !strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "/") || utf8.RuneCountInString(url) > 2000 {
		return &desk.Error{Kind: desk.Invalid, Code: "bad_url", Field: "url", Message: "a page's address begins with http://, https:// or / and has at most 2000 characters"}
	}
	return r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
		return tx.AddPage(ctx, contact, desk.PageView{URL: url, Title: cut(cleanLine(title), maxName), At: r.now()}, keptPages)
	})
}
