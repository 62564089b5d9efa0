// Package webchat is the channel of the chat widget and of the plain customer
// API. Customers are known by a signed token or by their host site's
// signature; they fetch their messages themselves, in the order of their seq.
package webchat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/parleyhq/parley/channels"
	"github.com/parleyhq/parley/desk"
)

// MaxText is how many characters a message may have.
const MaxText = 8000

// maxBody bounds a delivery.
const maxBody = 1 << 20

// Channel is the web chat as an adapter.
type Channel struct{ Tokens *Tokens }

var _ channels.Adapter = Channel{}

// Name is desk.Webchat.
func (Channel) Name() desk.ChannelName { return desk.Webchat }

// Limits says that the widget shows everything there is.
func (Channel) Limits() channels.Limits {
	return channels.Limits{
		Text: MaxText * 2, Options: 100, Cards: true, Markdown: true, Media: []string{""}, Location: true, Typing: true, Pull: true, Dedupes: true,
	}
}

// Receive reads one message of a customer: his token as bearer token, a
// Message as body. Attachments have only their ids; whoever stores uploads
// looks them up and checks whose they are.
func (c Channel) Receive(r channels.Request) ([]desk.Inbound, error) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil, desk.Errorf(desk.Unauthenticated, "token_missing", "give the token of the session as a bearer token")
	}
	v, err := c.Tokens.Check(token)
	if err != nil {
		return nil, err
	}
	m, err := decode(r.Body)
	if err != nil {
		return nil, err
	}
	in, err := m.Inbound(*v)
	if err != nil {
		return nil, err
	}
	return []desk.Inbound{in}, nil
}

// Send has nothing to do: what is stored is there to be fetched.
func (Channel) Send(_ context.Context, out channels.Outgoing) (string, error) { return out.ID, nil }

// Message is what a customer sends: one of text, choice, command, attachments
// and location, or a text with files.
type Message struct {
	ClientID     string         `json:"client_id" minLength:"1" maxLength:"100" doc:"Your own id of this message. Send it again with the same one when you got no answer: it is accepted once."`
	Conversation desk.ID        `json:"conversation,omitempty" maxLength:"64" doc:"Only informative; the open conversation gets it."`
	Text         string         `json:"text,omitempty" maxLength:"8000"`
	Choice       *desk.Choice   `json:"choice,omitempty" doc:"A tapped option."`
	Command      desk.Verb      `json:"command,omitempty" enum:"human,back,start,cancel" doc:"A fixed button."`
	Attachments  []desk.ID      `json:"attachments,omitempty" maxItems:"10" doc:"Ids of uploads of this customer."`
	Location     *desk.Location `json:"location,omitempty"`
}

// Inbound is the message as v said it. It checks what must hold however it
// came; routing checks the rest.
func (m Message) Inbound(v Visitor) (desk.Inbound, error) {
	bad := func(field, code, message string) (desk.Inbound, error) {
		return desk.Inbound{}, &desk.Error{Kind: desk.Invalid, Code: code, Message: message, Field: field}
	}
	switch {
	case m.ClientID == "" || len(m.ClientID) > 100:
		return bad("client_id", "no_client_id", "a message needs a client_id of at most 100 bytes")
	case len(m.Attachments) > 10:
		return bad("attachments", "too_many_files", "at most 10 files in one message")
	case m.Command != "" && !m.Command.FromOutside():
		return bad("command", "unknown_command", "a command is human, back, start or cancel")
	case !utf8.ValidString(m.Text) || strings.ContainsRune(m.Text+m.ClientID, 0):
		return bad("text", "malformed", "a text is UTF-8 without NUL characters")
	}
	if n := utf8.RuneCountInString(m.Text); n > MaxText {
		return desk.Inbound{}, &desk.Error{Kind: desk.TooLarge, Code: "text_too_long", Message: fmt.Sprintf("the text has %d characters; at most %d fit in one message", n, MaxText), Field: "text"}
	}
	in := desk.Inbound{
		Channel: desk.Webchat, Address: v.Address, ExternalID: m.ClientID, Playbook: v.Playbook,
		Text: m.Text, Choice: m.Choice, Command: m.Command, Location: m.Location,
	}
	for _, id := range m.Attachments {
		in.Files = append(in.Files, desk.Attachment{ID: id})
	}
	return in, nil
}

func decode(b []byte) (m Message, err error) {
	bad := func(why string) (Message, error) { return m, desk.Errorf(desk.Invalid, "malformed", "%s", why) }
	switch {
	case len(b) > maxBody:
		return m, desk.Errorf(desk.TooLarge, "too_large", "a message has at most %d bytes", maxBody)
	case !utf8.Valid(b):
		return bad("not valid UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return bad("not a message: " + err.Error())
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return bad("more than one value")
	}
	return m, nil
}
