package playbook

import (
	"context"

	"github.com/parleyhq/parley/bot"
)

// silent understands nothing. A bot made with it is only looked at, not used.
type silent struct{}

func (silent) Understand(context.Context, bot.Utterance) ([]bot.Command, error) {
	return []bot.Command{{Kind: bot.CommandNone}}, nil
}
