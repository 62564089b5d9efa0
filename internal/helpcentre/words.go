package helpcentre

import (
	"fmt"

	"github.com/parleyhq/parley/desk"
)

// words is every text of the pages.
type words struct {
	Tag, Help, Choose, Question, Search, Topics, More, All, Everything, Back     string
	Results, NoResults, NoResultsText, Answer, From, Updated, OnThisPage         string
	Helped, Yes, No, Thanks, Related, Chat, ChatText, Missing, MissingText, Skip string
	Empty, EmptyText, OtherLang, OnlyOther, Broken, BrokenText, Home, Older      string
	Next, Previous                                                               string
}

var texts = map[desk.Lang]words{
	desk.English: {
		Tag: "en", Help: "Help", Choose: "What do you need help with?", Question: "Ask a question or describe the matter", Search: "Search", Topics: "Topics",
		More: "Show all", All: "All articles", Everything: "More articles", Back: "Back", Results: "Results for “%s”", NoResults: "Nothing found for “%s”",
		NoResultsText: "Try other words, or look through the topics.", Answer: "Answer", From: "From", Updated: "Updated", OnThisPage: "On this page",
		Helped: "Did this help?", Yes: "Yes", No: "No", Thanks: "Thank you. It helps us to write better.", Related: "Related articles", Chat: "Still need help?",
		ChatText: "Write to us in the chat at the corner of this page.", Missing: "This page is not here", MissingText: "It may have been moved or taken back. Search for what you need.",
		Skip: "To the text", Empty: "No articles yet", EmptyText: "Come back soon.", OtherLang: "中文", OnlyOther: "This article is not translated yet.",
		Broken: "The page could not be made", BrokenText: "Please try again in a moment.", Home: "Help centre", Older: "Skip to search", Next: "Next", Previous: "Previous",
	},
	desk.Chinese: {
		Tag: "zh-CN", Help: "帮助中心", Choose: "请问需要哪方面的帮助？", Question: "输入您的问题", Search: "搜索", Topics: "分类",
		More: "查看全部", All: "全部文章", Everything: "更多文章", Back: "返回", Results: "“%s”的搜索结果", NoResults: "没有找到与“%s”相关的内容",
		NoResultsText: "请换一种说法，或浏览下面的分类。", Answer: "答案", From: "来源", Updated: "更新于", OnThisPage: "本页内容",
		Helped: "这篇文章对您有帮助吗？", Yes: "有", No: "没有", Thanks: "谢谢，您的反馈会帮助我们改进。", Related: "相关文章", Chat: "还需要帮助？",
		ChatText: "点击页面右下角，与我们在线沟通。", Missing: "找不到这个页面", MissingText: "它可能已被移动或撤回，请搜索您需要的内容。",
		Skip: "跳到正文", Empty: "暂时没有文章", EmptyText: "请稍后再来。", OtherLang: "English", OnlyOther: "这篇文章暂无中文版。",
		Broken: "页面暂时无法显示", BrokenText: "请稍后再试。", Home: "帮助中心", Older: "跳到搜索", Next: "下一页", Previous: "上一页",
	},
}

// plural is "1 article" or "3 articles" in the language.
func plural(lang desk.Lang, n int) string {
	switch {
	case lang == desk.Chinese:
		return fmt.Sprintf("%d 篇文章", n)
	case n == 1:
		return "1 article"
	}
	return fmt.Sprintf("%d articles", n)
}
