package httpapi

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/webhooks"
)

// hookSecretPrefix starts every hook's secret, so that scanners find a leaked one.
const hookSecretPrefix = "whsec_"

// HookWithSecret is a hook as it is shown once.
type HookWithSecret struct {
	webhooks.Hook
	Secret string `json:"secret,omitempty" doc:"Shown only now. It signs what is sent: the header Parley-Signature is t=TIME,v1=HEX, the HMAC-SHA256 of TIME, a dot and the body." example:"whsec_..."`
}

func newHookSecret() string {
	b := make([]byte, 24)
	_, _ = rand.Read(b) // never fails (Go 1.24)
	return hookSecretPrefix + hex.EncodeToString(b)
}

func (s *Server) listHooks(ctx context.Context, _ *none) (*reply[Page[webhooks.Hook]], error) {
	store, err := s.callStore()
	if err != nil {
		return nil, err
	}
	list, err := store.Hooks(ctx)
	if err != nil {
		return nil, err
	}
	return pageWith(list, ""), nil
}

type newHookBody struct {
	URL    string           `json:"url" minLength:"1" maxLength:"1000" example:"https://example.com/parley"`
	Events []webhooks.Event `json:"events" minItems:"1" maxItems:"20" doc:"call.began, call.answered, call.queued, call.talking, call.ended, recording.ready."`
	Active *bool            `json:"active,omitempty" doc:"Without it: yes."`
}

func (s *Server) createHook(ctx context.Context, in *body[newHookBody]) (*reply[HookWithSecret], error) {
	store, err := s.callStore()
	if err != nil {
		return nil, err
	}
	now := s.Now().UTC()
	h := webhooks.Hook{ID: desk.NewIDAt(now), URL: in.Body.URL, Events: in.Body.Events, Secret: newHookSecret(), Active: in.Body.Active == nil || *in.Body.Active, CreatedAt: now, UpdatedAt: now}
	if err := h.Check(); err != nil {
		return nil, err
	}
	return &reply[HookWithSecret]{HookWithSecret{h, h.Secret}}, store.AddHook(ctx, h)
}

type changeHookIn struct {
	ByID
	Body changeHookBody
}

type changeHookBody struct {
	URL       *string          `json:"url,omitempty" minLength:"1" maxLength:"1000"`
	Events    []webhooks.Event `json:"events,omitempty" minItems:"1" maxItems:"20"`
	Active    *bool            `json:"active,omitempty" doc:"true also forgets that it failed."`
	NewSecret bool             `json:"new_secret,omitempty" doc:"Make a new one; the old one no longer signs."`
}

func (s *Server) changeHook(ctx context.Context, in *changeHookIn) (*reply[HookWithSecret], error) {
	store, err := s.callStore()
	if err != nil {
		return nil, err
	}
	h, err := store.Hook(ctx, desk.ID(in.ID))
	if err != nil {
		return nil, err
	}
	b, out := in.Body, HookWithSecret{}
	if b.URL != nil {
		h.URL = *b.URL
	}
	if b.Events != nil {
		h.Events = b.Events
	}
	if b.Active != nil {
		if h.Active = *b.Active; h.Active {
			h.FailingSince, h.Reason = time.Time{}, ""
		}
	}
	if b.NewSecret {
		h.Secret = newHookSecret()
		out.Secret = h.Secret
	}
	if err := h.Check(); err != nil {
		return nil, err
	}
	h.UpdatedAt = s.Now().UTC()
	out.Hook = h
	return &reply[HookWithSecret]{out}, store.SaveHook(ctx, h)
}

func (s *Server) deleteHook(ctx context.Context, in *ByID) (*none, error) {
	store, err := s.callStore()
	if err != nil {
		return nil, err
	}
	return nil, store.DropHook(ctx, desk.ID(in.ID))
}

// HookTest is how a test event went.
type HookTest struct {
	OK     bool   `json:"ok"`
	Status int    `json:"status,omitempty" doc:"What it answered."`
	Reason string `json:"reason,omitempty" doc:"Why it was not taken."`
}

func (s *Server) testHook(ctx context.Context, in *ByID) (*reply[HookTest], error) {
	store, err := s.callStore()
	if err != nil {
		return nil, err
	}
	hooks, err := part(s, func(v *Voice) Hooks { return v.Hooks })
	if err != nil {
		return nil, err
	}
	h, err := store.Hook(ctx, desk.ID(in.ID))
	if err != nil {
		return nil, err
	}
	status, reason := hooks.Try(ctx, h)
	return &reply[HookTest]{HookTest{reason == "", status, reason}}, nil
}
