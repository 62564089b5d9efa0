package evals

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// act is what a customer does: words, or an option that he takes.
type act struct {
	words  string
	option *desk.Option
	verb   desk.Verb // a fixed button
	place  *desk.Location
	file   *desk.Attachment
	stale  bool // the option is not among the newest: its key means another now
}

// content is the act as a channel would bring it in that mode, and how the
// report shows it.
func (a act) content(m Mode, lang desk.Lang) (c desk.Content, user, tap string) {
	o := a.option
	switch {
	case a.place != nil:
		return desk.Content{Location: a.place}, fmt.Sprintf("(%g, %g)", a.place.Lat, a.place.Lon), ""
	case a.file != nil:
		return desk.Content{Attachments: []desk.Attachment{*a.file}}, "(" + a.file.Name + ")", ""
	case a.verb != "":
		return desk.Content{Command: a.verb}, "", string(a.verb)
	case o == nil:
		return desk.Content{Text: a.words}, a.words, ""
	case m == AsKeys && o.Key != "" && !a.stale:
		return desk.Content{Text: o.Key}, o.Key, ""
	case m == AsText || m == AsKeys:
		words := o.Label
		if o.Pick.Verb == desk.PickEdit {
			words = phrase(lang, "change the %s", "改一下%s", strings.ToLower(a.words))
		}
		return desk.Content{Text: words}, words, ""
	}
	p := o.Pick
	return desk.Content{Text: o.Label, Picked: &p}, "", o.Label
}

// step is what a turn of a case means in a mode: in taps, words that are an
// option's are a tap on it.
func (s *session) step(st Step, m Mode) (act, error) {
	if st.Tap != "" {
		return s.find(st.Tap)
	}
	if m == AsTaps || m == AsKeys {
		said := strings.TrimSpace(st.User)
		for _, o := range s.newest() {
			if strings.EqualFold(strings.TrimSpace(o.Label), said) || o.Pick.Verb == desk.PickAnswer && strings.EqualFold(o.Pick.Value, said) {
				return act{option: &o}, nil
			}
		}
	}
	return act{words: st.User}, nil
}

// newest is the options of the latest message that has any, of those that no
// words of the customer followed.
func (s *session) newest() []desk.Option {
	for _, m := range slices.Backward(s.history) {
		if m.Author.Kind != desk.ByBot {
			return nil
		}
		if o := offered(m.Content); len(o) > 0 {
			return o
		}
	}
	return nil
}

// find is the option that a step means among what was last said, the newest
// first: by id, key, label, value, target, slot to edit, or verb.
func (s *session) find(what string) (act, error) {
	var labels []string
	seen := false
	for i := len(s.history) - 1; i >= 0; i-- {
		m := s.history[i]
		if m.Author.Kind != desk.ByBot {
			continue
		}
		options := offered(m.Content)
		for _, same := range []func(desk.Option) bool{
			func(o desk.Option) bool { return o.ID == what },
			func(o desk.Option) bool {
				return strings.EqualFold(strings.TrimSpace(o.Label), strings.TrimSpace(what))
			},
			func(o desk.Option) bool { return o.Pick.Verb == desk.PickAnswer && o.Pick.Value == what },
			func(o desk.Option) bool { return o.Pick.Target != "" && string(o.Pick.Target) == what },
			func(o desk.Option) bool { return o.Pick.Verb == desk.PickEdit && "edit:"+o.Pick.Slot == what },
			func(o desk.Option) bool { return string(o.Pick.Verb) == what },
			func(o desk.Option) bool { return o.Key != "" && o.Key == what },
		} {
			if k := slices.IndexFunc(options, same); k >= 0 {
				return act{option: &options[k], words: lineOf(m.Content, options[k]), stale: seen}, nil
			}
		}
		for _, o := range options {
			if label := fmt.Sprintf("%q", o.Label); !slices.Contains(labels, label) {
				labels = append(labels, label)
			}
		}
		seen = seen || len(options) > 0
	}
	if v := desk.Verb(what); v.FromOutside() {
		return act{verb: v}, nil
	}
	if len(labels) == 0 {
		return act{}, fmt.Errorf("there is nothing to tap")
	}
	return act{}, fmt.Errorf("no option %q to tap; there are %s", what, strings.Join(labels[:min(len(labels), 20)], ", "))
}

// lineOf is what a card calls the slot that the option changes.
func lineOf(c desk.Content, o desk.Option) string {
	if o.Pick.Verb == desk.PickEdit && c.Card != nil {
		for _, l := range c.Card.Lines {
			if l.Edit != nil && l.Edit.Pick == o.Pick {
				return l.Label
			}
		}
	}
	return o.Pick.Slot
}

func offered(c desk.Content) []desk.Option {
	out := slices.Clone(c.Options)
	if c.Card != nil {
		for _, l := range c.Card.Lines {
			if l.Edit != nil {
				out = append(out, *l.Edit)
			}
		}
	}
	return out
}

// phrase is one of two formats, by language.
func phrase(lang desk.Lang, en, zh string, args ...any) string {
	if lang == desk.Chinese {
		en = zh
	}
	return fmt.Sprintf(en, args...)
}
