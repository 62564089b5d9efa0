package intake_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/parleyhq/parley/kb/intake"
)

const docxHead = `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><w:body>`

// docxOf makes a document of paragraphs and tables.
func docxOf(t testing.TB, body string) []byte {
	return zipOf(t, map[string]string{
		"[Content_Types].xml": "<Types/>",
		"word/document.xml":   docxHead + body + `</w:body></w:document>`,
		"word/styles.xml":     `<w:styles xmlns:w="x"><w:style w:styleId="1"><w:name w:val="heading 1"/></w:style><w:style w:styleId="a5"><w:name w:val="heading 2"/></w:style></w:styles>`,
		"word/numbering.xml": `<w:numbering xmlns:w="x"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl></w:abstractNum>
			<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>
			<w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="6"><w:abstractNumId w:val="1"/></w:num></w:numbering>`,
		"word/_rels/document.xml.rels": `<Relationships><Relationship Id="r1" Type="http://x/hyperlink" Target="https://acme.com/a b"/><Relationship Id="r2" Type="http://x/hyperlink" Target="javascript:x"/></Relationships>`,
	})
}

func wp(style, text string) string {
	return `<w:p><w:pPr><w:pStyle w:val="` + style + `"/></w:pPr><w:r><w:t>` + text + `</w:t></w:r></w:p>`
}

func item(num, level, text string) string {
	return `<w:p><w:pPr><w:numPr><w:ilvl w:val="` + level + `"/><w:numId w:val="` + num + `"/></w:numPr></w:pPr><w:r><w:t>` + text + `</w:t></w:r></w:p>`
}

func TestDOCX_HeadingsListsTablesAndLinks(t *testing.T) {
	cell := func(s string) string { return "<w:tc>" + wp("", s) + "</w:tc>" }
	p := one(t, "docs/退款.docx", docxOf(t, wp("1", "退款流程")+wp("", "五个工作日内 退回.")+wp("a5", "Steps")+
		item("5", "0", "Open")+item("5", "0", "Press")+item("6", "1", "inner")+
		`<w:p><w:r><w:t>See </w:t></w:r><w:hyperlink r:id="r1"><w:r><w:t>terms</w:t></w:r></w:hyperlink><w:hyperlink r:id="r2"><w:r><w:t> or</w:t></w:r></w:hyperlink>`+
		`<w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve"> now</w:t></w:r><w:del><w:r><w:t>old</w:t></w:r></w:del><w:r><w:t xml:space="preserve"> a*b</w:t></w:r></w:p>`+
		"<w:tbl><w:tr>"+cell("Plan")+cell("Days")+"</w:tr><w:tr>"+cell("A|B")+"<w:tc>"+wp("", "5")+wp("", "or 6")+"</w:tc></w:tr>"+strings.Repeat("<w:tr/>", 100)+"</w:tbl>"))
	want := "五个工作日内 退回.\n\n## Steps\n\n1. Open\n1. Press\n   - inner\n\nSee [terms](https://acme.com/a%20b) or **now** a\\*b\n\n| Plan | Days |\n| --- | --- |\n| A\\|B | 5 or 6 |"
	if p.Title != "退款流程" || p.Markdown != want || p.Section != "docs" {
		t.Errorf("got %q\n%s\nwant\n%s", p.Title, p.Markdown, want)
	}
}

func TestDOCX_HostileFilesAreRefused(t *testing.T) {
	for name, b := range map[string][]byte{
		"no zip":   []byte("PK\x03\x04 nothing"),
		"no body":  zipOf(t, map[string]string{"a": "b"}),
		"entities": zipOf(t, map[string]string{"word/document.xml": `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><w:p>&b;` + strings.Repeat("<w:p>", 300)}),
		"bomb":     zipOf(t, map[string]string{"word/document.xml": docxHead + strings.Repeat(" ", 33<<20)}),
	} {
		t.Run(name, func(t *testing.T) {
			pages, _, err := intake.Read(context.Background(), "x.docx", bytes.NewReader(b), int64(len(b)))
			if err == nil || len(pages) > 0 || !strings.Contains(err.Error(), "x.docx") {
				t.Errorf("got %d pages, %v; want a refusal that names the file", len(pages), err)
			}
		})
	}
}
