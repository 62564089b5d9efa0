package httpapi

import (
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
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/kb/intake"
)

// The bounds of an upload of sources.
const (
	sourceBytes = 128 << 20 // of all files together
	sourceFiles = 500
)

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
