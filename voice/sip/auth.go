package sip

import (
	"strings"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// authorize answers the first challenge in res that we can, and reports whether
// there was one.
func authorize(req *sip.Request, res *sip.Response, user, password string) bool {
	if password == "" {
		return false
	}
	ask, reply := "WWW-Authenticate", "Authorization"
	if res.StatusCode == 407 {
		ask, reply = "Proxy-Authenticate", "Proxy-Authorization"
	}
	for _, h := range res.GetHeaders(ask) {
		chal, err := digest.ParseChallenge(h.Value())
		if err != nil {
			continue
		}
		for i, q := range chal.QOP { // "auth, auth-int"
			chal.QOP[i] = strings.TrimSpace(q)
		}
		if !digest.CanDigest(chal) {
			continue
		}
		cred, err := digest.Digest(chal, digest.Options{
			Method: string(req.Method), URI: req.Recipient.String(), Username: user, Password: password,
		})
		if err != nil {
			continue
		}
		for req.RemoveHeader(reply) { // one answer, to the newest challenge
		}
		req.AppendHeader(sip.NewHeader(reply, cred.String()))
		return true
	}
	return false
}
