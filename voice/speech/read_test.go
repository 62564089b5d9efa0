package speech

import (
	"testing"

	"github.com/parleyhq/parley/desk"
)

func TestRead_SpeaksFiguresProperly(t *testing.T) {
	for _, c := range []struct {
		lang       desk.Lang
		text, want string
	}{
		{desk.English, "Your order A1042 is on its way. It takes about 30 minutes.", "Your order A one zero four two is on its way. It takes about thirty minutes."},
		{desk.English, "Order 10427 costs ¥28.50", "Order one zero four two seven costs twenty-eight yuan fifty"},
		{desk.English, "That is $1.01 or 3,250 euros", "That is one dollar and one cent or three thousand two hundred and fifty euros"},
		{desk.English, "on 2026-11-24 at 14:30", "on November twenty-fourth, twenty twenty-six at two thirty p.m."},
		{desk.English, "from 7:00 to 22:05", "from seven a.m. to ten oh five p.m."},
		{desk.English, "at 9:30 pm", "at nine thirty p.m."},
		{desk.English, "call +49 30 1234-567", "call plus four nine, three zero, one two three four, five six seven"},
		{desk.English, "15% off, 20-30 minutes", "fifteen percent off, twenty to thirty minutes"},
		{desk.English, "You are 2nd in line, the 21st today", "You are second in line, the twenty-first today"},
		{desk.English, "write to help@alder.example", "write to help at alder dot example"},
		{desk.English, "see https://alder.example/x?y=1 now", "see the address on your page now"},
		{desk.English, "2.5 litres, 1,000,005 cups", "two point five litres, one million and five cups"},
		{desk.English, "PIN 0042", "PIN zero zero four two"},
		{desk.English, "press 1", "press one"},
		{desk.Chinese, "您的订单 A1042 已开始制作，大约 30 分钟送到。", "您的订单 A 幺 零 四 二 已开始制作，大约 三十 分钟送到。"},
		{desk.Chinese, "合计 ¥28.50，另有 2 张券", "合计 二十八元五角，另有 两 张券"},
		{desk.Chinese, "¥128.05", "一百二十八元零五分"},
		{desk.Chinese, "2026-11-24 14:05", "二零二六年十一月二十四日十四点零五分"},
		{desk.Chinese, "2杯拿铁，20000元，10200", "两杯拿铁，两万元，一万零二百"},
		{desk.Chinese, "打八折，优惠15%", "打八折，优惠百分之十五"},
		{desk.Chinese, "验证码：384", "验证码：三 八 四"},
		{desk.Chinese, "20-30分钟", "二十到三十分钟"},
		{desk.Chinese, "13800138000", "幺 三 八 零 零 幺 三 八 零 零 零"},
	} {
		if got := Read(c.text, c.lang); got != c.want {
			t.Errorf("Read(%q)\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

func TestCardinal(t *testing.T) {
	for n, want := range map[int64][2]string{
		0: {"zero", "零"}, 10: {"ten", "十"}, 12: {"twelve", "十二"}, 105: {"one hundred and five", "一百零五"}, 110: {"one hundred and ten", "一百一十"},
		1001: {"one thousand and one", "一千零一"}, 2020: {"two thousand and twenty", "两千零二十"}, 10000: {"ten thousand", "一万"}, 10010: {"ten thousand and ten", "一万零一十"},
		100000000: {"one hundred million", "一亿"}, 100010000: {"one hundred million ten thousand", "一亿零一万"}, 120304: {"one hundred and twenty thousand three hundred and four", "十二万零三百零四"},
	} {
		if got := Cardinal(n, desk.English); got != want[0] {
			t.Errorf("Cardinal(%d, en) = %q, want %q", n, got, want[0])
		}
		if got := Cardinal(n, desk.Chinese); got != want[1] {
			t.Errorf("Cardinal(%d, zh) = %q, want %q", n, got, want[1])
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("Order A1042 costs ¥28.50 at 14:30 on 2026-11-24", true)
	f.Add("99:99 +++ 2026-99-99 ¥99999999999999999999.999", false)
	f.Fuzz(func(t *testing.T, text string, zh bool) {
		lang := desk.English
		if zh {
			lang = desk.Chinese
		}
		Read(text, lang)
	})
}
