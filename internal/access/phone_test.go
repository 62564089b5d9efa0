package access

import (
	"testing"

	"github.com/parleyhq/parley/desk"
)

func TestPhoneNumber_AsPeopleWriteIt(t *testing.T) {
	for _, c := range []struct {
		text string
		lang desk.Lang
		want string // empty: no number
	}{
		{"+86 138-1234-5678", desk.English, "+8613812345678"},
		{"138 1234 5678", desk.Chinese, "+8613812345678"},
		{"(415) 555-2671", desk.English, "+14155552671"},
		{" +49 (30) 123456 ", desk.Chinese, "+4930123456"},
		{"", desk.English, ""},
		{"110", desk.Chinese, ""},
		{"+", desk.English, ""},
		{"sip:anna@example.com", desk.English, ""},
		{"+8613812345678;ext=1", desk.English, ""},
		{"call me", desk.English, ""},
		{"+8613812345678\r\nX: y", desk.English, ""},
		{"+999999999999999999999999", desk.English, ""},
	} {
		got, ok := PhoneNumber(c.text, c.lang)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("PhoneNumber(%q, %s) = %q, %v, want %q", c.text, c.lang, got, ok, c.want)
		}
	}
}
