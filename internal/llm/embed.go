package llm

import (
	"context"
	"slices"

	openai "github.com/sashabaranov/go-openai"
)

// batch is how many texts one request carries; maxEmbedText is how many bytes
// of each are sent.
const (
	batch        = 64
	maxEmbedText = 24_000
)

// Embed gives a vector for each text, in order. An error is always an *Error,
// and then there are no vectors at all.
func (c *Client) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	if c.cfg.EmbedModel == "" {
		return nil, &Error{Kind: NotConfigured}
	}
	out := make([][]float32, 0, len(texts))
	for part := range slices.Chunk(texts, batch) {
		vectors, err := c.embed(ctx, part)
		if err != nil {
			return nil, err
		}
		out = append(out, vectors...)
	}
	return out, nil
}

func (c *Client) embed(ctx context.Context, texts []string) ([][]float32, error) {
	input := make([]string, len(texts))
	for i, t := range texts {
		if c.cfg.Hide != nil {
			t = c.cfg.Hide(t)
		}
		input[i] = cut(t, maxEmbedText)
		if input[i] == "" {
			input[i] = " " // endpoints refuse an empty text
		}
	}
	out := make([][]float32, len(texts))
	err := c.attempts(ctx, "embed", func(ctx context.Context) error {
		resp, err := c.api.CreateEmbeddings(ctx, openai.EmbeddingRequest{Input: input, Model: openai.EmbeddingModel(c.cfg.EmbedModel), Dimensions: c.cfg.Dimensions})
		if err != nil {
			return err
		}
		clear(out)
		for _, d := range resp.Data {
			if d.Index < 0 || d.Index >= len(out) || len(d.Embedding) == 0 || out[d.Index] != nil {
				return &Error{Kind: BadAnswer}
			}
			out[d.Index] = d.Embedding
		}
		for _, v := range out {
			if v == nil || len(v) != len(out[0]) {
				return &Error{Kind: BadAnswer}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// cut shortens s to at most n bytes, at a character's end.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
