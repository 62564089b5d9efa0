package httpapi

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/parleyhq/parley/desk"
)

// Problem is the body of every answer that is not a success.
type Problem struct {
	Kind      desk.Kind `json:"kind" enum:"invalid,unauthenticated,forbidden,not_found,conflict,too_large,too_many,unavailable,internal" doc:"What sort of failure it is."`
	Code      string    `json:"code" doc:"A stable word that a program may act on and a screen translates." example:"offer_taken"`
	Message   string    `json:"message" doc:"Plain English, for people who use the API."`
	Field     string    `json:"field,omitempty" doc:"The offending input, if one is."`
	RequestID string    `json:"request_id" doc:"Names the request in the server's log."`
	Detail    any       `json:"detail,omitempty" doc:"What the code promises with it, such as the current version of a thing that somebody else changed."`

	status int
	retry  time.Duration
}

// Error is the message.
func (p *Problem) Error() string { return p.Message }

// GetStatus is the HTTP status; huma asks for it.
func (p *Problem) GetStatus() int { return p.status }

// GetHeaders is Retry-After when waiting helps; huma asks for it.
func (p *Problem) GetHeaders() http.Header {
	if p.retry <= 0 {
		return nil
	}
	return http.Header{"Retry-After": {strconv.Itoa(int(math.Ceil(p.retry.Seconds())))}}
}

// statusOf is the one place where a kind of failure becomes an HTTP status.
func statusOf(k desk.Kind) int {
	switch k {
	case desk.Invalid:
		return http.StatusUnprocessableEntity
	case desk.Unauthenticated:
		return http.StatusUnauthorized
	case desk.Forbidden:
		return http.StatusForbidden
	case desk.NotFound:
		return http.StatusNotFound
	case desk.Conflict:
		return http.StatusConflict
	case desk.TooLarge:
		return http.StatusRequestEntityTooLarge
	case desk.TooMany:
		return http.StatusTooManyRequests
	case desk.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// kindOf is statusOf backwards, for what huma and gin refuse by themselves.
func kindOf(status int) (desk.Kind, string) {
	switch status {
	case http.StatusBadRequest:
		return desk.Invalid, "malformed"
	case http.StatusUnprocessableEntity:
		return desk.Invalid, "invalid"
	case http.StatusUnsupportedMediaType:
		return desk.Invalid, "media_type"
	case http.StatusNotFound:
		return desk.NotFound, "not_found"
	case http.StatusMethodNotAllowed:
		return desk.Invalid, "method"
	case http.StatusRequestEntityTooLarge:
		return desk.TooLarge, "too_large"
	case http.StatusRequestTimeout:
		return desk.Unavailable, "slow_body"
	}
	return desk.Internal, "internal"
}

// detailed carries what an error's code promises into Problem.Detail.
type detailed struct {
	error
	detail any
}

func (d detailed) Unwrap() error { return d.error }

// withDetail answers err with v in the problem's detail, such as the current
// article when a stale one was saved.
func withDetail(err error, v any) error { return detailed{err, v} }

// problem maps an error to the answer. Only errors that carry a *desk.Error
// say what went wrong; of all others the log has the text and the caller only
// the request's id.
func (s *Server) problem(ctx context.Context, err error) *Problem {
	id := callerOf(ctx).RequestID
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	out := &Problem{Kind: desk.KindOf(err), RequestID: id}
	out.status = statusOf(out.Kind)
	var known *desk.Error
	if errors.As(err, &known) && out.Kind != desk.Internal {
		out.Code, out.Message, out.Field = known.Code, known.Message, known.Field
		if out.Message == "" {
			out.Message = strings.ReplaceAll(known.Code, "_", " ")
		}
	} else if ctx.Err() != nil {
		out.Kind, out.status, out.Code, out.Message = desk.Unavailable, http.StatusServiceUnavailable, "cancelled", "the request was given up"
	} else {
		out.Code, out.Message = "internal", "something went wrong on our side; nothing of it is shown here, the log has it under the request's id"
		s.Log.ErrorContext(ctx, "request failed", "request", id, "err", err)
	}
	if out.Kind == desk.Unavailable && known != nil {
		s.Log.WarnContext(ctx, "unavailable", "request", id, "code", out.Code, "err", err, "cause", known.Err)
	}
	var later interface{ RetryAfter() time.Duration }
	if errors.As(err, &later) {
		out.retry = later.RetryAfter()
	} else if out.Kind == desk.TooMany || out.Kind == desk.Unavailable {
		out.retry = time.Second
	}
	var d detailed
	if errors.As(err, &d) {
		out.Detail = d.detail
	}
	return out
}

// refuse answers a gin request with err and stops it.
func (s *Server) refuse(c *gin.Context, err error) {
	p := s.problem(c.Request.Context(), err)
	for k, v := range p.GetHeaders() {
		c.Header(k, v[0])
	}
	c.AbortWithStatusJSON(p.status, p)
}

// reshape turns what huma refuses by itself into a Problem. It never repeats
// the caller's values.
func reshape(ctx huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		if _, ok := v.(*Problem); ok {
			ctx.SetHeader("Content-Type", "application/json")
		}
		return v, nil
	}
	ctx.SetHeader("Content-Type", "application/json")
	p := &Problem{Message: m.Detail, RequestID: callerOf(ctx.Context()).RequestID}
	p.Kind, p.Code = kindOf(m.Status)
	if p.Kind == desk.Internal {
		p.Message = "something went wrong on our side"
	}
	for _, d := range m.Errors {
		if d == nil || p.Field != "" {
			continue
		}
		p.Message, p.Field = d.Message, strings.TrimPrefix(d.Location, "body.")
	}
	if p.Field == "body" {
		p.Field = ""
	}
	return p, nil
}
