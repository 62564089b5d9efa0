package httpapi

import (
	"net/http"
	"slices"

	"github.com/parleyhq/parley/internal/access"
)

const (
	get  = http.MethodGet
	post = http.MethodPost
	put  = http.MethodPut
	del  = http.MethodDelete
)

// routes is the whole HTTP surface with the permission of each route.
//
// To add one:
//  1. Declare the small interface you need beside your handlers (articles.go)
//     and a field of that type in Server; cmd/parley/serve.go fills it.
//  2. Write the handler as a method: func(ctx, *In) (*Out, error). In's fields
//     say where they come from: `path:"id"`, `query:"q"`, Body for the body;
//     byID, body[T] and paged cover most. Tags check (maxLength, enum,
//     minimum); every field without omitempty is required; unknown fields are
//     refused. Out is reply[T], none, or a struct with Body; pageOf makes a list.
//  3. Return *desk.Error for known causes (errors.go maps kinds to statuses);
//     withDetail adds what its code promises. user(ctx) is who calls.
//  4. Add a row: {method, path, permission, do(s.yourHandler), "What it does"}.
//     raw serves with gin instead; answers, limit, upTo, unaudited adjust.
//  5. Give the route its success case in routes_test.go: that test walks this
//     table and fails on a route it cannot call. Auditing needs nothing.
func (s *Server) routes() []route {
	return slices.Concat(
		area("Access", []row{
			{get, "/api/setup", anyone, do(s.setupNeeded), "Whether the owner must be set up"},
			{post, "/api/setup", anyone, do(s.setup).limit(signIns), "Create the owner, once"},
			{post, "/api/login", anyone, do(s.login).limit(signIns), "Sign in"},
			{post, "/api/logout", signedIn, do(s.logout), "Sign out"},
			{get, "/api/me", signedIn, do(s.getMe), "Who I am and what I may do"},
			{put, "/api/me", signedIn, do(s.putMe), "Change my name, language, theme or password"},
			{get, "/api/users", access.PeopleRead, do(s.listUsers), "List users"},
			{post, "/api/users", access.PeopleWrite, do(s.createUser).answers(201), "Create a user"},
			{put, "/api/users/{id}", access.PeopleWrite, do(s.changeUser), "Change a user"},
			{post, "/api/users/{id}/disable", access.PeopleWrite, do(s.disableUser), "Keep a user out"},
			{post, "/api/users/{id}/enable", access.PeopleWrite, do(s.enableUser), "Let a user in again"},
			{get, "/api/tokens", access.TokensWrite, do(s.listTokens), "List API tokens"},
			{post, "/api/tokens", access.TokensWrite, do(s.createToken).answers(201), "Create an API token"},
			{del, "/api/tokens/{id}", access.TokensWrite, do(s.deleteToken), "Revoke an API token"},
			{get, "/api/audit", access.AuditRead, do(s.listAudit), "Read the audit log"},
		}),
		area("Operations", []row{
			{get, "/healthz", anyone, do(s.healthz).limit(unpaced), "Whether the process lives"},
			{get, "/readyz", anyone, do(s.readyz).limit(unpaced), "Whether it can serve: database and events"},
			{get, "/metrics", operator, raw(s.metrics, nil).limit(unpaced), "Prometheus metrics"},
		}),
	)
}
