package httpapi

import (
	"context"
	"math"
	"slices"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
	"github.com/parleyhq/parley/routing"
)

// Reads is what screens are shown of conversations, contacts, queues and
// agents, past routing.
type Reads interface {
	Conversation(ctx context.Context, id desk.ID) (desk.Conversation, error)
	Contact(ctx context.Context, id desk.ID) (desk.Contact, error)
	OpenConversation(ctx context.Context, contact desk.ID, playbook string) (desk.Conversation, bool, error)
	// Timeline lists the stored events after seq, oldest first; messages are
	// events among them.
	Timeline(ctx context.Context, conversation desk.ID, after int64, limit int) ([]desk.Event, error)
	// Before lists the newest of them before seq, oldest first.
	Before(ctx context.Context, conversation desk.ID, before int64, limit int) ([]desk.Event, error)
	Journey(ctx context.Context, contact desk.ID) (routing.Journey, error)
	Inbox(ctx context.Context, q routing.InboxQuery) (rows []routing.InboxRow, next string, err error)
	Row(ctx context.Context, id desk.ID) (routing.InboxRow, error)
	Counts(ctx context.Context, agent desk.ID, queues []desk.QueueName) (routing.InboxCounts, error)
	Contacts(ctx context.Context, search, after string, limit int) (page []desk.Contact, next string, err error)
	Agent(ctx context.Context, id desk.ID) (desk.Agent, error)
	Agents(ctx context.Context) ([]desk.Agent, error)
	OpenOffers(ctx context.Context, agent desk.ID) ([]desk.Offer, error)
	Queue(ctx context.Context, name desk.QueueName) (desk.Queue, bool, error)
	Queues(ctx context.Context) ([]desk.Queue, error)
	QueueStats(ctx context.Context) ([]routing.QueueStat, error)
}

// fromEnd, as a seq, is after everything.
const fromEnd = math.MaxInt64

type inboxIn struct {
	Paged
	Tab    routing.Tab `query:"tab" enum:"mine,queues,all,closed" default:"mine" doc:"all and closed need the permission inbox.all."`
	Queue  string      `query:"queue" maxLength:"64"`
	Search string      `query:"q" maxLength:"200"`
}

func (s *Server) listConversations(ctx context.Context, in *inboxIn) (*reply[Page[routing.InboxRow]], error) {
	if in.Tab != routing.Mine && in.Tab != routing.InQueues && !can(ctx, access.InboxAll) {
		return nil, desk.Errorf(desk.Forbidden, "forbidden", "this tab needs the permission %s", access.InboxAll)
	}
	q := routing.InboxQuery{Tab: in.Tab, AgentID: user(ctx).ID, Search: in.Search, After: in.After, Limit: in.Limit}
	if in.Tab != routing.Mine {
		queues, err := s.myQueues(ctx)
		if err != nil {
			return nil, err
		}
		q.Queues = queues
	}
	if name := desk.QueueName(in.Queue); name != "" {
		if len(q.Queues) > 0 && !slices.Contains(q.Queues, name) {
			return nil, desk.Errorf(desk.Forbidden, "forbidden", "the queue %s is not yours", name)
		}
		q.Queues = []desk.QueueName{name}
	}
	rows, next, err := s.Reads.Inbox(ctx, q)
	if err != nil {
		return nil, err
	}
	return pageWith(rows, next), nil
}

// myQueues are those an agent serves; empty for every queue, as for those who
// may see everything.
func (s *Server) myQueues(ctx context.Context) ([]desk.QueueName, error) {
	if can(ctx, access.InboxAll) {
		return nil, nil
	}
	a, err := s.agent(ctx, user(ctx))
	return a.Queues, err
}

func (s *Server) countConversations(ctx context.Context, _ *none) (*reply[routing.InboxCounts], error) {
	queues, err := s.myQueues(ctx)
	if err != nil {
		return nil, err
	}
	counts, err := s.Reads.Counts(ctx, user(ctx).ID, queues)
	return &reply[routing.InboxCounts]{counts}, err
}

// visible finds a conversation that the user may see: his own, one that was in
// a queue of his or in none, or any at all with inbox.all.
func (s *Server) visible(ctx context.Context, id desk.ID) (desk.Conversation, error) {
	c, err := s.Reads.Conversation(ctx, id)
	if err != nil || c.AgentID == user(ctx).ID || c.Queue == "" || can(ctx, access.InboxAll) {
		return c, err
	}
	queues, err := s.myQueues(ctx)
	if err == nil && len(queues) > 0 && !slices.Contains(queues, c.Queue) {
		err = desk.Errorf(desk.Forbidden, "forbidden", "the conversation is in the queue %s, which is not yours", c.Queue)
	}
	return c, err
}

// Dossier is everything an agent sees of a conversation at once.
type Dossier struct {
	Conversation desk.Conversation   `json:"conversation"`
	Contact      desk.Contact        `json:"contact"`
	Events       []desk.Event        `json:"events" nullable:"false" doc:"The newest 200, oldest first; messages are events of kind message."`
	Suggestions  []assist.Suggestion `json:"suggestions" nullable:"false" doc:"For the newest message of the customer."`
	Place        *desk.Place         `json:"place,omitempty"`
}

func (s *Server) getConversation(ctx context.Context, in *ByID) (*reply[Dossier], error) {
	c, err := s.visible(ctx, desk.ID(in.ID))
	if err != nil {
		return nil, err
	}
	d := Dossier{Conversation: c, Suggestions: []assist.Suggestion{}}
	if d.Contact, err = s.Reads.Contact(ctx, c.ContactID); err != nil {
		return nil, err
	}
	if d.Events, err = s.Reads.Before(ctx, c.ID, fromEnd, 200); err != nil {
		return nil, err
	}
	if c.AgentID == user(ctx).ID && c.Status != desk.Closed && s.Assist != nil {
		list, err := s.Assist.Current(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		d.Suggestions = append(d.Suggestions, list...)
	}
	if c.Status == desk.Waiting || c.Status == desk.Offered {
		if p, err := s.Router.Place(ctx, c.ID); err == nil {
			d.Place = &p
		}
	}
	return &reply[Dossier]{d}, nil
}

type eventsIn struct {
	ByID
	After  int64 `query:"after" minimum:"0" doc:"Events after this seq, oldest first."`
	Before int64 `query:"before" minimum:"0" doc:"The newest events before this seq instead."`
	Limit  int   `query:"limit" minimum:"1" maximum:"200" default:"100"`
}

type eventList struct {
	Items []desk.Event `json:"items" nullable:"false"`
	More  bool         `json:"more"`
}

func (s *Server) listEvents(ctx context.Context, in *eventsIn) (*reply[eventList], error) {
	if in.After > 0 && in.Before > 0 {
		return nil, &desk.Error{Kind: desk.Invalid, Code: "invalid", Message: "give after or before, not both", Field: "before"}
	}
	c, err := s.visible(ctx, desk.ID(in.ID))
	if err != nil {
		return nil, err
	}
	var events []desk.Event
	if in.Before > 0 {
		events, err = s.Reads.Before(ctx, c.ID, in.Before, in.Limit)
	} else {
		events, err = s.Reads.Timeline(ctx, c.ID, in.After, in.Limit)
	}
	if events == nil {
		events = []desk.Event{}
	}
	return &reply[eventList]{eventList{events, len(events) == in.Limit}}, err
}

func pageWith[T any](items []T, next string) *reply[Page[T]] {
	if items == nil {
		items = []T{}
	}
	return &reply[Page[T]]{Page[T]{items, next}}
}
