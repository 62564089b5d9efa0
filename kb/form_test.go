package kb

import "testing"

func TestFormOf_TellsQuestionsFromTheRest(t *testing.T) {
	for _, c := range []struct {
		text string
		talk bool
		asks bool
	}{
		{"Does it have wifi", true, true},
		{"Great, do they allow pets?", true, true},
		{"I wonder if they have parking", true, true},
		{"how late does the kitchen serve", true, true},
		{"my card was declined", true, true}, // who says what is wrong asks
		{"送到浦东要多少钱？", true, true},
		{"有没有停车场", true, true},
		{"我的咖啡坏了", true, true},
		{"refund time", false, true}, // in a search box nobody writes whole sentences
		{"refund time", true, false},
		{"Yes, please book it for 3 people", true, false},
		{"Thanks, that's all", true, false},
		{"thanks, bye", false, false},
		{"I am looking for a cheap hotel", true, false},
		{"好的，谢谢", true, false},
		{"帮我预订明天的", true, false},
	} {
		if z := formOf(c.text).asks(c.talk); (z > -0.8) != c.asks {
			t.Errorf("%q in a conversation %v: %.2f", c.text, c.talk, z)
		}
	}
}
