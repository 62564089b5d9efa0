package httpapi

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

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

// The bounds of an upload of sources.
const (
	sourceBytes = 128 << 20 // of all files together
	sourceFiles = 500
)

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

// uploadSource makes a source of files; with a source's id in the path, the
// files replace those it had.
func (s *Server) uploadSource(c *gin.Context) {
	out, err := s.takeSource(c)
	if err != nil {
		s.refuse(c, err)
		return
	}
	c.JSON(http.StatusCreated, shown(out))
}

func (s *Server) takeSource(c *gin.Context) (out intake.Source, err error) {
	ctx := c.Request.Context()
	l, err := s.sources()
	if err != nil {
		return out, err
	}
	src := intake.Source{Kind: intake.Files}
	id := desk.ID(c.Param("id"))
	if id != "" {
		if src, err = l.Source(ctx, id); err != nil {
			return out, err
		}
		if src.Kind != intake.Files {
			return out, desk.Errorf(desk.Invalid, "not_files", "the source %s is no upload of files: change its addresses instead", src.Name)
		}
		if err := mayImport(ctx, src); err != nil {
			return out, err
		}
	}
	reader, err := c.Request.MultipartReader()
	if err != nil {
		return out, &Problem{Kind: desk.Invalid, Code: "media_type", Message: "send multipart/form-data with the fields name, playbook, lang, audience, publish, gone and one or more file", RequestID: callerOf(ctx).RequestID, status: http.StatusUnsupportedMediaType}
	}
	var files []intake.FileRef
	defer func() {
		if err != nil {
			s.dropSourceFiles(files)
		}
	}()
	left := int64(sourceBytes)
	for {
		part, perr := reader.NextPart()
		if errors.Is(perr, io.EOF) {
			break
		}
		if perr != nil {
			return out, uploadBroken(perr)
		}
		if part.FormName() == "file" {
			if len(files) == sourceFiles {
				return out, desk.Errorf(desk.TooLarge, "too_many_files", "at most %d files at once: put them in a ZIP archive", sourceFiles)
			}
			f, ferr := s.keepSource(part, left)
			if ferr != nil {
				return out, ferr
			}
			left -= f.Size
			files = append(files, f)
			continue
		}
		if err := sourceField(&src, part); err != nil {
			return out, err
		}
	}
	if len(files) == 0 {
		return out, &desk.Error{Kind: desk.Invalid, Code: "no_file", Message: "the form has no field file", Field: "file"}
	}
	if src.Name == "" {
		src.Name = files[0].Name
	}
	src.Settings = intake.Settings{Files: files}
	if err := mayImport(ctx, src); err != nil {
		return out, err
	}
	if id != "" {
		return l.Change(ctx, src)
	}
	return l.Create(ctx, user(ctx).Name, src)
}

func uploadBroken(err error) error {
	if big := new(http.MaxBytesError); errors.As(err, &big) {
		return &desk.Error{Kind: desk.TooLarge, Code: "file_too_large", Message: fmt.Sprintf("all files together have at most %d MiB", sourceBytes>>20), Field: "file"}
	}
	return desk.Errorf(desk.Invalid, "upload_broken", "the upload broke off: %w", err)
}

func sourceField(src *intake.Source, part *multipart.Part) error {
	b, err := io.ReadAll(io.LimitReader(part, 1000))
	if err != nil {
		return uploadBroken(err)
	}
	v := strings.TrimSpace(string(b))
	switch part.FormName() {
	case "name":
		src.Name = v
	case "playbook":
		src.Playbook = v
	case "lang":
		src.Lang = desk.Lang(v)
	case "audience":
		src.Audience = kb.Audience(v)
	case "publish":
		src.Publish = v == "true"
	case "gone":
		src.Gone = intake.Gone(v)
	default:
		return &desk.Error{Kind: desk.Invalid, Code: "unknown_field", Message: "the form has no such field", Field: part.FormName()}
	}
	return nil
}

// keepSource writes one file into the folder of files. Names keep their
// folders, which say what belongs together.
func (s *Server) keepSource(part *multipart.Part, left int64) (intake.FileRef, error) {
	random := make([]byte, 16)
	_, _ = rand.Read(random) // never fails (Go 1.24)
	rel := filepath.Join("sources", hex.EncodeToString(random))
	f := intake.FileRef{Name: safeName(part.FileName()), Path: filepath.ToSlash(rel)}
	if !slices.Contains(intake.Extensions(), strings.ToLower(filepath.Ext(f.Name))) {
		return f, &desk.Error{Kind: desk.Invalid, Code: "format_unknown", Field: "file", Message: fmt.Sprintf("%s is in no format that can be read: use %s", f.Name, strings.Join(intake.Extensions(), " "))}
	}
	full := filepath.Join(s.FilesDir, rel)
	if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
		return f, fmt.Errorf("make the folder of sources: %w", err)
	}
	file, err := os.OpenFile(full, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return f, fmt.Errorf("make a file: %w", err)
	}
	f.Size, err = io.Copy(file, io.LimitReader(part, min(left, intake.MaxFile)+1))
	if err != nil {
		err = uploadBroken(err)
	} else if f.Size > min(left, intake.MaxFile) {
		err = &desk.Error{Kind: desk.TooLarge, Code: "file_too_large", Message: fmt.Sprintf("one file has at most %d MiB, all together %d MiB", intake.MaxFile>>20, sourceBytes>>20), Field: "file"}
	} else if f.Size == 0 {
		err = &desk.Error{Kind: desk.Invalid, Code: "file_empty", Message: f.Name + " is empty", Field: "file"}
	} else {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		_ = os.Remove(full)
		var known *desk.Error
		if errors.As(err, &known) {
			return f, known
		}
		return f, fmt.Errorf("write a file: %w", err)
	}
	return f, nil
}

func (s *Server) dropSourceFiles(files []intake.FileRef) {
	for _, f := range files {
		_ = os.Remove(filepath.Join(s.FilesDir, filepath.FromSlash(f.Path)))
	}
}

func documentSourceUpload(op *huma.Operation) {
	op.Description = "Files to import: Markdown, text, HTML, PDF, DOCX, CSV, help-centre exports in JSON, and ZIP archives of any of these. Nothing is read yet: ask for a preview or a sync next. The answer is the source."
	text := &huma.Schema{Type: huma.TypeString}
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
		Type: huma.TypeObject, Required: []string{"file"}, Properties: map[string]*huma.Schema{
			"file": {Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
			"name": text, "playbook": text, "lang": text, "audience": text, "gone": text, "publish": {Type: huma.TypeString, Enum: []any{"true", "false"}},
		},
	}}}}
	if strings.Contains(op.Path, "{id}") {
		op.Parameters = []*huma.Param{{Name: "id", In: "path", Required: true, Schema: text}}
	}
	op.Responses["201"] = &huma.Response{Description: "The source."}
}
