package httpapi

import (
	"context"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/playbook"
)

type retrievalIn struct {
	Playbook string    `query:"playbook" maxLength:"64" doc:"Empty: those of every playbook."`
	Lang     desk.Lang `query:"lang" enum:"en,zh" doc:"Empty: both."`
}

func (s *Server) listRetrieval(ctx context.Context, in *retrievalIn) (*reply[Page[playbook.ScoredSet]], error) {
	e, err := s.evals()
	if err != nil {
		return nil, err
	}
	list, err := e.Retrieval(ctx, in.Playbook, in.Lang)
	return pageWith(list, ""), err
}

type retrievalBody struct {
	Playbook  string            `json:"playbook" minLength:"1" maxLength:"64"`
	Lang      desk.Lang         `json:"lang" enum:"en,zh"`
	Least     float64           `json:"least,omitempty" minimum:"0" maximum:"1" doc:"Of hit@3: below it a run has failed (gate_ok), and an article that would bring it there is not published. 0: it is only counted."`
	Questions []evals.Retrieval `json:"questions" minItems:"1" maxItems:"2000" nullable:"false" doc:"Each with the slug of its article; an empty slug: nothing may be found for it."`
}

func (s *Server) putRetrieval(ctx context.Context, in *body[retrievalBody]) (*reply[playbook.ScoredSet], error) {
	e, err := s.evals()
	if err != nil {
		return nil, err
	}
	b := in.Body
	set, err := e.SaveRetrieval(ctx, user(ctx).Name, evals.RetrievalSet{Playbook: b.Playbook, Lang: b.Lang, Least: b.Least, Questions: b.Questions})
	if err != nil {
		return nil, err
	}
	return &reply[playbook.ScoredSet]{set}, nil
}

type namedArticlesIn struct {
	Playbook string    `query:"playbook" required:"true" minLength:"1" maxLength:"64"`
	Lang     desk.Lang `query:"lang" required:"true" enum:"en,zh" doc:"Of the titles; an article that is only in the other language is not listed."`
	After    string    `query:"after" maxLength:"100"`
}

type namedArticle struct {
	Slug  string `json:"slug"`
	Title string `json:"title"`
}

// listNamedArticles tells whoever writes tests how the articles are called that
// tests name; what they say is for those who may read articles.
func (s *Server) listNamedArticles(ctx context.Context, in *namedArticlesIn) (*reply[Page[namedArticle]], error) {
	l, err := s.library()
	if err != nil {
		return nil, err
	}
	list, next, err := l.List(ctx, kb.Filter{Status: kb.Published, Lang: in.Lang, Playbook: &in.Playbook, After: in.After, Limit: 200})
	if err != nil {
		return nil, err
	}
	out := make([]namedArticle, 0, len(list))
	for _, a := range list {
		out = append(out, namedArticle{a.Slug, a.Title})
	}
	return pageWith(out, next), nil
}

type deleteRetrievalIn struct {
	Playbook string    `query:"playbook" required:"true" minLength:"1" maxLength:"64"`
	Lang     desk.Lang `query:"lang" required:"true" enum:"en,zh"`
}

func (s *Server) deleteRetrieval(ctx context.Context, in *deleteRetrievalIn) (*none, error) {
	e, err := s.evals()
	if err != nil {
		return nil, err
	}
	return nil, e.DeleteRetrieval(ctx, in.Playbook, in.Lang)
}

func (s *Server) listSchedules(ctx context.Context, _ *none) (*reply[Page[playbook.Schedule]], error) {
	e, err := s.evals()
	if err != nil {
		return nil, err
	}
	list, err := e.Schedules(ctx)
	return pageWith(list, ""), err
}

type scheduleBody struct {
	Playbook string `json:"playbook" minLength:"1" maxLength:"64"`
	Every    string `json:"every" enum:"daily,weekly"`
	Weekday  int    `json:"weekday,omitempty" minimum:"0" maximum:"6" doc:"Of a weekly one; Sunday is 0."`
	At       string `json:"at" maxLength:"5" doc:"HH:MM in the zone."`
	Zone     string `json:"zone" minLength:"1" maxLength:"64" doc:"Such as Asia/Shanghai."`
	Repeat   int    `json:"repeat,omitempty" minimum:"1" maximum:"100" default:"1"`
	Active   *bool  `json:"active,omitempty" doc:"True unless said."`
}

func (b scheduleBody) schedule(id desk.ID) playbook.Schedule {
	return playbook.Schedule{ID: id, Playbook: b.Playbook, Every: b.Every, Weekday: b.Weekday, At: b.At, Zone: b.Zone, Repeat: max(b.Repeat, 1), Active: b.Active == nil || *b.Active}
}

func (s *Server) saveSchedule(ctx context.Context, b scheduleBody, id desk.ID) (*reply[playbook.Schedule], error) {
	e, err := s.evals()
	if err != nil {
		return nil, err
	}
	sc, err := e.SaveSchedule(ctx, user(ctx).Name, b.schedule(id))
	if err != nil {
		return nil, err
	}
	return &reply[playbook.Schedule]{sc}, nil
}

func (s *Server) createSchedule(ctx context.Context, in *body[scheduleBody]) (*reply[playbook.Schedule], error) {
	return s.saveSchedule(ctx, in.Body, "")
}

type putScheduleIn struct {
	ByID
	Body scheduleBody
}

func (s *Server) putSchedule(ctx context.Context, in *putScheduleIn) (*reply[playbook.Schedule], error) {
	return s.saveSchedule(ctx, in.Body, desk.ID(in.ID))
}

func (s *Server) deleteSchedule(ctx context.Context, in *ByID) (*none, error) {
	e, err := s.evals()
	if err != nil {
		return nil, err
	}
	return nil, e.DeleteSchedule(ctx, desk.ID(in.ID))
}
