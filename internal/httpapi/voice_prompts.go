package httpapi

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
)

// The bounds of an uploaded prompt.
const (
	promptBytes   = 10 << 20
	promptSeconds = 10 * 60
)

func (s *Server) listPrompts(ctx context.Context, _ *none) (*reply[Page[voice.PromptFile]], error) {
	store, err := s.callStore()
	if err != nil {
		return nil, err
	}
	list, err := store.Prompts(ctx)
	if err != nil {
		return nil, err
	}
	return pageWith(list, ""), nil
}

// uploadPrompt takes a WAV file in under a name, for one language or for all.
func (s *Server) uploadPrompt(c *gin.Context) {
	p, err := s.keepPrompt(c)
	if err != nil {
		s.refuse(c, err)
		return
	}
	c.JSON(http.StatusCreated, p)
}

func (s *Server) keepPrompt(c *gin.Context) (voice.PromptFile, error) {
	ctx := c.Request.Context()
	var p voice.PromptFile
	store, err := s.callStore()
	if err != nil {
		return p, err
	}
	bad := func(field, code, message string) (voice.PromptFile, error) {
		return p, &desk.Error{Kind: desk.Invalid, Code: code, Message: message, Field: field}
	}
	tooLarge := &desk.Error{Kind: desk.TooLarge, Code: "file_too_large", Message: fmt.Sprintf("a prompt has at most %d MiB", promptBytes>>20), Field: "file"}
	if err := c.Request.ParseMultipartForm(1 << 20); err != nil {
		if big := new(http.MaxBytesError); errors.As(err, &big) {
			return p, tooLarge
		}
		return p, &Problem{Kind: desk.Invalid, Code: "media_type", Message: "send multipart/form-data with the fields name, lang and file", RequestID: callerOf(ctx).RequestID, status: http.StatusUnsupportedMediaType}
	}
	defer func() { _ = c.Request.MultipartForm.RemoveAll() }()
	p.Name, p.Lang, p.At = c.Request.FormValue("name"), desk.Lang(c.Request.FormValue("lang")), s.Now().UTC()
	if !plainName.MatchString(p.Name) {
		return bad("name", "prompt_name", "a name has small letters, digits, - and _, at most 64")
	}
	if p.Lang != "" && p.Lang != desk.English && p.Lang != desk.Chinese {
		return bad("lang", "lang_unknown", "a language is en or zh; without one the prompt serves every language")
	}
	file, head, err := c.Request.FormFile("file")
	if err != nil {
		return bad("file", "no_file", "the form's field file holds the sound")
	}
	defer file.Close()
	if p.Size = head.Size; p.Size > promptBytes {
		return p, tooLarge
	}
	ulaw, err := media.ReadWAV(file)
	if err != nil || len(ulaw) == 0 {
		return bad("file", "not_wav", "the file is no WAV file that can be played: save it as PCM 16 bit, A-law or µ-law")
	}
	if p.Seconds = float64(len(ulaw)) / media.Rate; p.Seconds > promptSeconds {
		return bad("file", "prompt_long", "a prompt lasts at most 10 minutes")
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return p, err
	}
	if p.Path, err = writeNew(s.Voice.Prompts, p.Name, file); err != nil {
		return p, err
	}
	replaced, err := store.PutPrompt(ctx, p)
	if err != nil {
		return p, errors.Join(err, s.removeBelow(ctx, s.Voice.Prompts, p.Path))
	}
	if replaced != "" {
		if err := s.removeBelow(ctx, s.Voice.Prompts, replaced); err != nil {
			s.Log.WarnContext(ctx, "remove a replaced prompt", "prompt", p.Name, "err", err) // the new one plays all the same
		}
	}
	return p, nil
}

// writeNew writes a sound into the folder under a name that nothing else has,
// and returns that.
func writeNew(folder, name string, from io.Reader) (string, error) {
	random := make([]byte, 8)
	_, _ = rand.Read(random) // never fails (Go 1.24)
	rel := name + "-" + hex.EncodeToString(random) + ".wav"
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("make the folder of prompts: %w", err)
	}
	full := filepath.Join(folder, rel)
	f, err := os.OpenFile(full, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", fmt.Errorf("make a prompt: %w", err)
	}
	_, err = io.Copy(f, from)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(full)
		return "", fmt.Errorf("write a prompt: %w", err)
	}
	return rel, nil
}

type promptName struct {
	Name string `path:"name" maxLength:"64"`
}

func (s *Server) deletePrompt(ctx context.Context, in *promptName) (*none, error) {
	store, err := s.callStore()
	if err != nil {
		return nil, err
	}
	paths, err := store.DropPrompt(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	for _, p := range paths {
		if err := s.removeBelow(ctx, s.Voice.Prompts, p); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// promptAudio plays a prompt as it is chosen for a language.
func (s *Server) promptAudio(c *gin.Context) {
	store, err := s.callStore()
	if err != nil {
		s.refuse(c, err)
		return
	}
	path, err := store.Prompt(c.Request.Context(), c.Param("name"), desk.Lang(c.Query("lang")))
	if err != nil {
		s.refuse(c, err)
		return
	}
	f, err := openBelow(s.Voice.Prompts, path)
	if err != nil {
		s.refuse(c, err)
		return
	}
	defer f.Close()
	s.serveSound(c, f)
}

func documentPrompt(op *huma.Operation) {
	op.Description += "\n\nA form with the fields name, lang (en, zh, or nothing for every language) and file: a WAV file of at most 10 MiB and 10 minutes. One of that name and language is replaced."
	text := &huma.Schema{Type: huma.TypeString}
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
		Type: huma.TypeObject, Required: []string{"name", "file"}, Properties: map[string]*huma.Schema{"name": text, "lang": text, "file": {Type: huma.TypeString, Format: "binary"}},
	}}}}
	op.Responses["201"] = &huma.Response{Description: "The prompt: {name, lang, seconds, size, at}."}
}
