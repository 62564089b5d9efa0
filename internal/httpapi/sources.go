package httpapi

import (
	"context"
	"slices"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/kb/intake"
)

// Sources brings articles in from elsewhere.
type Sources interface {
	Create(ctx context.Context, by string, s intake.Source) (intake.Source, error)
	Change(ctx context.Context, s intake.Source) (intake.Source, error)
	Delete(ctx context.Context, id desk.ID) error
	Source(ctx context.Context, id desk.ID) (intake.Source, error)
	List(ctx context.Context, after string, limit int) ([]intake.Source, error)
	Start(ctx context.Context, by string, source desk.ID, o intake.Order) (intake.Run, error)
	Stop(ctx context.Context, source desk.ID) (intake.Run, error)
	Runs(ctx context.Context, source, before desk.ID, limit int) ([]intake.Run, error)
	Items(ctx context.Context, source desk.ID, f intake.ItemFilter) ([]intake.Item, error)
	Item(ctx context.Context, source desk.ID, id string) (intake.ItemView, error)
	Of(ctx context.Context, article desk.ID) (intake.Provenance, error)
}

func (s *Server) sources() (Sources, error) {
	if s.Sources == nil {
		return nil, desk.Errorf(desk.Unavailable, "no_sources", "this server imports nothing")
	}
	return s.Sources, nil
}

// SourceFields is what an editor says of a source; it is embedded in bodies.
type SourceFields struct {
	Name     string          `json:"name" minLength:"1" maxLength:"200"`
	Playbook string          `json:"playbook,omitempty" maxLength:"64" doc:"Whose the articles are; empty: everybody's."`
	Lang     desk.Lang       `json:"lang,omitempty" enum:"en,zh," doc:"Of all pages; empty: found out for each."`
	Audience kb.Audience     `json:"audience,omitempty" enum:"customers,agents" doc:"Who may read them; customers unless said."`
	Publish  bool            `json:"publish,omitempty" doc:"Publish what is imported; needs articles.publish. Else it becomes drafts."`
	Gone     intake.Gone     `json:"gone,omitempty" enum:"keep,unpublish" doc:"What becomes of articles that the source has no more; keep unless said. unpublish needs articles.publish."`
	Schedule intake.Schedule `json:"schedule,omitempty" enum:"daily," doc:"When it is read by itself; empty: never."`
}

func (f SourceFields) source(ctx context.Context) (intake.Source, error) {
	out := intake.Source{Name: f.Name, Playbook: f.Playbook, Lang: f.Lang, Audience: f.Audience, Publish: f.Publish, Gone: f.Gone, Schedule: f.Schedule}
	return out, mayImport(ctx, out)
}

// mayImport refuses to publish or unpublish for those who may only write.
func mayImport(ctx context.Context, s intake.Source) error {
	if (s.Publish || s.Gone == intake.UnpublishGone) && !can(ctx, access.ArticlesPublish) {
		return &desk.Error{Kind: desk.Forbidden, Code: "may_not_publish", Message: "you may import drafts, but not publish or unpublish articles", Field: "publish"}
	}
	return nil
}

// shown is a source without where its files lie.
func shown(s intake.Source) intake.Source {
	s.Settings.Files = slices.Clone(s.Settings.Files)
	for i := range s.Settings.Files {
		s.Settings.Files[i].Path = ""
	}
	return s
}

func (s *Server) listSources(ctx context.Context, in *Paged) (*reply[Page[intake.Source]], error) {
	l, err := s.sources()
	if err != nil {
		return nil, err
	}
	list, err := l.List(ctx, in.After, in.Limit+1)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i] = shown(list[i])
	}
	return pageOf(list, in.Limit, func(v intake.Source) string { return string(v.ID) }), nil
}

func (s *Server) getSource(ctx context.Context, in *ByID) (*reply[intake.Source], error) {
	l, err := s.sources()
	if err != nil {
		return nil, err
	}
	out, err := l.Source(ctx, desk.ID(in.ID))
	return &reply[intake.Source]{shown(out)}, err
}

type newSourceBody struct {
	SourceFields
	Site intake.Site `json:"site" doc:"Which pages of the web. Files are uploaded instead."`
}

func (s *Server) createSource(ctx context.Context, in *body[newSourceBody]) (*reply[intake.Source], error) {
	l, err := s.sources()
	if err != nil {
		return nil, err
	}
	src, err := in.Body.source(ctx)
	if err != nil {
		return nil, err
	}
	src.Kind, src.Settings = intake.Pages, intake.Settings{Site: &in.Body.Site}
	out, err := l.Create(ctx, user(ctx).Name, src)
	return &reply[intake.Source]{shown(out)}, err
}

type putSourceIn struct {
	ByID
	Body struct {
		SourceFields
		Site *intake.Site `json:"site,omitempty" doc:"Of a site; its settings stay when it is left out."`
	}
}

func (s *Server) putSource(ctx context.Context, in *putSourceIn) (*reply[intake.Source], error) {
	l, err := s.sources()
	if err != nil {
		return nil, err
	}
	old, err := l.Source(ctx, desk.ID(in.ID))
	if err != nil {
		return nil, err
	}
	if err := mayImport(ctx, old); err != nil { // what publishes is changed only by those who may
		return nil, err
	}
	src, err := in.Body.source(ctx)
	if err != nil {
		return nil, err
	}
	src.ID, src.Settings = old.ID, old.Settings
	if in.Body.Site != nil && old.Kind == intake.Pages {
		src.Settings = intake.Settings{Site: in.Body.Site}
	}
	out, err := l.Change(ctx, src)
	return &reply[intake.Source]{shown(out)}, err
}

func (s *Server) deleteSource(ctx context.Context, in *ByID) (*none, error) {
	l, err := s.sources()
	if err != nil {
		return nil, err
	}
	return &none{}, l.Delete(ctx, desk.ID(in.ID))
}

type runSourceIn struct {
	ByID
	Body *struct { // need not be there
		Take []string `json:"take,omitempty" maxItems:"5000" doc:"Conflicts, by item id, in which the source's text wins."`
		Keep []string `json:"keep,omitempty" maxItems:"5000" doc:"Conflicts in which the editor's text wins, until the page changes again."`
		Skip []string `json:"skip,omitempty" maxItems:"5000" doc:"Pages, by item id, that are left as they are this time."`
	}
}

func (s *Server) previewSource(ctx context.Context, in *ByID) (*reply[intake.Run], error) {
	l, err := s.sources()
	if err != nil {
		return nil, err
	}
	run, err := l.Start(ctx, user(ctx).Name, desk.ID(in.ID), intake.Order{Mode: intake.Preview})
	return &reply[intake.Run]{run}, err
}

func (s *Server) syncSource(ctx context.Context, in *runSourceIn) (*reply[intake.Run], error) {
	l, err := s.sources()
	if err != nil {
		return nil, err
	}
	src, err := l.Source(ctx, desk.ID(in.ID))
	if err != nil {
		return nil, err
	}
	if err := mayImport(ctx, src); err != nil {
		return nil, err
	}
	o := intake.Order{Mode: intake.Sync}
	if in.Body != nil {
		o.Take, o.Keep, o.Skip = in.Body.Take, in.Body.Keep, in.Body.Skip
	}
	run, err := l.Start(ctx, user(ctx).Name, src.ID, o)
	return &reply[intake.Run]{run}, err
}

func (s *Server) stopSource(ctx context.Context, in *ByID) (*reply[intake.Run], error) {
	l, err := s.sources()
	if err != nil {
		return nil, err
	}
	run, err := l.Stop(ctx, desk.ID(in.ID))
	return &reply[intake.Run]{run}, err
}

type listSourceIn struct {
	ByID
	Paged
}

func (s *Server) listSourceRuns(ctx context.Context, in *listSourceIn) (*reply[Page[intake.Run]], error) {
	l, err := s.sources()
	if err != nil {
		return nil, err
	}
	if _, err := l.Source(ctx, desk.ID(in.ID)); err != nil {
		return nil, err
	}
	list, err := l.Runs(ctx, desk.ID(in.ID), desk.ID(in.After), in.Limit+1)
	if err != nil {
		return nil, err
	}
	return pageOf(list, in.Limit, func(r intake.Run) string { return string(r.ID) }), nil
}

type listItemsIn struct {
	ByID
	Paged
	State  intake.State `query:"state" enum:"unread,new,changed,unchanged,conflict,gone,failed,duplicate,added,updated,kept,unpublished"`
	Search string       `query:"q" maxLength:"200" doc:"In title and key."`
}

func (s *Server) listSourceItems(ctx context.Context, in *listItemsIn) (*reply[Page[intake.Item]], error) {
	l, err := s.sources()
	if err != nil {
		return nil, err
	}
	if _, err := l.Source(ctx, desk.ID(in.ID)); err != nil {
		return nil, err
	}
	list, err := l.Items(ctx, desk.ID(in.ID), intake.ItemFilter{State: in.State, Search: in.Search, After: in.After, Limit: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	for i := range list { // the text of one is read by itself
		list[i].Page.Markdown, list[i].Page.Links = "", nil
	}
	return pageOf(list, in.Limit, func(v intake.Item) string { return v.ID }), nil
}

type sourceItemIn struct {
	ByID
	Item string `path:"sid" maxLength:"64" doc:"The item's id."`
}

func (s *Server) getSourceItem(ctx context.Context, in *sourceItemIn) (*reply[intake.ItemView], error) {
	l, err := s.sources()
	if err != nil {
		return nil, err
	}
	v, err := l.Item(ctx, desk.ID(in.ID), in.Item)
	return &reply[intake.ItemView]{v}, err
}

func (s *Server) articleSource(ctx context.Context, in *ByID) (*reply[intake.Provenance], error) {
	l, err := s.sources()
	if err != nil {
		return nil, err
	}
	p, err := l.Of(ctx, desk.ID(in.ID))
	return &reply[intake.Provenance]{p}, err
}
