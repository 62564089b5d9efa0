package demo

import (
	"hash/fnv"
	"net/http"
	"time"
)

// caseFile is a complaint, a payout case or a document, with all its fields.
type caseFile struct {
	number string
	kind   string
	fields map[string]string
	at     time.Time
}

type filed struct {
	Case filedCase `json:"case"`
}

type filedCase struct {
	Number     string `json:"number"`
	AnswerDays int    `json:"answer_days"`
}

type payout struct {
	Payout payoutView `json:"payout"`
}

type payoutView struct {
	Week   string  `json:"week"`
	Amount float64 `json:"amount"` // yuan
	Trips  int     `json:"trips"`
	Status string  `json:"status"` // open, paid
	Date   string  `json:"date"`   // when it is or was paid
}

func (b *backend) file(letter, kind string, days int, c call) answer {
	f := caseFile{number: b.number(letter), kind: kind, fields: c.fields, at: b.now()}
	b.cases.put(f.number, f)
	return answer{http.StatusCreated, filed{filedCase{f.number, days}}}
}

// fileComplaint takes those of the shop's customers and of the drivers.
func (b *backend) fileComplaint(c call) answer {
	if c.text("problem") == "" {
		return bad("no_problem", "problem is needed: what went wrong")
	}
	return b.file("C", "complaint", 1, c)
}

func (b *backend) filePayoutCase(c call) answer {
	switch c.text("week") {
	case "this_week", "last_week", "earlier":
	default:
		return bad("unknown_week", "week is this_week, last_week or earlier")
	}
	if c.text("kind") == "" {
		return bad("no_kind", "kind is needed: what is missing")
	}
	return b.file("P", "payout", 2, c)
}

func (b *backend) fileDocument(c call) answer {
	validTo, err := time.Parse(time.DateOnly, c.text("valid_to"))
	switch {
	case c.text("document") == "" || c.text("photo") == "":
		return bad("incomplete", "document and photo are needed")
	case err != nil:
		return bad("bad_date", "valid_to is a date such as 2027-03-31")
	case validTo.Before(b.now().Add(-24 * time.Hour)):
		return bad("expired", "the document has run out")
	}
	return b.file("D", "document", 1, c)
}

// getPayout invents figures that stay the same for a driver and week.
func (b *backend) getPayout(c call) answer {
	week := c.URL.Query().Get("week")
	today := b.now()
	monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
	v := payoutView{Week: week, Status: "open", Date: monday.AddDate(0, 0, 8).Format(time.DateOnly)}
	switch week {
	case "this_week":
	case "last_week":
		v.Status, v.Date = "paid", monday.AddDate(0, 0, 1).Format(time.DateOnly)
		if today.Before(monday.AddDate(0, 0, 1)) {
			v.Status = "open"
		}
	default:
		return bad("unknown_week", "week is this_week or last_week")
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(c.URL.Query().Get("driver") + week)) // a hash never fails
	v.Trips = 40 + int(h.Sum32()%60)
	v.Amount = float64(v.Trips*2900+int(h.Sum32()%1000)) / 100
	return answer{http.StatusOK, payout{v}}
}
