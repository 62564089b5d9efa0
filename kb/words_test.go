package kb

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func texts(terms []term) string {
	var out []string
	for _, t := range terms {
		out = append(out, t.Text)
	}
	return strings.Join(out, " ")
}

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"Opening hours":                "open hour",
		"opens opened OPENING":         "open open open",
		"the customer's parcels":       "the custom parcel",
		"the customer’s parcels":       "the custom parcel",
		"Wi-Fi, wifi and wi‑fi":        "wifi wifi and wifi",
		"e-mail or T-shirt":            "email or tshirt",
		"same-day delivery":            "sam day deliveri",
		"don't can’t":                  "dont cant",
		"ＡＢＣ１２３":                       "abc123",
		"退款":                           "退 款 退款",
		"用WeChat支付":                    "用 wechat 支 付 支付",
		"iPhone 15 的价格":                "iphon 15 的 价 的价 格 价格",
		"refunds, refunded, refunding": "refund refund refund",
		"cities city":                  "citi citi",
		"business bus":                 "business bus",
		"":                             "",
		"!!! ??":                       "",
	} {
		if got := texts(words(text)); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestWords_LittleWordsCountLittle(t *testing.T) {
	for _, w := range words("what is the refund 怎么退款的") {
		if w.Text == "refund" || w.Text == "退款" {
			if w.Weight != 1 {
				t.Errorf("%s weighs %v", w.Text, w.Weight)
			}
		} else if w.Weight >= 1 && w.Text != "么退" && w.Text != "款的" {
			t.Errorf("%s weighs %v", w.Text, w.Weight)
		}
	}
}

func TestSentences_KeepEveryByte(t *testing.T) {
	for text, want := range map[string]int{
		"One. Two! Three? Four": 4, "It costs 3.50 euros. Yes.": 2, "see example.com now": 1, "一句。两句！三句？": 3, "": 0, "1. First": 1,
	} {
		got := Sentences(text)
		if len(got) != want || strings.Join(got, "") != text {
			t.Errorf("%q: %q, want %d parts", text, got, want)
		}
	}
}

func TestPassages_SplitAtHeadingsAndSize(t *testing.T) {
	long := strings.Repeat("This sentence has exactly seven little words. ", 60)
	body := "Intro.\n\n# Money\n\nFirst.\n\n## Back\n\n- a\n- b\n\n# Time\n\n" + long + "\n\n```\n# not a heading\n\nx\n```\n"
	list := passages(body)
	var heads []string
	for _, p := range list {
		heads = append(heads, p.Heading)
		if n := length(p.Text); n > passageMaxWords {
			t.Errorf("%d words in one passage", n)
		}
	}
	if want := []string{"", "Money", "Money › Back", "Time"}; !slices.Equal(slices.Compact(heads), want) {
		t.Errorf("headings %q, want %q", heads, want)
	}
	if last := list[len(list)-1].Text; !strings.Contains(last, "# not a heading\n\nx") {
		t.Errorf("a code block was cut: %q", last)
	}
	if n := len(passages(strings.Repeat("中文没有空格。", 400))); n < 5 {
		t.Errorf("a long Chinese text gave %d passages", n)
	}
}

func FuzzWords(f *testing.F) {
	for _, s := range []string{"Opening hours", "Wi-Fi's don't", "用WeChat支付", "\xff\xfe", "a-b-c'd's", "''s", "--", "ㄅ ｶﾅ 한국어", "# x\n\n- y\n\n```", "|a|b|\n|-|-|"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, list := range [][]term{words(text), grams(text)} {
			for _, w := range list {
				if w.Text == "" || !utf8.ValidString(w.Text) || w.Weight <= 0 || strings.ContainsAny(w.Text, " \n") {
					t.Errorf("%q gave the term %+v", text, w)
				}
			}
		}
		if strings.Join(Sentences(text), "") != text {
			t.Errorf("Sentences lost something of %q", text)
		}
		a := prepare(Article{Content: Content{Title: text, Body: text, Questions: []string{text}}})
		s := newShard()
		s.add(a)
		s.remove(a.entry.article.ID)
		if len(s.body.postings)+len(s.asked.postings)+len(s.askedBy.postings) != 0 || s.body.live != 0 || s.body.total > 1e-3 {
			t.Errorf("%q left something in the index", text)
		}
		if text := clip(text); utf8.RuneCountInString(text) > MaxAnswer {
			t.Errorf("clip gave %d characters", utf8.RuneCountInString(text))
		}
	})
}
