package intake_test

import (
	"bytes"
	"testing"
	"unicode/utf8"

	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/kb/intake"
)

// sound checks what every reader promises of whatever it is given: no panic,
// and pages that an article accepts.
func sound(t *testing.T, name string, b []byte) {
	pages, _, err := intake.Read(t.Context(), name, bytes.NewReader(b), int64(len(b)))
	if err != nil && len(pages) > 0 {
		t.Errorf("pages beside the error %v", err)
	}
	for _, p := range pages {
		c := kb.Content{Title: p.Title, Body: p.Markdown, Questions: p.Questions, Tags: p.Tags}.Clean()
		if err := c.Check(); err != nil {
			t.Errorf("page %q: %v", p.Key, err)
		}
		if p.Key == "" || p.Lang != "en" && p.Lang != "zh" || !utf8.ValidString(p.Markdown) {
			t.Errorf("page %q in %q", p.Key, p.Lang)
		}
	}
}

func FuzzHTML(f *testing.F) {
	f.Add([]byte(helpPage))
	f.Add([]byte("<table><tr><td colspan=9>a<td rowspan=0>b<tr><td><table><tr><td>c"))
	f.Add([]byte("<a href='//[::1'>x</a><base href=x><img src=data:x alt=y><svg><title>z"))
	f.Fuzz(func(t *testing.T, b []byte) { sound(t, "x.html", b) })
}

func FuzzPDF(f *testing.F) {
	f.Add(pdfOf(at("F1", 12, 50, 700, "Hello there") + at("F3", 11, 50, 720, "退款")))
	f.Add([]byte("%PDF-1.4\n1 0 obj<</Type/ObjStm/N 2/First 9/Length 20>>stream\n2 0 3 5 <<>>[1]\nendstream\ntrailer<</Root 2 0 R>>"))
	f.Add([]byte("%PDF-1.4 1 0 obj<</Type/Page/Contents 2 0 R/Resources<</Font<</F<</Subtype/Type0/ToUnicode 3 0 R>>>>>>>>endobj 2 0 obj<</Filter/LZWDecode>>stream\n\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01\nendstream 3 0 obj<<>>stream\n1 beginbfrange<00><ff><0041>endbfrange\nendstream"))
	f.Fuzz(func(t *testing.T, b []byte) { sound(t, "x.pdf", b) })
}

func FuzzDOCX(f *testing.F) {
	f.Add(docxHead + wp("1", "Title") + item("5", "0", "one") + "<w:tbl><w:tr><w:tc>" + wp("", "a") + "</w:tc></w:tr></w:tbl>")
	f.Add(docxHead + "<w:tbl><w:tbl><w:tc/></w:tbl></w:p></w:tbl><w:p><w:hyperlink r:id=\"r1\"><w:r><w:t>x")
	f.Fuzz(func(t *testing.T, xml string) {
		sound(t, "x.docx", zipOf(t, map[string]string{"word/document.xml": xml}))
	})
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("question,answer,tags\nHow?,So.,a;b\n\"x\ny\",\"z\"\"\"\n"))
	f.Add([]byte("\xef\xbb\xbf\xce\xca\xcc\xe2;\xb4\xf0\xb0\xb8\n"))
	f.Fuzz(func(t *testing.T, b []byte) { sound(t, "x.csv", b) })
}

func FuzzMarkdown(f *testing.F) {
	f.Add([]byte("---\ntitle: a\nquestions: [b]\n---\n# c\nd"))
	f.Fuzz(func(t *testing.T, b []byte) { sound(t, "x.md", b) })
}

func FuzzExport(f *testing.F) {
	f.Add([]byte(export))
	f.Fuzz(func(t *testing.T, b []byte) { sound(t, "x.json", b) })
}
