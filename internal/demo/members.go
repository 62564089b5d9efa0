package demo

import (
	"crypto/subtle"
	"net/http"
)

// member is somebody with a loyalty card. All of them are made up.
type member struct {
	name, pin, address string
	balance            string // yuan on the card
	points             int
}

// members by the number on their card.
var members = map[string]member{
	"1001": {"Ann Rivers", "2468", "12 Market Street", "86.50", 240},
	"1002": {"陈晓明", "1357", "人民路 12 号", "128.00", 515},
	"1003": {"Lee Park", "9753", "5 Elm Street", "4.20", 30},
}

// identify checks a member's card number and PIN. A wrong pair is refused with
// 403, which does not say which of the two is wrong.
func (b *backend) identify(c call) answer {
	m, ok := members[c.text("card")]
	right := subtle.ConstantTimeCompare([]byte(m.pin), []byte(c.text("pin"))) == 1
	if !ok || !right {
		return answer{http.StatusForbidden, failure{failureText{"not_known", "this card and PIN do not belong together"}}}
	}
	return answer{http.StatusOK, map[string]any{"name": m.name, "address": m.address}}
}

// getMember reads what is on a card.
func (b *backend) getMember(c call) answer {
	m, ok := members[c.PathValue("card")]
	if !ok {
		return answer{http.StatusOK, map[string]any{"found": false}}
	}
	return answer{http.StatusOK, map[string]any{"found": true, "name": m.name, "balance": m.balance, "points": m.points}}
}
