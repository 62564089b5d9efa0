package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/playbook"
)

// Playbooks is every published playbook.
type Playbooks interface {
	Playbooks(ctx context.Context) ([]playbook.Entry, error)
	Live(ctx context.Context, name string) (string, int, error)
	Versions(ctx context.Context, name string, before, limit int) ([]playbook.Revision, error)
	Files(ctx context.Context, name string, revision int) (playbook.Files, error)
	Overlay(ctx context.Context, name string, changes map[string]*string) (playbook.Files, error)
	Check(files playbook.Files) (problems, warnings playbook.Problems)
	Publish(ctx context.Context, p playbook.Publishing) (playbook.Published, error)
	Rollback(ctx context.Context, by, name string, revision int) (playbook.Published, error)
	Try(ctx context.Context, files playbook.Files, state playbook.TryState, m playbook.TryMessage) (playbook.Tried, error)
}

// playbookBody is the largest body with a playbook's files.
const playbookBody = playbook.MaxTotal + 1<<20

func (s *Server) playbooks() (Playbooks, error) {
	if s.Playbooks == nil {
		return nil, desk.Errorf(desk.Unavailable, "no_playbooks", "this server has no playbooks")
	}
	return s.Playbooks, nil
}

// ByName is a request that names a playbook by the path's {name}.
type ByName struct {
	Name string `path:"name" maxLength:"64" doc:"The playbook."`
}

func (s *Server) listPlaybooks(ctx context.Context, _ *none) (*reply[Page[playbook.Entry]], error) {
	p, err := s.playbooks()
	if err != nil {
		return nil, err
	}
	list, err := p.Playbooks(ctx)
	return pageWith(list, ""), err
}

type playbookView struct {
	Name      string              `json:"name"`
	Live      int                 `json:"live_revision"`
	Revisions []playbook.Revision `json:"revisions" nullable:"false" doc:"The newest 50."`
	Files     []playbookFile      `json:"files" nullable:"false" doc:"Of the live revision."`
}

type playbookFile struct {
	Path string `json:"path"`
	Size int    `json:"size"`
}

func (s *Server) getPlaybook(ctx context.Context, in *ByName) (*reply[playbookView], error) {
	p, err := s.playbooks()
	if err != nil {
		return nil, err
	}
	out := playbookView{Files: []playbookFile{}}
	if out.Name, out.Live, err = p.Live(ctx, in.Name); err != nil {
		return nil, err
	}
	if out.Revisions, err = p.Versions(ctx, out.Name, 0, 50); err != nil {
		return nil, err
	}
	files, err := p.Files(ctx, out.Name, out.Live)
	if err != nil {
		return nil, err
	}
	for _, path := range files.Paths() {
		out.Files = append(out.Files, playbookFile{path, len(files[path])})
	}
	return &reply[playbookView]{out}, nil
}

type playbookRevisionsIn struct {
	ByName
	Paged
}

func (s *Server) listRevisions(ctx context.Context, in *playbookRevisionsIn) (*reply[Page[playbook.Revision]], error) {
	p, err := s.playbooks()
	if err != nil {
		return nil, err
	}
	before := 0
	if in.After != "" {
		if before, err = strconv.Atoi(in.After); err != nil || before < 1 {
			return nil, &desk.Error{Kind: desk.Invalid, Code: "bad_cursor", Field: "after", Message: "use the next of the page before"}
		}
	}
	list, err := p.Versions(ctx, in.Name, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return pageOf(list, in.Limit, func(r playbook.Revision) string { return strconv.Itoa(r.Number) }), nil
}

type playbookFileIn struct {
	ByName
	Revision int    `path:"n" minimum:"1"`
	Path     string `path:"path" maxLength:"200" doc:"Of the file, with slashes."`
}

type playbookText struct {
	Path string `json:"path"`
	Text string `json:"text"`
}

func (s *Server) getPlaybookFile(ctx context.Context, in *playbookFileIn) (*reply[playbookText], error) {
	p, err := s.playbooks()
	if err != nil {
		return nil, err
	}
	files, err := p.Files(ctx, in.Name, in.Revision)
	if err != nil {
		return nil, err
	}
	path := strings.TrimPrefix(in.Path, "/")
	data, ok := files[path]
	if !ok || !utf8.Valid(data) {
		return nil, desk.Errorf(desk.NotFound, "no_file", "revision %d has no file %q", in.Revision, path)
	}
	return &reply[playbookText]{playbookText{path, string(data)}}, nil
}

// PlaybookChanges are files on top of the live ones; it is embedded in bodies.
type PlaybookChanges struct {
	Files   map[string]string `json:"files,omitempty" maxProperties:"2000" doc:"Their new texts, by path. What is not named stays as it is live."`
	Removed []string          `json:"removed,omitempty" maxItems:"2000" doc:"Paths of files to take away."`
}

// changed is the live files of a playbook with changes.
func (s *Server) changed(ctx context.Context, name string, c PlaybookChanges) (Playbooks, playbook.Files, error) {
	p, err := s.playbooks()
	if err != nil {
		return nil, nil, err
	}
	changes := make(map[string]*string, len(c.Files)+len(c.Removed))
	for path, text := range c.Files {
		changes[path] = &text
	}
	for _, path := range c.Removed {
		changes[path] = nil
	}
	files, err := p.Overlay(ctx, name, changes)
	return p, files, err
}

type checkPlaybookIn struct {
	ByName
	Body PlaybookChanges
}

type checkedPlaybook struct {
	OK       bool              `json:"ok"`
	Problems playbook.Problems `json:"problems" nullable:"false" doc:"Each at its place. With any, it cannot be published."`
	Warnings playbook.Problems `json:"warnings" nullable:"false"`
}

func (s *Server) checkPlaybook(ctx context.Context, in *checkPlaybookIn) (*reply[checkedPlaybook], error) {
	p, files, err := s.changed(ctx, in.Name, in.Body)
	if err != nil {
		return nil, err
	}
	out := checkedPlaybook{}
	out.Problems, out.Warnings = p.Check(files)
	out.OK = len(out.Problems) == 0
	if out.Problems == nil {
		out.Problems = playbook.Problems{}
	}
	if out.Warnings == nil {
		out.Warnings = playbook.Problems{}
	}
	return &reply[checkedPlaybook]{out}, nil
}

type publishPlaybookIn struct {
	ByName
	Body struct {
		PlaybookChanges
		Note  string `json:"note,omitempty" maxLength:"1000" doc:"Why, for the list of versions."`
		Force bool   `json:"force,omitempty" doc:"Publish even if suites fail; the revision says so."`
	}
}

type publishedPlaybook struct {
	Revision int                `json:"revision"`
	Report   *evals.Report      `json:"report" doc:"What the suites found; null when nothing had changed."`
	Outcome  playbook.Published `json:"outcome" doc:"Warnings, and what became of articles and replies."`
}

func (s *Server) publishPlaybook(ctx context.Context, in *publishPlaybookIn) (*reply[publishedPlaybook], error) {
	p, files, err := s.changed(ctx, in.Name, in.Body.PlaybookChanges)
	if err != nil {
		return nil, err
	}
	out, err := p.Publish(ctx, playbook.Publishing{Name: in.Name, Files: files, By: user(ctx).Name, Note: in.Body.Note, Force: in.Body.Force})
	if err != nil {
		return nil, withProblems(err, out.Report)
	}
	report := out.Report
	out.Report = nil
	return &reply[publishedPlaybook]{publishedPlaybook{out.Revision.Number, report, out}}, nil
}

// withProblems puts what is wrong with the files, or what the suites found,
// into the answer.
func withProblems(err error, report *evals.Report) error {
	var problems playbook.Problems
	var known *desk.Error
	switch {
	case errors.As(err, &problems):
		return withDetail(desk.Errorf(desk.Invalid, "bad_playbook", "the files have %d problems", len(problems)), problems)
	case report != nil && errors.As(err, &known) && known.Code == "tests_failed":
		return withDetail(err, report)
	}
	return err
}

type rollbackPlaybookIn struct {
	ByName
	Body struct {
		Revision int `json:"revision" minimum:"1"`
	}
}

func (s *Server) rollbackPlaybook(ctx context.Context, in *rollbackPlaybookIn) (*reply[publishedPlaybook], error) {
	p, err := s.playbooks()
	if err != nil {
		return nil, err
	}
	out, err := p.Rollback(ctx, user(ctx).Name, in.Name, in.Body.Revision)
	if err != nil {
		return nil, err
	}
	return &reply[publishedPlaybook]{publishedPlaybook{out.Revision.Number, nil, out}}, nil
}

type tryPlaybookIn struct {
	ByName
	Body struct {
		PlaybookChanges
		State   any                 `json:"state,omitempty" doc:"That of the answer before, as it came; none begins anew."`
		Message playbook.TryMessage `json:"message" doc:"What the customer does; empty, he opens the chat."`
		Lang    desk.Lang           `json:"lang,omitempty" enum:"en,zh" doc:"When it begins."`
	}
}

func (s *Server) tryPlaybook(ctx context.Context, in *tryPlaybookIn) (*reply[playbook.Tried], error) {
	p, files, err := s.changed(ctx, in.Name, in.Body.PlaybookChanges)
	if err != nil {
		return nil, err
	}
	state := playbook.TryState{Lang: in.Body.Lang}
	if in.Body.State != nil { // any, since it goes back and forth unread
		raw, err := json.Marshal(in.Body.State)
		if err == nil {
			err = json.Unmarshal(raw, &state)
		}
		if err != nil {
			return nil, &desk.Error{Kind: desk.Invalid, Code: "bad_state", Field: "state", Message: "state is what the answer before gave, as it came"}
		}
	}
	out, err := p.Try(ctx, files, state, in.Body.Message)
	if err != nil {
		return nil, withProblems(err, nil)
	}
	return &reply[playbook.Tried]{out}, nil
}
