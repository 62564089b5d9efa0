package httpapi

import (
	"context"
	"errors"
	"slices"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/playbook"
)

// scenarioView is a scenario with its cases read.
type scenarioView struct {
	playbook.Scenario
	File *evals.SuiteFile `json:"file" doc:"The YAML, read; null when it can no longer be read."`
}

func viewScenario(sc playbook.Scenario) scenarioView {
	out := scenarioView{Scenario: sc}
	if f, err := evals.ReadSuite("scenario.yaml", []byte(sc.YAML)); err == nil {
		out.File = &f
	}
	return out
}

type listScenariosIn struct {
	Paged
	Playbook string                  `query:"playbook" maxLength:"64"`
	Status   playbook.ScenarioStatus `query:"status" enum:"draft,active"`
}

func (s *Server) listScenarios(ctx context.Context, in *listScenariosIn) (*reply[Page[playbook.Scenario]], error) {
	e, err := s.evals()
	if err != nil {
		return nil, err
	}
	list, err := e.Scenarios(ctx, in.Playbook, in.Status, desk.ID(in.After), in.Limit+1)
	if err != nil {
		return nil, err
	}
	return pageOf(list, in.Limit, func(sc playbook.Scenario) string { return string(sc.ID) }), nil
}

func (s *Server) getScenario(ctx context.Context, in *ByID) (*reply[scenarioView], error) {
	e, err := s.evals()
	if err != nil {
		return nil, err
	}
	sc, err := e.Scenario(ctx, desk.ID(in.ID))
	if err != nil {
		return nil, err
	}
	return &reply[scenarioView]{viewScenario(sc)}, nil
}

// SuiteText is a suite as YAML or as its parts; it is embedded in bodies.
type SuiteText struct {
	YAML string           `json:"yaml,omitempty" maxLength:"200000" doc:"A suite file."`
	File *evals.SuiteFile `json:"file,omitempty" doc:"The same in parts, in place of yaml; the server writes the YAML."`
}

func (t SuiteText) text() (string, error) {
	switch {
	case (t.YAML == "") == (t.File == nil):
		return "", &desk.Error{Kind: desk.Invalid, Code: "yaml_or_file", Field: "yaml", Message: "give the scenario as yaml or as file"}
	case t.File != nil:
		f := *t.File
		if f.Suite == "" {
			f.Suite = "scenario"
		}
		return string(f.YAML()), nil
	}
	return t.YAML, nil
}

// ScenarioFields is what an editor of scenarios writes; it is embedded in bodies.
type ScenarioFields struct {
	SuiteText
	Playbook string                  `json:"playbook" minLength:"1" maxLength:"64"`
	Name     string                  `json:"name,omitempty" maxLength:"200" doc:"That of the first case unless said."`
	Status   playbook.ScenarioStatus `json:"status,omitempty" enum:"draft,active" default:"draft" doc:"Active ones are run with the playbook's suites, and publishing waits for them."`
}

func (s *Server) saveScenario(ctx context.Context, b ScenarioFields, id desk.ID, version int) (*reply[scenarioView], error) {
	e, err := s.evals()
	if err != nil {
		return nil, err
	}
	text, err := b.text()
	if err != nil {
		return nil, err
	}
	if b.Status == "" {
		b.Status = playbook.ScenarioDraft
	}
	sc, err := e.SaveScenario(ctx, user(ctx).Name, playbook.Scenario{ID: id, Playbook: b.Playbook, Name: b.Name, Status: b.Status, YAML: text, Version: version})
	if err != nil {
		return nil, badSuite(err)
	}
	return &reply[scenarioView]{viewScenario(sc)}, nil
}

// badSuite puts what is wrong with a suite's text into the answer.
func badSuite(err error) error {
	var problems playbook.Problems
	if errors.As(err, &problems) {
		return withDetail(desk.Errorf(desk.Invalid, "bad_suite", "the suite has %d problems", len(problems)), problems)
	}
	return err
}

func (s *Server) createScenario(ctx context.Context, in *body[ScenarioFields]) (*reply[scenarioView], error) {
	return s.saveScenario(ctx, in.Body, "", 0)
}

type putScenarioIn struct {
	ByID
	Body struct {
		ScenarioFields
		Version int `json:"version" minimum:"1" doc:"The one that the change is based on; 409 when it is stale."`
	}
}

func (s *Server) putScenario(ctx context.Context, in *putScenarioIn) (*reply[scenarioView], error) {
	return s.saveScenario(ctx, in.Body.ScenarioFields, desk.ID(in.ID), in.Body.Version)
}

func (s *Server) deleteScenario(ctx context.Context, in *ByID) (*none, error) {
	e, err := s.evals()
	if err != nil {
		return nil, err
	}
	return nil, e.DeleteScenario(ctx, desk.ID(in.ID))
}

type playScenarioIn struct {
	Body struct {
		SuiteText
		Playbook string `json:"playbook" minLength:"1" maxLength:"64"`
		Repeat   int    `json:"repeat,omitempty" minimum:"1" maximum:"20" default:"1"`
	}
}

type playedScenario struct {
	YAML   string       `json:"yaml"`
	Report evals.Report `json:"report"`
	Gate   evals.Gate   `json:"gate"`
}

func (s *Server) playScenario(ctx context.Context, in *playScenarioIn) (*reply[playedScenario], error) {
	e, err := s.evals()
	if err != nil {
		return nil, err
	}
	text, err := in.Body.text()
	if err != nil {
		return nil, err
	}
	report, err := e.PlayText(ctx, in.Body.Playbook, text, max(in.Body.Repeat, 1))
	if err != nil {
		return nil, badSuite(err)
	}
	return &reply[playedScenario]{playedScenario{text, report, report.Gate()}}, nil
}

type draftedScenario struct {
	scenarioView
	Notes []string `json:"notes" nullable:"false" doc:"What to look at: tool:NAME (its answer is not known), secret (made-up digits), file (left out), empty (nothing is expected yet)."`
}

// draftScenario makes a scenario of a conversation that the caller may read.
func (s *Server) draftScenario(ctx context.Context, in *ByID) (*reply[draftedScenario], error) {
	e, err := s.evals()
	if err != nil {
		return nil, err
	}
	c, err := s.visible(ctx, desk.ID(in.ID))
	if err != nil {
		return nil, err
	}
	talk := evals.Talk{Conversation: c}
	if talk.Contact, err = s.Reads.Contact(ctx, c.ContactID); err != nil {
		return nil, err
	}
	for after := int64(0); len(talk.Events) < maxTalk; {
		events, err := s.Reads.Timeline(ctx, c.ID, after, backlog)
		if err != nil {
			return nil, err
		}
		talk.Events = slices.Concat(talk.Events, events)
		if len(events) < backlog {
			break
		}
		after = events[len(events)-1].Seq
	}
	sc, d, err := e.Draft(ctx, user(ctx).Name, talk)
	if err != nil {
		return nil, err
	}
	out := draftedScenario{scenarioView: viewScenario(sc), Notes: d.Notes}
	return &reply[draftedScenario]{out}, nil
}

// maxTalk bounds the events of a conversation that a scenario is made of.
const maxTalk = 2000
