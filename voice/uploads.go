package voice

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice/media"
)

// Prompts is the folder below Config.DataDir in which uploaded prompts are kept.
const Prompts = "prompts"

const (
	maxUploads    = 64       // that are kept ready
	maxUploadSize = 64 << 20 // of a prompt's file
)

// uploaded is a prompt that is ready to be played.
type uploaded struct {
	ulaw []byte
	at   time.Time // of the file
	size int64
}

// uploaded finds a prompt by its name. Calls share its bytes.
func (x *Exchange) uploaded(ctx context.Context, name string, lang desk.Lang) ([]byte, bool) {
	ctx, cancel := context.WithTimeout(ctx, spineTime)
	defer cancel()
	path, err := x.Store.Prompt(ctx, name, lang)
	if err != nil {
		if !desk.IsKind(err, desk.NotFound) {
			x.log().WarnContext(ctx, "prompt not found", "prompt", name, "error", err)
		}
		return nil, false
	}
	if !filepath.IsAbs(path) {
		path = x.Config.path(Prompts, path)
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() > maxUploadSize {
		x.log().WarnContext(ctx, "prompt not usable", "prompt", name, "error", err)
		return nil, false
	}
	x.mu.Lock()
	u, ok := x.clips[path]
	x.mu.Unlock()
	if ok && u.at.Equal(info.ModTime()) && u.size == info.Size() {
		return u.ulaw, true
	}
	f, err := os.Open(path)
	if err != nil {
		x.log().WarnContext(ctx, "prompt not read", "prompt", name, "error", err)
		return nil, false
	}
	defer f.Close()
	u = uploaded{at: info.ModTime(), size: info.Size()}
	if u.ulaw, err = media.ReadWAV(f); err != nil {
		x.log().WarnContext(ctx, "prompt not read", "prompt", name, "error", err)
		return nil, false
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.clips == nil || len(x.clips) >= maxUploads {
		x.clips = map[string]uploaded{}
	}
	x.clips[path] = u
	return u.ulaw, true
}

// prompt says an uploaded prompt. It is false when there is none.
func (c *call) prompt(name string) bool {
	if name == "" {
		return false
	}
	ulaw, ok := c.ex.uploaded(c.ctx, name, c.lang())
	if ok {
		c.voice.say(utterance{audio: ulaw, lang: c.lang()})
	}
	return ok
}

// tellMember says something to somebody else than the customer; what he hears
// goes on beneath it.
func (c *call) tellMember(m *member, words desk.Text) {
	text, lang := words.In(c.lang()), c.lang()
	if c.ex.Mouth == nil || m == nil {
		return
	}
	line := m.leg.Line()
	c.do("words to an agent not spoken", func(ctx context.Context) error {
		ulaw, err := c.ex.Mouth.Say(ctx, text, lang)
		if err == nil {
			line.Play(media.Clip(ulaw), nil)
		}
		return err
	}, nil)
}

// sendLink sends the customer the page of his call, once. With say he is told.
func (c *call) sendLink(say bool) {
	if c.linked || c.conv.ID == "" {
		return
	}
	c.linked = true
	id, sent := c.conv.ID, false
	c.do("link not sent", func(ctx context.Context) (err error) {
		sent, err = c.ex.Spine.SendLink(ctx, id)
		return err
	}, func(error) {
		if sent && say && c.over == nil {
			c.say(textSent.In(c.lang()))
		}
	})
}
