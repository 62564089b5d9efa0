package demo

import (
	"bytes"
	"html/template"
	"net/http"
	"strings"
)

type site struct {
	pages  *template.Template
	widget string
	csp    string
}

// page is what a template sees. T holds the texts of the language by name.
type page struct {
	Lang, Tag       string // "zh", "zh-CN"
	Other           string // the language to switch to
	Widget          string
	Playbook        string
	T               map[string]string
	Drinks          []drink
	Shops           []shop
	Deals, Steps    []item
	Trips           []trip
	Bars            []bar
	Toggle, Company string
}

type (
	drink struct{ Kind, Name, Text, Small, Large, Note string }
	shop  struct{ Name, Week, Weekend string }
	item  struct{ Title, Text string }
	trip  struct{ When, From, To, Fare, State string }
	bar   struct {
		Day         string
		X, Y, H, At int
		Today       bool
	}
)

// show serves one page in the language of ?lang=, else of the browser.
func (s *site) show(file, playbook string, words func(lang string) page) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		lang := langOf(r)
		p := words(lang)
		p.Lang, p.Tag, p.Other, p.Toggle = "en", "en", "zh", "中文"
		if lang == "zh" {
			p.Lang, p.Tag, p.Other, p.Toggle = "zh", "zh-CN", "en", "English"
		}
		p.Widget, p.Playbook = s.widget, playbook
		var b bytes.Buffer
		if err := s.pages.ExecuteTemplate(&b, file, p); err != nil {
			http.Error(w, "the page could not be made", http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", s.csp)
		h.Set("Content-Language", p.Tag)
		h.Set("Vary", "Accept-Language")
		h.Set("Cache-Control", "no-cache")
		_, _ = w.Write(b.Bytes()) // the browser is gone: nothing to do
	}
}

func langOf(r *http.Request) string {
	if l := r.URL.Query().Get("lang"); l == "en" || l == "zh" {
		return l
	}
	if first, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ","); strings.HasPrefix(strings.ToLower(first), "zh") {
		return "zh"
	}
	return "en"
}
