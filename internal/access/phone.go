package access

import (
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/parleyhq/parley/desk"
)

// PhoneNumber reads a telephone number as people write it, and returns it in
// E.164. One without its country's code is of the country where lang is spoken
// most: China for Chinese, the United States for English. False when no number
// can be like that.
func PhoneNumber(text string, lang desk.Lang) (string, bool) {
	text = strings.TrimSpace(text)
	if len(text) < 4 || len(text) > 50 || strings.ContainsFunc(text, func(r rune) bool { return !strings.ContainsRune("+0123456789 ().-/", r) }) {
		return "", false
	}
	region := "US"
	if lang == desk.Chinese {
		region = "CN"
	}
	n, err := phonenumbers.Parse(text, region)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}
