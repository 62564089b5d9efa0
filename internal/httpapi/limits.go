package httpapi

import (
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/parleyhq/parley/desk"
)

// rateClass names a budget of calls.
type rateClass string

// The budgets. Routes without one use usual.
const (
	usual    rateClass = ""
	arrivals rateClass = "arrivals" // sessions begun from one address
	sending  rateClass = "sending"  // messages of one customer
	upload   rateClass = "upload"
	signIns  rateClass = "sign-ins"
	calling  rateClass = "calling" // calls set up by one customer or agent
	unpaced  rateClass = "unpaced" // health checks

	callsFrom rateClass = "calls from" // calls set up, and asked for, from one address
)

// Rate is how often something may happen: Every second on average, Burst at once.
type Rate struct {
	Every float64
	Burst int
}

// Rates are the budgets of calls. A customer is counted by his contact, a
// user by his id, everybody else by address.
type Rates struct {
	Usual, Arrivals, Sending, Upload, SignIns, Calling, CallsFrom Rate
}

// DefaultRates suit one shop with many customers behind few addresses.
var DefaultRates = Rates{
	Usual:    Rate{20, 100},
	Arrivals: Rate{5, 60},
	Sending:  Rate{2, 20},
	Upload:   Rate{0.2, 10},
	SignIns:  Rate{1, 20},

	Calling:   Rate{0.1, 6},
	CallsFrom: Rate{0.5, 30},
}

// limits counts calls. It keeps at most maxBuckets buckets and forgets the
// full ones first, so that it stays small whoever calls.
type limits struct {
	rates Rates
	now   func() time.Time

	mu      sync.Mutex // guards buckets
	buckets map[string]*rate.Limiter
}

const maxBuckets = 50_000

func newLimits(r Rates, now func() time.Time) *limits {
	return &limits{rates: r, now: now, buckets: map[string]*rate.Limiter{}}
}

func (l *limits) rate(c rateClass) Rate {
	switch c {
	case arrivals:
		return l.rates.Arrivals
	case sending:
		return l.rates.Sending
	case upload:
		return l.rates.Upload
	case signIns:
		return l.rates.SignIns
	case calling:
		return l.rates.Calling
	case callsFrom:
		return l.rates.CallsFrom
	}
	return l.rates.Usual
}

// tooSoon is the cause of a refused call that may be repeated later.
type tooSoon struct{ wait time.Duration }

func (e tooSoon) Error() string { return "too many calls" }

// RetryAfter is how long to wait.
func (e tooSoon) RetryAfter() time.Duration { return e.wait }

// take counts one call of who against class, or refuses it.
func (l *limits) take(class rateClass, who *caller) error {
	if class == unpaced {
		return nil
	}
	key := "address " + who.From.Address
	switch {
	case who.Visitor != nil:
		key = "contact " + string(who.Visitor.Contact)
	case who.User != nil:
		key = "user " + string(who.User.ID)
	}
	return l.takeKey(class, key)
}

func (l *limits) takeKey(class rateClass, key string) error {
	r := l.rate(class)
	if r.Burst == 0 {
		return nil
	}
	now := l.now()
	key = string(class) + " " + key
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[key]
	if b == nil {
		if len(l.buckets) >= maxBuckets {
			l.makeRoom(now)
		}
		b = rate.NewLimiter(rate.Limit(r.Every), r.Burst)
		l.buckets[key] = b
	}
	res := b.ReserveN(now, 1)
	wait := res.DelayFrom(now)
	if wait <= 0 {
		return nil
	}
	res.CancelAt(now)
	seconds := int(math.Ceil(wait.Seconds()))
	return desk.Errorf(desk.TooMany, "rate_limited", "%w; try again in %d s", tooSoon{wait}, seconds)
}

func (l *limits) makeRoom(now time.Time) {
	for k, b := range l.buckets {
		if b.TokensAt(now) >= float64(b.Burst()) {
			delete(l.buckets, k)
		}
	}
	for k := range l.buckets {
		if len(l.buckets) < maxBuckets*9/10 {
			return
		}
		delete(l.buckets, k)
	}
}
