package httpapi

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
)

// who are the callers of the table below: every role, nobody, and a customer.
func who() []string {
	out := []string{"anonymous", "customer"}
	for _, r := range desk.Roles() {
		out = append(out, string(r))
	}
	return out
}

// mayEnter says whether a caller may enter a route, from the table alone.
func mayEnter(r route, caller string) bool {
	switch r.who {
	case anyone, operator: // tests call from this machine
		return true
	case customer:
		return caller == "customer"
	case signedIn:
		return caller != "anonymous" && caller != "customer"
	case inFrame, byTicket, bySigned:
		return false // not by who calls; they have tests of their own
	}
	return access.Can([]desk.Role{desk.Role(caller)}, r.who)
}

// TestRoutes_EveryRouteForEveryRole walks the table itself, so that no route
// can be forgotten. A call that may enter finds a thing that is not there, or
// a body that lacks everything; a call that may not gets 401 or 403.
func TestRoutes_EveryRouteForEveryRole(t *testing.T) {
	for name, setUp := range map[string]func(*house){"no calls": func(*house) {}, "calls": func(h *house) { h.withCalls() }} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t).people()
			setUp(h)
			everyRoute(t, h)
		})
	}
}

func everyRoute(t *testing.T, h *house) {
	token := h.visit(map[string]any{}).Token
	for _, r := range h.s.routes() {
		path := strings.NewReplacer("{id}", "nobody", "{sid}", "nobody", "{name}", "nothing", "{n}", "1", "{path...}", "a.yaml").Replace(r.path)
		for _, caller := range who() {
			if r.who == inFrame || r.method == get && r.path == "/api/ws" && mayEnter(r, caller) {
				continue // the socket tests
			}
			t.Run(fmt.Sprintf("%s %s/%s", r.method, r.path, caller), func(t *testing.T) {
				h.tb = t
				var opts []option
				switch caller {
				case "anonymous":
					opts = append(opts, header("X-Parley", "1"))
				case "customer":
					opts = append(opts, bearer(token))
				default:
					opts = append(opts, bearer(h.secrets[desk.Role(caller)]))
				}
				var body any
				if r.method != get {
					body = "{}"
				}
				a := h.call(r.method, path, body, opts...)
				refused := a.status == http.StatusUnauthorized || a.status == http.StatusForbidden
				if may := mayEnter(r, caller); refused == may && !(may && a.status == http.StatusForbidden && a.problem().Code != "forbidden") {
					t.Errorf("got %d %s, may enter: %v", a.status, a.body, may)
				}
				if a.status >= 500 && a.status != http.StatusServiceUnavailable { // a part may not be wired in tests
					t.Errorf("got %d %s", a.status, a.body)
				}
				if a.status >= 400 && (a.header.Get("Content-Type") != "application/json; charset=utf-8" && a.header.Get("Content-Type") != "application/json" || a.problem().RequestID == "" || a.problem().Code == "") {
					t.Errorf("not a problem: %s %s", a.header.Get("Content-Type"), a.body)
				}
			})
		}
	}
}

func TestRoutes_EachHasAPermissionAndASummary(t *testing.T) {
	h := newHouse(t)
	known := map[access.Permission]bool{anyone: true, customer: true, signedIn: true, inFrame: true, byTicket: true, bySigned: true, operator: true}
	for _, p := range access.AllPermissions() {
		known[p] = true
	}
	seen, ids := map[string]bool{}, map[string]bool{}
	for _, r := range h.s.routes() {
		key, id := r.method+" "+r.path, operationID(r)
		if !known[r.who] || r.summary == "" {
			t.Errorf("%s: permission %q, summary %q", key, r.who, r.summary)
		}
		if seen[key] || ids[id] {
			t.Errorf("%s is there twice, or its operation id %s is", key, id)
		}
		seen[key], ids[id] = true, true
		if strings.HasPrefix(r.path, "/v1/") && known[r.who] && !strings.HasPrefix(string(r.who), "(") {
			t.Errorf("%s: customers have no permission %s", key, r.who)
		}
	}
}

func TestOpenAPI_DescribesEveryRoute(t *testing.T) {
	h := newHouse(t)
	doc := into[struct {
		Paths      map[string]map[string]any `json:"paths"`
		Components struct {
			Schemas         map[string]any `json:"schemas"`
			SecuritySchemes map[string]any `json:"securitySchemes"`
		} `json:"components"`
	}](t, h.call(get, "/openapi.json", nil), 200)
	for _, r := range h.s.routes() {
		path := strings.ReplaceAll(r.path, "...}", "}")
		if doc.Paths[path][strings.ToLower(r.method)] == nil {
			t.Errorf("%s %s is not described", r.method, path)
		}
	}
	if doc.Components.Schemas["Problem"] == nil || doc.Components.Schemas["ErrorModel"] != nil || len(doc.Components.SecuritySchemes) != 4 {
		t.Errorf("schemas: Problem %v, ErrorModel %v; security schemes %v", doc.Components.Schemas["Problem"] != nil, doc.Components.Schemas["ErrorModel"] != nil, doc.Components.SecuritySchemes)
	}
}
