// Package privacy finds personal data in text and hides it, by rule: telephone
// numbers, mail addresses, payment cards, bank accounts, identity numbers, codes,
// and the names and values known of the person who speaks. Whatever is kept
// longer than the conversation, or shown to a model, goes through it first.
package privacy

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
)

// Kind is what a finding is.
type Kind string

// The kinds. Hide writes them in square brackets: "[phone]".
const (
	Card    Kind = "card"    // payment card: 12 to 19 digits that pass Luhn (ISO/IEC 7812-1)
	Account Kind = "account" // IBAN that passes its check digits (ISO 13616)
	ID      Kind = "id"      // identity numbers: Chinese (GB 11643, with check digit), US social security, any longer than a telephone's
	Mail    Kind = "mail"    // mail address
	Phone   Kind = "phone"   // telephone number of 7 to 15 digits
	Secret  Kind = "secret"  // a PIN, password or code named as one
	Name    Kind = "name"    // a name that is known of the person
	Known   Kind = "known"   // another value that is known of the person
	Link    Kind = "link"    // a link that carries something after ? or #
)

// Person is what is known of who speaks. Values shorter than two characters are
// not looked for.
type Person struct {
	Names  []string // whole names; each of their words is a name too
	Values []string // addresses, numbers and the like, as they were written
}

// PersonOf is what is known of a contact. Attributes of less than four letters
// from a to z, such as "yes" and "vip", are said of many and by everybody.
func PersonOf(c desk.Contact) Person {
	p := Person{Values: []string{c.Email, c.Phone}}
	if c.Name != "" {
		p.Names = []string{c.Name}
	}
	for _, i := range c.Identities {
		p.Values = append(p.Values, i.Address)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Attributes)) {
		if v := c.Attributes[name]; len(v) > 3 || strings.IndexFunc(v, func(r rune) bool { return r > 'z' || !unicode.IsLetter(r) }) >= 0 {
			p.Values = append(p.Values, v)
		}
	}
	return p
}

// Finding is personal data in a text, by byte offsets.
type Finding struct {
	Kind       Kind
	Start, End int
}

var (
	mail   = regexp.MustCompile(`(?i)[a-z0-9._%+\-]{1,64}[@＠][a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63}){1,6}`)
	link   = regexp.MustCompile(`(?i)https?://[^\s?#]{1,500}[?#][^\s]{1,1000}`)
	digits = regexp.MustCompile(`[+＋]?[(（]?` + digit + `(?:[ .\-()/\x{00A0}\x{200B}-\x{200F}\x{2060}\x{FEFF}\x{3000}（）－．]{0,2}` + digit + `){6,24}`)
	spoken = regexp.MustCompile(`[零〇一二三四五六七八九幺](?:[ ，,]?[零〇一二三四五六七八九幺]){6,24}`)
	iban   = regexp.MustCompile(`\b[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{2,4}){3,8}\b`)
	zhID   = regexp.MustCompile(`\b\d{17}[\dXx]\b`)
	ssn    = regexp.MustCompile(`\b\d{3}-\d{2}-\d{4}\b`)
	secret = regexp.MustCompile(`(?i)(?:\b(?:pin|password|passcode|cvv|cvc|otp|security code|verification code|passwd)\b|密码|口令|验证码|安全码)\s*(?:is|are|=|:|：|是|为)?\s*([^\s,.;，。；、]{3,64})`)
	pin    = regexp.MustCompile(`(?i)\b(?:pin|cvv2?|cvc2?|otp)(?: ?(?:code|number|no\.?))?(?: is)?[ :]{0,2}(\d{3,8})\b`)
	groups = regexp.MustCompile(`\b\d{4}(?:[^\pL\d]{1,3}\d{4}){3}\b`) // as cards are read out, whatever is between
	date   = regexp.MustCompile(`^(?:\d{1,2} )?` + day + `(?: \d{1,2}(?:\.\d{2})?)?(?:[ /-]{1,2}` + day + `)?$`)
	amount = regexp.MustCompile(`(?i)^ ?(?:元|块|万|yuan|rmb|cny|dollars?|usd|euros?|eur|pounds?|gbp|đ|vnd|[¥￥$€£₫])`)
)

// day is a date with its year.
const day = `(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4})`

// digit is one, also as East Asian keyboards write it.
const digit = `[0-9０-９]`

// Find returns the personal data of a text, in its order, none overlapping
// another. Where two could be meant, the one named first in Kind's list wins.
func Find(text string, p Person) []Finding {
	var out []Finding
	add := func(k Kind, start, end int) {
		if start < end && !slices.ContainsFunc(out, func(f Finding) bool { return start < f.End && f.Start < end }) {
			out = append(out, Finding{k, start, end})
		}
	}
	all := func(k Kind, re *regexp.Regexp, ok func(string) bool) {
		for _, m := range re.FindAllStringIndex(text, -1) {
			if s := text[m[0]:m[1]]; ok == nil || ok(s) {
				add(k, m[0], m[1])
			}
		}
	}
	all(ID, zhID, chineseID)
	all(Card, digits, card)
	all(Card, groups, card)
	all(Account, iban, account)
	all(ID, ssn, nil)
	all(Mail, mail, nil)
	all(Link, link, nil)
	for _, re := range []*regexp.Regexp{secret, pin} {
		for _, m := range re.FindAllStringSubmatchIndex(text, -1) {
			if s := text[m[2]:m[3]]; strings.ContainsFunc(s, unicode.IsDigit) {
				add(Secret, m[2], m[3])
			}
		}
	}
	for _, m := range digits.FindAllStringIndex(text, -1) {
		if s := text[m[0]:m[1]]; phone(s) && !price(text, m[0], m[1]) {
			add(Phone, m[0], m[1])
		}
	}
	all(Phone, spoken, nil)
	all(ID, digits, func(s string) bool { return len(onlyDigits(s)) > 15 && !date.MatchString(s) }) // whatever it is, it names one thing only
	for _, v := range known(p.Values, false) {
		eachWord(text, v, func(start, end int) { add(Known, start, end) })
	}
	for _, v := range known(p.Names, true) {
		eachWord(text, v, func(start, end int) { add(Name, start, end) })
	}
	slices.SortFunc(out, func(a, b Finding) int { return cmp.Compare(a.Start, b.Start) })
	return out
}

// Hide writes the kind in place of each finding: "call [phone]". A text without
// any comes back as it is.
func Hide(text string, p Person) string {
	found := Find(text, p)
	if len(found) == 0 {
		return text
	}
	var b strings.Builder
	from := 0
	for _, f := range found {
		b.WriteString(text[from:f.Start])
		b.WriteString("[" + string(f.Kind) + "]")
		from = f.End
	}
	b.WriteString(text[from:])
	return b.String()
}

// known is what to look for, the longest first.
func known(values []string, words bool) []string {
	var out []string
	add := func(s string) {
		if s = strings.TrimSpace(s); utf8.ValidString(s) && utf8.RuneCountInString(s) >= 2 && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for _, v := range values {
		add(v)
		if fields := strings.Fields(v); words && len(fields) > 1 {
			for _, w := range fields {
				if utf8.RuneCountInString(w) > 2 || !ascii(w) {
					add(w)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return out
}

// eachWord finds word in text whatever its case, where no letter or digit of
// its own script goes on on either side.
func eachWord(text, word string, found func(start, end int)) {
	for i := 0; i+len(word) <= len(text); {
		if len(text[i:]) >= len(word) && strings.EqualFold(text[i:i+len(word)], word) && edge(text, i, word) && edge(text, i+len(word), word) {
			found(i, i+len(word))
			i += len(word)
			continue
		}
		_, n := utf8.DecodeRuneInString(text[i:])
		i += n
	}
}

func edge(text string, at int, word string) bool {
	if !ascii(word) {
		return true // Chinese has no spaces between words
	}
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	after, _ := utf8.DecodeRuneInString(text[at:])
	return at == 0 || at == len(text) || !latin(before) || !latin(after)
}

func latin(r rune) bool {
	return r != utf8.RuneError && !unicode.Is(unicode.Han, r) && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		}
		return -1
	}, s)
}

// card reports whether s is a payment card's number.
func card(s string) bool {
	d := onlyDigits(s)
	if len(d) < 12 || len(d) > 19 || strings.Count(d, d[:1]) == len(d) {
		return false
	}
	sum := 0
	for i := range len(d) {
		n := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

func phone(s string) bool {
	n := len(onlyDigits(s))
	return n >= 7 && n <= 15 && !date.MatchString(s)
}

// price reports whether a currency stands beside the number at start to end.
func price(text string, start, end int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:start])
	return strings.ContainsRune("¥￥$€£₫", before) || amount.MatchString(text[end:])
}

// chineseID checks the last character of a Chinese identity number (GB 11643).
func chineseID(s string) bool {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += w * int(s[i]-'0')
	}
	return "10X98765432"[sum%11] == strings.ToUpper(s)[17]
}

// account checks an IBAN: moved and read in base 36 it is 1 modulo 97.
func account(s string) bool {
	s = strings.ToUpper(strings.ReplaceAll(s, " ", ""))
	if len(s) < 15 || len(s) > 34 {
		return false
	}
	rest := 0
	for _, r := range s[4:] + s[:4] {
		switch {
		case r >= '0' && r <= '9':
			rest = (rest*10 + int(r-'0')) % 97
		default:
			rest = (rest*100 + int(r-'A') + 10) % 97
		}
	}
	return rest == 1
}
