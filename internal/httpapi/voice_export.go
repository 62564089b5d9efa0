package httpapi

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// The bounds of an export: more is exported in a next one, which begins where
// this one ended.
const (
	exportRows = 100_000
	exportPage = 500
)

// exportNext is where an export says what to give as after, in a trailer.
const exportNext = "X-Next"

// exportRecords streams call records as CSV or JSON.
func (s *Server) exportRecords(c *gin.Context) {
	store, err := s.callStore()
	if err != nil {
		s.refuse(c, err)
		return
	}
	q := voice.RecordQuery{After: c.Query("after"), Limit: exportPage}
	for name, into := range map[string]*time.Time{"from": &q.From, "to": &q.To} {
		if v := c.Query(name); v != "" {
			if *into, err = time.Parse(time.RFC3339, v); err != nil {
				s.refuse(c, &desk.Error{Kind: desk.Invalid, Code: "invalid", Message: "a time is written as 2026-01-31T00:00:00Z", Field: "query." + name})
				return
			}
		}
	}
	var w recordWriter
	out := bufio.NewWriterSize(c.Writer, 32<<10)
	switch c.DefaultQuery("format", "csv") {
	case "csv":
		w = &csvRecords{csv.NewWriter(out)}
		c.Header("Content-Type", "text/csv; charset=utf-8")
		c.Header("Content-Disposition", `attachment; filename="calls.csv"`)
	case "json":
		w = &jsonRecords{out: out}
		c.Header("Content-Type", "application/json")
		c.Header("Content-Disposition", `attachment; filename="calls.json"`)
	default:
		s.refuse(c, &desk.Error{Kind: desk.Invalid, Code: "invalid", Message: "a format is csv or json", Field: "query.format"})
		return
	}
	page, next, err := store.Calls(c.Request.Context(), q) // before anything is written, so that a failure is an answer
	if err != nil {
		s.refuse(c, err)
		return
	}
	c.Header("Trailer", exportNext)
	c.Status(http.StatusOK)
	err = w.begin(out)
	for rows := 0; err == nil; {
		for _, r := range page {
			if err = w.row(r); err != nil {
				break
			}
		}
		if rows += len(page); err != nil || next == "" || rows >= exportRows {
			break
		}
		q.After = next
		page, next, err = store.Calls(c.Request.Context(), q)
	}
	if err == nil {
		if err = w.end(next); err == nil {
			err = out.Flush()
		}
	}
	if err != nil {
		s.Log.WarnContext(c.Request.Context(), "export call records", "request", callerOf(c.Request.Context()).RequestID, "err", err)
		panic(http.ErrAbortHandler) // so that half an export does not pass for a whole one
	}
	c.Writer.Header().Set(exportNext, next)
}

// recordWriter writes records in one format.
type recordWriter interface {
	begin(out *bufio.Writer) error
	row(r voice.Record) error
	end(next string) error
}

type csvRecords struct{ w *csv.Writer }

// columns of the CSV export.
var columns = []string{
	"id", "source", "direction", "from", "to", "started_at", "answered_at", "queued_at", "talked_at", "ended_at", "waited_s", "talked_s", "held_s",
	"reason", "sip", "q850", "ended_by", "queue", "agent_id", "contact_id", "conversation_id", "trunk", "playbook", "recorded", "mos",
}

// begin writes the mark by which spreadsheets know UTF-8, and the columns.
func (c *csvRecords) begin(out *bufio.Writer) error {
	if _, err := out.WriteString("\ufeff"); err != nil {
		return err
	}
	c.w.UseCRLF = true // RFC 4180
	return c.w.Write(columns)
}

func (c *csvRecords) row(r voice.Record) error {
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	took := func(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) }
	code := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	mos := ""
	for _, q := range r.Quality {
		if q.Role == "caller" && q.MOS > 0 {
			mos = strconv.FormatFloat(q.MOS, 'f', 2, 64)
		}
	}
	row := []string{
		string(r.ID), r.Source, r.Direction, r.From, r.To, at(r.StartedAt), at(r.AnsweredAt), at(r.QueuedAt), at(r.TalkedAt), at(r.EndedAt), took(r.Waited), took(r.Talked), took(r.HeldFor),
		r.Cause.Reason, code(r.Cause.SIP), code(r.Cause.Q850), r.Cause.By, string(r.Queue), string(r.AgentID), string(r.ContactID), string(r.ConversationID), r.Trunk, r.Playbook, strconv.FormatBool(r.Recorded), mos,
	}
	for i, v := range row {
		row[i] = inert(v)
	}
	return c.w.Write(row)
}

func (c *csvRecords) end(string) error {
	c.w.Flush()
	return c.w.Error()
}

var plainNumber = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?$`)

// inert keeps a spreadsheet from taking a caller's name or address for a
// formula. Telephone numbers stay as they are.
func inert(cell string) string {
	if cell == "" || plainNumber.MatchString(cell) {
		return cell
	}
	if strings.ContainsRune("=+-@\t\r\n|%", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

type jsonRecords struct {
	out  *bufio.Writer
	some bool
}

func (j *jsonRecords) begin(*bufio.Writer) error {
	_, err := j.out.WriteString(`{"items":[`)
	return err
}

func (j *jsonRecords) row(r voice.Record) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if j.some {
		b = append([]byte(",\n"), b...)
	}
	j.some = true
	_, err = j.out.Write(b)
	return err
}

func (j *jsonRecords) end(next string) error {
	_, err := j.out.WriteString(`],"next":` + string(encode(next)) + "}\n")
	return err
}

func documentExport(op *huma.Operation) {
	op.Description += "\n\nStreams at most 100000 records, newest first. When there are more, the trailer X-Next (and next of the JSON) is to be given as after. CSV is UTF-8 with a byte order mark, quoted by RFC 4180; a cell that a spreadsheet would take for a formula begins with '. Durations of the JSON are nanoseconds, those of the CSV seconds."
	one := func(name, doc string, schema *huma.Schema) *huma.Param {
		return &huma.Param{Name: name, In: "query", Description: doc, Schema: schema}
	}
	op.Parameters = []*huma.Param{
		one("format", "csv unless said.", &huma.Schema{Type: huma.TypeString, Enum: []any{"csv", "json"}}),
		one("from", "Begun not before.", &huma.Schema{Type: huma.TypeString, Format: "date-time"}),
		one("to", "Begun before.", &huma.Schema{Type: huma.TypeString, Format: "date-time"}),
		one("after", "The next of the export before.", &huma.Schema{Type: huma.TypeString}),
	}
	op.Responses["200"] = &huma.Response{Description: "The records.", Content: map[string]*huma.MediaType{"text/csv": {}, "application/json": {}}}
}
