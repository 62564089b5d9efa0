package tools

import (
	"errors"
	"net/http"
	"strings"
)

// sameHost follows a few redirects within the host, and none that leaves it or
// its encryption.
func sameHost(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	if !strings.EqualFold(req.URL.Host, first.Host) || first.Scheme == "https" && req.URL.Scheme != "https" {
		return failure(Refused, errors.New("redirected to another host"))
	}
	if len(via) > maxHops {
		return failure(Refused, errors.New("redirected too often"))
	}
	return nil
}
