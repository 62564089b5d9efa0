package httpapi

import (
	"context"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

type synonymsIn struct {
	Playbook string    `query:"playbook" maxLength:"64" doc:"Whose words; none: those of all playbooks."`
	Lang     desk.Lang `query:"lang" required:"true" enum:"en,zh"`
}

func (s *Server) getSynonyms(ctx context.Context, in *synonymsIn) (*reply[kb.SynonymSet], error) {
	l, err := s.library()
	if err != nil {
		return nil, err
	}
	set, err := l.Synonyms(ctx, in.Playbook, in.Lang)
	return &reply[kb.SynonymSet]{set}, err
}

type synonymsBody struct {
	Playbook string       `json:"playbook,omitempty" maxLength:"64" doc:"Whose words; none: those of all playbooks."`
	Lang     desk.Lang    `json:"lang" enum:"en,zh"`
	Version  int          `json:"version" minimum:"0" doc:"That the edit is based on."`
	Synonyms []kb.Synonym `json:"synonyms" maxItems:"2000"`
}

func (s *Server) putSynonyms(ctx context.Context, in *body[synonymsBody]) (*reply[kb.SynonymSet], error) {
	l, err := s.library()
	if err != nil {
		return nil, err
	}
	b := in.Body
	set, err := l.SetSynonyms(ctx, user(ctx).Name, kb.SynonymSet{Playbook: b.Playbook, Lang: b.Lang, Version: b.Version, Synonyms: b.Synonyms})
	return &reply[kb.SynonymSet]{set}, err
}
