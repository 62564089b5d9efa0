package playbook

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
)

// Scenario is a suite that lies in the database rather than in the playbook's
// files: made of a conversation, or written on the screen.
type Scenario struct {
	ID        desk.ID        `json:"id"`
	Playbook  string         `json:"playbook"`
	Name      string         `json:"name"`
	Status    ScenarioStatus `json:"status"`
	YAML      string         `json:"yaml"`                      // a suite file
	Source    desk.ID        `json:"conversation_id,omitempty"` // what it was made of
	Version   int            `json:"version"`                   // a stale writer loses
	CreatedAt time.Time      `json:"created_at"`
	CreatedBy string         `json:"created_by"`
	UpdatedAt time.Time      `json:"updated_at"`
	UpdatedBy string         `json:"updated_by"`
}

// ScenarioStatus says whether a scenario counts.
type ScenarioStatus string

// The statuses of a scenario.
const (
	ScenarioDraft  ScenarioStatus = "draft"
	ScenarioActive ScenarioStatus = "active" // it is run with the playbook's suites, and publishing waits for it
)

// maxActive bounds the scenarios of a playbook that are run.
const maxActive = 1000

// Suite reads the scenario as a suite of its own.
func (s Scenario) Suite() (evals.Suite, error) {
	suite, err := evals.ParseSuite("scenarios/"+string(s.ID)+".yaml", []byte(s.YAML))
	if err == nil {
		suite.Name = "scenario " + string(s.ID)
	}
	return suite, err
}

// activeSuites are the active scenarios of a playbook.
func activeSuites(ctx context.Context, store ScenarioStore, playbook string) ([]evals.Suite, error) {
	list, err := store.Scenarios(ctx, playbook, ScenarioActive, "", maxActive)
	if err != nil {
		return nil, fmt.Errorf("read the scenarios of %s: %w", playbook, err)
	}
	var out []evals.Suite
	for _, s := range list {
		suite, err := s.Suite()
		if err != nil {
			return nil, desk.Errorf(desk.Conflict, "bad_scenario", "scenario %q (%s) can no longer be read; correct it or make it a draft: %w", s.Name, s.ID, err)
		}
		out = append(out, suite)
	}
	return out, nil
}

// Scenario reads one.
func (r *Runs) Scenario(ctx context.Context, id desk.ID) (Scenario, error) {
	return r.Store.Scenario(ctx, id)
}

// Scenarios lists them, newest first; an empty name or status is all.
func (r *Runs) Scenarios(ctx context.Context, name string, status ScenarioStatus, before desk.ID, limit int) ([]Scenario, error) {
	return r.Store.Scenarios(ctx, name, status, before, min(max(limit, 1), 201))
}

// SaveScenario checks and stores a scenario: a new one without ID, else the
// next version of the one that Version names. What is wrong with its YAML is a
// yamlfile.Errors; a stale Version an error of Kind Conflict.
func (r *Runs) SaveScenario(ctx context.Context, by string, s Scenario) (Scenario, error) {
	if s.Status != ScenarioDraft && s.Status != ScenarioActive {
		return s, &desk.Error{Kind: desk.Invalid, Code: "scenario_status", Field: "status", Message: "a scenario is draft or active"}
	}
	suite, err := evals.ParseSuite("scenario.yaml", []byte(s.YAML))
	if err != nil {
		return s, err
	}
	if _, _, err := r.Library.Live(ctx, s.Playbook); err != nil {
		return s, err
	}
	if s.Name = strings.TrimSpace(s.Name); s.Name == "" {
		s.Name = suite.Cases[0].Name
	}
	now := r.Library.now()
	s.UpdatedAt, s.UpdatedBy = now, by
	if s.ID == "" {
		s.ID, s.Version, s.CreatedAt, s.CreatedBy = desk.NewID(), 0, now, by
	} else {
		old, err := r.Store.Scenario(ctx, s.ID)
		if err != nil {
			return s, err
		}
		s.CreatedAt, s.CreatedBy, s.Source = old.CreatedAt, old.CreatedBy, old.Source
	}
	s.Version++
	if err := r.Store.SaveScenario(ctx, s); err != nil {
		return s, fmt.Errorf("store scenario %q: %w", s.Name, err)
	}
	return s, nil
}

// DeleteScenario forgets one.
func (r *Runs) DeleteScenario(ctx context.Context, id desk.ID) error {
	return r.Store.DeleteScenario(ctx, id)
}

// Draft makes a scenario of a conversation, with personal data replaced, and
// stores it as a draft.
func (r *Runs) Draft(ctx context.Context, by string, t evals.Talk) (Scenario, evals.Drafted, error) {
	name, revision := t.Conversation.Playbook, t.Conversation.Revision
	b, err := r.Library.built(ctx, name, revision)
	if err != nil {
		return Scenario{}, evals.Drafted{}, err
	}
	t.Slot = func(flow, slot string) desk.SlotType {
		if f, ok := b.bot.Flow(flow); ok {
			s, _ := f.Slot(slot)
			return s.Type
		}
		return ""
	}
	t.Tools = map[string]evals.Fake{}
	for _, tool := range b.Bot.Tools {
		t.Tools[tool.Name] = (&trial{book: b}).fake(tool.Name)
	}
	d, err := evals.FromTalk(t)
	if err != nil {
		return Scenario{}, d, err
	}
	s, err := r.SaveScenario(ctx, by, Scenario{Playbook: name, Name: d.File.Cases[0].Name, Status: ScenarioDraft, YAML: string(d.File.YAML()), Source: t.Conversation.ID})
	return s, d, err
}

// PlayText plays a suite text against the live revision of a playbook, without
// storing anything: what an editor tries before he saves it.
func (r *Runs) PlayText(ctx context.Context, name, yaml string, repeat int) (evals.Report, error) {
	suite, err := evals.ParseSuite("scenario.yaml", []byte(yaml))
	if err != nil {
		return evals.Report{}, err
	}
	if suitePlays := suite.Plays() * max(repeat, 1); suitePlays > maxTried {
		return evals.Report{}, desk.Errorf(desk.Invalid, "too_many_cases", "%d playings are too many to wait for, the limit is %d: save it and start a run", suitePlays, maxTried)
	}
	b, err := r.Library.LiveBook(ctx, name)
	if err != nil {
		return evals.Report{}, err
	}
	if b, err = r.Library.tested(ctx, b.Name, b.Revision); err != nil {
		return evals.Report{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, tryTextLimit)
	defer cancel()
	return b.Test(ctx, TestOptions{Suites: []evals.Suite{suite}, Repeat: repeat, Parallel: 2, Chat: r.Chat, Phone: r.Phone})
}

const (
	maxTried     = 60 // playings that a request may wait for
	tryTextLimit = time.Minute
)
