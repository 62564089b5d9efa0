package httpapi

import (
	"context"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
	"github.com/parleyhq/parley/routing"
	"github.com/parleyhq/parley/voice"
)

type contactsIn struct {
	Paged
	Search string `query:"q" maxLength:"200" doc:"Part of a name, an e-mail address or a number."`
}

func (s *Server) listContacts(ctx context.Context, in *contactsIn) (*reply[Page[desk.Contact]], error) {
	page, next, err := s.Reads.Contacts(ctx, in.Search, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	return pageWith(page, next), nil
}

// Portrait is a contact and what he did.
type Portrait struct {
	Contact desk.Contact    `json:"contact"`
	Journey routing.Journey `json:"journey"`
	Calls   []voice.Record  `json:"calls" nullable:"false" doc:"His newest 50 calls, also those that another system handled."`
}

const shownCalls = 50

func (s *Server) getContact(ctx context.Context, in *ByID) (*reply[Portrait], error) {
	c, err := s.Reads.Contact(ctx, desk.ID(in.ID))
	if err != nil {
		return nil, err
	}
	j, err := s.Reads.Journey(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	p := Portrait{c, j, []voice.Record{}}
	if s.Voice != nil && s.Voice.Store != nil && can(ctx, access.VoiceCall) {
		calls, _, err := s.Voice.Store.Calls(ctx, voice.RecordQuery{Contact: c.ID, Limit: shownCalls})
		if err != nil {
			return nil, err
		}
		p.Calls = append(p.Calls, calls...)
	}
	return &reply[Portrait]{p}, nil
}

type contactIn struct {
	ByID
	Body contactBody
}

type contactBody struct {
	Name       *string           `json:"name,omitempty" maxLength:"200"`
	Email      *string           `json:"email,omitempty" maxLength:"254"`
	Phone      *string           `json:"phone,omitempty" maxLength:"50"`
	Lang       desk.Lang         `json:"lang,omitempty" enum:"en,zh"`
	Attributes map[string]string `json:"attributes,omitempty" maxProperties:"50" doc:"Replaces all of them."`
	Tags       []string          `json:"tags,omitempty" maxItems:"50" maxLength:"64" doc:"Replaces all of them."`
}

func (s *Server) putContact(ctx context.Context, in *contactIn) (*reply[desk.Contact], error) {
	b := in.Body
	c, err := s.Router.EditContact(ctx, desk.ID(in.ID), routing.ContactEdit{Name: b.Name, Email: b.Email, Phone: b.Phone, Lang: b.Lang, Attributes: b.Attributes, Tags: b.Tags})
	return &reply[desk.Contact]{c}, err
}

func (s *Server) listQueues(ctx context.Context, _ *none) (*reply[Page[routing.QueueStat]], error) {
	q, err := s.Reads.QueueStats(ctx)
	if err != nil {
		return nil, err
	}
	return pageWith(q, ""), nil
}

type queueIn struct {
	Name string `path:"name" maxLength:"64" pattern:"^[a-z0-9][a-z0-9_-]*$" patternDescription:"small letters, digits, - and _"`
	Body queueBody
}

type queueBody struct {
	Title    desk.Text `json:"title"`
	Skills   []string  `json:"skills,omitempty" maxItems:"50" maxLength:"64" doc:"An agent needs all of them."`
	Priority int       `json:"priority,omitempty" minimum:"-100" maximum:"100"`
	Playbook string    `json:"playbook,omitempty" maxLength:"64"`

	OnHold       *desk.OnHold        `json:"on_hold,omitempty" doc:"What somebody who waits hears and sees; without it, as it was."`
	Dispositions *[]desk.Disposition `json:"dispositions,omitempty" maxItems:"50" doc:"Results to choose from when a matter ends; without it, as they were."`
}

func (s *Server) putQueue(ctx context.Context, in *queueIn) (*reply[desk.Queue], error) {
	b := in.Body
	old, _, err := s.Reads.Queue(ctx, desk.QueueName(in.Name))
	if err != nil {
		return nil, err
	}
	q := desk.Queue{Name: desk.QueueName(in.Name), Title: b.Title, Skills: b.Skills, Priority: b.Priority, Playbook: b.Playbook, OnHold: old.OnHold, Dispositions: old.Dispositions}
	if b.OnHold != nil {
		q.OnHold = *b.OnHold
		if err := checkOnHold(q.OnHold); err != nil {
			return nil, err
		}
	}
	if b.Dispositions != nil {
		q.Dispositions = *b.Dispositions
		if err := checkDispositions(q.Dispositions); err != nil {
			return nil, err
		}
	}
	return &reply[desk.Queue]{q}, s.Router.PutQueue(ctx, q)
}

func (s *Server) listAgents(ctx context.Context, _ *none) (*reply[Page[desk.Agent]], error) {
	a, err := s.Reads.Agents(ctx)
	if err != nil {
		return nil, err
	}
	return pageWith(a, ""), nil
}
