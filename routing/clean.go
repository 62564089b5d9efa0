package routing

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
)

// The limits of what is taken in.
const (
	MaxText  = 8000 // runes of a message or a note
	MaxFiles = 10
	maxName  = 200 // runes of a name
	maxID    = 512 // bytes of an address or of a channel's own id
)

// cleanText makes s storable: valid UTF-8 without NUL.
func cleanText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// cleanLine makes s storable on one line: without control characters.
func cleanLine(s string) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD")))
}

func checkText(field, s string) error {
	if n := utf8.RuneCountInString(s); n > MaxText {
		return &desk.Error{Kind: desk.TooLarge, Code: "text_too_long", Field: field,
			Message: fmt.Sprintf("the text has %d characters; at most %d fit in one message, send it in parts or as a file", n, MaxText)}
	}
	return nil
}

func checkFiles(files []desk.Attachment) error {
	if len(files) > MaxFiles {
		return &desk.Error{Kind: desk.TooLarge, Code: "too_many_files", Field: "attachments",
			Message: fmt.Sprintf("%d files in one message; at most %d", len(files), MaxFiles)}
	}
	return nil
}

// cleanInbound checks what a channel received and makes it storable.
func cleanInbound(in desk.Inbound) (desk.Inbound, error) {
	invalid := func(field, code, message string) (desk.Inbound, error) {
		return in, &desk.Error{Kind: desk.Invalid, Code: code, Message: message, Field: field}
	}
	in.Channel = desk.ChannelName(cleanLine(string(in.Channel)))
	in.Address, in.ExternalID = cleanLine(in.Address), cleanLine(in.ExternalID)
	in.Text, in.Name = cleanText(in.Text), cut(cleanLine(in.Name), maxName)
	switch {
	case in.Channel == "":
		return invalid("channel", "no_channel", "name the channel")
	case in.Address == "":
		return invalid("address", "no_address", "say who sent it: the sender's address on the channel")
	case len(in.Address) > maxID:
		return invalid("address", "address_too_long", "the address is over 512 bytes")
	case len(in.ExternalID) > maxID:
		return invalid("external_id", "external_id_too_long", "the message's own id is over 512 bytes")
	}
	if in.Open {
		return in, nil
	}
	if in.ExternalID == "" {
		return invalid("external_id", "no_external_id", "give the message an id of its own, so that a repeat can be told from a new one")
	}
	if in.Command != "" && !in.Command.FromOutside() {
		return invalid("command", "unknown_command", "a command is human, back, start or cancel")
	}
	if err := checkText("text", in.Text); err != nil {
		return in, err
	}
	if err := checkFiles(in.Files); err != nil {
		return in, err
	}
	if l := in.Location; l != nil {
		if math.IsNaN(l.Lat) || math.IsNaN(l.Lon) || math.Abs(l.Lat) > 90 || math.Abs(l.Lon) > 180 {
			return invalid("location", "bad_location", "a latitude is -90 to 90, a longitude -180 to 180")
		}
		in.Location = &desk.Location{Lat: l.Lat, Lon: l.Lon, Label: cut(cleanLine(l.Label), maxName)}
	}
	files := make([]desk.Attachment, len(in.Files))
	for i, f := range in.Files {
		f.Name, f.Type = cut(cleanLine(f.Name), maxName), cleanLine(f.Type)
		files[i] = f
	}
	in.Files = files
	if strings.TrimSpace(in.Text) == "" && in.Choice == nil && in.Command == "" && len(in.Files) == 0 && in.Location == nil {
		return invalid("text", "empty_message", "say something: a text, a tap, a file or a place")
	}
	return in, nil
}
