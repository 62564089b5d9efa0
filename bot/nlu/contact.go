package nlu

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/parleyhq/parley/desk"
)

var (
	emailRE    = regexp.MustCompile(`[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*\.[a-z]{2,24}`)
	spokenRE   = regexp.MustCompile(`([a-z0-9]+(?:(?: dot |\.|_|-)[a-z0-9]+)*) (?:at|艾特) ([a-z0-9-]+(?: dot [a-z0-9-]+)*) dot (com|net|org|cn|io|edu|gov|co)\b`)
	phoneRE    = regexp.MustCompile(`\+?\(?\d[\d ().-]{4,24}\d`)
	zhPhoneRE  = regexp.MustCompile(`[零〇一二三四五六七八九幺两]{7,15}`)
	locationRE = regexp.MustCompile(`(-?\d{1,3}(?:\.\d+)?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d+)?)`)
	mapLinkRE  = regexp.MustCompile(`(?:geo:|[@=/])(-?\d{1,3}\.\d+),(-?\d{1,3}\.\d+)`)
)

func findEmails(p plain) []Entity {
	var out []Entity
	for _, m := range emailRE.FindAllStringIndex(p.s, 8) {
		_, _, text := p.span(m[0], m[1])
		local, domain, _ := strings.Cut(text, "@")
		if !strings.Contains(domain, "@") && !strings.Contains(local, "..") {
			out = append(out, p.entity(m[0], m[1], asciiFold(local)+"@"+asciiFold(strings.ToLower(domain))))
		}
	}
	for _, m := range spokenRE.FindAllStringSubmatchIndex(p.s, 4) {
		dots := func(i int) string { return strings.ReplaceAll(sub(p.s, m, i), " dot ", ".") }
		out = append(out, p.entity(m[0], m[1], dots(1)+"@"+dots(2)+"."+sub(p.s, m, 3)))
	}
	return out
}

// asciiFold turns full-width letters into plain ones and keeps their case.
func asciiFold(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0xFF01 && r <= 0xFF5E {
			return r - 0xFEE0
		}
		return r
	}, s)
}

// findPhones finds numbers that are valid in the region, or with their country
// code; a merely possible one is weak.
func findPhones(p plain, lang desk.Lang, o Options) []Entity {
	region := o.Region
	if region == "" {
		region = regionOf(o.Zone.String(), lang)
	}
	var out []Entity
	try := func(raw string, from, to int) {
		for _, r := range []string{region, "CN", "US"} {
			if r == "US" && region != "US" && !strings.HasPrefix(raw, "+") {
				continue
			}
			num, err := phonenumbers.Parse(raw, r)
			if err != nil {
				continue
			}
			valid := phonenumbers.IsValidNumber(num)
			if !valid && (r != region || !phonenumbers.IsPossibleNumber(num)) {
				continue
			}
			e := p.entity(from, to, phonenumbers.Format(num, phonenumbers.E164))
			e.Weak = !valid
			out = append(out, e)
			if valid {
				return
			}
		}
	}
	for _, m := range phoneRE.FindAllStringIndex(p.s, 8) {
		if digits := digitCount(p.s[m[0]:m[1]]); digits >= 6 && digits <= 16 && bounded(p.s, m[0], m[1]) {
			try(p.s[m[0]:m[1]], m[0], m[1])
		}
	}
	for _, m := range zhPhoneRE.FindAllStringIndex(p.s, 4) {
		digits := strings.Map(func(r rune) rune { return '0' + rune(zhDigits[r]) }, p.s[m[0]:m[1]])
		try(digits, m[0], m[1])
	}
	if digits, from, to, ok := spokenDigits(p.s); ok {
		try(digits, from, to)
	}
	return out
}

func digitCount(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			n++
		}
	}
	return n
}

// spokenDigits reads "one three eight, double zero one ...": seven or more.
func spokenDigits(s string) (digits string, from, to int, ok bool) {
	var b strings.Builder
	times := 1
	for _, m := range wordRE.FindAllStringIndex(s, 128) {
		w := s[m[0]:m[1]]
		v, unit := enUnits[w]
		switch {
		case w == "double":
			times = 2
			continue
		case w == "triple":
			times = 3
			continue
		case w == "oh":
			v, unit = 0, true
		}
		if !unit || v > 9 {
			if b.Len() >= 7 {
				break
			}
			b.Reset()
			times = 1
			continue
		}
		if b.Len() == 0 {
			from = m[0]
		}
		for range times {
			b.WriteString(strconv.Itoa(int(v)))
		}
		times, to = 1, m[1]
	}
	return b.String(), from, to, b.Len() >= 7 && b.Len() <= 15
}

// regionOf guesses where a number without a country code belongs.
func regionOf(zone string, lang desk.Lang) string {
	switch zone {
	case "Asia/Shanghai", "Asia/Chongqing", "Asia/Urumqi", "Asia/Harbin", "PRC":
		return "CN"
	case "Asia/Hong_Kong":
		return "HK"
	case "Asia/Taipei":
		return "TW"
	case "Asia/Singapore":
		return "SG"
	case "Asia/Tokyo":
		return "JP"
	case "Asia/Kolkata":
		return "IN"
	case "Europe/London":
		return "GB"
	case "Europe/Dublin":
		return "IE"
	case "Europe/Berlin":
		return "DE"
	case "Europe/Paris":
		return "FR"
	case "Australia/Sydney", "Australia/Melbourne", "Australia/Brisbane", "Australia/Perth":
		return "AU"
	}
	if strings.HasPrefix(zone, "America/") {
		return "US"
	}
	if lang == desk.Chinese {
		return "CN"
	}
	return "US"
}

func findLocations(p plain) []Entity {
	var out []Entity
	for _, re := range []*regexp.Regexp{mapLinkRE, locationRE} {
		for _, m := range re.FindAllStringSubmatchIndex(p.s, 4) {
			latText, lonText := sub(p.s, m, 1), sub(p.s, m, 2)
			lat, err1 := strconv.ParseFloat(latText, 64)
			lon, err2 := strconv.ParseFloat(lonText, 64)
			if err1 != nil || err2 != nil || lat < -90 || lat > 90 || lon < -180 || lon > 180 {
				continue
			}
			e := p.entity(m[0], m[1], decimal(lat)+","+decimal(lon))
			e.Weak = !strings.Contains(latText, ".") || !strings.Contains(lonText, ".")
			out = append(out, e)
		}
	}
	return out
}
