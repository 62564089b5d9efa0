package httpapi

import (
	"encoding/json"
	"net/http"
	"path"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
)

// newAPI makes the huma API: strict JSON, our errors, our own /openapi.json.
func (s *Server) newAPI(engine *gin.Engine) huma.API {
	registry := huma.NewMapRegistry("#/components/schemas/", schemaName)
	registry.RegisterTypeAlias(reflect.TypeFor[desk.Text](), reflect.TypeFor[textSchema]())
	return huma.NewAPI(huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "Parley", Version: s.Version, Description: apiNotes},
			Components: &huma.Components{Schemas: registry, SecuritySchemes: map[string]*huma.SecurityScheme{
				"customer": {Type: "http", Scheme: "bearer", Description: "The token of POST /v1/chat/sessions. It names one contact and shows only his own data."},
				"session":  {Type: "apiKey", In: "cookie", Name: SessionCookie, Description: "The console's session of POST /api/login. Every request that changes something also needs the header X-Parley: 1."},
				"token":    {Type: "http", Scheme: "bearer", Description: "An API token (pat_...) made in the console. It can do what its roles allow."},
				"metrics":  {Type: "http", Scheme: "bearer", Description: "The configured metrics token; without one only this machine itself is served."},
			}},
			Tags: []*huma.Tag{
				{Name: "Customer", Description: "For customers: the chat widget and apps without it."},
				{Name: "Access", Description: "Signing in, users, tokens, the audit log."},
				{Name: "Work", Description: "Conversations, offers, presence, queues, contacts."},
				{Name: "Knowledge", Description: "Articles, canned replies, what became of suggestions."},
				{Name: "Playbooks", Description: "Playbooks and their evals."},
				{Name: "Calls", Description: "Telephones, calls, records, recordings, prompts, and webhooks that tell of calls."},
				{Name: "Operations", Description: "Health and metrics."},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": strictJSON, "json": strictJSON},
		DefaultFormat:                "application/json",
		Transformers:                 []huma.Transformer{reshape},
		RejectUnknownQueryParameters: true,
	}, adapter{engine, s})
}

// schemaName keeps names short and distinct: types of this package and the
// desk's words by their own name, those of other packages with the package's
// name before it. A Page is named after what is on it.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if _, of, ok := strings.Cut(t.Name(), "["); ok && strings.HasPrefix(t.Name(), "Page[") {
		pkg, name, _ := strings.Cut(path.Base(strings.TrimSuffix(of, "]")), ".")
		return "PageOf" + inPackage(pkg, name)
	}
	return inPackage(path.Base(t.PkgPath()), huma.DefaultSchemaNamer(t, hint))
}

func inPackage(pkg, name string) string {
	switch pkg {
	case ".", "httpapi", "desk":
		return name
	}
	return strings.ToUpper(pkg[:1]) + pkg[1:] + name
}

// textSchema documents desk.Text: one string, or one per language.
type textSchema struct{}

// Schema is that of a text.
func (textSchema) Schema(huma.Registry) *huma.Schema {
	limit := 4000
	one := &huma.Schema{Type: huma.TypeString, MaxLength: &limit}
	return &huma.Schema{Description: "One string for every language, or one for each of en and zh.", OneOf: []*huma.Schema{one, {
		Type: huma.TypeObject, Properties: map[string]*huma.Schema{"en": one, "zh": one, "": one}, AdditionalProperties: false,
	}}}
}

func problemSchema(api huma.API) *huma.Schema {
	return api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
}

// security says which schemes open a route.
func security(who access.Permission) []map[string][]string {
	switch who {
	case anyone, inFrame, byTicket, bySigned:
		return []map[string][]string{}
	case customer:
		return []map[string][]string{{"customer": {}}}
	case operator:
		return []map[string][]string{{"metrics": {}}}
	}
	return []map[string][]string{{"session": {}}, {"token": {}}}
}

func permissionNote(who access.Permission) string {
	switch who {
	case anyone, customer, operator:
		return ""
	case inFrame:
		return "The customer's token comes in the first frame."
	case byTicket:
		return "The ticket of POST /v1/chat/ticket opens it."
	case bySigned:
		return "The address itself is signed and expires."
	case signedIn:
		return "Any signed-in user."
	}
	return "Needs the permission `" + string(who) + "`."
}

// openAPI serves the description of everything in the table.
func (s *Server) openAPI(api huma.API) gin.HandlerFunc {
	schemas := api.OpenAPI().Components.Schemas.Map()
	delete(schemas, "ErrorModel") // huma's own error, which reshape replaces
	delete(schemas, "ErrorDetail")
	b, err := json.MarshalIndent(api.OpenAPI(), "", " ")
	return func(c *gin.Context) {
		if err != nil {
			s.refuse(c, err)
			return
		}
		c.Header("Access-Control-Allow-Origin", "*")
		c.Header("Cache-Control", "max-age=300")
		c.Data(http.StatusOK, "application/json", b)
	}
}

const apiNotes = `One address for customers (/v1) and for people at work (/api).

**Errors** are always a Problem with the matching status; 429 and 503 say in Retry-After when to try again.
**Lists** are {"items": [...], "next": "..."}; give next as after until it is empty.
**Times** are RFC 3339 in UTC.
**Unknown fields and query parameters are refused**, with the field's name.

## Chat without the widget

1. POST /v1/chat/sessions gives a token; keep it and give it again next time, so that the customer finds his conversation.
2. POST /v1/chat/open starts a conversation: the answer holds the first menu.
3. POST /v1/chat/messages says something or taps an option. Choose a client_id for each message; a repeat with the same one is accepted once.
4. Events come by WebSocket (/v1/chat/ws), else by event stream (/v1/chat/stream), else by asking GET /v1/chat/events?after=SEQ.
   Each stored event has a seq that counts up within its conversation. Remember the last one; after a lost connection say it as
   after and nothing is lost or repeated.
`
