package httpapi

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/jobs"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/kb/intake"
)

// newSourceHouse is a house that imports; allow are private addresses that it
// may read.
func newSourceHouse(t *testing.T, allow ...string) *house {
	t.Helper()
	h, library, _ := newLibraryHouse(t)
	im := &intake.Importer{Store: store.Sources{DB: h.db}, Library: library, Web: intake.NewWeb(allow, ""), Dir: h.s.FilesDir, Log: h.s.Log}
	h.s.Sources = im
	queue := jobs.New(h.db, slog.New(slog.DiscardHandler), jobs.Options{Workers: 2})
	im.Register(queue)
	t.Cleanup(h.db.OnEnqueue(queue.Kick))
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = queue.Run(ctx) })
	t.Cleanup(func() { stop(); wg.Wait() })
	return h
}

// form uploads files, by name, with the other fields before them.
func (h *house) form(path string, fields, files map[string]string, opts ...option) answer {
	h.tb.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for k, v := range fields {
		if err := m.WriteField(k, v); err != nil {
			h.tb.Fatal(err)
		}
	}
	for name, text := range files {
		w, err := m.CreateFormFile("file", name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			h.tb.Fatal(err)
		}
	}
	_ = m.Close()
	return h.call(post, path, b.String(), append(opts, header("Content-Type", m.FormDataContentType()))...)
}

// ended waits for the newest run of a source.
func (h *house) ended(id desk.ID, opts ...option) intake.Run {
	h.tb.Helper()
	var s intake.Source
	eventually(h.tb, "the run to end", func() bool {
		s = into[intake.Source](h.tb, h.call(get, "/api/sources/"+string(id), nil, opts...), 200)
		return s.Last != nil && s.Last.Status != intake.Running
	})
	return *s.Last
}

func TestSources_UploadPreviewSyncConflict(t *testing.T) {
	h := newSourceHouse(t)
	editor := h.as(desk.Editor)
	src := into[intake.Source](t, h.form("/api/sources/upload", map[string]string{"name": "Handbook", "publish": "true"},
		map[string]string{"refunds.md": "# Refunds\nFive days.", "faq.csv": "question,answer\nDo you ship?,We do.\n"}, editor), 201)
	if src.Kind != intake.Files || len(src.Settings.Files) != 2 || src.Settings.Files[0].Path != "" {
		t.Errorf("got %+v", src)
	}
	path := "/api/sources/" + string(src.ID)
	run := into[intake.Run](t, h.call(post, path+"/preview", nil, editor), 202)
	if run.Mode != intake.Preview || run.Status != intake.Running {
		t.Errorf("got %+v", run)
	}
	if r := h.ended(src.ID, editor); r.Status != intake.Done || r.Found.New != 2 || r.Saved.Added != 0 {
		t.Errorf("preview: %+v", r)
	}
	items := into[Page[intake.Item]](t, h.call(get, path+"/items?state=new&q=refunds", nil, editor), 200)
	if len(items.Items) != 1 || items.Items[0].Page.Title != "Refunds" {
		t.Fatalf("items: %+v", items)
	}
	item := path + "/items/" + items.Items[0].ID
	if v := into[intake.ItemView](t, h.call(get, item, nil, editor), 200); v.Page.Markdown != "Five days." || v.Article != nil {
		t.Errorf("item: %+v", v)
	}

	into[intake.Run](t, h.call(post, path+"/sync", map[string]any{"skip": []string{items.Items[0].ID}}, editor), 202)
	if r := h.ended(src.ID, editor); r.Saved.Added != 1 {
		t.Fatalf("a page was to be left: %+v", r)
	}
	into[intake.Run](t, h.call(post, path+"/sync", nil, editor), 202)
	if r := h.ended(src.ID, editor); r.Saved.Added != 1 {
		t.Fatalf("sync: %+v", r)
	}
	v := into[intake.ItemView](t, h.call(get, item, nil, editor), 200)
	if v.State != intake.Added || v.Article == nil || v.Article.PublishedVersion != 1 {
		t.Errorf("after the sync: %+v", v)
	}
	p := into[intake.Provenance](t, h.call(get, "/api/articles/"+string(v.ArticleID)+"/source", nil, h.as(desk.AgentRole)), 200)
	if p.Source != "Handbook" || p.Key != "refunds.md" {
		t.Errorf("provenance: %+v", p)
	}

	into[kb.Article](t, h.call(put, "/api/articles/"+string(v.ArticleID), map[string]any{"version": 1, "title": "Refunds", "body": "Five working days."}, editor), 200)
	into[intake.Source](t, h.form(path+"/upload", nil, map[string]string{"refunds.md": "# Refunds\nSix days.", "faq.csv": "question,answer\nDo you ship?,We do.\n"}, editor), 201)
	into[intake.Run](t, h.call(post, path+"/sync", nil, editor), 202)
	if r := h.ended(src.ID, editor); r.Found.Conflicts != 1 || r.Saved.Updated != 0 {
		t.Errorf("conflict: %+v", r)
	}
	into[intake.Run](t, h.call(post, path+"/sync", map[string]any{"take": []string{v.ID}}, editor), 202)
	h.ended(src.ID, editor)
	if a := into[kb.Article](t, h.call(get, "/api/articles/"+string(v.ArticleID), nil, editor), 200); a.Body != "Six days." {
		t.Errorf("taken: %q", a.Body)
	}
	if runs := into[Page[intake.Run]](t, h.call(get, path+"/runs?limit=2", nil, editor), 200); len(runs.Items) != 2 || runs.Next == "" {
		t.Errorf("runs: %+v", runs)
	}
	kept, err := os.ReadDir(filepath.Join(h.s.FilesDir, "sources"))
	if err != nil || len(kept) != 2 {
		t.Errorf("%d files are kept, want those of the second upload (%v)", len(kept), err)
	}
	if a := h.call(del, path, nil, editor); a.status != 204 {
		t.Errorf("delete: %d %s", a.status, a.body)
	}
	if kept, _ := os.ReadDir(filepath.Join(h.s.FilesDir, "sources")); len(kept) != 0 {
		t.Errorf("%d files are left", len(kept))
	}
	into[kb.Article](t, h.call(get, "/api/articles/"+string(v.ArticleID), nil, editor), 200) // it stays
}

func TestSources_SiteOverHTTP(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, "<html><main><h1>Hours</h1><p>We open at nine.</p></main>")
	}))
	t.Cleanup(site.Close)
	h := newSourceHouse(t, strings.TrimPrefix(site.URL, "http://"))
	editor := h.as(desk.Editor)
	src := into[intake.Source](t, h.call(post, "/api/sources", map[string]any{"name": "Site", "schedule": "daily", "site": map[string]any{"start": []string{site.URL}, "delay_ms": 1}}, editor), 201)
	if src.NextAt.IsZero() || src.Settings.Site.Pages != 2000 {
		t.Errorf("got %+v", src)
	}
	path := "/api/sources/" + string(src.ID)
	into[intake.Run](t, h.call(post, path+"/sync", nil, editor), 202)
	if r := h.ended(src.ID, editor); r.Saved.Added != 1 {
		t.Errorf("got %+v", r)
	}
	changed := into[intake.Source](t, h.call(put, path, map[string]any{"name": "Our site"}, editor), 200)
	if changed.Name != "Our site" || changed.Settings.Site == nil || !changed.NextAt.IsZero() {
		t.Errorf("got %+v", changed)
	}
	if list := into[Page[intake.Source]](t, h.call(get, "/api/sources", nil, editor), 200); len(list.Items) != 1 || list.Items[0].Last == nil {
		t.Errorf("list: %+v", list)
	}
}

func TestSources_WhatIsRefused(t *testing.T) {
	h := newSourceHouse(t)
	editor := h.as(desk.Editor)
	for name, tt := range map[string]struct {
		a    answer
		code string
	}{
		"no file":         {h.form("/api/sources/upload", map[string]string{"name": "x"}, nil, editor), "no_file"},
		"unknown format":  {h.form("/api/sources/upload", nil, map[string]string{"a.exe": "MZ"}, editor), "format_unknown"},
		"empty file":      {h.form("/api/sources/upload", nil, map[string]string{"a.md": ""}, editor), "file_empty"},
		"unknown field":   {h.form("/api/sources/upload", map[string]string{"path": "/etc"}, map[string]string{"a.md": "x"}, editor), "unknown_field"},
		"bad audience":    {h.form("/api/sources/upload", map[string]string{"audience": "dogs"}, map[string]string{"a.md": "x"}, editor), "bad_source"},
		"no address":      {h.call(post, "/api/sources", map[string]any{"name": "x", "site": map[string]any{"start": []string{"file:///etc/passwd"}}}, editor), "bad_source"},
		"unknown source":  {h.call(post, "/api/sources/nobody/sync", nil, editor), "not_found"},
		"agents may not":  {h.form("/api/sources/upload", nil, map[string]string{"a.md": "x"}, h.as(desk.AgentRole)), "forbidden"},
		"nothing to stop": {h.call(post, "/api/sources/nobody/stop", nil, editor), "not_found"},
	} {
		if tt.a.status < 400 || tt.a.status >= 500 || tt.a.problem().Code != tt.code {
			t.Errorf("%s: got %d %s, want %s", name, tt.a.status, tt.a.body, tt.code)
		}
	}
	if left, _ := os.ReadDir(filepath.Join(h.s.FilesDir, "sources")); len(left) != 0 {
		t.Errorf("refused uploads left %d files", len(left))
	}
}
