package intake

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// robotsOf is what a host lets us do; it is asked once a run. A host whose
// robots.txt cannot be had because it is in trouble is left alone.
func (c *crawl) robotsOf(ctx context.Context, u *url.URL) (robots, error) {
	host := u.Scheme + "://" + u.Host
	if r, ok := c.robots[host]; ok {
		return r, nil
	}
	at := &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}
	var r robots
	for range maxHops {
		a, err := c.ask(ctx, at, Known{}, 0)
		if ctx.Err() != nil {
			return robots{}, ctx.Err()
		}
		if err != nil || a.status >= 500 || a.status == http.StatusTooManyRequests {
			r = robots{closed: true, why: problemOf(at.String(), a.status, err)}
			break
		}
		if a.status >= 300 && a.status < 400 && a.url.String() != at.String() {
			at = a.url
			continue
		}
		if a.status == http.StatusOK {
			r = parseRobots(decode(a.body[:min(len(a.body), robotsSize)]), agentName)
		}
		break
	}
	c.robots[host] = r
	return r, nil
}

// fetch asks for an address and follows redirects, each hop as politely as the
// first. A problem means that it may not be read; an error that it could not.
func (c *crawl) fetch(ctx context.Context, u *url.URL, known Known) (a answer, problem *Problem, err error) {
	start := u.String()
	for range maxHops {
		r, err := c.robotsOf(ctx, u)
		if err != nil {
			return a, nil, err
		}
		if r.closed {
			p := r.why
			p.Key = start
			if p.Code != errPrivate.Code {
				p.Message = "the site's robots.txt could not be read, so its pages are left alone: " + p.Message
			}
			return a, &p, nil
		}
		if !r.allows(requestPath(u)) {
			return a, &Problem{start, "robots", "the site's robots.txt does not allow " + agentName + " to read it"}, nil
		}
		if a, err = c.patient(ctx, u, known, r.delay); err != nil {
			return a, nil, err
		}
		if a.status < 300 || a.status >= 400 || a.status == http.StatusNotModified {
			a.url = u
			return a, nil, nil
		}
		next, ok := webURL(a.url.String())
		if !ok || next.String() == u.String() {
			return a, &Problem{start, "redirect", "the page leads to itself or nowhere"}, nil
		}
		if bare(next.Host) != bare(u.Host) {
			return a, &Problem{start, "moved_away", "it leads to " + clip(next.String(), 200) + ", which is another site: make that a source if it is wanted"}, nil
		}
		u, known = next, Known{}
	}
	return a, &Problem{start, "redirect", "the page leads on and on"}, nil
}

func requestPath(u *url.URL) string {
	p := u.EscapedPath()
	if u.RawQuery != "" {
		p += "?" + u.RawQuery
	}
	return p
}

// patient asks again when the site is busy.
func (c *crawl) patient(ctx context.Context, u *url.URL, known Known, delay time.Duration) (a answer, err error) {
	for try := range 3 {
		a, err = c.ask(ctx, u, known, delay)
		busy := err == nil && (a.status == http.StatusTooManyRequests || a.status >= 500)
		if !busy || try == 2 {
			return a, err
		}
		if a.after == 0 {
			a.after = c.site.delay() * time.Duration(4<<(2*try))
		}
		if err := c.web.wait(ctx, min(a.after, longWait)); err != nil {
			return a, err
		}
	}
	return a, err
}

// ask waits until it is this host's turn and asks once.
func (c *crawl) ask(ctx context.Context, u *url.URL, known Known, delay time.Duration) (answer, error) {
	if err := c.tell(ctx, c.visited, c.added, c.bytes); err != nil { // a slow site is no dead run
		c.quit(err)
		return answer{}, err
	}
	delay = min(max(delay, c.site.delay()), longWait)
	if last, asked := c.last[u.Host]; asked {
		if d := last.Add(delay).Sub(c.now()); d > 0 {
			if err := c.web.wait(ctx, d); err != nil {
				return answer{}, err
			}
		}
	}
	a, err := c.web.get(ctx, u, known.ETag, known.Modified)
	c.last[u.Host] = c.now()
	c.bytes += int64(len(a.body))
	return a, err
}
