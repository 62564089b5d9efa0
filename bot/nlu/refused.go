package nlu

import (
	"strings"

	"github.com/parleyhq/parley/bot"
)

// refused finds that the customer asks about what is not spoken about. Within a
// question or before a summary only what is surely a question of its own is:
// "my lawyer says it was cold" answers what went wrong.
func (r *reading) refused() []bot.Command {
	top := r.top()
	name, ok := strings.CutPrefix(top.Class, refusePrefix)
	least := r.u.act
	if r.in.Asking != nil || r.in.Confirming {
		least = (1 + least) / 2
		ok = ok && (asksInfo(r.main) || isQuestion(r.main))
	}
	if !ok || top.Confidence < least {
		return nil
	}
	return []bot.Command{{Kind: bot.CommandRefuse, Value: name, Text: r.in.Text, Confidence: top.Confidence}}
}
