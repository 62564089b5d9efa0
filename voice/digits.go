package voice

import (
	"fmt"
	"time"

	"github.com/parleyhq/parley/desk"
)

// spell writes digits as the answer to an input is read: 20261121 is a date,
// 0930 a time, 12.50 an amount. Today decides which year a day without one
// means. What fits no form stays as it is, and the responder says so.
func spell(in desk.Input, digits string, today time.Time) string {
	switch in.Type {
	case desk.SlotDate:
		return spellDate(in, digits, today)
	case desk.SlotTime:
		return spellTime(digits)
	case desk.SlotDateTime:
		switch len(digits) {
		case 8, 12:
			cut := len(digits) - 4
			return spellDate(in, digits[:cut], today) + " " + spellTime(digits[cut:])
		}
	}
	return digits
}

func spellDate(in desk.Input, digits string, today time.Time) string {
	switch len(digits) {
	case 8:
		return digits[:4] + "-" + digits[4:6] + "-" + digits[6:]
	case 4:
		day := fmt.Sprintf("%04d-%s-%s", today.Year(), digits[:2], digits[2:])
		if day < today.Format(time.DateOnly) {
			day = fmt.Sprintf("%04d-%s-%s", today.Year()+1, digits[:2], digits[2:])
		}
		if len(in.Max) >= 10 && day > in.Max[:10] { // of the past: a birthday, a purchase
			for year := today.Year(); day > in.Max[:10] && year > today.Year()-2; year-- {
				day = fmt.Sprintf("%04d-%s-%s", year, digits[:2], digits[2:])
			}
		}
		return day
	}
	return digits
}

func spellTime(digits string) string {
	switch len(digits) {
	case 1:
		return "0" + digits + ":00"
	case 2:
		return digits + ":00"
	case 3:
		return "0" + digits[:1] + ":" + digits[1:]
	case 4:
		return digits[:2] + ":" + digits[2:]
	}
	return digits
}
