package bot

import (
	"fmt"
	"time"

	"github.com/parleyhq/parley/desk"
)

// dots stand for every sensitive value.
const dots = "••••"

// show is a canonical value as a person reads it.
func (s Slot) show(value string, lang desk.Lang) string {
	if value == "" {
		return ""
	}
	if s.Sensitive {
		return dots
	}
	if s.Any && value == AnyValue {
		return phrase("any").plain(lang)
	}
	switch s.Type {
	case desk.SlotChoice:
		if c, ok := s.Choice(value); ok {
			return c.Title(lang)
		}
	case desk.SlotYesNo:
		return phrase(value).plain(lang)
	case desk.SlotMoney:
		if s.Currency == "CNY" {
			return "¥" + value
		}
		if s.Currency != "" {
			return value + " " + s.Currency
		}
	case desk.SlotDate:
		if t, err := time.Parse(time.DateOnly, value); err == nil {
			return showDate(t, lang)
		}
	case desk.SlotDateTime:
		if t, err := time.Parse(time.RFC3339, value); err == nil {
			return showDate(t, lang) + " " + t.Format("15:04")
		}
	}
	return value
}

// masked is the value as marks may hold it.
func (s Slot) masked(value string) string {
	if s.Sensitive && value != "" {
		return dots
	}
	return value
}

func showDate(t time.Time, lang desk.Lang) string {
	if lang == desk.Chinese {
		day := []string{"日", "一", "二", "三", "四", "五", "六"}[t.Weekday()]
		return fmt.Sprintf("%d年%d月%d日（周%s）", t.Year(), int(t.Month()), t.Day(), day)
	}
	return t.Format("Mon, 2 January 2006")
}
