package desk

import "time"

// AuthorKind says who speaks.
type AuthorKind string

// The kinds of author.
const (
	ByCustomer AuthorKind = "customer"
	ByBot      AuthorKind = "bot" // menus and flows alike
	ByAgent    AuthorKind = "agent"
	BySystem   AuthorKind = "system"
)

// Author is who said a message. ID is the contact's or the agent's.
type Author struct {
	Kind AuthorKind `json:"kind"`
	ID   ID         `json:"id,omitempty"`
	Name string     `json:"name,omitempty"`
}

// Delivery is how far an outgoing message has come.
type Delivery string

// The delivery states. Incoming messages are always Received.
const (
	Received  Delivery = "received"
	Queued    Delivery = "queued"    // stored, the channel has not taken it yet
	Sending   Delivery = "sending"   // handed to the channel; after a crash the outcome is unknown
	Sent      Delivery = "sent"      // the channel has it
	Delivered Delivery = "delivered" // the person's device has it
	Read      Delivery = "read"
	Failed    Delivery = "failed" // shown to a person; never dropped silently
)

// Message is one thing said, on one channel. It is never edited.
type Message struct {
	ID             ID          `json:"id"`
	ConversationID ID          `json:"conversation_id"`
	Seq            int64       `json:"seq"` // place among the messages and events of its conversation, from 1
	Author         Author      `json:"author"`
	Channel        ChannelName `json:"channel"`
	Content        Content     `json:"content"`
	Private        bool        `json:"private,omitempty"`     // a note among agents; customers never get it
	ExternalID     string      `json:"external_id,omitempty"` // the sender's own id; a repeat is dropped
	Delivery       Delivery    `json:"delivery,omitempty"`
	Error          string      `json:"error,omitempty"` // why delivery failed
	Heard          string      `json:"heard,omitempty"` // a spoken message that was interrupted: how much of Text was heard; empty: all
	At             time.Time   `json:"at"`
}

// Content is what a message says. Text is always there for channels that can
// show nothing else, except when only attachments or a location were sent.
type Content struct {
	Text        string       `json:"text,omitempty"`
	Markdown    bool         `json:"markdown,omitempty"` // Text is Markdown (bot answers, agents' replies); customers' text never is
	Options     []Option     `json:"options,omitempty"`
	Menu        string       `json:"menu,omitempty"` // Options are the touch menu of this name, not quick replies
	Card        *Card        `json:"card,omitempty"`
	Attachments []Attachment `json:"attachments,omitempty"`
	Location    *Location    `json:"location,omitempty"`
	Input       *Input       `json:"input,omitempty"`   // how the answer to this question may be given
	Sources     []Source     `json:"sources,omitempty"` // where an answer comes from
	HandOver    *HandOver    `json:"hand_over,omitempty"`
	Picked      *Pick        `json:"picked,omitempty"`  // set by Accept when the customer tapped an option
	Masked      bool         `json:"masked,omitempty"`  // a sensitive answer: Text holds only dots
	Command     Verb         `json:"command,omitempty"` // set by Accept when the customer used a fixed button (start, back, human, cancel)
}

// IsZero reports whether nothing is said.
func (c Content) IsZero() bool {
	return c.Text == "" && len(c.Options) == 0 && c.Card == nil && len(c.Attachments) == 0 &&
		c.Location == nil && c.HandOver == nil && c.Picked == nil && c.Command == ""
}

// Option is one thing a customer can tap, type the key of, press or say.
type Option struct {
	ID    string `json:"id"`            // unique within the message
	Key   string `json:"key,omitempty"` // a digit, * or # for typed numbers and phones
	Label string `json:"label"`         // in the conversation's language
	Hint  string `json:"hint,omitempty"`
	Icon  string `json:"icon,omitempty"`
	Nav   bool   `json:"nav,omitempty"` // back, start, a person: shown apart from the choices
	Pick  Pick   `json:"pick"`
}

// Card shows facts to look at before or after something happens: a summary to
// confirm, an order, a case.
type Card struct {
	Title    string     `json:"title"`
	Subtitle string     `json:"subtitle,omitempty"`
	ImageURL string     `json:"image_url,omitempty"`
	Lines    []CardLine `json:"lines,omitempty"`
}

// CardLine is one fact; Edit, if set, is the option that changes it.
type CardLine struct {
	Label string  `json:"label"`
	Value string  `json:"value"`
	Edit  *Option `json:"edit,omitempty"`
}

// Attachment is a stored upload.
type Attachment struct {
	ID   ID     `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"` // media type, sniffed by us, never the sender's claim
	Size int64  `json:"size"`
	URL  string `json:"url"` // relative to our origin
}

// Location is a place on the map, WGS 84 degrees.
type Location struct {
	Lat   float64 `json:"lat"`
	Lon   float64 `json:"lon"`
	Label string  `json:"label,omitempty"`
}

// Source is where an answer was found.
type Source struct {
	ArticleID ID     `json:"article_id"`
	Slug      string `json:"slug"`
	Title     string `json:"title"`
	Version   int    `json:"version"`
}

// Inbound is what a channel adapter received: not yet a message.
type Inbound struct {
	Channel    ChannelName
	Address    string // the sender, as the channel knows him
	ExternalID string // the channel's own id of this message; required, a repeat is dropped
	Lang       Lang   // the channel's best knowledge; empty: keep the contact's
	Name       string // the channel's best knowledge
	Playbook   string // which playbook a new conversation starts on; empty: the default
	Text       string
	Choice     *Choice
	Command    Verb // only Start, Back, Human and Cancel verbs are accepted from outside
	Files      []Attachment
	Location   *Location
	Contact    ID   // who it is, when the channel knows already; Address becomes one more of his, unless it is somebody else's
	Open       bool // nothing was said yet: start the conversation so that it can greet
}

// Choice is a tap: an option of a message that we sent.
type Choice struct {
	MessageID ID     `json:"message_id"`
	OptionID  string `json:"option_id"`
}
