package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/routing"
)

const rowColumns = `c.id, c.status, c.subject, c.contact_id, p.name, c.channel, c.address, c.lang, c.queue, c.agent_id, coalesce(a.name, ''),
	c.preview, c.preview_by, c.last_at, c.waiting_since, c.unread, c.priority, c.version`

const rowTables = " FROM conversations c JOIN contacts p ON p.id = c.contact_id LEFT JOIN agents a ON a.id = c.agent_id"

func scanRow(row Scanner) (r routing.InboxRow, err error) {
	var agent routing.Name
	err = row.Scan(&r.ID, &r.Status, &r.Subject, &r.Contact.ID, &r.Contact.Name, &r.Channel, &r.Address, &r.Lang, &r.Queue, &agent.ID, &agent.Name,
		&r.Preview, &r.PreviewBy, timeInto(&r.LastAt), timeInto(&r.WaitingSince), &r.Unread, &r.Priority, &r.Version)
	if agent.ID != "" {
		r.Agent = &agent
	}
	return r, err
}

// asking collects the conditions of a query and their arguments.
type asking struct {
	where []string
	args  []any
}

// arg adds an argument and returns its parameter.
func (a *asking) arg(v any) string {
	a.args = append(a.args, v)
	return "$" + strconv.Itoa(len(a.args))
}

func (a *asking) that(cond string) { a.where = append(a.where, cond) }

// pageSize is the size of a page that was asked for.
func pageSize(limit int) int {
	if limit <= 0 {
		return 50
	}
	return min(limit, 200)
}

// Inbox returns a page of a tab and the cursor of the next, which is "" after
// the last. What was said in the last seconds may not be found by Search yet.
func (s *Routing) Inbox(ctx context.Context, in routing.InboxQuery) ([]routing.InboxRow, string, error) {
	var a asking
	column, direction, beyond := "last_at", "DESC", "<"
	switch in.Tab {
	case routing.Mine:
		// as the index says it, less what is only offered
		a.that("c.status IN ('offered', 'assigned', 'parked') AND c.status <> 'offered' AND c.agent_id = " + a.arg(in.AgentID))
	case routing.InQueues:
		a.that("c.status IN ('waiting', 'offered')")
		column, direction, beyond = "waiting_since", "", ">"
	case routing.All, "":
		a.that("c.status <> 'closed'")
	case routing.ClosedOnes:
		a.that("c.status = 'closed'")
	default:
		return nil, "", &desk.Error{Kind: desk.Invalid, Code: "unknown_tab", Field: "tab", Message: "a tab is mine, queues, all or closed"}
	}
	if len(in.Queues) > 0 {
		a.that("c.queue IN " + s.db.D.InList(a.arg(list(in.Queues))))
	}
	if in.After != "" {
		at, id, err := readRowCursor(in.After)
		if err != nil {
			return nil, "", err
		}
		a.that(fmt.Sprintf("(c.%s, c.id) %s (%s, %s)", column, beyond, a.arg(at), a.arg(id)))
	}
	if err := s.search(ctx, &a, in.Search); err != nil {
		return nil, "", err
	}
	limit := pageSize(in.Limit)
	rows, err := All(ctx, s.db.Read(), scanRow, "SELECT "+rowColumns+rowTables+" WHERE "+strings.Join(a.where, " AND ")+
		fmt.Sprintf(" ORDER BY c.%s %s, c.id %s LIMIT %s", column, direction, direction, a.arg(limit+1)), a.args...)
	if err != nil || len(rows) <= limit {
		return rows, "", err
	}
	last := rows[limit-1]
	at := last.LastAt
	if column == "waiting_since" {
		at = last.WaitingSince
	}
	return rows[:limit], rowCursor(micros(at), last.ID), nil
}

func rowCursor(at int64, id desk.ID) string { return strconv.FormatInt(at, 36) + "." + string(id) }

func readRowCursor(c string) (at int64, id desk.ID, err error) {
	head, tail, ok := strings.Cut(c, ".")
	at, perr := strconv.ParseInt(head, 36, 64)
	if !ok || perr != nil {
		return 0, "", &desk.Error{Kind: desk.Invalid, Code: "bad_cursor", Field: "after", Message: "the cursor is not one of ours; begin without"}
	}
	return at, desk.ID(tail), nil
}

// The bounds of a search: how many words count, and from how many hits on a
// word is common.
const (
	maxSearchWords = 8
	common         = 2000
)

// search adds the condition that every word occurs; the last may be only
// begun. Conversations are looked up by rare words; by common ones those that
// come in order are probed.
func (s *Routing) search(ctx context.Context, a *asking, text string) error {
	words := wordsOf(text)
	words = words[:min(len(words), maxSearchWords)]
	if len(words) == 0 && strings.TrimSpace(text) != "" {
		a.that("1 = 0") // nothing that could be found
	}
	for _, w := range words {
		// A word is a prefix: it may be only begun, and a single Chinese
		// character begins a pair.
		until := w + "\U0010FFFF"
		n, err := One(ctx, s.db.Read(), Value[int], "SELECT count(*) FROM (SELECT 1 FROM conversation_words WHERE word >= $1 AND word < $2 LIMIT 0+$3) AS x", w, until, common)
		if err != nil {
			return err
		}
		from, to := a.arg(w), a.arg(until)
		if n < common {
			a.that("c.id IN (SELECT conversation_id FROM conversation_words WHERE word >= " + from + " AND word < " + to + ")")
		} else {
			a.that("EXISTS (SELECT 1 FROM conversation_words w WHERE w.conversation_id = c.id AND w.word >= " + from + " AND w.word < " + to + ")")
		}
	}
	return nil
}

// Row returns one conversation as a row of a list.
func (s *Routing) Row(ctx context.Context, id desk.ID) (routing.InboxRow, error) {
	return One(ctx, s.db.Read(), scanRow, "SELECT "+rowColumns+rowTables+" WHERE c.id = $1", id)
}

// Counts says how many there are in each tab; queues narrow all but Mine.
func (s *Routing) Counts(ctx context.Context, agent desk.ID, queues []desk.QueueName) (out routing.InboxCounts, err error) {
	out.ByQueue = map[desk.QueueName]int{}
	out.Mine, err = One(ctx, s.db.Read(), Value[int], "SELECT count(*) FROM conversations WHERE agent_id = $1 AND status IN ('assigned', 'parked')", agent)
	if err != nil {
		return out, err
	}
	only := ""
	args := []any{}
	if len(queues) > 0 {
		only, args = " AND queue IN "+s.db.D.InList("$1"), append(args, list(queues))
	}
	type count struct {
		queue desk.QueueName
		n     int
	}
	by, err := All(ctx, s.db.Read(), func(row Scanner) (c count, err error) { return c, row.Scan(&c.queue, &c.n) },
		"SELECT queue, count(*) FROM conversations WHERE status IN ('waiting', 'offered')"+only+" GROUP BY queue LIMIT 2000", args...)
	if err != nil {
		return out, err
	}
	for _, c := range by {
		out.ByQueue[c.queue] = c.n
		out.Queues += c.n
	}
	out.All, err = One(ctx, s.db.Read(), Value[int], "SELECT count(*) FROM conversations WHERE status <> 'closed'"+only, args...)
	return out, err
}
