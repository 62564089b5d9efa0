package desk

import "time"

// Identity is one address of a contact on one channel.
type Identity struct {
	Channel ChannelName `json:"channel"`
	Address string      `json:"address"` // the channel's own id of the person, unique within the channel
}

// Contact is a person. Anonymous widget visitors are contacts too.
type Contact struct {
	ID         ID                `json:"id"`
	Name       string            `json:"name"`
	Email      string            `json:"email,omitempty"`
	Phone      string            `json:"phone,omitempty"`
	Lang       Lang              `json:"lang"`
	Verified   bool              `json:"verified"` // the host site signed who this is
	Attributes map[string]string `json:"attributes,omitempty"`
	Tags       []string          `json:"tags,omitempty"`
	Identities []Identity        `json:"identities,omitempty"`
	CreatedAt  time.Time         `json:"created_at"`
	UpdatedAt  time.Time         `json:"updated_at"`
}

// PageView is one page of the host site that a contact looked at.
type PageView struct {
	URL   string    `json:"url"`
	Title string    `json:"title"`
	At    time.Time `json:"at"`
}
