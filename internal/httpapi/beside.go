package httpapi

import (
	"context"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
	"github.com/parleyhq/parley/routing"
)

// Beside sums conversations up and says what may be done next.
type Beside interface {
	// Summarise sums up by rules, or gives what a model wrote; Write asks a model,
	// if there is one.
	Summarise(ctx context.Context, conversation desk.ID, lang desk.Lang) (assist.Summary, error)
	Write(ctx context.Context, conversation desk.ID, lang desk.Lang) (assist.Summary, error)
	// Propose says how a conversation seems to have ended, or nil.
	Propose(ctx context.Context, conversation desk.ID) (*assist.Proposal, error)
	// Next gives what may be done next; Did notes that it was.
	Next(ctx context.Context, conversation desk.ID, lang desk.Lang) ([]assist.Action, error)
	Action(ctx context.Context, conversation, id desk.ID) (assist.Action, error)
	Did(ctx context.Context, conversation, action, agent desk.ID) error
}

// beside is what sums up, or why there is nothing.
func (s *Server) beside() (Beside, error) {
	if b, ok := s.Assist.(Beside); ok {
		return b, nil
	}
	return nil, desk.Errorf(desk.Unavailable, "no_assist", "this server suggests nothing")
}

type besideIn struct {
	ByID
	Lang string `query:"lang" enum:"en,zh" doc:"Of labels and titles; without it, the conversation's."`
}

// seen is the conversation that somebody asks about, and the language that he
// reads.
func (s *Server) seen(ctx context.Context, in *besideIn) (Beside, desk.Conversation, desk.Lang, error) {
	c, err := s.visible(ctx, desk.ID(in.ID))
	if err != nil {
		return nil, c, "", err
	}
	b, err := s.beside()
	lang := desk.Lang(in.Lang)
	if lang == "" {
		lang = c.Lang
	}
	return b, c, lang, err
}

func (s *Server) getSummary(ctx context.Context, in *besideIn) (*reply[assist.Summary], error) {
	b, c, lang, err := s.seen(ctx, in)
	if err != nil {
		return nil, err
	}
	v, err := b.Summarise(ctx, c.ID, lang)
	return &reply[assist.Summary]{v}, err
}

func (s *Server) writeSummary(ctx context.Context, in *besideIn) (*reply[assist.Summary], error) {
	b, c, lang, err := s.seen(ctx, in)
	if err != nil {
		return nil, err
	}
	v, err := b.Write(ctx, c.ID, lang)
	return &reply[assist.Summary]{v}, err
}

// WrapUp is what is offered when a conversation is about to end.
type WrapUp struct {
	Summary     assist.Summary   `json:"summary"`
	Note        string           `json:"note" doc:"The summary as a closing note."`
	Disposition *assist.Proposal `json:"disposition,omitempty" doc:"Absent when nothing is sure enough."`
}

func (s *Server) getWrapUp(ctx context.Context, in *besideIn) (*reply[WrapUp], error) {
	b, c, lang, err := s.seen(ctx, in)
	if err != nil {
		return nil, err
	}
	v, err := b.Summarise(ctx, c.ID, lang)
	if err != nil {
		return nil, err
	}
	p, err := b.Propose(ctx, c.ID)
	return &reply[WrapUp]{WrapUp{v, v.Text(), p}}, err
}

func (s *Server) listActions(ctx context.Context, in *besideIn) (*reply[Page[assist.Action]], error) {
	b, c, lang, err := s.seen(ctx, in)
	if err != nil {
		return nil, err
	}
	if !c.HeldBy(user(ctx).ID) {
		return pageWith[assist.Action](nil, ""), nil
	}
	list, err := b.Next(ctx, c.ID, lang)
	if err != nil {
		return nil, err
	}
	kept := list[:0]
	for _, a := range list {
		if a.Kind != assist.CallPerson || s.mayCall(ctx) {
			kept = append(kept, a)
		}
	}
	return pageWith(kept, ""), nil
}

// mayCall reports whether there are calls, and the user may make them.
func (s *Server) mayCall(ctx context.Context) bool {
	_, err := s.calls()
	return err == nil && can(ctx, access.VoiceCall)
}

type actionIn struct {
	ByID
	Action string `path:"sid" maxLength:"64"`
}

// doAction does what was offered, as if the agent had done it by hand.
func (s *Server) doAction(ctx context.Context, in *actionIn) (*reply[desk.Conversation], error) {
	b, c, _, err := s.seen(ctx, &besideIn{ByID: in.ByID})
	if err != nil {
		return nil, err
	}
	a, err := b.Action(ctx, c.ID, desk.ID(in.Action))
	if err != nil {
		return nil, err
	}
	switch a.Kind {
	case assist.StartFlow:
		c, err = s.Router.HandBack(ctx, author(ctx), c.ID, desk.Target(desk.KindFlow+":"+a.Target))
	case assist.ToQueue:
		c, err = s.Router.Transfer(ctx, author(ctx), c.ID, routing.Destination{Queue: desk.QueueName(a.Target)}, "")
	case assist.CallPerson:
		if !s.mayCall(ctx) {
			return nil, desk.Errorf(desk.Forbidden, "forbidden", "you may not call")
		}
		_, err = s.dial(ctx, &body[dialBody]{Body: dialBody{Conversation: c.ID, To: a.Target}})
	}
	if err != nil {
		return nil, err
	}
	if err := b.Did(ctx, c.ID, a.ID, user(ctx).ID); err != nil {
		s.Log.WarnContext(ctx, "note what was done", "request", callerOf(ctx).RequestID, "action", a.ID, "err", err) // it is done all the same
	}
	return &reply[desk.Conversation]{c}, nil
}

type handBackIn struct {
	ByID
	Body handBackBody
}

type handBackBody struct {
	Target string `json:"target" maxLength:"80" doc:"flow:NAME or menu:NAME."`
}

func (s *Server) handBack(ctx context.Context, in *handBackIn) (*reply[desk.Conversation], error) {
	return s.move(ctx, in.ID, func(id desk.ID) (desk.Conversation, error) {
		return s.Router.HandBack(ctx, author(ctx), id, desk.Target(in.Body.Target))
	})
}
