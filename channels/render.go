package channels

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
)

// Render fits what a message says to what a channel can show: options become
// numbered text where there are no buttons (or too few), cards and places
// become lines, files that cannot be sent become links, Markdown is flattened,
// and long text is split at sentences. Nothing is left out. Options come with
// the last part, where the customer's eye is.
func Render(c desk.Content, l Limits, lang desk.Lang) []Part {
	text, markdown := c.Text, c.Markdown && l.Markdown
	if c.Markdown && !l.Markdown {
		text = Plain(text)
	}
	paragraphs := []string{text}
	var card *desk.Card
	options := slices.Clone(c.Options)
	if c.Card != nil {
		if l.Cards {
			card = c.Card
		} else {
			lines, edits := cardLines(*c.Card, lang)
			paragraphs = append(paragraphs, lines)
			options = append(edits, options...)
		}
	}
	if c.HandOver != nil && !l.Cards {
		paragraphs = append(paragraphs, handOverLines(*c.HandOver, lang))
	}
	place := c.Location
	if place != nil && !l.Location {
		paragraphs, place = append(paragraphs, placeLine(*place)), nil
	}
	var files []desk.Attachment
	for _, f := range c.Attachments {
		f.URL = absolute(l.Origin, f.URL)
		if l.carries(f) {
			files = append(files, f)
		} else {
			paragraphs = append(paragraphs, f.Name+": "+f.URL)
		}
	}
	for _, s := range c.Sources {
		if s.Title != "" && !markdown {
			paragraphs = append(paragraphs, desk.T("Source: ", "来源：").In(lang)+s.Title)
		}
	}
	if len(options) > 0 && len(options) > l.Options {
		paragraphs = append(paragraphs, numbered(options, lang))
		options = nil
	}
	for i := range options {
		options[i].Label = shorten(options[i].Label, l.OptionLabel)
	}
	return parts(join(paragraphs), markdown, l, Part{Options: options, Card: card, Attachments: files, Location: place})
}

// parts splits text and puts what comes with it into the last part.
func parts(text string, markdown bool, l Limits, rest Part) []Part {
	var out []Part
	for _, t := range Split(text, l.Text) {
		out = append(out, Part{Text: t, Markdown: markdown})
	}
	if len(out) == 0 {
		out = []Part{{}}
	}
	last := &out[len(out)-1]
	last.Options, last.Card, last.Attachments, last.Location = rest.Options, rest.Card, rest.Attachments, rest.Location
	return slices.DeleteFunc(out, Part.IsZero)
}

func (l Limits) carries(f desk.Attachment) bool {
	if l.FileBytes > 0 && f.Size > l.FileBytes {
		return false
	}
	return slices.ContainsFunc(l.Media, func(prefix string) bool { return strings.HasPrefix(f.Type, prefix) })
}

func absolute(origin, address string) string {
	if strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//") {
		return strings.TrimSuffix(origin, "/") + address
	}
	return address
}

// cardLines writes a card as lines; what could be edited becomes options.
func cardLines(c desk.Card, lang desk.Lang) (string, []desk.Option) {
	lines := []string{c.Title, c.Subtitle}
	var edits []desk.Option
	for _, l := range c.Lines {
		lines = append(lines, l.Label+desk.T(": ", "：").In(lang)+l.Value)
		if l.Edit != nil {
			o := *l.Edit
			o.Label = desk.T("Change ", "修改").In(lang) + l.Label
			edits = append(edits, o)
		}
	}
	return strings.Join(full(lines), "\n"), edits
}

func handOverLines(h desk.HandOver, lang desk.Lang) string {
	lines := []string{desk.T("This is passed on: ", "将转告客服：").In(lang) + h.Wants}
	for _, f := range h.Facts {
		lines = append(lines, f.Label+desk.T(": ", "：").In(lang)+f.Value)
	}
	return strings.Join(lines, "\n")
}

func placeLine(p desk.Location) string {
	s := strconv.FormatFloat(p.Lat, 'f', 6, 64) + ", " + strconv.FormatFloat(p.Lon, 'f', 6, 64)
	if p.Label != "" {
		s = p.Label + " (" + s + ")"
	}
	return s
}

// numbered writes options as text, each with what to type: its own key, else
// the first number that no other option has.
func numbered(options []desk.Option, lang desk.Lang) string {
	taken := map[string]bool{}
	for _, o := range options {
		taken[o.Key] = true
	}
	next, lines := 1, []string{}
	for _, o := range options {
		key := o.Key
		for key == "" {
			if k := strconv.Itoa(next); !taken[k] {
				key = k
			}
			next++
		}
		line := key + ". " + o.Label
		if o.Hint != "" {
			line += fmt.Sprintf(desk.T(" (%s)", "（%s）").In(lang), o.Hint)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// shorten cuts a label to n runes, the last of which then is an ellipsis.
func shorten(s string, n int) string {
	if n <= 0 || utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:n-1])) + "…"
}

func join(paragraphs []string) string { return strings.Join(full(paragraphs), "\n\n") }

// full leaves out what is empty.
func full(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(s string) bool { return strings.TrimSpace(s) == "" })
}
