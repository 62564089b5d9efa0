package intake

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Site says which pages of the web are a source, and how gently they are read.
type Site struct {
	Start   []string `json:"start" nullable:"false" doc:"Addresses of pages or sitemaps to begin with, at most 1000."`
	Find    Find     `json:"find,omitempty" enum:"auto,list,links" doc:"How further pages are found; auto unless said: by the site's sitemap, or else by links."`
	Include []string `json:"include,omitempty" doc:"Only addresses whose path begins with one of these; empty: those below the start's own folder."`
	Exclude []string `json:"exclude,omitempty" doc:"No addresses whose path begins with one of these."`
	Depth   int      `json:"depth,omitempty" minimum:"0" maximum:"20" doc:"How many links away from the start; 5 unless said."`
	Pages   int      `json:"pages,omitempty" minimum:"0" maximum:"20000" doc:"How many pages at most; 2000 unless said."`
	MiB     int      `json:"mib,omitempty" minimum:"0" maximum:"10000" doc:"How much is fetched at most, in MiB; 500 unless said."`
	Minutes int      `json:"minutes,omitempty" minimum:"0" maximum:"600" doc:"How long a run may take; 120 unless said."`
	DelayMS int      `json:"delay_ms,omitempty" minimum:"0" maximum:"60000" doc:"Pause between two pages of a host, in milliseconds; 500 unless said. A longer Crawl-delay of robots.txt wins."`
}

// Find is a way to find pages.
type Find string

// The ways to find pages.
const (
	FindAuto  Find = "auto"  // by the sitemap; where there is none, by links
	FindList  Find = "list"  // only the addresses in Start, and in sitemaps among them
	FindLinks Find = "links" // by links
)

// check fills in what is missing and reports what is wrong.
func (s Site) check() (Site, error) {
	bad := func(field, format string, args ...any) (Site, error) {
		return s, &desk.Error{Kind: desk.Invalid, Code: "bad_source", Field: "settings.site." + field, Message: fmt.Sprintf(format, args...)}
	}
	if len(s.Start) == 0 || len(s.Start) > 1000 {
		return bad("start", "name 1 to 1000 addresses to begin with")
	}
	for i, raw := range s.Start {
		u, ok := webURL(raw)
		if !ok {
			return bad(fmt.Sprintf("start[%d]", i), "%q is no address such as https://help.example.com/", clip(raw, 100))
		}
		s.Start[i] = u.String()
	}
	switch s.Find {
	case "":
		s.Find = FindAuto
	case FindAuto, FindList, FindLinks:
	default:
		return bad("find", "use auto, list or links")
	}
	for _, b := range []struct {
		field     string
		v         *int
		def, most int
	}{{"depth", &s.Depth, 5, 20}, {"pages", &s.Pages, 2000, MaxPages}, {"mib", &s.MiB, 500, 10000}, {"minutes", &s.Minutes, 120, 600}, {"delay_ms", &s.DelayMS, 500, 60000}} {
		if *b.v == 0 {
			*b.v = b.def
		}
		if *b.v < 0 || *b.v > b.most {
			return bad(b.field, "use 1 to %d", b.most)
		}
	}
	if len(s.Include)+len(s.Exclude) > 200 {
		return bad("include", "at most 200 beginnings of paths")
	}
	for _, p := range slices.Concat(s.Include, s.Exclude) {
		if !strings.HasPrefix(p, "/") {
			return bad("include", "%q does not begin with /", clip(p, 100))
		}
	}
	return s, nil
}

// webURL reads an address of the web and makes one of all its spellings.
func webURL(raw string) (*url.URL, bool) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || len(raw) > maxURL {
		return nil, false
	}
	u.Host = strings.ToLower(u.Host)
	if port := u.Port(); port == "80" && u.Scheme == "http" || port == "443" && u.Scheme == "https" {
		u.Host = u.Hostname()
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.Fragment, u.RawFragment = "", ""
	if u.RawQuery != "" {
		q := u.Query()
		for k := range q {
			if strings.HasPrefix(k, "utm_") || k == "fbclid" || k == "gclid" || k == "sessionid" || strings.EqualFold(k, "phpsessid") {
				q.Del(k)
			}
		}
		u.RawQuery = q.Encode()
	}
	return u, true
}

// scope is which addresses belong to a site.
type scope struct {
	hosts            map[string]bool
	include, exclude []string
	below            map[string][]string // by host: folders of the starts, when nothing is included by name
}

func (s Site) scope() *scope {
	sc := &scope{hosts: map[string]bool{}, include: s.Include, exclude: s.Exclude, below: map[string][]string{}}
	for _, raw := range s.Start {
		if u, ok := webURL(raw); ok {
			sc.begin(u)
		}
	}
	return sc
}

// begin takes a start, or what it redirected to, into the scope.
func (sc *scope) begin(u *url.URL) {
	host := bare(u.Host)
	sc.hosts[host] = true
	dir := u.Path[:strings.LastIndexByte(u.Path, '/')+1]
	if strings.HasSuffix(u.Path, ".xml") || strings.HasSuffix(u.Path, ".xml.gz") {
		dir = "/" // a sitemap speaks for its host
	}
	sc.below[host] = append(sc.below[host], dir)
}

func (sc *scope) holds(u *url.URL) bool {
	starts := func(p string) bool { return strings.HasPrefix(u.Path, p) }
	if !sc.hosts[bare(u.Host)] || slices.ContainsFunc(sc.exclude, starts) {
		return false
	}
	if len(sc.include) > 0 {
		return slices.ContainsFunc(sc.include, starts)
	}
	return slices.ContainsFunc(sc.below[bare(u.Host)], starts)
}

// bare is a host without "www.", which sites redirect to and from.
func bare(host string) string { return strings.TrimPrefix(host, "www.") }

func (s Site) delay() time.Duration { return time.Duration(s.DelayMS) * time.Millisecond }
