package voice

import (
	"strconv"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
)

// How long a key waits for the next.
const (
	betweenChoices = 1500 * time.Millisecond // a longer choice may follow
	betweenDigits  = 4 * time.Second         // of a number
)

// maxDigits bounds an answer of several digits.
const maxDigits = 20

// question is what keys answer now.
type question struct {
	message desk.ID
	options []desk.Option // with the keys of the telephone
	input   *desk.Input
}

// pressed is what keys meant.
type pressed struct {
	kind   pressedKind
	option string // of pressedChoice
	text   string // of pressedText
	verb   desk.Verb
	wait   time.Duration // of pressedMore
}

type pressedKind int

const (
	pressedMore    pressedKind = iota // wait for another key
	pressedChoice                     // an option
	pressedText                       // an answer, or a key that means nothing here
	pressedCommand                    // back, or a person
	pressedRepeat
	pressedHint // keys cannot answer this
)

// keypad puts keys together to answers. It belongs to the call's goroutine.
type keypad struct{ buf string }

// press takes one key.
func (k *keypad) press(q question, key byte) pressed {
	if q.collects() {
		return k.collect(q, key)
	}
	return k.choose(q, key)
}

// pause takes that no further key came in time.
func (k *keypad) pause(q question) pressed {
	buf := k.buf
	k.buf = ""
	switch {
	case buf == "":
		return pressed{kind: pressedMore}
	case q.collects():
		return done(q, buf)
	}
	if id, _ := q.match(buf); id != "" {
		return pressed{kind: pressedChoice, option: id}
	}
	return pressed{kind: pressedText, text: buf}
}

// reset forgets what was pressed so far.
func (k *keypad) reset() { k.buf = "" }

func (k *keypad) choose(q question, key byte) pressed {
	before := k.buf
	k.buf = ""
	said := before + string(key)
	id, longer := q.match(said)
	switch {
	case longer:
		k.buf = said
		return pressed{kind: pressedMore, wait: betweenChoices}
	case id != "":
		return pressed{kind: pressedChoice, option: id}
	case before != "" && key == '#':
		k.buf = before
		return k.pause(q)
	case before != "":
		return pressed{kind: pressedText, text: said}
	case key == '*':
		return pressed{kind: pressedCommand, verb: desk.PickBack}
	case key == '#':
		return pressed{kind: pressedRepeat}
	case key == '0':
		return pressed{kind: pressedCommand, verb: desk.PickHuman}
	case q.onPage():
		return pressed{kind: pressedHint}
	}
	return pressed{kind: pressedText, text: said}
}

func (k *keypad) collect(q question, key byte) pressed {
	switch {
	case key == '#' && k.buf == "":
		if id, _ := q.match("#"); id != "" {
			return pressed{kind: pressedChoice, option: id}
		}
		return pressed{kind: pressedRepeat}
	case key == '#':
		return k.pause(q)
	case key == '*' && k.buf == "":
		return pressed{kind: pressedCommand, verb: desk.PickBack}
	case key == '*' && q.decimal():
		k.buf += "."
	case key == '*': // typed wrong: from the beginning
		k.buf = ""
		return pressed{kind: pressedMore, wait: betweenDigits}
	case key < '0' || key > '9':
		return pressed{kind: pressedMore, wait: betweenDigits}
	default:
		k.buf += string(key)
	}
	if len(k.buf) >= q.longest(k.buf) {
		return k.pause(q)
	}
	return pressed{kind: pressedMore, wait: betweenDigits}
}

// done makes the answer of collected digits.
func done(q question, digits string) pressed {
	if digits == "0" && !q.decimal() && q.input.Type != desk.SlotPattern {
		return pressed{kind: pressedCommand, verb: desk.PickHuman}
	}
	return pressed{kind: pressedText, text: digits}
}

// match finds the option of a key, and whether a longer key begins with it.
func (q question) match(key string) (id string, longer bool) {
	for _, o := range q.options {
		if o.Key == key {
			id = o.ID
		} else if len(o.Key) > len(key) && strings.HasPrefix(o.Key, key) {
			longer = true
		}
	}
	return id, longer
}

// collects reports whether the answer is several digits.
func (q question) collects() bool { return q.input != nil && collects(q.input.Type) }

func collects(t desk.SlotType) bool {
	switch t {
	case desk.SlotNumber, desk.SlotMoney, desk.SlotDate, desk.SlotTime, desk.SlotDateTime, desk.SlotPhone, desk.SlotPattern:
		return true
	}
	return false
}

// onPage reports whether only words, or the page, can answer.
func (q question) onPage() bool {
	if q.input == nil {
		return false
	}
	switch q.input.Type {
	case desk.SlotText, desk.SlotAddress, desk.SlotEmail, desk.SlotLocation, desk.SlotAttachment:
		return true
	}
	return false
}

// open reports whether nothing is asked.
func (q question) open() bool { return len(q.options) == 0 && q.input == nil }

func (q question) decimal() bool {
	return q.input.Type == desk.SlotMoney || q.input.Type == desk.SlotNumber
}

// longest is how many digits an answer that begins like this has at most. No
// month is called 19 or 20, so the first two digits tell a year from a month.
func (q question) longest(begun string) int {
	month := len(begun) >= 2 && begun[:2] >= "01" && begun[:2] <= "12"
	switch q.input.Type {
	case desk.SlotDate:
		if month {
			return 4
		}
		return 8
	case desk.SlotTime:
		return 4
	case desk.SlotDateTime:
		if month {
			return 8
		}
		return 12
	case desk.SlotPhone:
		return 15
	case desk.SlotNumber:
		if n, err := strconv.Atoi(q.input.Max); err == nil && n > 0 && !strings.Contains(begun, ".") {
			return len(strconv.Itoa(n))
		}
	}
	return maxDigits
}

// Keyed gives the options of a message the keys of a telephone: what has none
// gets the next free digit; back is *, the first menu #, a person 0. When the
// answer itself is digits, only skipping has a key, #.
func Keyed(c desk.Content) desk.Content {
	options := make([]desk.Option, len(c.Options))
	copy(options, c.Options)
	c.Options = options
	if c.Input != nil && collects(c.Input.Type) {
		taken := false
		for i := range options {
			options[i].Key = ""
			if skip := options[i].Pick.Verb == desk.PickSkip || options[i].Pick.Verb == desk.PickResume; skip && !taken {
				options[i].Key, taken = "#", true
			}
		}
		return c
	}
	taken := map[string]bool{}
	for _, o := range options {
		taken[o.Key] = true
	}
	next := 1
	for i := range options {
		if options[i].Key != "" {
			continue
		}
		if key := navKey(options[i].Pick.Verb); options[i].Nav && key != "" {
			if !taken[key] {
				options[i].Key, taken[key] = key, true
			}
			continue
		}
		for taken[strconv.Itoa(next)] {
			next++
		}
		if next > 9 {
			continue // it can be said, or tapped
		}
		options[i].Key = strconv.Itoa(next)
		taken[options[i].Key] = true
	}
	return c
}

func navKey(v desk.Verb) string {
	switch v {
	case desk.PickBack:
		return "*"
	case desk.PickStart:
		return "#"
	case desk.PickHuman:
		return "0"
	}
	return ""
}

// asked is the question that a message asks.
func asked(m desk.Message) question {
	c := Keyed(m.Content)
	return question{message: m.ID, options: c.Options, input: c.Input}
}
