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

// Evals runs suites in the background, and keeps scenarios, sets of questions
// and schedules.
type Evals interface {
	Start(ctx context.Context, a playbook.Asked) (playbook.Run, error)
	Run(ctx context.Context, id desk.ID) (playbook.Run, error)
	List(ctx context.Context, name string, before desk.ID, limit int) ([]playbook.Run, error)
	Report(ctx context.Context, id desk.ID) (evals.Report, error)
	Failing(ctx context.Context, id desk.ID) ([]evals.Reason, error)
	Compare(ctx context.Context, id, with desk.ID) (playbook.Run, evals.Comparison, error)
	PlayText(ctx context.Context, name, yaml string, repeat int) (evals.Report, error)

	Scenario(ctx context.Context, id desk.ID) (playbook.Scenario, error)
	Scenarios(ctx context.Context, name string, status playbook.ScenarioStatus, before desk.ID, limit int) ([]playbook.Scenario, error)
	SaveScenario(ctx context.Context, by string, s playbook.Scenario) (playbook.Scenario, error)
	DeleteScenario(ctx context.Context, id desk.ID) error
	Draft(ctx context.Context, by string, t evals.Talk) (playbook.Scenario, evals.Drafted, error)

	Retrieval(ctx context.Context, name string, lang desk.Lang) ([]playbook.ScoredSet, error)
	SaveRetrieval(ctx context.Context, by string, s evals.RetrievalSet) (playbook.ScoredSet, error)
	DeleteRetrieval(ctx context.Context, name string, lang desk.Lang) error

	Schedules(ctx context.Context) ([]playbook.Schedule, error)
	SaveSchedule(ctx context.Context, by string, s playbook.Schedule) (playbook.Schedule, error)
	DeleteSchedule(ctx context.Context, id desk.ID) error
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
	Gate   *evals.Gate   `json:"gate" doc:"What failed and why, and whether it stands in the way of publishing; null until it is done."`
	// Failing is left out once there is a Gate.
	Failing []evals.Reason `json:"failing,omitempty" doc:"While it runs: what has failed so far."`
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
	if out.Status == playbook.RunRunning {
		if out.Failing, err = e.Failing(ctx, desk.ID(in.ID)); err != nil {
			return nil, err
		}
	}
	if out.Status != playbook.RunDone {
		return &reply[runView]{out}, nil
	}
	report, err := e.Report(ctx, desk.ID(in.ID))
	if err != nil {
		return nil, err
	}
	gate := report.Gate()
	out.Report, out.Gate = &report, &gate
	return &reply[runView]{out}, nil
}

type startRunIn struct {
	Body struct {
		Playbook string `json:"playbook" minLength:"1" maxLength:"64"`
		Revision int    `json:"revision,omitempty" minimum:"0" doc:"The live one unless said."`
		Repeat   int    `json:"repeat,omitempty" minimum:"1" maximum:"100" default:"1" doc:"How often each case is played."`
		Seed     int64  `json:"seed,omitempty" doc:"Of the simulated customers: the same seed, the same words."`
	}
}

func (s *Server) startRun(ctx context.Context, in *startRunIn) (*reply[playbook.Run], error) {
	e, err := s.evals()
	if err != nil {
		return nil, err
	}
	run, err := e.Start(ctx, playbook.Asked{By: user(ctx).Name, Playbook: in.Body.Playbook, Revision: in.Body.Revision, Repeat: max(in.Body.Repeat, 1), Seed: in.Body.Seed})
	if err != nil {
		return nil, err
	}
	return &reply[playbook.Run]{run}, nil
}

type compareRunIn struct {
	ByID
	With string `query:"with" maxLength:"64" doc:"The run to compare with; empty: the newest finished one of the live revision."`
}

type runComparison struct {
	With playbook.Run `json:"with" doc:"The run that it is compared with."`
	evals.Comparison
}

func (s *Server) compareRun(ctx context.Context, in *compareRunIn) (*reply[runComparison], error) {
	e, err := s.evals()
	if err != nil {
		return nil, err
	}
	with, c, err := e.Compare(ctx, desk.ID(in.ID), desk.ID(in.With))
	if err != nil {
		return nil, err
	}
	return &reply[runComparison]{runComparison{with, c}}, nil
}

// runPage shows a report as a page of its own.
func (s *Server) runPage(c *gin.Context) {
	report, err := s.report(c)
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

// runJUnit gives a report to a CI system.
func (s *Server) runJUnit(c *gin.Context) {
	report, err := s.report(c)
	if err != nil {
		s.refuse(c, err)
		return
	}
	var file bytes.Buffer
	if err := report.WriteJUnit(&file); err != nil {
		s.refuse(c, err)
		return
	}
	c.Header("Content-Disposition", `attachment; filename="junit.xml"`)
	c.Data(http.StatusOK, "application/xml", file.Bytes())
}

func (s *Server) report(c *gin.Context) (evals.Report, error) {
	e, err := s.evals()
	if err != nil {
		return evals.Report{}, err
	}
	return e.Report(c.Request.Context(), desk.ID(c.Param("id")))
}

func documentRunPage(op *huma.Operation) {
	op.Parameters = []*huma.Param{
		{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}},
		{Name: "lang", In: "query", Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"en", "zh"}}},
	}
	op.Responses["200"] = &huma.Response{Description: "The report.", Content: map[string]*huma.MediaType{"text/html": {}}}
}

func documentRunJUnit(op *huma.Operation) {
	op.Parameters = []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}}}
	op.Responses["200"] = &huma.Response{Description: "The report.", Content: map[string]*huma.MediaType{"application/xml": {}}}
}
