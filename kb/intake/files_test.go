package intake_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb/intake"
)

func TestMarkdown_FrontMatterHeadingAndName(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       intake.Page
	}{
		{"faq/refunds.en.md", "---\ntitle: Refunds\nquestions: [money back, how do I return it]\ntags: billing, orders\nweight: 3\n---\nFive days.\n",
			intake.Page{Title: "Refunds", Markdown: "Five days.", Lang: "en", Slug: "refunds", Section: "faq", Questions: []string{"money back", "how do I return it"}, Tags: []string{"billing", "orders"}}},
		{"退款.md", "\ufeff# 如何退款\r\n\r\n五个工作日内。\r\n", intake.Page{Title: "如何退款", Markdown: "五个工作日内。", Lang: "zh"}},
		{"opening-hours.md", "We open at 9.", intake.Page{Title: "opening hours", Markdown: "We open at 9.", Lang: "en"}},
		{"x.md", "---\nlang: zh-CN\nslug: shipping\n---\n# Shipping\nWe ship.", intake.Page{Title: "Shipping", Markdown: "We ship.", Lang: "zh", Slug: "shipping"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := one(t, tt.name, []byte(tt.text))
			w := tt.want
			if p.Title != w.Title || p.Markdown != w.Markdown || p.Lang != w.Lang || p.Slug != w.Slug || p.Section != w.Section || !slices.Equal(p.Questions, w.Questions) || !slices.Equal(p.Tags, w.Tags) {
				t.Errorf("got  %+v\nwant %+v", p, w)
			}
		})
	}
}

func TestMarkdown_BrokenFrontMatterIsSaidAndTheTextKept(t *testing.T) {
	pages, problems := read(t, "a.md", []byte("---\ntitle: [a\n---\nThe text.\n"))
	if len(pages) != 1 || pages[0].Markdown != "The text." || len(problems) != 1 || problems[0].Code != "front_matter" {
		t.Errorf("got %+v, %+v", pages, problems)
	}
}

func TestRead_LongTextIsCutAtHeadings(t *testing.T) {
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, "## Chapter %d\n\n%s\n\n", i, strings.Repeat("Some words. ", 600))
	}
	pages, _ := read(t, "book.md", []byte("# The book\n"+b.String()))
	if len(pages) < 3 || pages[0].Title != "The book" || pages[0].Key != "book.md" || pages[1].Key != "book.md#part-2" || !strings.HasPrefix(pages[1].Title, "The book: Chapter ") {
		t.Fatalf("got %d pages: %q, %q", len(pages), pages[0].Title, pages[1].Title)
	}
	n := 0
	for _, p := range pages {
		n += strings.Count(p.Markdown, "## Chapter")
	}
	if n != 40 {
		t.Errorf("%d chapters are left of 40", n)
	}
}

func TestCSV_FindsDividerHeaderAndEncoding(t *testing.T) {
	gb, err := simplifiedchinese.GB18030.NewEncoder().String("问题,答案,分类,相似问法\n怎么退款,五个工作日内退回。,售后,退钱|我要退款\n如何开发票,在订单页申请。,售后,\n")
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("Question\tAnswer\nHow?\tSo.\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		text string
		want []string // title=text
	}{
		"comma":                {"question,answer\nHow do I pay?,\"By card, or cash\"\n", []string{"How do I pay?=By card, or cash"}},
		"semicolon and BOM":    {"\ufeffAnswer;Question;Tags\nBy card;How do I pay?;money\nNo;May I, please, leave, now?;\n", []string{"How do I pay?=By card", "May I, please, leave, now?=No"}},
		"tab, no header":       {"How do I pay?\tBy card, or cash, or both\nWhen?\tNow, or later\n", []string{"How do I pay?=By card, or cash, or both", "When?=Now, or later"}},
		"GB18030":              {gb, []string{"怎么退款=五个工作日内退回。", "如何开发票=在订单页申请。"}},
		"UTF-16":               {wide, []string{"How?=So."}},
		"Windows-1252":         {"question,answer\nCan\x92t I pay?,\x93Yes\x94 \x96 in the caf\xe9 for \xa35\n", []string{"Can’t I pay?=“Yes” – in the café for £5"}},
		"broken UTF-8":         {"问题,答案\n怎么退款？,五个工作日内退回\xe3\x80 谢谢\n", []string{"怎么退款？=五个工作日内退回\uFFFD 谢谢"}},
		"Excel's sep":          {"sep=;\nquestion;answer\nHow?;So, or so\n", []string{"How?=So, or so"}},
		"one answer, two ways": {"question,answer\nHow do I pay?,By card\nCan I pay by card?,By card\n", []string{"How do I pay?=By card"}},
		"lines in a cell":      {"question,answer\n\"How?\",\"One\n\nTwo\"\n", []string{"How?=One\n\nTwo"}},
	} {
		t.Run(name, func(t *testing.T) {
			pages, problems := read(t, "faq.csv", []byte(tt.text))
			var got []string
			for _, p := range pages {
				got = append(got, p.Title+"="+p.Markdown)
			}
			if !slices.Equal(got, tt.want) || len(problems) > 0 {
				t.Errorf("got %q, %v; want %q", got, problems, tt.want)
			}
		})
	}
	pages, _ := read(t, "faq.csv", []byte(gb))
	if p := pages[0]; p.Lang != desk.Chinese || p.Section != "售后" || !slices.Equal(p.Questions, []string{"退钱", "我要退款"}) {
		t.Errorf("got %+v", p)
	}
}

func TestFiles_AddressesThatAreNoPagesAreLeftOut(t *testing.T) {
	for name, text := range map[string]string{
		"a.csv":  "question,answer,url\nHow?,So.,javascript:alert(1)\n",
		"a.html": "<link rel=canonical href='javascript:alert(1)'><main><p>So.</main>",
	} {
		if p := one(t, name, []byte(text)); p.URL != "" {
			t.Errorf("%s: got %q", name, p.URL)
		}
	}
}

func TestCSV_SaysWhichRowsItCannotUse(t *testing.T) {
	pages, problems := read(t, "faq.csv", []byte("question,answer\nHow?,So.\n,No question\nHow?,Otherwise.\n"))
	if len(pages) != 1 || len(problems) != 2 || problems[0].Key != "faq.csv:3" || problems[1].Code != "twice" {
		t.Errorf("got %d pages, %+v", len(pages), problems)
	}
}

const export = `{"articles":[
 {"id":11,"title":"Refunds","body":"<h1>Our promise</h1><p>Five <b>days</b>. <a href=\"/hc/terms\">Terms</a></p>","locale":"en-us","section_id":3,"label_names":["billing"],"html_url":"https://help.acme.com/hc/11","updated_at":"2026-01-02T03:04:05Z","draft":false},
 {"id":11,"title":"退款","body":"<p>五天。</p>","locale":"zh-cn","section_id":3,"draft":false},
 {"id":12,"title":"Secret","body":"<p>Not yet.</p>","draft":true}],
 "count":3}`

func TestExport_ReadsArticlesWithTheirSections(t *testing.T) {
	b := zipOf(t, map[string]string{"a/articles.json": export, "a/sections.json": `{"sections":[{"id":3,"name":"Money","category_id":1}]}`, "pic.png": "x", "notes.xyz": "?"})
	pages, problems := read(t, "export.zip", b)
	if len(pages) != 2 || len(problems) != 2 {
		t.Fatalf("got %+v, %+v", pages, problems)
	}
	p := pages[0]
	if p.Key != "11.en-us" || p.Title != "Refunds" || p.Section != "Money" || p.Lang != "en" || p.URL != "https://help.acme.com/hc/11" || p.Updated.Year() != 2026 || p.Slug != "refunds" {
		t.Errorf("got %+v", p)
	}
	if want := "# Our promise\n\nFive **days**. [Terms](https://help.acme.com/hc/terms)"; p.Markdown != want {
		t.Errorf("got %q, want %q", p.Markdown, want)
	}
	if pages[1].Lang != "zh" || pages[1].Key != "11.zh-cn" {
		t.Errorf("got %+v", pages[1])
	}
}

// zipOf makes an archive, the files in order of their names.
func zipOf(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var names []string
	for n := range files {
		names = append(names, n)
	}
	slices.Sort(names)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, n := range names {
		w, err := z.Create(n)
		if err == nil {
			_, err = w.Write([]byte(files[n]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestZIP_ReadsEachFileAndNamesTheWayUpAway(t *testing.T) {
	pages, problems := read(t, "all.zip", zipOf(t, map[string]string{"../../etc/a.md": "# A\ntext a", "b/c.html": "<main><h1>C</h1><p>text c</p></main>", "__MACOSX/a.md": "junk", "d.docx": "no zip", ".hidden.md": "x"}))
	if len(pages) != 2 || pages[0].Key != "etc/a.md" || pages[1].Title != "C" || len(problems) != 1 || problems[0].Key != "d.docx" {
		t.Errorf("got %+v, %+v", pages, problems)
	}
}

func TestZIP_BombsAreRefused(t *testing.T) {
	bomb := zipOf(t, map[string]string{"a.md": strings.Repeat("0", 40<<20)})
	_, _, err := intake.Read(context.Background(), "x.zip", bytes.NewReader(bomb), int64(len(bomb)))
	if !desk.IsKind(err, desk.TooLarge) {
		t.Errorf("got %v, want a refusal", err)
	}
}

func TestRead_UnknownFormatSaysWhatCanBeRead(t *testing.T) {
	_, _, err := intake.Read(context.Background(), "a.exe", strings.NewReader("MZ"), 2)
	if err == nil || !strings.Contains(err.Error(), ".docx") {
		t.Errorf("got %v", err)
	}
}
