package kb

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/yamlfile"
)

// File is an article of a playbook: articles/SLUG.LANG.md, Markdown below a
// front matter in YAML.
type File struct {
	Name string
	Slug string
	Lang desk.Lang
	Content
}

// ParseFile reads an article file. Slug and language come from its name. The
// error is a yamlfile.Errors with the place of each fault.
func ParseFile(name string, data []byte) (File, error) {
	f := File{Name: name}
	fail := func(line int, message string) (File, error) {
		return File{}, yamlfile.Errors{{File: name, Line: line, Column: 1, Message: message}}
	}
	slug, lang, ok := strings.Cut(strings.TrimSuffix(path.Base(name), ".md"), ".")
	if !ok || !strings.HasSuffix(name, ".md") || lang != string(desk.English) && lang != string(desk.Chinese) {
		return fail(1, "an article file is named SLUG.en.md or SLUG.zh.md")
	}
	if err := CheckSlug(slug); err != nil {
		return fail(1, "the name of the file is the article's slug: "+err.Error())
	}
	f.Slug, f.Lang = slug, desk.Lang(lang)

	data = bytes.ReplaceAll(bytes.TrimPrefix(data, []byte("\ufeff")), []byte("\r\n"), []byte("\n"))
	front, body, ok := bytes.Cut(bytes.TrimPrefix(data, []byte("---\n")), []byte("\n---\n"))
	if !ok || !bytes.HasPrefix(data, []byte("---\n")) {
		return fail(1, "an article begins with a front matter between two lines of ---, with at least a title")
	}
	var head struct {
		Title     string   `yaml:"title"`
		Questions []string `yaml:"questions"`
		Tags      []string `yaml:"tags"`
		Audience  string   `yaml:"audience"`
		ValidFrom string   `yaml:"valid_from"`
		ValidTo   string   `yaml:"valid_to"`
	}
	front = append([]byte("\n"), front...) // the line break stands for the ---, so that lines are counted right
	if err := yamlfile.Decode(name, front, &head); err != nil {
		return File{}, err
	}
	f.Content = Content{Title: head.Title, Body: string(body), Questions: head.Questions, Tags: head.Tags, Audience: Audience(head.Audience)}
	for key, t := range map[string]struct {
		text string
		into *time.Time
	}{"valid_from": {head.ValidFrom, &f.ValidFrom}, "valid_to": {head.ValidTo, &f.ValidTo}} {
		if err := parseMoment(t.text, t.into); err != nil {
			line, _ := yamlfile.At(name, front, "$."+key)
			return fail(line, err.Error())
		}
	}
	f.Content = f.Clean()
	if err := f.Check(); err != nil {
		return fail(1, err.Error())
	}
	return f, nil
}

// parseMoment reads a date, which begins at midnight UTC, or a time with its
// zone. An empty text is no moment.
func parseMoment(text string, into *time.Time) (err error) {
	if text == "" {
		return nil
	}
	if *into, err = time.Parse(time.DateOnly, text); err == nil {
		return nil
	}
	if *into, err = time.Parse(time.RFC3339, text); err != nil {
		return fmt.Errorf("%q is neither a date such as 2026-05-01 nor a time such as 2026-05-01T08:00:00+08:00", text)
	}
	return nil
}
