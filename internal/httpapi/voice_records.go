package httpapi

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// recordsBody bounds a request with records of another system.
const recordsBody = 2 << 20

// Period is when something began.
type Period struct {
	From time.Time `query:"from" doc:"Not before."`
	To   time.Time `query:"to" doc:"Before."`
}

type recordsIn struct {
	Paged
	Period
	Search   string `query:"q" maxLength:"200" doc:"Part of a number."`
	Contact  string `query:"contact" maxLength:"64"`
	Recorded bool   `query:"recorded" doc:"Only calls of which there is, or was, a recording."`
}

func (s *Server) listRecords(ctx context.Context, in *recordsIn) (*reply[Page[voice.Record]], error) {
	store, err := s.callStore()
	if err != nil {
		return nil, err
	}
	page, next, err := store.Calls(ctx, voice.RecordQuery{From: in.From, To: in.To, Search: in.Search, Contact: desk.ID(in.Contact), Recorded: in.Recorded, After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	return pageWith(page, next), nil
}

type foreignBody struct {
	Records []ForeignRecord `json:"records" minItems:"1" maxItems:"500" nullable:"false"`
}

// ForeignRecord is a finished call that another system handled.
type ForeignRecord struct {
	Source     string    `json:"source" minLength:"1" maxLength:"50" pattern:"^[a-z0-9][a-z0-9._-]*$" patternDescription:"small letters, digits, dot, - and _" doc:"The name of the system."`
	ID         string    `json:"id" minLength:"1" maxLength:"200" doc:"Its own id of the call: the same one again is accepted once."`
	Direction  string    `json:"direction" enum:"in,out"`
	From       string    `json:"from" minLength:"1" maxLength:"200"`
	To         string    `json:"to" minLength:"1" maxLength:"200"`
	StartedAt  time.Time `json:"started_at"`
	AnsweredAt time.Time `json:"answered_at,omitzero" doc:"Without it nobody answered."`
	EndedAt    time.Time `json:"ended_at"`
	Trunk      string    `json:"trunk,omitempty" maxLength:"100"`
	Queue      string    `json:"queue,omitempty" maxLength:"64"`
	Reason     string    `json:"reason,omitempty" enum:"normal,busy,no_answer,rejected,unreachable,cancelled,congestion,lost,failed,transferred" doc:"Without it: normal, or no_answer when nobody answered."`
	Waited     float64   `json:"waited,omitempty" minimum:"0" maximum:"86400" doc:"Seconds in queues."`
	Talked     float64   `json:"talked,omitempty" minimum:"0" maximum:"604800" doc:"Seconds with a person; without it, from answer to end."`
}

// TakenRecords says what became of records of another system.
type TakenRecords struct {
	Added    int `json:"added"`
	Repeated int `json:"repeated" doc:"They were here already and stay as they are."`
}

// acceptRecords checks all records before it stores any.
func (s *Server) acceptRecords(ctx context.Context, in *body[foreignBody]) (*reply[TakenRecords], error) {
	store, err := s.callStore()
	if err != nil {
		return nil, err
	}
	records := make([]voice.Record, len(in.Body.Records))
	for i, f := range in.Body.Records {
		if records[i], err = f.record(s.Now()); err != nil {
			return nil, err
		}
	}
	var out TakenRecords
	for _, r := range records {
		added, err := store.AddCall(ctx, r)
		switch {
		case err != nil:
			return nil, err
		case added:
			out.Added++
		default:
			out.Repeated++
		}
	}
	return &reply[TakenRecords]{out}, nil
}

// ownSource names the calls that we handle.
const ownSource = "parley"

// record checks f and makes it a record of ours.
func (f ForeignRecord) record(now time.Time) (voice.Record, error) {
	bad := func(field, code, message string) (voice.Record, error) {
		return voice.Record{}, &desk.Error{Kind: desk.Invalid, Code: code, Message: "record " + f.ID + ": " + message, Field: field}
	}
	f.ID, f.From, f.To = strings.TrimSpace(f.ID), strings.TrimSpace(f.From), strings.TrimSpace(f.To)
	for field, v := range map[string]string{"id": f.ID, "from": f.From, "to": f.To} {
		if v == "" || !utf8.ValidString(v) || strings.ContainsFunc(v, unicode.IsControl) {
			f.ID = "" // do not repeat what may not be printed
			return bad(field, "record_text", "it is empty, or holds control characters")
		}
	}
	switch {
	case f.Source == ownSource:
		return bad("source", "source_ours", "parley names our own calls: give the other system's name")
	case f.StartedAt.Before(time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)) || f.EndedAt.After(now.Add(24*time.Hour)):
		return bad("started_at", "record_time", "it began before 1990, or ends in the future")
	case f.EndedAt.Before(f.StartedAt) || f.EndedAt.Sub(f.StartedAt) > 7*24*time.Hour:
		return bad("ended_at", "record_time", "it ended before it began, or lasted more than a week")
	case !f.AnsweredAt.IsZero() && (f.AnsweredAt.Before(f.StartedAt) || f.AnsweredAt.After(f.EndedAt)):
		return bad("answered_at", "record_time", "it was answered before it began, or after its end")
	}
	r := voice.Record{
		ID: voice.ForeignID(f.Source, f.ID), Source: f.Source, Direction: f.Direction, From: f.From, To: f.To, Trunk: f.Trunk, Queue: desk.QueueName(f.Queue),
		StartedAt: f.StartedAt.UTC(), EndedAt: f.EndedAt.UTC(), Waited: seconds(f.Waited), Talked: seconds(f.Talked), Cause: voice.Cause{Reason: f.Reason},
	}
	if !f.AnsweredAt.IsZero() {
		r.AnsweredAt = f.AnsweredAt.UTC()
		if f.Talked == 0 {
			r.Talked = r.EndedAt.Sub(r.AnsweredAt)
		}
	}
	if r.Cause.Reason == "" {
		r.Cause.Reason = voice.EndNormal
		if r.AnsweredAt.IsZero() {
			r.Cause.Reason = voice.EndNoAnswer
		}
	}
	return r, nil
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
