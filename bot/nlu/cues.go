package nlu

import (
	"slices"
	"strings"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

// cues are words that stand beside a value, by a word of the slots' names and
// labels that they speak for.
var cues = map[string]string{
	"from": "from leaving depart departing departure origin starting", "origin": "from leaving depart departing departure starting",
	"departure": "from leaving depart departing", "pickup": "from pick", "source": "from", "start": "from starting start",
	"destination": "to going arriving destination into towards", "to": "to going arriving destination into", "dropoff": "to drop",
	"leave": "leave leaves leaving after depart departs departing from", "leaveat": "leave leaves leaving after depart departs departing",
	"depart": "leave leaves leaving after depart departs departing", "departing": "leave leaves leaving after depart departing",
	"arrive": "arrive arrives arriving by before there", "arriveby": "arrive arrives arriving by before there", "arrival": "arrive arrives arriving by before",
	"return": "return returning back until", "end": "until till end ending to", "checkin": "from starting check",
	"check": "check", "in": "in from starting", "out": "out until leaving",
	"people": "people persons person guests guest us party diners travellers seats tickets", "guests": "people guests guest person persons us",
	"seats": "people seats seat person persons us table", "party": "people guests us party persons", "passengers": "people passengers passenger tickets ticket persons us",
	"travelers": "people travelers person tickets", "adults": "people adults adult", "riders": "people riders person seats", "tickets": "tickets ticket people",
	"stay": "night nights day days", "nights": "night nights", "days": "day days night nights", "stars": "star stars rated rating", "rating": "star stars rated rating",
	"rooms": "room rooms", "beds": "bed beds bedroom bedrooms", "baths": "bath baths bathroom bathrooms",
	"price": "price priced cost budget", "pricerange": "price priced cost budget", "area": "part area side town", "food": "food restaurant cuisine serves serving", "cuisine": "food restaurant cuisine serves",
	"category": "type kind food", "type": "type kind", "name": "called named name at", "city": "in at city", "location": "in near around", "area_city": "in", "where": "in at near", "place": "in at near",
	"time": "at around time", "date": "on date day", "day": "on day", "amount": "amount transfer send", "recipient": "to", "artist": "by from", "director": "directed by", "genre": "genre",
	"internet": "wifi wireless", "wifi": "internet wireless", "菜": "吃 做 点",
	"出发": "从", "出发地": "从", "起点": "从", "目的": "到 去", "目的地": "到 去", "终点": "到 去", "人数": "人 位", "天数": "天 晚", "评分": "评分 分", "价格": "元 块 价格", "消费": "元 块 人均", "名称": "叫 去",
}

// askingWords tell that something is wanted; in a description of a slot they
// speak for none.
var askingWords = wordSet(`look looking want wanted wants like liked search searching find requested`)

// slotWords are the words that speak for a slot: those of its name, its labels
// and the cues of these.
func slotWords(s bot.Slot) map[string]bool {
	out := map[string]bool{}
	add := func(w string) {
		if len(w) > 1 {
			out[w] = true
		}
		for _, c := range strings.Fields(cues[w]) {
			out[c] = true
		}
	}
	for _, w := range strings.FieldsFunc(s.Name, func(r rune) bool { return r == '_' || r == '-' || r == ' ' }) {
		add(w)
	}
	for _, lang := range s.Label.Langs() {
		label := newPlain(s.Label[lang]).s
		if lang == desk.Chinese {
			for w := range cues {
				if hasHan(w) && strings.Contains(label, w) {
					add(w)
				}
			}
			out[label] = true
			continue
		}
		for _, w := range wordRE.FindAllString(label, 12) {
			if (!commonWords[w] || cues[w] != "") && !askingWords[w] {
				add(w)
			}
		}
	}
	return out
}

// nameWords are words of the slots whose values are names: a sentence holds
// such a value, it is none.
var nameWords = wordSet(`name city town location place origin destination departure arrival pickup dropoff from to airport station stop hotel restaurant attraction venue
artist singer band album song track title movie film show series book director actor author stylist doctor dentist therapist airline company brand model make team event
street country region province area neighbourhood neighborhood cuisine food dish genre subject recipient receiver payee who where category`)

// kindWords are words of the slots whose values say of what kind something is.
var kindWords = wordSet(`food cuisine genre category type kind style`)

// saysKind reports whether a free slot's values say of what kind something is.
func saysKind(s bot.Slot) bool {
	return s.Type == desk.SlotText && slices.ContainsFunc(strings.Split(s.Name, "_"), func(w string) bool { return kindWords[w] })
}

// nameHan are nameWords in Chinese.
var nameHan = []string{"名", "城市", "地点", "地名", "出发", "目的", "起点", "终点", "周边", "景点", "餐馆", "酒店", "车站", "机场", "推荐菜", "菜", "歌", "电影", "演员", "导演", "公司", "品牌", "型号"}

// holdsName reports whether a free slot's values are names.
func holdsName(s bot.Slot) bool {
	if s.Type != desk.SlotText {
		return false
	}
	for _, w := range strings.FieldsFunc(s.Name, func(r rune) bool { return r == '_' || r == '-' || r == ' ' }) {
		if nameWords[w] {
			return true
		}
	}
	for _, w := range nameHan {
		if strings.Contains(s.Label[desk.Chinese], w) {
			return true
		}
	}
	return false
}
