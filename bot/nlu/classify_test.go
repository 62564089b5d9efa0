package nlu_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
)

// training is a small shop: what a usual playbook teaches.
func training() nlu.Training {
	en, zh := desk.English, desk.Chinese
	return nlu.Training{
		Flows: []nlu.FlowExamples{
			{Name: "order_coffee", Title: desk.T("Order a coffee", "点咖啡"), Examples: map[desk.Lang][]string{
				en: {"I'd like a coffee", "a large latte to the office please", "can you bring me an americano", "order a coffee", "one small cappuccino", "I want to order", "could I get a drink delivered", "place an order", "two lattes please", "I need caffeine"},
				zh: {"我想点咖啡", "来一杯大杯拿铁送到公司", "给我一杯美式", "点单", "我要下单", "来杯咖啡", "能送一杯咖啡吗", "我想喝咖啡", "帮我点一杯卡布奇诺"},
			}, Words: []string{"latte", "americano", "cappuccino", "拿铁", "美式", "卡布奇诺"}},
			{Name: "track_order", Title: desk.T("Where is my order?", "查询订单"), Examples: map[desk.Lang][]string{
				en: {"where is my order", "track my order", "has my coffee been sent", "how long until my order arrives", "order status", "my order is late", "when will my coffee be here", "check on my delivery", "what's happening with my order", "I have been waiting for my coffee"},
				zh: {"我的订单到哪了", "查询订单", "查一下我的订单", "咖啡怎么还没到", "订单状态", "什么时候能送到", "我等了很久了", "我的外卖到哪里了", "催一下单"},
			}},
			{Name: "complain", Title: desk.T("Make a complaint", "投诉"), Examples: map[desk.Lang][]string{
				en: {"I want to complain", "my coffee was cold", "the order was wrong", "you brought me the wrong drink", "this is unacceptable", "the courier was rude", "my drink was spilled", "I am not happy with the service", "file a complaint", "something was missing"},
				zh: {"我要投诉", "咖啡是凉的", "送错了", "少送了一杯", "服务太差了", "骑手态度不好", "饮料洒了", "我不满意", "我要反映一个问题"},
			}},
			{Name: "change_address", Title: desk.T("Change my address", "修改地址"), Examples: map[desk.Lang][]string{
				en: {"change my address", "I moved house", "update my delivery address", "I have a new address", "can I change where you deliver", "my address is wrong in your system", "set a new default address"},
				zh: {"修改地址", "我搬家了", "更新收货地址", "换个地址", "我的地址变了", "怎么改收货地址", "默认地址改一下"},
			}},
		},
		Questions: map[desk.Lang][]string{
			en: {"Opening hours", "When are you open?", "What time do you close?", "Are you open on Sunday?", "Do you have oat milk?", "Is the coffee organic?", "What is in a latte?", "How much is delivery?", "Delivery fees", "Where do you deliver?", "Do you have decaf?", "How do refunds work?", "Which cards do you accept?"},
			zh: {"营业时间", "你们几点开门", "几点关门", "周日营业吗", "有燕麦奶吗", "咖啡豆是有机的吗", "拿铁里有什么", "配送费多少钱", "配送范围", "有无咖啡因的吗", "怎么退款", "支持哪些支付方式"},
		},
	}
}

func train(t testing.TB, tr nlu.Training) *nlu.Model {
	t.Helper()
	m, err := nlu.Train(context.Background(), tr)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestClassify_UnseenWords(t *testing.T) {
	m := train(t, training())
	right, sure := 0, 0
	cases := []struct {
		text, class string
		lang        desk.Lang
	}{
		{"bring me a coffee please", "flow:order_coffee", "en"}, {"I would love a latte", "flow:order_coffee", "en"}, {"can I order a drink", "flow:order_coffee", "en"},
		{"give me a large cappucino", "flow:order_coffee", "en"}, {"where's my coffe", "flow:track_order", "en"}, {"track order", "flow:track_order", "en"},
		{"why is my delivery so late", "flow:track_order", "en"}, {"the coffee was cold and spilled", "flow:complain", "en"}, {"you sent the wrong order", "flow:complain", "en"},
		{"i want to make a complaint about the courier", "flow:complain", "en"}, {"i need to update my address", "flow:change_address", "en"}, {"when do you open", "answer", "en"},
		{"do you have soy milk", "answer", "en"}, {"how much does delivery cost", "answer", "en"}, {"hello there", "small:greeting", "en"}, {"thank you so much", "small:thanks", "en"},
		{"bye for now", "small:bye", "en"}, {"i want to talk to a real human being", "control:human", "en"}, {"please cancel this", "control:cancel", "en"}, {"could you repeat that please", "control:repeat", "en"},
		{"来一杯拿铁", "flow:order_coffee", "zh"}, {"我想要一杯咖啡", "flow:order_coffee", "zh"}, {"我的咖啡到哪了", "flow:track_order", "zh"}, {"订单怎么还没到", "flow:track_order", "zh"},
		{"送来的咖啡是凉的", "flow:complain", "zh"}, {"我想投诉骑手", "flow:complain", "zh"}, {"我要改收货地址", "flow:change_address", "zh"}, {"你们几点关门", "answer", "zh"},
		{"有没有燕麦奶", "answer", "zh"}, {"配送要多少钱", "answer", "zh"}, {"你好呀", "small:greeting", "zh"}, {"非常谢谢", "small:thanks", "zh"}, {"我要转人工", "control:human", "zh"}, {"取消掉吧", "control:cancel", "zh"},
	}
	for _, c := range cases {
		got := m.Classify(c.text, c.lang)
		if got[0].Class == c.class {
			right++
		} else {
			t.Logf("%q: got %s %.2f, want %s", c.text, got[0].Class, got[0].Confidence, c.class)
		}
		if got[0].Confidence >= 0.5 && got[0].Class == c.class {
			sure++
		} else {
			t.Logf("unsure: %q %v", c.text, got[:2])
		}
	}
	if right < len(cases)-2 || sure < len(cases)-6 {
		t.Errorf("right %d, sure %d of %d", right, sure, len(cases))
	}
}

func TestClassify_NonsenseScoresLow(t *testing.T) {
	m := train(t, training())
	for _, s := range []string{"purple elephants dance", "green giraffes juggle teacups", "qwpoeir zmxncv", "xyzzy plugh", "kdjfhg", "flibber gibbet wozzle", "my hovercraft is full of eels",
		"the parliament dissolved yesterday", "sdkfj 2343 sdf", "粉色的河马在唱歌", "锄禾日当午", "飞流直下三千尺", "猴子偷了桃子", "魑魅魍魉", "!!!", "???", "..."} {
		got := m.Classify(s, desk.English)
		if got[0].Confidence > 0.3 {
			t.Errorf("%q: %s %.2f, want below 0.3", s, got[0].Class, got[0].Confidence)
		} else {
			t.Logf("%q: %s %.2f", s, got[0].Class, got[0].Confidence)
		}
	}
}

func TestModel_SavedIsTheSame(t *testing.T) {
	m := train(t, training())
	b := m.Save()
	if len(b) > 20<<20 {
		t.Errorf("%d bytes, want under 20 MB", len(b))
	}
	if again := train(t, training()).Save(); !bytes.Equal(b, again) {
		t.Error("training twice gave two models")
	}
	loaded, err := nlu.Load(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"where is my order", "来一杯拿铁", "purple elephants dance"} {
		got, want := loaded.Classify(s, desk.English)[0], m.Classify(s, desk.English)[0]
		if got != want {
			t.Errorf("%q: got %v, want %v", s, got, want)
		}
	}
	for cut := 0; cut < len(b); cut += len(b)/200 + 1 {
		if _, err := nlu.Load(b[:cut]); !desk.IsKind(err, desk.Invalid) {
			t.Fatalf("cut at %d: got %v, want an invalid model", cut, err)
		}
	}
	if _, err := nlu.Load(append(bytes.Clone(b), 0)); !desk.IsKind(err, desk.Invalid) {
		t.Errorf("with a byte too many: got %v", err)
	}
}

func TestTrain_StopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
	defer cancel()
	<-ctx.Done()
	if _, err := nlu.Train(ctx, training()); err == nil {
		t.Error("trained although the context had ended")
	}
}

func TestTrain_WithNothingKnowsSmallTalk(t *testing.T) {
	m := train(t, nlu.Training{})
	if got := m.Classify("hello", desk.English)[0]; got.Class != nlu.ClassGreeting {
		t.Errorf("got %v", got)
	}
}

func BenchmarkTrain(b *testing.B) {
	for b.Loop() {
		train(b, training())
	}
}

func BenchmarkClassify(b *testing.B) {
	m := train(b, training())
	for b.Loop() {
		m.Classify("I would like a large latte to the office please", desk.English)
	}
}
