package httpapi

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
)

// DefaultMaxUpload is how large an upload may be unless configured.
const DefaultMaxUpload = 10 << 20

// signedFor is how long the address of a file stays valid; it is rounded, so
// that browsers may cache.
const signedFor = 24 * time.Hour

// Files keeps what is known of uploads. An unknown one is NotFound.
type Files interface {
	AddFile(ctx context.Context, f access.File) error
	File(ctx context.Context, id desk.ID) (access.File, error)
}

// upload takes one file in for its owner.
func (s *Server) upload(c *gin.Context, owner desk.ID) {
	ctx := c.Request.Context()
	reader, err := c.Request.MultipartReader()
	if err != nil {
		s.refuse(c, &Problem{Kind: desk.Invalid, Code: "media_type", Message: "send the file as multipart/form-data with the field file", RequestID: callerOf(ctx).RequestID, status: http.StatusUnsupportedMediaType})
		return
	}
	part, err := reader.NextPart()
	if err != nil || part.FormName() != "file" {
		s.refuse(c, &desk.Error{Kind: desk.Invalid, Code: "no_file", Message: "the form's first field must be file", Field: "file"})
		return
	}
	f, err := s.keep(ctx, part, part.FileName(), owner)
	if err != nil {
		s.refuse(c, err)
		return
	}
	c.JSON(http.StatusCreated, desk.Attachment{ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Size, URL: s.signedFile(f.ID)})
}

func (s *Server) chatUpload(c *gin.Context) {
	s.upload(c, callerOf(c.Request.Context()).Visitor.Contact)
}

func (s *Server) agentUpload(c *gin.Context) { s.upload(c, callerOf(c.Request.Context()).User.ID) }

// keep writes a file into the folder under a name of ours, then tells the
// store. What is refused leaves nothing behind.
func (s *Server) keep(ctx context.Context, from io.Reader, name string, owner desk.ID) (access.File, error) {
	random := make([]byte, 16)
	_, _ = rand.Read(random) // never fails (Go 1.24)
	key := hex.EncodeToString(random)
	rel := filepath.Join(key[:2], key)
	f := access.File{ID: desk.NewIDAt(s.Now()), Name: safeName(name), Owner: owner, Path: filepath.ToSlash(rel), CreatedAt: s.Now()}
	full := filepath.Join(s.FilesDir, rel)
	if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
		return f, fmt.Errorf("make the folder of files: %w", err)
	}
	file, err := os.OpenFile(full, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return f, fmt.Errorf("make a file: %w", err)
	}
	kept := false
	defer func() {
		_ = file.Close()
		if !kept {
			_ = os.Remove(full)
		}
	}()
	f.Size, err = io.Copy(file, io.LimitReader(from, s.MaxUpload+1))
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big), err == nil && f.Size > s.MaxUpload:
		return f, &desk.Error{Kind: desk.TooLarge, Code: "file_too_large", Message: fmt.Sprintf("a file has at most %d MiB", s.MaxUpload>>20), Field: "file"}
	case err != nil:
		return f, desk.Errorf(desk.Invalid, "upload_broken", "the upload broke off: %w", err)
	case f.Size == 0:
		return f, &desk.Error{Kind: desk.Invalid, Code: "file_empty", Message: "the file is empty", Field: "file"}
	}
	if f.Type, err = sniff(file, f.Size); err != nil {
		return f, err
	}
	if err := file.Sync(); err != nil {
		return f, fmt.Errorf("write a file: %w", err)
	}
	if err := s.Files.AddFile(ctx, f); err != nil {
		return f, err
	}
	kept = true
	return f, nil
}

// KeepFile stores a file of ours for its owner: a message left on the phone.
func (s *Server) KeepFile(ctx context.Context, owner desk.ID, name string, from io.Reader) (desk.Attachment, error) {
	f, err := s.keep(ctx, from, name, owner)
	return desk.Attachment{ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Size, URL: "/v1/files/" + string(f.ID)}, err
}

// safeName is the sender's name of a file without folders and control
// characters, of at most 120 characters.
func safeName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) || strings.ContainsRune(`<>:"|?*`, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	name = strings.TrimLeft(strings.TrimSpace(name), ".")
	if r := []rune(name); len(r) > 120 {
		name = string(r[len(r)-120:])
	}
	if name == "" {
		return "file"
	}
	return name
}

// ownFile finds an upload that the customer or user sent himself.
func (s *Server) ownFile(ctx context.Context, owner, id desk.ID) (desk.Attachment, error) {
	f, err := s.Files.File(ctx, id)
	if desk.IsKind(err, desk.NotFound) || err == nil && f.Owner != owner {
		return desk.Attachment{}, &desk.Error{Kind: desk.Invalid, Code: "unknown_file", Message: "there is no such upload of yours", Field: "attachments"}
	}
	return desk.Attachment{ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Size, URL: "/v1/files/" + string(f.ID)}, err
}

// signedFile is the address of a file for somebody who may see it now.
func (s *Server) signedFile(id desk.ID) string {
	until := s.Now().Truncate(signedFor).Add(2 * signedFor).Unix()
	return "/v1/files/" + string(id) + "?t=" + s.fileMark(id, until)
}

func (s *Server) fileMark(id desk.ID, until int64) string {
	exp := strconv.FormatInt(until, 36)
	return exp + "." + base64.RawURLEncoding.EncodeToString(s.visitors.Mark("file", string(id)+" "+exp)[:16])
}

// mayRead admits whoever has a signed address, and people signed in to the
// console.
func (s *Server) mayRead(c *gin.Context, id desk.ID) error {
	mark := c.Query("t")
	if exp, _, ok := strings.Cut(mark, "."); ok {
		until, err := strconv.ParseInt(exp, 36, 64)
		if err == nil && s.Now().Unix() < until && hmac.Equal([]byte(mark), []byte(s.fileMark(id, until))) {
			return nil
		}
	}
	if mark != "" {
		return desk.Errorf(desk.Forbidden, "address_expired", "this address of the file is no longer valid: load the conversation again")
	}
	u, err := s.signIn(c, "", false)
	if err == nil && !access.Can(u.Roles, access.InboxMine) && !access.Can(u.Roles, access.InboxAll) {
		err = desk.Errorf(desk.Forbidden, "forbidden", "this needs the permission %s", access.InboxMine)
	}
	return err
}

// file serves an upload so that nothing in it can run with our origin: never
// sniffed, sandboxed, and shown in place only when it is an image.
func (s *Server) file(c *gin.Context) {
	id := desk.ID(c.Param("id"))
	if err := s.mayRead(c, id); err != nil {
		s.refuse(c, err)
		return
	}
	f, err := s.Files.File(c.Request.Context(), id)
	if err != nil {
		s.refuse(c, err)
		return
	}
	full := filepath.Join(s.FilesDir, filepath.FromSlash(f.Path))
	file, err := os.Open(full)
	if errors.Is(err, os.ErrNotExist) {
		s.refuse(c, desk.Errorf(desk.NotFound, "not_found", "the file is not here any more"))
		return
	}
	if err != nil {
		s.refuse(c, err)
		return
	}
	defer file.Close()
	disposition := "attachment"
	if strings.HasPrefix(f.Type, "image/") {
		disposition = "inline"
	}
	h := c.Writer.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": f.Name}))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // the chat runs in our customers' pages
	h.Set("Cache-Control", "private, max-age=3600")
	http.ServeContent(c.Writer, c.Request, "", f.CreatedAt, file)
}

func documentUpload(op *huma.Operation) {
	op.Description = "One file in the field `file`. Its type is found out from its content: images, PDF, text, audio, MP4 video and office documents are taken. Put the id into a message's attachments."
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
		Type: huma.TypeObject, Required: []string{"file"}, Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}},
	}}}}
	op.Responses["201"] = &huma.Response{Description: "The attachment: {id, name, type, size, url}."}
}

func documentFile(op *huma.Operation) {
	op.Description = "The bytes of an upload. Messages carry its signed address, which is valid for a day or two; people signed in to the console need no signature."
	op.Parameters = []*huma.Param{
		{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}},
		{Name: "t", In: "query", Description: "The signature.", Schema: &huma.Schema{Type: huma.TypeString}},
	}
	op.Responses["200"] = &huma.Response{Description: "The file."}
}
