package httpapi

import (
	"context"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
	"github.com/parleyhq/parley/internal/webhooks"
	"github.com/parleyhq/parley/voice"
)

// Voice is what HTTP asks of calls. A nil part is not there: its routes answer
// 404 with the code voice_off.
type Voice struct {
	Calls     voice.Calls
	Phones    Phones
	Talks     Talks
	Callbacks Callbacks
	Lines     Lines
	Store     CallStore
	Hooks     Hooks

	SIP        string // where telephones register, "host:port"; empty: nowhere
	Realm      string // that their passwords are digested for
	Ear        bool   // words are understood
	Recordings string // the folder of recordings
	Prompts    string // the folder of uploaded prompts
}

// Phones are browsers that are agents' telephones, at this node.
type Phones interface {
	// Phone answers the offer of an agent's browser: from now on it rings for
	// him. id names it.
	Phone(ctx context.Context, agent desk.ID, name, offer string) (answer string, id desk.ID, err error)
	// Disconnect ends a phone of the agent's. NotFound when it is not his.
	Disconnect(ctx context.Context, agent, id desk.ID) error
	// Ready reports whether a browser of the agent's can ring.
	Ready(agent desk.ID) bool
}

// Talks are calls that customers make from their browsers.
type Talks interface {
	// Talk answers the offer of a customer's browser and begins his call.
	Talk(ctx context.Context, who voice.Peer, offer string) (answer string, call desk.ID, err error)
	// HangupTalk ends such a call. NotFound when it is not the customer's.
	HangupTalk(ctx context.Context, contact, call desk.ID) error
}

// Callbacks lets somebody go who waits; *routing.Router does it.
type Callbacks interface {
	AskCallback(ctx context.Context, conversation desk.ID, cb desk.Callback) error
}

// Lines is what is known of telephones and of lines to the network.
type Lines interface {
	Registered(ctx context.Context, user string) (bool, error)
	Trunks(ctx context.Context) ([]voice.Trunk, error)
}

// Hooks tries a hook out; *webhooks.Sender does it.
type Hooks interface {
	Try(ctx context.Context, h webhooks.Hook) (status int, reason string)
}

// CallStore keeps what calls leave behind and what they are set up with. What
// is not there is an error of Kind NotFound.
type CallStore interface {
	Call(ctx context.Context, id desk.ID) (voice.Record, error)
	Calls(ctx context.Context, q voice.RecordQuery) (page []voice.Record, next string, err error)
	// AddCall stores a finished call of another system, whose contact it finds by
	// the customer's number; false when it has it already.
	AddCall(ctx context.Context, r voice.Record) (added bool, err error)

	// Recordings lists those of a conversation, or of a call, oldest first.
	Recordings(ctx context.Context, conversation, call desk.ID) ([]voice.Recording, error)
	Recording(ctx context.Context, id desk.ID) (voice.Recording, error)
	DropRecording(ctx context.Context, id desk.ID) error

	Prompts(ctx context.Context) ([]voice.PromptFile, error)
	// PutPrompt stores a prompt and returns the path of the one that it replaced.
	PutPrompt(ctx context.Context, p voice.PromptFile) (replaced string, err error)
	// DropPrompt forgets a prompt in every language and returns its paths.
	DropPrompt(ctx context.Context, name string) (paths []string, err error)
	// Prompt is the path of a prompt in a language, else for every language.
	Prompt(ctx context.Context, name string, lang desk.Lang) (path string, err error)

	// Accounts lists by user, after the user named after; of one agent unless
	// agent is empty.
	Accounts(ctx context.Context, agent desk.ID, after string, limit int) ([]voice.Account, error)
	Account(ctx context.Context, user string) (voice.Account, error)
	// AddAccount fails with Conflict "user_taken".
	AddAccount(ctx context.Context, a voice.Account) error
	SaveAccount(ctx context.Context, a voice.Account) error
	// DropAccount also forgets where its phone is.
	DropAccount(ctx context.Context, user string) error

	Station(ctx context.Context, agent desk.ID) (voice.Station, error)
	PutStation(ctx context.Context, agent desk.ID, st voice.Station) error

	webhooks.Book
}

// voiceOff is the answer where calls, or a part of them, are not set up.
func voiceOff() error {
	return desk.Errorf(desk.NotFound, "voice_off", "calls are not set up on this server")
}

// part returns a part of Voice, or voiceOff.
func part[T comparable](s *Server, get func(*Voice) T) (T, error) {
	var nothing T
	if s.Voice == nil {
		return nothing, voiceOff()
	}
	p := get(s.Voice)
	if p == nothing {
		return nothing, voiceOff()
	}
	return p, nil
}

func (s *Server) calls() (voice.Calls, error) {
	return part(s, func(v *Voice) voice.Calls { return v.Calls })
}

func (s *Server) callStore() (CallStore, error) {
	return part(s, func(v *Voice) CallStore { return v.Store })
}

// VoiceState is what a console needs to know of calls.
type VoiceState struct {
	Enabled      bool               `json:"enabled"`
	SIP          string             `json:"sip,omitempty" doc:"Where telephones register." example:"127.0.0.1:5060"`
	Ear          bool               `json:"ear" doc:"Words are understood, not only keys."`
	Where        string             `json:"where" enum:"browser,phone,number" doc:"Where I take calls."`
	Number       string             `json:"number,omitempty"`
	PhoneReady   bool               `json:"phone_ready" doc:"A browser of mine can ring."`
	Phones       []MyPhone          `json:"phones" nullable:"false"`
	Dispositions []desk.Disposition `json:"dispositions" nullable:"false" doc:"Results to choose from when a matter ends, of all queues together."`
}

// MyPhone is a SIP telephone of mine.
type MyPhone struct {
	User       string `json:"user"`
	Registered bool   `json:"registered"`
}

func (s *Server) getVoice(ctx context.Context, _ *none) (*reply[VoiceState], error) {
	st, err := s.voiceState(ctx)
	return &reply[VoiceState]{st}, err
}

func (s *Server) voiceState(ctx context.Context) (VoiceState, error) {
	out := VoiceState{Where: "browser", Phones: []MyPhone{}, Dispositions: []desk.Disposition{}}
	v := s.Voice
	if v == nil || v.Calls == nil {
		return out, nil
	}
	out.Enabled, out.SIP, out.Ear = true, v.SIP, v.Ear
	if !can(ctx, access.VoiceCall) {
		return out, nil
	}
	me := user(ctx).ID
	out.PhoneReady = v.Phones != nil && v.Phones.Ready(me)
	if v.Store == nil {
		return out, nil
	}
	st, err := v.Store.Station(ctx, me)
	if err != nil && !desk.IsKind(err, desk.NotFound) {
		return out, err
	}
	if st.Where != "" {
		out.Where, out.Number = st.Where, st.Number
	}
	accounts, err := v.Store.Accounts(ctx, me, "", 20)
	if err != nil {
		return out, err
	}
	for _, a := range accounts {
		p := MyPhone{User: a.User}
		if v.Lines != nil {
			if p.Registered, err = v.Lines.Registered(ctx, a.User); err != nil {
				return out, err
			}
		}
		out.Phones = append(out.Phones, p)
	}
	out.Dispositions, err = s.dispositions(ctx)
	return out, err
}

// dispositions are those of all queues, each key once.
func (s *Server) dispositions(ctx context.Context) ([]desk.Disposition, error) {
	out := []desk.Disposition{}
	queues, err := s.Reads.Queues(ctx)
	for _, q := range queues {
		for _, d := range q.Dispositions {
			if !slices.ContainsFunc(out, func(o desk.Disposition) bool { return o.Key == d.Key }) {
				out = append(out, d)
			}
		}
	}
	return out, err
}

type stationBody struct {
	Where  string `json:"where" enum:"browser,phone,number"`
	Number string `json:"number,omitempty" maxLength:"50" doc:"Of where number: my telephone, with its country's code."`
}

func (s *Server) putVoiceMe(ctx context.Context, in *body[stationBody]) (*reply[VoiceState], error) {
	store, err := s.callStore()
	if err != nil {
		return nil, err
	}
	st := voice.Station{Where: in.Body.Where}
	if st.Where == "number" {
		if st.Number, err = phoneNumber("number", in.Body.Number, user(ctx).Lang); err != nil {
			return nil, err
		}
	}
	if err := store.PutStation(ctx, user(ctx).ID, st); err != nil {
		return nil, err
	}
	out, err := s.voiceState(ctx)
	return &reply[VoiceState]{out}, err
}

// phoneNumber reads what somebody typed as a telephone number, in E.164.
func phoneNumber(field, text string, lang desk.Lang) (string, error) {
	n, ok := access.PhoneNumber(text, lang)
	if !ok {
		return "", &desk.Error{Kind: desk.Invalid, Code: "phone_form", Message: "that is no telephone number: write it with its country's code, as in +86 138 1234 5678", Field: field}
	}
	return n, nil
}

func (s *Server) listTrunks(ctx context.Context, _ *none) (*reply[Page[voice.Trunk]], error) {
	lines, err := part(s, func(v *Voice) Lines { return v.Lines })
	if err != nil {
		return nil, err
	}
	trunks, err := lines.Trunks(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(trunks, func(a, b voice.Trunk) int { return strings.Compare(a.Name, b.Name) })
	return pageWith(trunks, ""), nil
}
