package intake_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb/intake"
)

// pdfOf makes a PDF with a page for each content. Font F1 is Helvetica, F2 is
// bold, F3 shows UTF-16 as Chinese fonts do.
func pdfOf(contents ...string) []byte {
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>", "",
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>",
		"<< /Type /Font /Subtype /Type0 /BaseFont /STSong /Encoding /UniGB-UCS2-H /DescendantFonts [<< /Type /Font /DW 1000 >>] >>",
		"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /Length 1 >>\nstream\nx\nendstream",
	}
	var kids []string
	for _, c := range contents {
		var z bytes.Buffer
		w := zlib.NewWriter(&z)
		_, _ = w.Write([]byte(c))
		_ = w.Close()
		n := len(objects) + 1
		objects = append(objects,
			fmt.Sprintf("<< /Type /Page /Parent 2 0 R /Contents %d 0 R /Resources << /Font << /F1 3 0 R /F2 4 0 R /F3 5 0 R >> /XObject << /I 6 0 R >> >> >>", n+1),
			fmt.Sprintf("<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", z.Len(), z.String()))
		kids = append(kids, fmt.Sprintf("%d 0 R", n))
	}
	objects[1] = fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", len(kids), strings.Join(kids, " "))
	var b strings.Builder
	b.WriteString("%PDF-1.7\n")
	for i, o := range objects {
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	b.WriteString("trailer << /Root 1 0 R >>\n%%EOF")
	return []byte(b.String())
}

// TestPDF_WhatIsShownAgainCountsAgain: a page may name one stream many times.
func TestPDF_WhatIsShownAgainCountsAgain(t *testing.T) {
	b := "%PDF-1.4\n1 0 obj << /Pages 2 0 R >> endobj 2 0 obj << /Kids [" + strings.Repeat("3 0 R ", 50) + "] >> endobj\n3 0 obj << /Type /Page /Contents [" +
		strings.Repeat("4 0 R ", 1000) + "] >> endobj\n4 0 obj << /Length 1048576 >> stream\n" + strings.Repeat(" ", 1<<20) + "\nendstream endobj trailer << /Root 1 0 R >>"
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := intake.Read(t.Context(), "x.pdf", strings.NewReader(b), int64(len(b)))
	runtime.ReadMemStats(&after)
	if mib := (after.TotalAlloc - before.TotalAlloc) >> 20; mib > 800 {
		t.Errorf("a file of one MiB took %d MiB (%v)", mib, err)
	}
}

// at shows a text at a place of the page.
func at(font string, size, x, y int, text string) string {
	if font == "F3" {
		var hex strings.Builder
		for _, u := range utf16.Encode([]rune(text)) {
			fmt.Fprintf(&hex, "%04x", u)
		}
		return fmt.Sprintf("BT /%s %d Tf %d %d Td <%s> Tj ET\n", font, size, x, y, hex.String())
	}
	return fmt.Sprintf("BT /%s %d Tf %d %d Td (%s) Tj ET\n", font, size, x, y, text)
}

func TestPDF_ParagraphsHeadingsListsTablesAndChinese(t *testing.T) {
	long := "This sentence is long enough to reach the right side of the page, which is where"
	p := one(t, "guide.pdf", pdfOf(
		at("F1", 24, 50, 750, "Refund guide")+at("F1", 11, 50, 710, long)+at("F1", 11, 50, 696, "it goes on: the re\\055")+at("F1", 11, 50, 682, "fund \\(all of it\\) comes.")+
			at("F1", 16, 50, 640, "What to do")+at("F1", 11, 50, 610, "1. Open the order")+at("F1", 11, 50, 596, "2. Press refund")+
			at("F1", 11, 50, 560, "Plan")+at("F1", 11, 250, 560, "Days")+at("F1", 11, 50, 546, "Basic")+at("F1", 11, 250, 546, "5"),
		at("F3", 16, 50, 750, "退款说明")+at("F3", 11, 50, 720, "退款将在五个工作日内原路退回到您付款时所用的账户，节假日顺延，请您耐")+at("F3", 11, 50, 706, "心等待。")))
	want := long + " it goes on: the refund (all of it) comes.\n\n## What to do\n\n1. Open the order\n2. Press refund\n\n| Plan | Days |\n| --- | --- |\n| Basic | 5 |\n\n## 退款说明\n\n退款将在五个工作日内原路退回到您付款时所用的账户，节假日顺延，请您耐心等待。"
	if p.Title != "Refund guide" || p.Markdown != want {
		t.Errorf("got %q\n%s\nwant\n%s", p.Title, p.Markdown, want)
	}
}

func TestPDF_LinesOnEveryPageAreLeftOut(t *testing.T) {
	var pages []string
	for i := range 4 {
		pages = append(pages, at("F1", 9, 50, 790, "Acme manual")+at("F1", 11, 50, 700, fmt.Sprintf("Chapter %d tells of %c.", i, 'A'+i))+at("F1", 11, 50, 600, "More.")+at("F1", 11, 50, 500, "Still more.")+at("F1", 9, 300, 20, fmt.Sprintf("page %d of 4", i+1)))
	}
	p := one(t, "m.pdf", pdfOf(pages...))
	if strings.Contains(p.Markdown, "Acme") || strings.Contains(p.Markdown, "page") || strings.Count(p.Markdown, "Chapter") != 4 {
		t.Errorf("got %s", p.Markdown)
	}
}

func TestPDF_ScansAndProtectedFilesAreSaid(t *testing.T) {
	pages, problems := read(t, "scan.pdf", pdfOf("q 100 0 0 100 0 0 cm /I Do Q"))
	if len(pages) != 0 || len(problems) != 1 || problems[0].Code != "scanned" {
		t.Errorf("got %d pages, %+v", len(pages), problems)
	}
	locked := bytes.Replace(pdfOf("BT ET"), []byte("/Root 1 0 R"), []byte("/Root 1 0 R /Encrypt 9 0 R"), 1)
	_, _, err := intake.Read(context.Background(), "l.pdf", bytes.NewReader(locked), int64(len(locked)))
	if err == nil || !strings.Contains(err.Error(), "password") {
		t.Errorf("got %v", err)
	}
}

func TestPDF_HostileFilesEndInBounds(t *testing.T) {
	loop := `%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [2 0 R 3 0 R 3 0 R] /Parent 2 0 R >> endobj
3 0 obj << /Type /Page /Contents 4 0 R /Resources << /XObject << /X 4 0 R >> /Font << /F 5 0 R >> >> >> endobj
4 0 obj << /Subtype /Form /Length 4 0 R >> stream
/X Do /X Do BT /F 12 Tf (hello there) Tj ET
endstream endobj
5 0 obj 6 0 R endobj
6 0 obj 5 0 R endobj
trailer << /Root 1 0 R >>`
	var bomb bytes.Buffer
	z := zlib.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range 100 {
		_, _ = z.Write(zeros)
	}
	_ = z.Close()
	for name, b := range map[string][]byte{
		"loops":  []byte(loop),
		"depth":  []byte("%PDF-1.4\n1 0 obj " + strings.Repeat("[", 1<<20) + "\n" + strings.Repeat("<<", 1<<20) + "/Type"),
		"bomb":   slices.Concat([]byte("%PDF-1.4\n1 0 obj << /Type /ObjStm /N 9 /First 3 /Filter /FlateDecode >> stream\n"), bomb.Bytes(), []byte("\nendstream endobj trailer << /Root 2 0 R >>")),
		"bare":   []byte("%PDF-"),
		"ranges": pdfOf("BT /F1 1e300 Tf 1e300 1e300 Td (x) Tj ET " + strings.Repeat("q ", 100000)),
		"cmap":   bytes.Replace(pdfOf(at("F1", 9, 1, 1, "abc")), []byte("/WinAnsiEncoding"), []byte("/WinAnsiEncoding /ToUnicode << >>"), 1),
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := intake.Read(context.Background(), "x.pdf", bytes.NewReader(b), int64(len(b)))
			if k := desk.KindOf(err); err != nil && k != desk.Invalid && k != desk.TooLarge {
				t.Errorf("got %v, want a reason in words", err)
			}
		})
	}
}
