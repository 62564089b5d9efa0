package intake

import (
	"strings"
	"testing"
	"time"
)

func TestRobots_LongestRuleOfTheNearestGroupDecides(t *testing.T) {
	text := `
User-agent: other
Disallow: /

User-agent: *
Disallow: /all
Crawl-delay: 9

User-agent: friend
User-agent: PARLEYBOT/1.0 # that is us
Disallow: /private
Allow: /private/open
Disallow: /*.cgi$
Disallow: /a*/z
Disallow: /内部/
Disallow: /%7etmp
Crawl-delay: 0.5
Sitemap: https://x.test/map.xml
`
	r := parseRobots(text, "ParleyBot")
	for path, want := range map[string]bool{
		"/": true, "/all": true, "/private": false, "/private/x": false, "/private/open/y": true, "/run.cgi": false, "/run.cgi?x": true,
		"/abc/z": false, "/abc/y": true, "/robots.txt": true,
		"/%E5%86%85%E9%83%A8/x": false, "/%e5%86%85%e9%83%a8/x": false, "/~tmp/x": false,
	} {
		if got := r.allows(path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
	if r.delay != 500*time.Millisecond || len(r.sitemaps) != 1 {
		t.Errorf("got %v, %v", r.delay, r.sitemaps)
	}
	if all := parseRobots(text, "Somebody"); all.allows("/all/x") || !all.allows("/private") || all.delay != 9*time.Second {
		t.Errorf("the group for everybody: %+v", all)
	}
	if !parseRobots("", "ParleyBot").allows("/x") || !parseRobots("User-agent: *\nDisallow:", "ParleyBot").allows("/x") {
		t.Error("no rule forbids nothing")
	}
}

func FuzzRobots(f *testing.F) {
	f.Add("User-agent: *\nDisallow: /a*b$\nAllow: /", "/axb")
	f.Fuzz(func(t *testing.T, text, path string) {
		if r := parseRobots(text, agentName); !strings.Contains(text, ":") && !r.allows(path) {
			t.Errorf("%q forbids %q", text, path)
		}
	})
}

func FuzzSitemap(f *testing.F) {
	f.Add([]byte("<urlset><url><loc>https://a.test/x</loc></url></urlset>"))
	f.Add([]byte("\x1f\x8b\x08"))
	f.Fuzz(func(t *testing.T, b []byte) {
		urls, _, _ := readSitemap(b)
		for _, u := range urls {
			if u == "" || len(u) > maxURL {
				t.Errorf("got an address of %d bytes", len(u))
			}
		}
	})
}
