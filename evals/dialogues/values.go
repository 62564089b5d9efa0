package dialogues

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
)

// now is the clock of every replay: the day on which the dialogues with dates
// are set.
var now = time.Date(2019, 3, 1, 8, 0, 0, 0, time.UTC)

// botSlot is the product's slot for a schema's.
func (s Slot) botSlot(lang desk.Lang) bot.Slot {
	out := bot.Slot{Name: s.Name, Type: s.Type, Label: desk.Text{lang: s.Label}, Ask: desk.Text{lang: question(s, lang)}, Any: true, Optional: !s.Required, Retries: 100}
	for _, v := range s.Values {
		c := bot.Choice{Value: v}
		if also := s.Also[v]; len(also) > 0 {
			c.Synonyms = map[desk.Lang][]string{"": also}
		}
		out.Choices = append(out.Choices, c)
	}
	return out
}

func question(s Slot, lang desk.Lang) string {
	if lang == desk.Chinese {
		return "请问" + s.Label + "？"
	}
	return "What about this: " + s.Label + "?"
}

// canonical is an annotated value in the product's form; what is of no such
// form stays as it is, in small letters.
func (s Slot) canonical(v string, lang desk.Lang) string {
	v = strings.TrimSpace(strings.ToLower(v))
	switch strings.ReplaceAll(v, " ", "") {
	case "dontcare", "don'tcare", "don'tcar", "donotcare", "doesn'tmatter", "any", "doesnotmatter", "doesn'tcare":
		return bot.AnyValue
	case "", "notmentioned", "none":
		return ""
	}
	switch s.Type {
	case desk.SlotYesNo:
		switch v {
		case "true", "free", "是", "有", "yes":
			return "yes"
		case "false", "no", "否", "无":
			return "no"
		}
	case desk.SlotChoice:
		for _, c := range s.Values {
			if strings.EqualFold(c, v) {
				return c
			}
			for _, a := range s.Also[c] {
				if strings.EqualFold(a, v) {
					return c
				}
			}
		}
	}
	if s.Type == desk.SlotText {
		return v
	}
	o := nlu.Options{Now: now, Zone: time.UTC, Asked: true}
	for _, c := range s.Values {
		o.Choices = append(o.Choices, nlu.Choice{Value: c, Names: s.Also[c]})
	}
	if found := nlu.Find(s.Type, v, lang, o); len(found) > 0 {
		return found[0].Value
	}
	return v
}

// typeOf guesses a slot's type by its name and its listed values.
func typeOf(name, description string, values []string, categorical bool) desk.SlotType {
	n := strings.ToLower(name)
	switch {
	case isYesNo(values):
		return desk.SlotYesNo
	case categorical && allNumbers(values):
		return desk.SlotNumber
	case categorical && len(values) > 0:
		return desk.SlotChoice
	case timeName.MatchString(n) && !strings.Contains(strings.ToLower(description), "number of"):
		return desk.SlotTime
	case dateName.MatchString(n):
		return desk.SlotDate
	case moneyName.MatchString(n):
		return desk.SlotMoney
	case numberName.MatchString(n):
		return desk.SlotNumber
	}
	return desk.SlotText
}

var (
	timeName   = regexp.MustCompile(`time|leaveat|arriveby`)
	dateName   = regexp.MustCompile(`date|check_?in|check_?out|(^|_)day$`)
	moneyName  = regexp.MustCompile(`price|amount|fare|fee|balance|budget|cost`)
	numberName = regexp.MustCompile(`^number|^num_|count|_count$|people|guests|seats|passengers|stay_length|number_of`)
)

func isYesNo(values []string) bool {
	yes, no := false, false
	for _, v := range values {
		switch strings.ToLower(v) {
		case "yes", "true":
			yes = true
		case "no", "false":
			no = true
		case "free", "dontcare":
		default:
			return false
		}
	}
	return yes && no
}

func allNumbers(values []string) bool {
	for _, v := range values {
		if _, err := strconv.ParseFloat(v, 64); err != nil && v != "dontcare" {
			return false
		}
	}
	return len(values) > 0
}

// same reports whether the bot's value is one of those annotated. Names may
// differ in case, signs, a leading article, the word for what they name at the
// end (hotel, restaurant), a part left out (less than 40 %), or a letter in
// eight: annotations copy the customer's spelling.
func (s Slot) same(got string, gold []string) bool {
	for _, g := range gold {
		if strings.EqualFold(got, g) {
			return true
		}
		if s.Type == desk.SlotText && got != bot.AnyValue && g != bot.AnyValue && sameName(plainName(got), plainName(g)) {
			return true
		}
	}
	return false
}

var nameNoise = regexp.MustCompile(`[^\p{L}\p{N}]+`)

func plainName(s string) string {
	s = strings.TrimSpace(nameNoise.ReplaceAllString(strings.ToLower(strings.ReplaceAll(s, "'", "")), " "))
	s = strings.TrimPrefix(s, "the ")
	for _, kind := range []string{" restaurant", " hotel", " guest house", " guesthouse", " train station", " station"} {
		if rest, ok := strings.CutSuffix(s, kind); ok {
			return rest
		}
	}
	return s
}

func sameName(a, b string) bool {
	if a == b {
		return true
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a)*10 >= len(b)*6 && strings.Contains(" "+b+" ", " "+a+" ") {
		return true
	}
	return len(b) >= 4 && distance([]rune(a), []rune(b)) <= len([]rune(b))/8
}

// distance counts the letters to add, drop or change to turn a into b.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

var (
	unspaced = strings.NewReplacer(" n't", "n't", " 'd", "'d", " 'm", "'m", " 's", "'s", " 're", "'re", " 've", "'ve", " 'll", "'ll", " .", ".", " ,", ",", " ?", "?", " !", "!", "\n", " ")
	dashes   = strings.NewReplacer("～", "-", "—", "-", "~", "-")
)
