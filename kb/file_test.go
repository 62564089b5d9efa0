package kb

import (
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
)

func TestParseFile(t *testing.T) {
	f, err := ParseFile("articles/opening-hours.zh.md", []byte("---\r\ntitle: 营业时间\r\nquestions: [几点开门, '几点开门']\r\ntags: [shop]\r\naudience: agents\r\nvalid_from: 2026-01-02\r\nvalid_to: 2027-01-02T03:04:05Z\r\n---\r\n\r\n# 早上\r\n\r\n---\r\n七点。\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	if f.Slug != "opening-hours" || f.Lang != desk.Chinese || f.Title != "营业时间" || len(f.Questions) != 1 || f.Audience != Agents ||
		f.Body != "# 早上\n\n---\n七点。" || !f.ValidFrom.Equal(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)) || f.ValidTo.Hour() != 3 {
		t.Errorf("got %+v", f)
	}
	for _, c := range []struct{ name, data, want string }{
		{"a.md", "---\ntitle: x\n---\ny", "SLUG.en.md"},
		{"a.de.md", "---\ntitle: x\n---\ny", "SLUG.en.md"},
		{"A B.en.md", "---\ntitle: x\n---\ny", "slug"},
		{"a.en.md", "no front matter", "front matter"},
		{"a.en.md", "---\ntitle: x\nbody", "front matter"},
		{"a.en.md", "---\ntitel: x\n---\ny", "a.en.md:2:"},
		{"a.en.md", "---\ntitle: x\ntags: {}\n---\ny", "a.en.md:3:"},
		{"a.en.md", "---\ntitle: x\n---\n \n", "text"},
		{"a.en.md", "---\nquestions: [a]\n---\ny", "title"},
		{"a.en.md", "---\ntitle: x\ntags: [a]\nvalid_to: soon\n---\ny", "a.en.md:4:"},
		{"a.en.md", "---\ntitle: x\naudience: all\n---\ny", "audience"},
	} {
		_, err := ParseFile(c.name, []byte(c.data))
		if err == nil || !strings.Contains(err.Error(), c.want) || !desk.IsKind(err, desk.Invalid) {
			t.Errorf("%s %q: got %v, want %q in it", c.name, c.data, err, c.want)
		}
	}
}
