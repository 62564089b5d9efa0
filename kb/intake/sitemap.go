package intake

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// The bounds of one sitemap; sitemaps.org allows 50 MB and 50,000 addresses.
const (
	sitemapBytes = 50 << 20
	sitemapURLs  = 50_000
)

// isSitemap reports whether a document is a sitemap or an index of them,
// packed or not.
func isSitemap(b []byte) bool {
	if bytes.HasPrefix(b, []byte("\x1f\x8b")) {
		return true
	}
	head := b[:min(len(b), 2048)]
	return bytes.Contains(head, []byte("<urlset")) || bytes.Contains(head, []byte("<sitemapindex"))
}

// readSitemap lists the addresses in a sitemap: of pages, or of further
// sitemaps when it is an index.
func readSitemap(b []byte) (urls []string, index bool, err error) {
	var r io.Reader = bytes.NewReader(b)
	if bytes.HasPrefix(b, []byte("\x1f\x8b")) {
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, false, err
		}
		r = z
	}
	dec := xml.NewDecoder(io.LimitReader(r, sitemapBytes))
	dec.Strict = false
	var in []string
	for len(urls) < sitemapURLs {
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return urls, index, nil
		}
		if err != nil {
			return urls, index, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if in = append(in, t.Name.Local); len(in) > 20 {
				return urls, index, errors.New("nested too deep")
			}
			index = index || t.Name.Local == "sitemapindex"
		case xml.EndElement:
			if len(in) > 0 {
				in = in[:len(in)-1]
			}
		case xml.CharData:
			if n := len(in); n >= 2 && in[n-1] == "loc" && (in[n-2] == "url" || in[n-2] == "sitemap") {
				if u := strings.TrimSpace(string(t)); u != "" && len(u) <= maxURL {
					urls = append(urls, u)
				}
			}
		}
	}
	return urls, index, nil
}
