package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
)

type recordingsIn struct {
	Conversation string `query:"conversation" maxLength:"64"`
	Call         string `query:"call" maxLength:"64"`
}

// listRecordings lists those of one conversation or of one call.
func (s *Server) listRecordings(ctx context.Context, in *recordingsIn) (*reply[Page[voice.Recording]], error) {
	store, err := s.callStore()
	if err != nil {
		return nil, err
	}
	if (in.Conversation == "") == (in.Call == "") {
		return nil, &desk.Error{Kind: desk.Invalid, Code: "invalid", Message: "give conversation or call", Field: "query.conversation"}
	}
	conversation := desk.ID(in.Conversation)
	if in.Call != "" {
		r, err := store.Call(ctx, desk.ID(in.Call))
		if err != nil {
			return nil, err
		}
		conversation = r.ConversationID
	}
	if err := s.mayHear(ctx, conversation); err != nil {
		return nil, err
	}
	list, err := store.Recordings(ctx, desk.ID(in.Conversation), desk.ID(in.Call))
	if err != nil {
		return nil, err
	}
	return pageWith(list, ""), nil
}

// mayHear admits whoever may see the conversation, and those who may hear
// everything.
func (s *Server) mayHear(ctx context.Context, conversation desk.ID) error {
	if can(ctx, access.VoiceRead) {
		return nil
	}
	_, err := s.visible(ctx, conversation)
	return err
}

// recording finds a recording that the user may hear.
func (s *Server) recording(ctx context.Context, id desk.ID) (voice.Recording, error) {
	store, err := s.callStore()
	if err != nil {
		return voice.Recording{}, err
	}
	r, err := store.Recording(ctx, id)
	if err != nil {
		return r, err
	}
	return r, s.mayHear(ctx, r.ConversationID)
}

// openBelow opens a file by a path that the store gave, never outside folder.
func openBelow(folder, path string) (*os.File, error) {
	gone := desk.Errorf(desk.NotFound, "not_found", "the sound is not here any more, or was kept on another machine")
	if folder == "" {
		return nil, gone
	}
	root, err := os.OpenRoot(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, gone
	}
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.Open(filepath.FromSlash(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, gone
	}
	return f, err
}

// serveSound answers with a WAV file, also with parts of it.
func (s *Server) serveSound(c *gin.Context, f *os.File) {
	st, err := f.Stat()
	if err != nil {
		s.refuse(c, err)
		return
	}
	h := c.Writer.Header()
	h.Set("Content-Type", "audio/wav")
	h.Set("Content-Disposition", "inline")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; media-src 'self'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	http.ServeContent(c.Writer, c.Request, "", st.ModTime(), f)
}

// recordingAudio plays a recording. Who listened to it is in the audit log.
func (s *Server) recordingAudio(c *gin.Context) {
	ctx := c.Request.Context()
	r, err := s.recording(ctx, desk.ID(c.Param("id")))
	if err != nil {
		s.refuse(c, err)
		return
	}
	f, err := openBelow(s.Voice.Recordings, r.Path)
	if err != nil {
		s.refuse(c, err)
		return
	}
	defer f.Close()
	if from := c.GetHeader("Range"); from == "" || strings.HasPrefix(from, "bytes=0-") {
		u := user(ctx)
		s.Gate.Record(ctx, access.Entry{UserID: u.ID, UserName: u.Name, Action: "voice.recordings.listen", Target: string(r.ID), Address: callerOf(ctx).From.Address})
	}
	s.serveSound(c, f)
}

// Peaks is the outline of a recording, for a picture of it.
type Peaks struct {
	Left  []float32 `json:"left" nullable:"false" doc:"The customer's side, 0 to 1."`
	Right []float32 `json:"right" nullable:"false" doc:"Our side; empty when there is one side only."`
}

type peaksIn struct {
	ByID
	N int `query:"n" minimum:"10" maximum:"2000" default:"800" doc:"How many points."`
}

// keptPeaks is how many points are kept beside a recording.
const keptPeaks = 2000

// recordingPeaks reads the outline that is kept beside the file, and makes it
// the first time.
func (s *Server) recordingPeaks(ctx context.Context, in *peaksIn) (*reply[Peaks], error) {
	r, err := s.recording(ctx, desk.ID(in.ID))
	if err != nil {
		return nil, err
	}
	f, err := openBelow(s.Voice.Recordings, r.Path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	beside := f.Name() + ".peaks"
	var p Peaks
	if b, err := os.ReadFile(beside); err != nil || json.Unmarshal(b, &p) != nil || len(p.Left) == 0 {
		if p, err = peaksOf(f); err != nil {
			return nil, err
		}
		if err := keepBeside(beside, encode(p)); err != nil {
			s.Log.WarnContext(ctx, "keep the outline of a recording", "recording", r.ID, "err", err) // it is made again
		}
	}
	return &reply[Peaks]{Peaks{coarser(p.Left, in.N), coarser(p.Right, in.N)}}, nil
}

// peaksOf is the outline of a recording of both sides, or of any other WAV file.
func peaksOf(f *os.File) (p Peaks, err error) {
	p.Left, p.Right, err = media.Peaks(f.Name(), keptPeaks)
	if !errors.Is(err, media.ErrNotWAV) && !errors.Is(err, media.ErrWAVFormat) {
		return p, err
	}
	pcm, _, err := media.ReadWAVPCM(f)
	if err != nil {
		return p, desk.Errorf(desk.NotFound, "not_found", "the file of this recording is broken: %w", err)
	}
	p = Peaks{Left: make([]float32, min(keptPeaks, len(pcm))), Right: []float32{}}
	for i, v := range pcm {
		at := &p.Left[i*len(p.Left)/len(pcm)]
		*at = max(*at, float32(v)/32768, -float32(v)/32768)
	}
	return p, nil
}

// keepBeside writes a file whole or not at all.
func keepBeside(path string, b []byte) error {
	t, err := os.CreateTemp(filepath.Dir(path), ".peaks-*")
	if err != nil {
		return err
	}
	_, err = t.Write(b)
	if err = errors.Join(err, t.Close()); err == nil {
		err = os.Rename(t.Name(), path)
	}
	if err != nil {
		_ = os.Remove(t.Name())
	}
	return err
}

// coarser is an outline in n points: the highest of those that fall together.
func coarser(p []float32, n int) []float32 {
	out := make([]float32, min(n, len(p)))
	for i := range out {
		from, to := i*len(p)/len(out), (i+1)*len(p)/len(out)
		for _, v := range p[from:to] {
			out[i] = max(out[i], v)
		}
	}
	return out
}

// deleteRecording forgets a recording, then removes its file.
func (s *Server) deleteRecording(ctx context.Context, in *ByID) (*none, error) {
	r, err := s.recording(ctx, desk.ID(in.ID))
	if err != nil {
		return nil, err
	}
	if err := s.Voice.Store.DropRecording(ctx, r.ID); err != nil {
		return nil, err
	}
	return nil, s.removeBelow(ctx, s.Voice.Recordings, r.Path)
}

// removeBelow removes a file and what is kept beside it. One that is gone, or on
// another machine, is no failure.
func (s *Server) removeBelow(ctx context.Context, folder, path string) error {
	root, err := os.OpenRoot(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer root.Close()
	for _, name := range []string{path, path + ".peaks"} {
		if err := root.Remove(filepath.FromSlash(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			s.Log.WarnContext(ctx, "remove a sound", "path", name, "err", err)
			return err
		}
	}
	return nil
}

func documentSound(op *huma.Operation) {
	op.Description += "\n\nA WAV file; parts of it by Range."
	op.Parameters = nil
	for _, name := range []string{"id", "name"} {
		if strings.Contains(op.Path, "{"+name+"}") {
			op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}})
		}
	}
	if strings.Contains(op.Path, "prompts") {
		op.Parameters = append(op.Parameters, &huma.Param{Name: "lang", In: "query", Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"", "en", "zh"}}})
	}
	op.Responses["200"] = &huma.Response{Description: "The sound.", Content: map[string]*huma.MediaType{"audio/wav": {}}}
}
