package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"github.com/parleyhq/parley/internal/access"
)

// row is one line of the table in routes.go.
type row struct {
	method string
	path   string // {name} is a parameter, {name...} takes the rest of the path
	who    access.Permission
	handler
	summary string
}

// route is a row with the area it is documented under.
type route struct {
	row
	area string
}

func area(name string, rows []row) []route {
	out := make([]route, len(rows))
	for i, r := range rows {
		out[i] = route{r, name}
	}
	return out
}

// Who may call a route that names no permission.
const (
	anyone   access.Permission = "(anyone)"
	customer access.Permission = "(customer)"  // a bearer token of POST /v1/chat/sessions
	signedIn access.Permission = "(signed in)" // any user of the console
	inFrame  access.Permission = "(customer, by the first frame)"
	byTicket access.Permission = "(customer, by ticket)"
	bySigned access.Permission = "(signed address)"
	operator access.Permission = "(operator)" // loopback or the metrics token
)

// handler is how a route is served. do makes one of a typed function, raw of
// a gin handler; the methods add what differs from the usual.
type handler struct {
	mount   func(s *Server, api huma.API, op huma.Operation)
	gin     gin.HandlerFunc
	status  int
	class   rateClass
	maxBody int64
	noAudit bool
	doc     func(*huma.Operation)
}

// reply is an answer that is only a body.
type reply[T any] struct{ Body T }

// body is a request that is only a body.
type body[T any] struct{ Body T }

// ByID is a request that only names a thing by the path's {id}.
type ByID struct {
	ID string `path:"id" maxLength:"64" doc:"Its id."`
}

// none is a request, or an answer, without anything.
type none struct{}

// do serves a route with a typed function; huma reads and checks the request,
// writes the answer and documents both.
func do[I, O any](f func(context.Context, *I) (*O, error)) handler {
	return handler{mount: func(s *Server, api huma.API, op huma.Operation) {
		huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
			out, err := f(ctx, in)
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			return out, nil
		})
	}}
}

// raw serves a route with a gin handler, for sockets, streams, uploads and
// files. doc fills in what OpenAPI should say of it.
func raw(f gin.HandlerFunc, doc func(*huma.Operation)) handler { return handler{gin: f, doc: doc} }

// answers sets the status of success when it is not 200, or 204 without a body.
func (h handler) answers(status int) handler { h.status = status; return h }

// limit counts calls against another budget than the usual one.
func (h handler) limit(c rateClass) handler { h.class = c; return h }

// upTo sets the largest body in bytes; 1 MiB unless said.
func (h handler) upTo(bytes int64) handler { h.maxBody = bytes; return h }

// unaudited keeps a changing call out of the audit log: it happens with every
// keystroke, or changes nothing that anybody would ask about.
func (h handler) unaudited() handler { h.noAudit = true; return h }

const defaultMaxBody = 1 << 20

// adapter mounts huma's operations on gin behind the guard of their route.
type adapter struct {
	*gin.Engine
	s *Server
}

// Handle mounts one operation; huma calls it.
func (a adapter) Handle(op *huma.Operation, h func(huma.Context)) {
	r := op.Metadata["route"].(route)
	a.Engine.Handle(r.method, ginPath(r.path), a.s.guard(r), func(c *gin.Context) { h(humagin.NewContext(op, c)) })
}

// mountAll registers the whole table.
func (s *Server) mountAll(engine *gin.Engine, api huma.API) {
	for _, r := range s.routes() {
		if r.maxBody == 0 {
			r.maxBody = defaultMaxBody
		}
		op := huma.Operation{
			OperationID: operationID(r), Method: r.method, Path: strings.ReplaceAll(r.path, "...}", "}"), Summary: r.summary, Tags: []string{r.area},
			DefaultStatus: r.status, MaxBodyBytes: r.maxBody, BodyReadTimeout: bodyTime, Metadata: map[string]any{"route": r},
			Responses: map[string]*huma.Response{"default": {Description: "What went wrong.", Content: map[string]*huma.MediaType{"application/json": {Schema: problemSchema(api)}}}},
			Security:  security(r.who), Description: permissionNote(r.who),
		}
		if r.doc != nil {
			r.doc(&op)
		}
		if r.mount != nil {
			r.mount(s, api, op)
			continue
		}
		engine.Handle(r.method, ginPath(r.path), s.guard(r), r.gin)
		api.OpenAPI().AddOperation(&op)
	}
}

// ginPath writes {id} as :id and {path...} as *path.
func ginPath(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if name, ok := strings.CutPrefix(p, "{"); ok {
			name = strings.TrimSuffix(name, "}")
			if rest, ok := strings.CutSuffix(name, "..."); ok {
				parts[i] = "*" + rest
			} else {
				parts[i] = ":" + name
			}
		}
	}
	return strings.Join(parts, "/")
}

// operationID is a stable name made of method and path: "post-conversations-reply".
func operationID(r route) string {
	words := []string{strings.ToLower(r.method)}
	for _, p := range strings.Split(r.path, "/") {
		switch {
		case p == "" || p == "api" || p == "v1":
		case strings.HasPrefix(p, "{"):
			words = append(words, "by", strings.Trim(p, "{.}"))
		default:
			words = append(words, strings.ReplaceAll(p, ".", "-"))
		}
	}
	return strings.Join(words, "-")
}

// action is the route's word in the audit log: "conversations.reply".
func (r route) action() string {
	var words []string
	for _, p := range strings.Split(strings.TrimPrefix(r.path, "/api/"), "/") {
		if !strings.HasPrefix(p, "{") {
			words = append(words, p)
		}
	}
	switch r.method {
	case http.MethodPut:
		words = append(words, "change")
	case http.MethodDelete:
		words = append(words, "delete")
	case http.MethodPost:
		if len(words) == 1 && !strings.Contains(r.path, "{") {
			words = append(words, "create")
		}
	}
	return strings.Join(words, ".")
}
