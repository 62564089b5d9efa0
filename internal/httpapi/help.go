package httpapi

import (
	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/parleyhq/parley/desk"
)

// help serves the public help centre.
func (s *Server) help(c *gin.Context) {
	if s.Help == nil {
		s.refuse(c, desk.Errorf(desk.NotFound, "no_help", "this server has no help centre"))
		return
	}
	s.Help.ServeHTTP(c.Writer, c.Request)
}

func documentHelp(op *huma.Operation) {
	op.Parameters = []*huma.Param{{Name: "path", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString},
		Description: "PLAYBOOK, PLAYBOOK/LANG, PLAYBOOK/LANG/SLUG, PLAYBOOK/LANG/topics/TAG, PLAYBOOK/LANG/search?q=, style.css or sitemap.xml."}}
	op.Responses["200"] = &huma.Response{Description: "The page.", Content: map[string]*huma.MediaType{"text/html": {}}}
}

func documentVote(op *huma.Operation) {
	op.Parameters = []*huma.Param{{Name: "path", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}, Description: "PLAYBOOK/LANG/SLUG/vote, with the form's helped=yes or no."}}
	op.Responses["303"] = &huma.Response{Description: "Back to the article."}
}
