package evals

import "github.com/parleyhq/parley/desk"

// labels are the words of a report.
var labels = map[string]desk.Text{
	"title":      desk.T("Test report", "测试报告"),
	"passed":     desk.T("passed", "通过"),
	"failed":     desk.T("failed", "失败"),
	"flaky":      desk.T("sometimes", "时好时坏"),
	"cases":      desk.T("cases", "用例"),
	"suites":     desk.T("Suites", "测试集"),
	"suite":      desk.T("Suite", "测试集"),
	"case":       desk.T("Case", "用例"),
	"time":       desk.T("Time", "用时"),
	"turns":      desk.T("turns", "轮次"),
	"repeats":    desk.T("playings of each case", "每个用例重复次数"),
	"pass_hat":   desk.T("chance that k playings in a row pass", "连续 k 次全部通过的概率"),
	"failures":   desk.T("What failed", "失败的用例"),
	"all":        desk.T("All cases", "全部用例"),
	"none":       desk.T("Every case passed.", "全部用例都已通过。"),
	"got":        desk.T("got", "实际"),
	"want":       desk.T("want", "期望"),
	"customer":   desk.T("Customer", "客户"),
	"taps":       desk.T("taps", "点击"),
	"bot":        desk.T("Bot", "机器人"),
	"marks":      desk.T("what happened", "发生了什么"),
	"en":         desk.T("English", "英文"),
	"zh":         desk.T("Chinese", "中文"),
	"revision":   desk.T("revision", "版本"),
	"allowed":    desk.T("may fail", "允许失败"),
	"skipped":    desk.T("not played: no model", "未运行：没有配置模型"),
	"tokens":     desk.T("tokens", "个词元"),
	"text":       desk.T("as text", "文字"),
	"keys":       desk.T("as keys", "按键"),
	"conclusion": desk.T("ALL PASSED", "全部通过"),
	"broken":     desk.T("FAILED", "未通过"),
}

func label(key string, lang desk.Lang) string { return labels[key].In(lang) }
