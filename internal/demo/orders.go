package demo

import (
	"net/http"
	"strings"
	"time"
)

// The life of an order, by its age.
const (
	makingTime   = 10 * time.Minute
	deliveryTime = 30 * time.Minute
)

type order struct {
	number, drink, size, address, payment, note string
	total                                       int // yuan
	at                                          time.Time
	cancelled                                   bool
}

type orderView struct {
	Number  string `json:"number"`
	Drink   string `json:"drink"`
	Size    string `json:"size"`
	Address string `json:"address"`
	Payment string `json:"payment"`
	Note    string `json:"note,omitempty"`
	Total   int    `json:"total"`
	Status  string `json:"status"` // making, on_the_way, delivered, cancelled
	ETA     int    `json:"eta_minutes"`
}

type placed struct {
	Order orderView `json:"order"`
}

type found struct {
	Found bool       `json:"found"`
	Order *orderView `json:"order,omitempty"`
}

type changed struct {
	Cancelled bool   `json:"cancelled"`
	Changed   bool   `json:"changed"`
	Reason    string `json:"reason,omitempty"` // unknown, left, cancelled
}

// prices are those of the articles, in yuan: small and large.
func priceOf(drink, size string) (int, bool) {
	prices := map[string][2]int{"americano": {18, 22}, "latte": {24, 28}, "flat_white": {26, 30}}
	p, ok := prices[drink]
	switch {
	case ok && size == "small":
		return p[0], true
	case ok && size == "large":
		return p[1], true
	}
	return 0, false
}

func deliveryFee(sum int) int {
	if sum >= 60 {
		return 0
	}
	return 6
}

func (b *backend) placeOrder(c call) answer {
	o := order{drink: c.text("drink"), size: c.text("size"), address: c.text("address"), payment: c.text("payment"), note: c.text("note")}
	if o.drink == "cappuccino" {
		return bad("not_delivered", "cappuccino is not delivered")
	}
	price, ok := priceOf(o.drink, o.size)
	switch {
	case !ok:
		return bad("unknown_drink", "drink is latte, americano or flat_white, size is small or large")
	case len(o.address) < 4:
		return bad("no_address", "an address of at least 4 characters is needed")
	case o.payment != "online" && o.payment != "cash":
		return bad("unknown_payment", "payment is online or cash")
	}
	o.number, o.at, o.total = b.number("A"), b.now(), price+deliveryFee(price)
	b.orders.put(o.number, o)
	return answer{http.StatusCreated, placed{b.view(o)}}
}

// orderNumber is the number that a call names. On a telephone its letter is
// left out.
func orderNumber(c call) string {
	n := strings.ToUpper(c.PathValue("number"))
	if n != "" && n[0] >= '0' && n[0] <= '9' {
		n = "A" + n
	}
	return n
}

func (b *backend) getOrder(c call) answer {
	o, ok := b.orders.get(orderNumber(c))
	if !ok {
		return answer{http.StatusOK, found{}}
	}
	v := b.view(o)
	return answer{http.StatusOK, found{Found: true, Order: &v}}
}

func (b *backend) cancelOrder(c call) answer {
	return b.change(c, func(o *order) changed {
		o.cancelled = true
		return changed{Cancelled: true, Changed: true}
	})
}

func (b *backend) changeAddress(c call) answer {
	address := c.text("address")
	if len(address) < 4 {
		return bad("no_address", "an address of at least 4 characters is needed")
	}
	return b.change(c, func(o *order) changed {
		o.address = address
		return changed{Changed: true}
	})
}

// change does f to an order that has not left the shop.
func (b *backend) change(c call, f func(*order) changed) answer {
	o, ok := b.orders.get(orderNumber(c))
	switch {
	case !ok:
		return answer{http.StatusOK, changed{Reason: "unknown"}}
	case o.cancelled:
		return answer{http.StatusOK, changed{Reason: "cancelled"}}
	case b.now().Sub(o.at) >= makingTime:
		return answer{http.StatusOK, changed{Reason: "left"}}
	}
	result := f(&o)
	b.orders.put(o.number, o)
	return answer{http.StatusOK, result}
}

func (b *backend) view(o order) orderView {
	v := orderView{Number: o.number, Drink: o.drink, Size: o.size, Address: o.address, Payment: o.payment, Note: o.note, Total: o.total}
	age := b.now().Sub(o.at)
	left := max(0, int((deliveryTime-age).Round(time.Minute)/time.Minute))
	switch {
	case o.cancelled:
		v.Status = "cancelled"
	case age >= deliveryTime:
		v.Status = "delivered"
	case age >= makingTime:
		v.Status, v.ETA = "on_the_way", left
	default:
		v.Status, v.ETA = "making", left
	}
	return v
}
