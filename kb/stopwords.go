package kb

import "strings"

// stopWords are words that tell little of what a text is about, in their
// folded form before stemming; Chinese ones are pairs of characters.
var stopWords = set(`
a about after again all also am an and any anyone anything are as ask at be because been before being but by
can cannot cant could couldnt did didnt do does doesnt doing done dont for from get gets getting give go going
got had has have havent having he hello help her here hey hi him his how i id if ill im in into is isnt it its ive
just know let like may me might mine more much must my need no not now of off ok okay on once one or our out over
please possible shall she should so some somebody someone something sorry still such tell than thank thanks that thats the their
them then there these they thing things this those to too u up us use using very want wanted wants was way we well were what
whats when whens where wheres which while who whom whos whose why will with wont would wouldnt yes you your youre yours
really actually currently currently maybe want wanna gonna question wondering curious inform information explain work works working
请问 什么 怎么 怎样 如何 为什 哪里 哪些 哪个 多少 可以 能不 不能 是不 是否 有没 没有 我的 你的 你们 我们 他们 这个 那个 一个 一下
的话 想要 我想 要怎 么办 么样 需要 可不 知道 告诉 谢谢 您好 你好 时候 因为 所以 如果 但是 还是 或者 以及 关于 进行 应该 里面 一些 已经
有什 些什 是什 在哪 的是 了吗 的吗 是谁 谁的 怎么 我要 吗我 能否
`)

// hanStops are single Han characters that tell little.
var hanStops = runes("的了吗呢吧啊呀么是在有我你您他她它们这那个和与或及也都就还又很不没要会能可请问什怎哪谁几多少为以于从到被把让给对上下中里来去说想得地着过等之其而但因所如若则即该此每各某")

func set(list string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(list) {
		m[w] = true
	}
	return m
}

func runes(list string) map[rune]bool {
	m := map[rune]bool{}
	for _, r := range list {
		m[r] = true
	}
	return m
}
