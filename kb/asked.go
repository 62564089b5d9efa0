package kb

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// An endpoint that failed so often in a row is left alone for a while: nobody
// waits for it again and again.
const (
	mostTroubles = 3
	rest         = 10 * time.Second
)

var errResting = errors.New("the endpoint failed several times: it is left alone for some seconds")

// asked is the vector of what somebody says, from those said last or within
// askLimit from the embedder. It is kept in memory only.
func (l *Library) asked(ctx context.Context, text string) ([]float32, error) {
	if v, ok := l.heard.get(text); ok {
		return v, nil
	}
	if _, local := l.Embedder.(BuiltIn); !local {
		if l.heard.resting(time.Now()) {
			return nil, errResting
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, askLimit)
		defer cancel()
	}
	vecs, err := l.Embedder.Embed(ctx, []string{text})
	if err == nil {
		err = wrongCount(1, len(vecs))
	}
	l.heard.went(err, time.Now())
	if err != nil {
		return nil, fmt.Errorf("embed what was said: %w", err)
	}
	l.heard.put(text, vecs[0])
	return vecs[0], nil
}

// Heard is the library's embedder for what customers say: what was said last is
// remembered, a text is waited for some tenths of a second, and an endpoint that
// fails is left alone for some seconds. nil without an embedder.
func (l *Library) Heard() Embedder {
	switch l.Embedder.(type) {
	case nil, BuiltIn:
		return l.Embedder
	}
	return hearing{l}
}

type hearing struct{ l *Library }

func (h hearing) Model() string { return h.l.Embedder.Model() }

func (h hearing) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, text := range texts {
		v, err := h.l.asked(ctx, text)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

// Kept is the library's embedder for what editors write: what was embedded
// before comes from the store, and what is embedded now is stored. It must never
// be given what customers say. nil without an embedder.
func (l *Library) Kept() Embedder {
	switch l.Embedder.(type) {
	case nil, BuiltIn:
		return l.Embedder
	}
	return keeping{l}
}

type keeping struct{ l *Library }

func (k keeping) Model() string { return k.l.Embedder.Model() }

func (k keeping) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	have, err := k.l.Embed(ctx, texts)
	if err != nil {
		return nil, err
	}
	out := make([][]float32, len(texts))
	for i, text := range texts {
		out[i] = have[text]
	}
	return out, nil
}
