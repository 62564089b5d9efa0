package nlu

import (
	"regexp"
	"strings"
)

var currencyBefore = map[string]string{"$": "USD", "us$": "USD", "usd": "USD", "€": "EUR", "eur": "EUR", "£": "GBP", "gbp": "GBP", "¥": "CNY", "rmb": "CNY", "cny": "CNY", "人民币": "CNY"}

var currencyAfter = map[string]string{
	"dollars": "USD", "dollar": "USD", "bucks": "USD", "buck": "USD", "usd": "USD", "美元": "USD", "美金": "USD", "刀": "USD",
	"euros": "EUR", "euro": "EUR", "eur": "EUR", "欧元": "EUR", "€": "EUR",
	"pounds": "GBP", "pound": "GBP", "quid": "GBP", "gbp": "GBP", "英镑": "GBP", "£": "GBP",
	"yuan": "CNY", "rmb": "CNY", "cny": "CNY", "kuai": "CNY", "人民币": "CNY", "元": "CNY", "块钱": "CNY", "块": "CNY", "圆": "CNY",
	"$": "USD",
}

var (
	moneyBeforeRE = regexp.MustCompile(`(us\$|\$|€|£|¥|usd|eur|gbp|rmb|cny|人民币) ?$`)
	moneyAfterRE  = regexp.MustCompile(`^( |-)?(dollars?|bucks?|usd|美元|美金|刀|euros?|eur|欧元|€|pounds?|quid|gbp|英镑|£|yuan|rmb|cny|kuai|人民币|元|块钱|块|圆|\$)`)
	centsRE       = regexp.MustCompile(`^ ?(?:(?:and )?(\d{1,2}) ?cents?|([0-9零一二两三四五六七八九])(?:毛|角)(?:钱)?([0-9零一二三四五六七八九])?分?|([一二两三四五六七八九半0-9])(?:[^0-9一二三四五六七八九十百千万零]|$))`)
	jiaoRE        = regexp.MustCompile(`^ ?(毛钱|毛|角|cents?|分钱)`)
)

// findMoney finds amounts. One without a currency is weak.
func findMoney(p plain) []Entity {
	var out []Entity
	for _, n := range scanNumbers(p) {
		if n.ordinal {
			continue
		}
		from, to, v, currency := n.from, n.to, n.value, ""
		if m := moneyBeforeRE.FindStringSubmatchIndex(p.s[:from]); m != nil && bounded(p.s, m[2], m[3]) {
			currency, from = currencyBefore[p.s[m[2]:m[3]]], m[2]
		}
		if m := moneyAfterRE.FindStringSubmatchIndex(p.s[to:]); m != nil && bounded(p.s, to+m[4], to+m[5]) {
			unit := p.s[to+m[4] : to+m[5]]
			currency, to = currencyAfter[unit], to+m[1]
			more, length := cents(p.s[to:], unit)
			v, to = v+more, to+length
		} else if m := jiaoRE.FindStringSubmatchIndex(p.s[to:]); m != nil && bounded(p.s, to, to+m[1]) {
			switch unit := p.s[to+m[2] : to+m[3]]; unit {
			case "毛", "毛钱", "角":
				v, currency = v/10, "CNY"
			case "分钱":
				v, currency = v/100, "CNY"
			default:
				v, currency = v/100, "USD"
			}
			to += m[1]
		}
		e := p.entity(from, to, decimal(round6(v)))
		e.Currency, e.Weak = currency, currency == ""
		out = append(out, e)
	}
	return out
}

// cents reads what follows the unit: 三块五, 3块5毛, 3 dollars and 50 cents.
func cents(rest, unit string) (value float64, length int) {
	m := centsRE.FindStringSubmatchIndex(rest)
	if m == nil {
		return 0, 0
	}
	digit := func(i int) float64 { v, _ := parseChinese(rest[m[i]:m[i+1]]); return v }
	switch {
	case m[2] >= 0:
		return digit(2) / 100, m[1]
	case m[4] >= 0:
		value = digit(4) / 10
		if m[6] >= 0 {
			value += digit(6) / 100
		}
		return value, m[1]
	case strings.HasPrefix(unit, "块"):
		if rest[m[8]:m[9]] == "半" {
			return 0.5, m[9]
		}
		return digit(8) / 10, m[9]
	}
	return 0, 0
}
