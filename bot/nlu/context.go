package nlu

import (
	"regexp"

	"github.com/parleyhq/parley/bot"
)

// toOffer reads a yes or a no where no flow is under way: it is the answer to
// an offer, if one was made.
func (r *reading) toOffer() []bot.Command {
	if yn := readYesNo(r.main); !r.active && yn.value != "" && yn.rest == "" {
		return r.one(map[string]bot.CommandKind{"yes": bot.CommandConfirm, "no": bot.CommandReject}[yn.value], sure)
	}
	return nil
}

// editRE finds the wish to change something, without saying what.
var editRE = regexp.MustCompile(`^(?:i (?:want|need|would like|'d like) to |i'd like to |can i |let me )?(?:change|edit|modify|correct)(?: (?:it|this|that|something|the order|my order))?$|^(?:我?(?:想|要)|需要|请)*(?:改|修改|更改|编辑|改改|改一改|变更|换)(?:一下|下|内容|订单|信息)?$`)

// cancelWhat deals with "cancel" where nothing is under way: it may be about
// something there is a flow for.
func (r *reading) cancelWhat() []bot.Command {
	if near := r.about(r.candidates(0.05)); len(near) > 0 {
		return []bot.Command{{Kind: bot.CommandClarify, Text: r.in.Text, Confidence: sure, Candidates: near}}
	}
	return r.one(bot.CommandCancel, sure)
}

// notKnown reads "I don't remember" in answer to a question: it is about
// nothing else, however much it sounds like it.
func (r *reading) notKnown() []bot.Command {
	switch {
	case !notKnownRE.MatchString(r.main.s) || asksInfo(r.main):
		return nil
	case r.in.Asking.Slot.Optional:
		return r.one(bot.CommandSkip, offered)
	}
	return r.one(bot.CommandNone, 0)
}

var notKnownRE = regexp.MustCompile(`\b(?:(?:don't|do not|dont|can't|cannot|didn't) (?:know|remember|recall|have|find|see|keep)|no idea|not sure|forgot|have none|lost (?:it|the))\b|不知道|不记得|不清楚|记不清|记不得|忘了|忘记|没记|找不到|没有(?:订单)?号|不确定`)
