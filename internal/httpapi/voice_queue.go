package httpapi

import (
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
)

// The bounds of what is heard and seen in a queue.
const (
	maxAnnounce = 500 // characters
	maxAddress  = 1000
	minEvery    = 5 // seconds between announcements
	maxEvery    = 600
)

var plainName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// checkOnHold refuses what callers could not be played or shown.
func checkOnHold(h desk.OnHold) error {
	bad := func(field, code, message string) error {
		return &desk.Error{Kind: desk.Invalid, Code: code, Message: message, Field: "on_hold." + field}
	}
	for _, text := range h.Announce {
		if utf8.RuneCountInString(text) > maxAnnounce {
			return bad("announce", "announce_long", "an announcement has at most 500 characters")
		}
	}
	for lang, name := range h.Prompts {
		if lang != desk.English && lang != desk.Chinese && lang != "" || !plainName.MatchString(name) {
			return bad("prompts", "prompt_name", "for each of en and zh, the name of an uploaded prompt")
		}
	}
	switch {
	case h.Music != "" && !plainName.MatchString(h.Music):
		return bad("music", "prompt_name", "music is the name of an uploaded prompt")
	case h.Every != 0 && (h.Every < minEvery || h.Every > maxEvery):
		return bad("every", "every_range", "an announcement comes every 5 to 600 seconds")
	case !showable(h.Picture):
		return bad("picture", "address_form", "a picture is an https:// address or an address of ours that begins with /")
	case !showable(h.Video):
		return bad("video", "address_form", "a video is an https:// address or an address of ours that begins with /")
	}
	return nil
}

// showable reports whether customers' pages may load what is at address.
func showable(address string) bool {
	if address == "" {
		return true
	}
	u, err := url.Parse(address)
	if err != nil || len(address) > maxAddress || strings.ContainsAny(address, "\\<>\"' ") {
		return false
	}
	if u.Scheme == "https" {
		return u.Host != "" && u.User == nil
	}
	return u.Scheme == "" && u.Host == "" && strings.HasPrefix(u.Path, "/") && !strings.HasPrefix(u.Path, "//")
}

func checkDispositions(list []desk.Disposition) error {
	seen := map[string]bool{}
	for _, d := range list {
		if !plainName.MatchString(d.Key) || seen[d.Key] || d.Title.IsZero() {
			return &desk.Error{Kind: desk.Invalid, Code: "disposition", Message: "a result has a key of its own, of small letters, digits, - and _, and a title", Field: "dispositions"}
		}
		seen[d.Key] = true
	}
	return nil
}
