package httpapi

import (
	"bytes"
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/playbook"
)

// Evals runs suites in the background.
type Evals interface {
	Start(ctx context.Context, by, name string, repeat int) (playbook.Run, error)
	Run(ctx context.Context, id desk.ID) (playbook.Run, error)
	List(ctx context.Context, name string, before desk.ID, limit int) ([]playbook.Run, error)
	Report(ctx context.Context, id desk.ID) (evals.Report, error)
}

func (s *Server) evals() (Evals, error) {
	if s.Evals == nil {
		return nil, desk.Errorf(desk.Unavailable, "no_evals", "this server runs no suites")
	}
	return s.Evals, nil
}

type listRunsIn struct {
	Paged
	Playbook string `query:"playbook" maxLength:"64"`
}

func (s *Server) listRuns(ctx context.Context, in *listRunsIn) (*reply[Page[playbook.Run]], error) {
	e, err := s.evals()
	if err != nil {
		return nil, err
	}
	list, err := e.List(ctx, in.Playbook, desk.ID(in.After), in.Limit+1)
	if err != nil {
		return nil, err
	}
	return pageOf(list, in.Limit, func(r playbook.Run) string { return string(r.ID) }), nil
}

type runView struct {
	playbook.Run
	Report *evals.Report `json:"report" doc:"Null until it is done."`
}

func (s *Server) getRun(ctx context.Context, in *ByID) (*reply[runView], error) {
	e, err := s.evals()
	if err != nil {
		return nil, err
	}
	out := runView{}
	if out.Run, err = e.Run(ctx, desk.ID(in.ID)); err != nil {
		return nil, err
	}
	if out.Status != playbook.RunDone {
		return &reply[runView]{out}, nil
	}
	report, err := e.Report(ctx, desk.ID(in.ID))
	if err != nil {
		return nil, err
	}
	out.Report = &report
	return &reply[runView]{out}, nil
}

type startRunIn struct {
	Body struct {
		Playbook string `json:"playbook" minLength:"1" maxLength:"64"`
		Repeat   int    `json:"repeat,omitempty" minimum:"1" maximum:"100" default:"1" doc:"How often each case is played."`
	}
}

func (s *Server) startRun(ctx context.Context, in *startRunIn) (*reply[playbook.Run], error) {
	e, err := s.evals()
	if err != nil {
		return nil, err
	}
	run, err := e.Start(ctx, user(ctx).Name, in.Body.Playbook, max(in.Body.Repeat, 1))
	if err != nil {
		return nil, err
	}
	return &reply[playbook.Run]{run}, nil
}

// runPage shows a report as a page of its own.
func (s *Server) runPage(c *gin.Context) {
	ctx := c.Request.Context()
	e, err := s.evals()
	if err != nil {
		s.refuse(c, err)
		return
	}
	report, err := e.Report(ctx, desk.ID(c.Param("id")))
	if err != nil {
		s.refuse(c, err)
		return
	}
	var page bytes.Buffer
	if err := report.WriteHTML(&page, desk.ParseLang(c.Query("lang"))); err != nil {
		s.refuse(c, err)
		return
	}
	c.Header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	c.Data(http.StatusOK, "text/html; charset=utf-8", page.Bytes())
}

func documentRunPage(op *huma.Operation) {
	op.Parameters = []*huma.Param{
		{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}},
		{Name: "lang", In: "query", Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"en", "zh"}}},
	}
	op.Responses["200"] = &huma.Response{Description: "The report.", Content: map[string]*huma.MediaType{"text/html": {}}}
}
