package privacy

import (
	"testing"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
)

func TestHide(t *testing.T) {
	bo := Person{Names: []string{"Bo Chen", "王小明"}, Values: []string{"5 Elm Street"}}
	for _, c := range []struct{ in, want string }{
		{"call me at +1 (415) 555-0132 please", "call me at [phone] please"},
		{"我的电话是13812345678谢谢", "我的电话是[phone]谢谢"},
		{"pay with 4111 1111 1111 1111.", "pay with [card]."},
		{"order 4111 1111 1111 1112", "order [id]"},
		{"my iban is DE89 3704 0044 0532 0130 00", "my iban is [account]"},
		{"身份证 11010519491231002X", "身份证 [id]"},
		{"ssn 078-05-1120", "ssn [id]"},
		{"write to Jo.Doe+x@mail.example.co.uk!", "write to [mail]!"},
		{"my PIN is 2468", "my PIN is [secret]"},
		{"验证码是839201", "验证码是[secret]"},
		{"the password is wrong", "the password is wrong"},
		{"I am bo chen, Chen for short", "I am [name], [name] for short"},
		{"我叫王小明，你好", "我叫[name]，你好"},
		{"chenille is a cloth", "chenille is a cloth"},
		{"bring it to 5 elm street", "bring it to [known]"},
		{"see https://shop.example/o?id=77&t=abc now", "see [link] now"},
		{"see https://shop.example/help", "see https://shop.example/help"},
		{"on 2026-11-21 two large lattes for 12.50", "on 2026-11-21 two large lattes for 12.50"},
		{"at 2026-11-21 09:30 or 10:30 2026-11-21", "at 2026-11-21 09:30 or 10:30 2026-11-21"},
		{"请打１３８００１３８０００", "请打[phone]"},
		{"卡号４１１１　１１１１　１１１１　１１１１", "卡号[card]"},
		{"电话一三八零零一三八零零零", "电话[phone]"},
		{"4111\u200b1111\u200b1111\u200b1111", "[card]"},
		{"4111 - 1111 - 1111 - 1111, then 4111, 1111, 1111, 1111", "[card], then [card]"},
		{"4111–1111–1111–1111 or 4111_1111_1111_1111", "[card] or [card]"},
		{"4111 - 1111 - 1111 - 1112", "4111 - 1111 - 1111 - 1112"},
		{"写信给jo＠example.com", "写信给[mail]"},
		{"pin code 2468, PIN2468, cvc2: 123", "pin code [secret], PIN[secret], cvc2: [secret]"},
		{"from 2026-11-21/2026-11-28, 2026-11-21 09.30", "from 2026-11-21/2026-11-28, 2026-11-21 09.30"},
		{"¥12000000 or 1 234 567 yuan or 1234567元", "¥12000000 or 1 234 567 yuan or 1234567元"},
		{"", ""},
	} {
		if got := Hide(c.in, bo); got != c.want {
			t.Errorf("Hide(%q)\n got %q\nwant %q", c.in, got, c.want)
		}
	}
}

func TestPersonOf_WhatEverybodySaysIsNobodys(t *testing.T) {
	p := PersonOf(desk.Contact{Name: "Bo", Email: "bo@x.test", Attributes: map[string]string{"vip": "yes", "seat": "12A", "street": "Elm Street", "city": "北京"}})
	if got, want := Hide("yes, Bo sits on 12a at elm street in 北京", p), "yes, [name] sits on [known] at [known] in [known]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHide_TwiceIsOnce(t *testing.T) {
	once := Hide("mail jo@example.com, call 4155550132, card 4111111111111111", Person{})
	if again := Hide(once, Person{}); again != once {
		t.Errorf("got %q from %q", again, once)
	}
}

func FuzzHide(f *testing.F) {
	f.Add("call 4155550132 王小明 jo@example.com", "王小明")
	f.Fuzz(func(t *testing.T, text, name string) {
		out := Hide(text, Person{Names: []string{name}})
		if utf8.ValidString(text) && !utf8.ValidString(out) {
			t.Errorf("Hide(%q) is not valid UTF-8: %q", text, out)
		}
		before := -1
		for _, x := range Find(text, Person{Names: []string{name}}) {
			if x.Start < before || x.End <= x.Start || x.End > len(text) {
				t.Fatalf("Find(%q): bad place %+v", text, x)
			}
			before = x.End
		}
	})
}
