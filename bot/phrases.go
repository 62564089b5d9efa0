package bot

import (
	"strings"

	"github.com/parleyhq/parley/desk"
)

// phrase names one of the engine's own texts.
type phrase string

// phrases are the engine's own texts: warm and short. {x} is filled by say.
var phrases = map[phrase]desk.Text{
	"greeting":      desk.T("Hello! What can I do for you?", "您好！请问有什么可以帮您？"),
	"hello_again":   desk.T("Hello!", "您好！"),
	"thanks":        desk.T("You're welcome.", "不客气。"),
	"about":         desk.T("I'm the automated assistant here. I can help with the things below, or get you a person.", "我是这里的自动客服助手，可以帮您办理以下事项，也可以为您转接人工。"),
	"about_short":   desk.T("I'm the automated assistant here; just say “person” if you would rather talk to somebody.", "我是这里的自动客服助手，想找人工随时说“转人工”就行。"),
	"help":          desk.T("Happy to help. Pick one of these, or tell me in a few words what it is about.", "好的，请选择下面的事项，或者用一句话告诉我是什么事。"),
	"bye":           desk.T("Goodbye, and take care.", "再见，祝您一切顺利。"),
	"all_right":     desk.T("All right. I'm here if you need anything.", "好的，有需要随时找我。"),
	"anything_else": desk.T("Is there anything else I can do?", "还有什么可以帮您？"),

	"back_to":   desk.T("Back to “{title}”:", "我们继续“{title}”："),
	"kept":      desk.T("I'll keep “{title}” for you.", "“{title}”我先帮您保留着。"),
	"left_open": desk.T("You had started “{title}”. Shall we go on with it?", "您之前的“{title}”还没完成，要继续吗？"),
	"cancelled": desk.T("All right, I won't go on with “{title}”.", "好的，“{title}”就不办了。"),
	"no_cancel": desk.T("There is nothing under way that I could stop.", "现在没有正在办理的事项。"),
	"no_resume": desk.T("There is nothing to go on with right now.", "现在没有可以继续的事项。"),
	"needed":    desk.T("I need this one to go on.", "这一项是必需的。"),
	"old_tap":   desk.T("That choice is no longer open.", "该选项已失效。"),
	"too_late":  desk.T("That is no longer open: here is how it stands now.", "内容已有变化，请看最新的情况。"),
	"noted":     desk.T("Noted.", "已记下。"),
	"already":   desk.T("I have that.", "好的，已经是这样了。"),

	"confirm":       desk.T("Is this right?", "请确认以下内容："),
	"confirm_again": desk.T("Please say yes, or tell me what to change.", "可以直接回复“确认”，或者告诉我要改哪里。"),
	"not_yet":       desk.T("All right, nothing has been done yet.", "好的，还没有提交。"),
	"what_change":   desk.T("What would you like to change?", "您想修改哪一项？"),
	"working":       desk.T("One moment, I am still on it.", "请稍候，我正在处理。"),
	"done":          desk.T("Done.", "已完成。"),
	"failed":        desk.T("I'm sorry, that did not work just now. Nothing you told me is lost.", "很抱歉，刚才没有成功。您填写的内容都还在。"),
	"failed_unsure": desk.T("I'm sorry, I got no answer in time. Trying again will not do it twice.", "很抱歉，系统没有及时回应。再试一次不会重复办理。"),
	"try_again":     desk.T("Shall I try again?", "要再试一次吗？"),
	"expired":       desk.T("For your safety I kept this only for a short while. Please give it once more.", "出于安全考虑，这项内容只保留很短时间，请再提供一次。"),

	"invalid":        desk.T("Sorry, I didn't get that.", "抱歉，我没听明白。"),
	"invalid_choice": desk.T("Please choose one of these.", "请从下列选项中选择。"),
	"invalid_number": desk.T("Please give a number.", "请输入一个数字。"),
	"invalid_money":  desk.T("Please give an amount, such as 25.50.", "请输入金额，例如 25.50。"),
	"invalid_date":   desk.T("Please give a date, such as tomorrow or March 5.", "请告诉我日期，例如明天或3月5日。"),
	"invalid_time":   desk.T("Please give a time, such as 3:30 pm.", "请告诉我时间，例如下午3点半。"),
	"invalid_moment": desk.T("Please give a date and a time, such as tomorrow at 3 pm.", "请告诉我日期和时间，例如明天下午3点。"),
	"invalid_phone":  desk.T("Please give a phone number with its area code.", "请输入完整的电话号码。"),
	"invalid_email":  desk.T("Please give an e-mail address, such as name@example.com.", "请输入邮箱地址，例如 name@example.com。"),
	"invalid_place":  desk.T("Please share your location.", "请发送您的位置。"),
	"invalid_yesno":  desk.T("Please answer yes or no.", "请回答是或否。"),
	"invalid_file":   desk.T("Please send a photo or a file.", "请发送图片或文件。"),
	"invalid_form":   desk.T("That doesn't look right. Please check it.", "格式不太对，请检查一下。"),
	"too_small":      desk.T("It must be at least {bound}.", "不能小于{bound}。"),
	"too_large":      desk.T("It can be at most {bound}.", "不能大于{bound}。"),
	"too_early":      desk.T("The earliest possible day is {bound}.", "最早可选{bound}。"),
	"too_late_date":  desk.T("The latest possible day is {bound}.", "最晚可选{bound}。"),
	"too_short":      desk.T("Please write at least {bound} characters.", "请至少输入{bound}个字。"),
	"too_long":       desk.T("Please keep it to {bound} characters.", "请不要超过{bound}个字。"),
	"no_file":        desk.T("I can't use a file here.", "这里暂时用不到文件。"),
	"no_place":       desk.T("I can't use a location here.", "这里暂时用不到位置信息。"),

	"clarify":       desk.T("Did you mean one of these?", "您是想问下面哪一项？"),
	"unsure_answer": desk.T("I'm not sure I know that. Is it one of these?", "这个我不太确定，您想了解的是下面哪一项？"),
	"other":         desk.T("All right. Tell me in a few words what it is about, or pick one of these:", "好的，请用一句话告诉我是什么事，或者选择下面的事项："),
	"which":         desk.T("Which one?", "请问是哪一项？"),
	"clarify_one":   desk.T("Did you mean “{title}”?", "您是想问“{title}”吗？"),
	"steer":         desk.T("I'm not sure I understood. I can help with these:", "抱歉，我没太明白。您可以试试："),
	"steer_again":   desk.T("I still don't follow, I'm sorry. Would you like to talk to a person?", "很抱歉，我还是没明白。需要为您转接人工吗？"),
	"no_answer":     desk.T("I don't know that, and I would rather not guess.", "这个问题我不确定，不想随便猜测。"),
	"not_here":      desk.T("That is nothing I can speak about here. I can help with these:", "这个话题我在这里不便回答。您可以试试："),
	"no_such_flow":  desk.T("That is not available any more.", "该项服务已不可用。"),

	"verify_first": desk.T("First I need to check that it is really you.", "在此之前，需要先核实您的身份。"),
	"denied":       desk.T("That did not match. Please try again.", "信息不匹配，请重新提供。"),

	"hand_over_denied":  desk.T("I could not check who you are, so a person will help you from here.", "未能核实您的身份，由人工同事继续为您服务。"),
	"hand_over":         desk.T("I'm passing you to a person, who sees what you told me.", "正在为您转接人工，您之前说的内容都会一并转达。"),
	"hand_over_retries": desk.T("Let me get a person to help you with this. They will see what you told me.", "我请同事来帮您处理，您之前说的内容都会一并转达。"),
	"hand_over_failed":  desk.T("I could not get this done, so a person will take it from here.", "这件事我没能办成，由人工同事继续为您处理。"),

	"yes":            desk.T("Yes", "是"),
	"no":             desk.T("No", "否"),
	"option_confirm": desk.T("Confirm", "确认"),
	"option_change":  desk.T("Change something", "修改"),
	"option_cancel":  desk.T("Never mind", "不办了"),
	"option_edit":    desk.T("Change", "修改"),
	"any":            desk.T("Any", "都可以"),
	"option_any":     desk.T("It doesn't matter", "都可以"),
	"option_skip":    desk.T("Skip", "跳过"),
	"option_keep":    desk.T("Keep it as it is", "保持不变"),
	"option_retry":   desk.T("Try again", "再试一次"),
	"option_resume":  desk.T("Go on with “{title}”", "继续“{title}”"),
	"option_drop":    desk.T("No, leave it", "不用了"),
	"option_human":   desk.T("Talk to a person", "转人工"),
	"option_start":   desk.T("Main menu", "主菜单"),
	"option_other":   desk.T("Something else", "其他问题"),

	"sum_started":   desk.T("Began “{flow}”", "开始“{flow}”"),
	"sum_refused":   desk.T("{slot} “{value}” was refused", "{slot}“{value}”不符合规则"),
	"sum_invalid":   desk.T("No valid answer for {slot}", "{slot}未得到有效回答"),
	"sum_confirm":   desk.T("Saw the summary", "已查看确认信息"),
	"sum_called":    desk.T("Confirmed; “{flow}” was sent", "已确认并提交“{flow}”"),
	"sum_result":    desk.T("It failed: {value}", "提交失败：{value}"),
	"sum_completed": desk.T("“{flow}” completed", "“{flow}”已完成"),
	"sum_cancelled": desk.T("Cancelled “{flow}”", "取消了“{flow}”"),
	"sum_paused":    desk.T("Interrupted “{flow}”", "中断了“{flow}”"),
	"sum_verified":  desk.T("Proved who they are", "已核实身份"),
	"sum_answered":  desk.T("Asked a question; answered from “{value}”", "提问，已用“{value}”回答"),
	"sum_off_topic": desk.T("Asked about something that is not spoken of here", "询问了不在服务范围内的话题"),
	"sum_steered":   desk.T("Said something that was not understood", "说了一句未能理解的话"),
}

// commonLabels are the names of slots that need no label in their file.
var commonLabels = map[string]desk.Text{
	"name": desk.T("Name", "姓名"), "phone": desk.T("Phone", "电话"), "email": desk.T("E-mail", "邮箱"),
	"address": desk.T("Address", "地址"), "date": desk.T("Date", "日期"), "day": desk.T("Day", "日期"), "time": desk.T("Time", "时间"),
	"note": desk.T("Note", "备注"), "payment": desk.T("Payment", "支付方式"), "size": desk.T("Size", "规格"),
	"quantity": desk.T("Quantity", "数量"), "amount": desk.T("Amount", "金额"), "reason": desk.T("Reason", "原因"),
	"photo": desk.T("Photo", "照片"), "location": desk.T("Location", "位置"), "drink": desk.T("Drink", "饮品"),
	"order": desk.T("Order", "订单"), "number": desk.T("Number", "编号"), "details": desk.T("Details", "详情"),
}

// words says p in lang with pairs ("title", "...") filled in; what is filled
// in is data and escaped.
func (p phrase) words(lang desk.Lang, pairs ...string) string {
	for i := 1; i < len(pairs); i += 2 {
		pairs[i] = escapeMarkdown(pairs[i])
	}
	return p.plain(lang, pairs...)
}

// plain says p for a label, where nothing is Markdown.
func (p phrase) plain(lang desk.Lang, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		pairs[i] = "{" + pairs[i] + "}"
	}
	return strings.NewReplacer(pairs...).Replace(phrases[p].In(lang))
}

// humanName makes "order_coffee" "Order coffee".
func humanName(name string) string {
	s := strings.TrimSpace(strings.NewReplacer("_", " ", "-", " ").Replace(name))
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// title is what the slot is called on cards.
func (s Slot) title(lang desk.Lang) string {
	if !s.Label.IsZero() {
		return s.Label.In(lang)
	}
	if t, ok := commonLabels[s.Name]; ok {
		return t.In(lang)
	}
	return humanName(s.Name)
}
