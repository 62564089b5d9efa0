package desk

import (
	"maps"
	"strings"
	"time"
)

// Identity is one address of a contact on one channel.
type Identity struct {
	Channel ChannelName `json:"channel"`
	Address string      `json:"address"` // the channel's own id of the person, unique within the channel
}

// Hidden reports whether number is what telephones send instead of one that is
// not to be shown. Those who hide theirs have nothing in common.
func Hidden(number string) bool {
	switch strings.ToLower(number) {
	case "", "anonymous", "unknown", "unavailable", "restricted", "private", "withheld":
		return true
	}
	return false
}

// Contact is a person. Anonymous widget visitors are contacts too.
type Contact struct {
	ID         ID                `json:"id"`
	Name       string            `json:"name"`
	Email      string            `json:"email,omitempty"`
	Phone      string            `json:"phone,omitempty"`
	Lang       Lang              `json:"lang"`
	Verified   bool              `json:"verified"`          // the host site signed who this is
	Claimed    []string          `json:"claimed,omitempty"` // facts that nobody vouched for: name, email, phone, attributes.KEY
	Attributes map[string]string `json:"attributes,omitempty"`
	Tags       []string          `json:"tags,omitempty"`
	Identities []Identity        `json:"identities,omitempty"`
	CreatedAt  time.Time         `json:"created_at"`
	UpdatedAt  time.Time         `json:"updated_at"`
}

// Vouched is the contact as rules may trust him: of one who is Verified, without
// what he only claims.
func (c Contact) Vouched() Contact {
	if !c.Verified || len(c.Claimed) == 0 {
		return c
	}
	c.Attributes = maps.Clone(c.Attributes)
	for _, fact := range c.Claimed {
		switch key, isAttribute := strings.CutPrefix(fact, "attributes."); {
		case isAttribute:
			delete(c.Attributes, key)
		case fact == "name":
			c.Name = ""
		case fact == "email":
			c.Email = ""
		case fact == "phone":
			c.Phone = ""
		}
	}
	return c
}

// PageView is one page of the host site that a contact looked at.
type PageView struct {
	URL   string    `json:"url"`
	Title string    `json:"title"`
	At    time.Time `json:"at"`
}
