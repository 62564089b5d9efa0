package desk

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
)

// Lang is a language that Parley shows texts in, as a short BCP 47 tag.
type Lang string

// The languages every text is shown in.
const (
	English Lang = "en"
	Chinese Lang = "zh" // Simplified Chinese
)

// ParseLang maps a BCP 47 tag ("zh-Hans-CN", "en_GB") or an Accept-Language
// header to a supported language; what it does not know is English.
func ParseLang(tag string) Lang {
	for _, part := range strings.Split(tag, ",") {
		part = strings.ToLower(strings.TrimSpace(part))
		if strings.HasPrefix(part, "zh") {
			return Chinese
		}
		if strings.HasPrefix(part, "en") {
			return English
		}
	}
	return English
}

// Text is one text in several languages. In files and JSON it is either
// {en: ..., zh: ...} or one string that holds for every language (key "").
type Text map[Lang]string

// T is a Text in English and Chinese.
func T(en, zh string) Text { return Text{English: en, Chinese: zh} }

// In returns the text in lang, else for all languages, else in English, else
// in whichever language there is.
func (t Text) In(lang Lang) string {
	for _, l := range []Lang{lang, "", English, Chinese} {
		if s, ok := t[l]; ok {
			return s
		}
	}
	return ""
}

// IsZero reports whether there is no text in any language.
func (t Text) IsZero() bool { return len(t) == 0 }

// Langs lists the languages t has, sorted.
func (t Text) Langs() []Lang {
	out := make([]Lang, 0, len(t))
	for l := range t {
		out = append(out, l)
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}

// UnmarshalYAML reads a string or a map of languages; other keys are refused.
func (t *Text) UnmarshalYAML(decode func(any) error) error {
	var one string
	if err := decode(&one); err == nil {
		*t = Text{"": one}
		return nil
	}
	var many map[string]string
	if err := decode(&many); err != nil {
		return err
	}
	return t.set(many)
}

// UnmarshalJSON reads what UnmarshalYAML reads.
func (t *Text) UnmarshalJSON(b []byte) error {
	var one string
	if err := json.Unmarshal(b, &one); err == nil {
		*t = Text{"": one}
		return nil
	}
	var many map[string]string
	if err := json.Unmarshal(b, &many); err != nil {
		return err
	}
	return t.set(many)
}

func (t *Text) set(many map[string]string) error {
	out := make(Text, len(many))
	for l, s := range many {
		if l != string(English) && l != string(Chinese) && l != "" {
			return fmt.Errorf("unknown language %q: a text is one string or {en: ..., zh: ...}", l)
		}
		out[Lang(l)] = s
	}
	*t = out
	return nil
}
