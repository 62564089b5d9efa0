// Package llmtest is a scripted model endpoint that speaks the OpenAI protocol
// over real HTTP: chat completions with JSON schema, embeddings,
// transcription, speech, errors and slowness. It stands in for a model where a test needs certain answers.
package llmtest

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
	"unicode"
)

// Request is a call that the server got.
type Request struct {
	Path     string // "/chat/completions", "/embeddings", "/audio/transcriptions" or "/audio/speech"
	Key      string // of the Authorization header
	Model    string
	Messages []Message
	Schema   json.RawMessage // of the response format
	Input    []string        // of embeddings and speech
	Voice    string          // of speech
	Audio    []byte          // of a transcription: the file
	Lang     string          // of a transcription
}

// Message is one message of a chat request.
type Message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// Last is the content of the last message.
func (r Request) Last() string {
	if len(r.Messages) == 0 {
		return ""
	}
	return r.Messages[len(r.Messages)-1].Content
}

// Reply is what the server does with a call. The zero Reply is an empty text.
type Reply struct {
	Text     string        // the model's words
	Status   int           // an error instead, from 400 on
	After    time.Duration // waited before the reply, or until the caller hangs up
	Raw      string        // the whole body instead, as it is
	Refusal  string        // the model declines in these words
	CutShort bool          // it stopped at its token limit
}

// JSON is a Reply of v as JSON.
func JSON(v any) Reply {
	b, err := json.Marshal(v)
	if err != nil {
		panic("llmtest: " + err.Error()) // tests give values that marshal
	}
	return Reply{Text: string(b)}
}

// Server is a running endpoint. Its base URL is URL.
type Server struct {
	URL string

	http   *httptest.Server
	mu     sync.Mutex
	got    []Request           // guarded by mu
	script []Reply             // guarded by mu; used up in order
	answer func(Request) Reply // guarded by mu; when the script is used up
}

// Start runs a server that gives the replies in order, one per call. When they
// are used up it answers chats with "ok" and embeddings with vectors that are
// near for texts that share words. Close it when done.
func Start(script ...Reply) *Server {
	s := &Server{script: script}
	s.http = httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = s.http.URL + "/v1"
	return s
}

// Close ends the server and the calls that still wait.
func (s *Server) Close() {
	s.http.CloseClientConnections()
	s.http.Close()
}

// Answer sets what is done with each call that the script does not cover.
func (s *Server) Answer(f func(Request) Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = f
}

// Requests lists the calls so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.got...)
}

type body struct {
	Model          string          `json:"model"`
	Messages       []Message       `json:"messages"`
	Input          json.RawMessage `json:"input"`
	Dimensions     int             `json:"dimensions"`
	Voice          string          `json:"voice"`
	ResponseFormat json.RawMessage `json:"response_format"` // of chats an object, of speech a word
}

type responseFormat struct {
	Type       string `json:"type"`
	JSONSchema *struct {
		Name   string          `json:"name"`
		Schema json.RawMessage `json:"schema"`
		Strict bool            `json:"strict"`
	} `json:"json_schema"`
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	req := Request{Path: strings.TrimPrefix(r.URL.Path, "/v1"), Key: strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")}
	var in body
	if req.Path == "/audio/transcriptions" {
		if err := readAudio(r, &req); err != nil {
			fail(w, http.StatusBadRequest, err.Error())
			return
		}
		in.Model = req.Model
	} else if data, err := io.ReadAll(io.LimitReader(r.Body, 32<<20)); err != nil || json.Unmarshal(data, &in) != nil || r.Method != http.MethodPost {
		fail(w, http.StatusBadRequest, "the body is no JSON")
		return
	}
	req.Model, req.Messages, req.Voice = in.Model, in.Messages, in.Voice
	if problem := in.check(&req); problem != "" {
		fail(w, http.StatusBadRequest, problem)
		return
	}
	reply, scripted := s.next(req)
	if reply.After > 0 {
		timer := time.NewTimer(reply.After)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return
		}
	}
	switch {
	case reply.Status >= 400:
		fail(w, reply.Status, "scripted failure with key "+req.Key)
	case reply.Raw != "":
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, reply.Raw)
	case req.Path == "/chat/completions":
		if !scripted {
			reply.Text = "ok"
		}
		chat(w, req, reply)
	case req.Path == "/embeddings":
		embeddings(w, req, in.Dimensions)
	case req.Path == "/audio/transcriptions":
		write(w, http.StatusOK, map[string]any{"text": reply.Text})
	case req.Path == "/audio/speech":
		w.Header().Set("Content-Type", "audio/wav")
		_, _ = w.Write(hum(req.Input))
	default:
		fail(w, http.StatusNotFound, "no such path")
	}
}

// readAudio reads the form of a transcription.
func readAudio(r *http.Request, req *Request) error {
	file, _, err := r.FormFile("file")
	if err != nil {
		return err
	}
	defer file.Close()
	req.Model, req.Lang = r.FormValue("model"), r.FormValue("language")
	req.Audio, err = io.ReadAll(io.LimitReader(file, 32<<20))
	return err
}

// hum is what this endpoint's voice says: a tone of 300 Hz at 24 kHz, 60 ms for
// each byte of the text.
func hum(input []string) []byte {
	const rate = 24000
	n := 0
	for _, s := range input {
		n += len(s) * rate * 60 / 1000
	}
	out := make([]byte, 44, 44+2*n)
	copy(out, "RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00")
	copy(out[36:], "data")
	le := binary.LittleEndian
	le.PutUint32(out[4:], uint32(36+2*n))
	le.PutUint32(out[24:], rate)
	le.PutUint32(out[28:], 2*rate)
	le.PutUint16(out[32:], 2)
	le.PutUint16(out[34:], 16)
	le.PutUint32(out[40:], uint32(2*n))
	for i := range n {
		out = le.AppendUint16(out, uint16(int16(8000*math.Sin(2*math.Pi*300*float64(i)/rate))))
	}
	return out
}

// check finds what the real endpoints refuse.
func (b body) check(req *Request) string {
	if b.Model == "" {
		return "you must provide a model parameter"
	}
	if len(b.Input) > 0 && json.Unmarshal(b.Input, &req.Input) != nil {
		var one string
		if json.Unmarshal(b.Input, &one) != nil {
			return "input must be a string or a list of strings"
		}
		req.Input = []string{one}
	}
	if req.Path == "/chat/completions" && len(b.Messages) == 0 {
		return "messages must not be empty"
	}
	var f responseFormat
	if req.Path != "/chat/completions" || b.ResponseFormat == nil {
		return ""
	}
	if json.Unmarshal(b.ResponseFormat, &f) != nil {
		return "response_format must be an object"
	}
	if f.Type != "json_schema" {
		return ""
	}
	if f.JSONSchema == nil || f.JSONSchema.Name == "" {
		return "response_format.json_schema.name is missing"
	}
	req.Schema = f.JSONSchema.Schema
	var schema any
	if json.Unmarshal(req.Schema, &schema) != nil {
		return "response_format.json_schema.schema is no JSON"
	}
	if f.JSONSchema.Strict {
		return strict("schema", schema)
	}
	return ""
}

// strict finds objects that are not closed or whose properties are not all
// required, which strict schemas must be.
func strict(path string, v any) string {
	m, ok := v.(map[string]any)
	if !ok {
		return ""
	}
	props, _ := m["properties"].(map[string]any)
	if m["type"] == "object" {
		required, _ := m["required"].([]any)
		if m["additionalProperties"] != false || len(required) != len(props) {
			return "invalid schema: " + path + " needs additionalProperties false and every property required"
		}
	}
	for name, p := range props {
		if problem := strict(path+"."+name, p); problem != "" {
			return problem
		}
	}
	return strict(path+"[]", m["items"])
}

func (s *Server) next(req Request) (Reply, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, req)
	if len(s.script) > 0 {
		reply := s.script[0]
		s.script = s.script[1:]
		return reply, true
	}
	if s.answer != nil {
		return s.answer(req), true
	}
	return Reply{}, false
}

func fail(w http.ResponseWriter, status int, message string) {
	write(w, status, map[string]any{"error": map[string]any{"message": message, "type": "invalid_request_error", "code": fmt.Sprint(status)}})
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func chat(w http.ResponseWriter, req Request, reply Reply) {
	finish := "stop"
	if reply.CutShort {
		finish = "length"
	}
	message := map[string]any{"role": "assistant", "content": reply.Text}
	if reply.Refusal != "" {
		message["content"], message["refusal"] = "", reply.Refusal
	}
	prompt := 0
	for _, m := range req.Messages {
		prompt += len(m.Content)/4 + 4
	}
	completion := len(reply.Text)/4 + 1
	write(w, http.StatusOK, map[string]any{
		"id": "chatcmpl-test", "object": "chat.completion", "model": req.Model,
		"choices": []any{map[string]any{"index": 0, "message": message, "finish_reason": finish}},
		"usage":   map[string]any{"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion},
	})
}

func embeddings(w http.ResponseWriter, req Request, dimensions int) {
	if dimensions <= 0 {
		dimensions = 64
	}
	data := make([]any, len(req.Input))
	tokens := 0
	for i, text := range req.Input {
		data[i] = map[string]any{"object": "embedding", "index": i, "embedding": Vector(text, dimensions)}
		tokens += len(text)/4 + 1
	}
	write(w, http.StatusOK, map[string]any{"object": "list", "model": req.Model, "data": data, "usage": map[string]any{"prompt_tokens": tokens, "total_tokens": tokens}})
}

// Vector is the embedding that the server gives a text: of length one, near
// for texts that share words or Chinese characters.
func Vector(text string, dimensions int) []float32 {
	out := make([]float32, dimensions)
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		parts := []string{w}
		if w[0] >= 0x80 {
			parts = strings.Split(w, "")
		}
		for _, part := range parts {
			h := fnv.New32a()
			_, _ = io.WriteString(h, part)
			out[int(h.Sum32())%dimensions]++
		}
	}
	sum := 0.0
	for _, f := range out {
		sum += float64(f) * float64(f)
	}
	if sum == 0 {
		out[0], sum = 1, 1
	}
	for i := range out {
		out[i] /= float32(math.Sqrt(sum))
	}
	return out
}
