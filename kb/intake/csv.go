package intake

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// columns are the names that a table's header gives to what we know, in small
// letters.
var columns = map[string][]string{
	"question": {"question", "questions", "q", "title", "faq", "standard question", "问题", "标题", "标准问题", "标准问", "提问", "问"},
	"answer":   {"answer", "answers", "a", "body", "content", "text", "reply", "response", "答案", "回答", "答复", "内容", "正文", "回复", "答"},
	"also":     {"similar questions", "similar", "variants", "alternatives", "other questions", "also", "aliases", "相似问题", "相似问法", "相似问", "其他问法", "扩展问", "别名"},
	"tags":     {"tags", "tag", "labels", "keywords", "标签", "关键词", "关键字"},
	"section":  {"section", "category", "topic", "folder", "group", "分类", "类别", "类目", "栏目", "主题"},
	"lang":     {"lang", "language", "locale", "语言"},
	"key":      {"id", "key", "slug", "编号", "序号"},
	"url":      {"url", "link", "链接", "网址"},
}

// CSV reads a table of questions and answers. The sign between its columns,
// its encoding and whether it has a header are found out. Without a header the
// first column is the question and the second the answer. Questions with the
// same answer, one below the other, are one page.
func CSV(ctx context.Context, name string, r io.ReaderAt, size int64) ([]Page, []Problem, error) {
	text, err := readText(name, r, size)
	if err != nil {
		return nil, nil, err
	}
	rows, problems, err := readRows(ctx, name, text)
	if err != nil {
		return nil, nil, err
	}
	at := header(rows[0].cells)
	if at == nil {
		if len(rows[0].cells) < 2 {
			return nil, nil, desk.Errorf(desk.Invalid, "no_columns", "%s: a table needs two columns: a question and its answer, divided by a comma, semicolon or tab", name)
		}
		at = map[string]int{"question": 0, "answer": 1}
	} else {
		rows = rows[1:]
	}
	var out []Page
	byKey := map[string]int{}
	for _, row := range rows {
		get := func(column string) string {
			if i, ok := at[column]; ok && i < len(row.cells) {
				return strings.TrimSpace(row.cells[i])
			}
			return ""
		}
		q, a := get("question"), get("answer")
		if q == "" || a == "" {
			if q+a != "" {
				problems = append(problems, Problem{fmt.Sprintf("%s:%d", name, row.line), "row_incomplete", "the row has no question or no answer"})
			}
			continue
		}
		if n := len(out); n > 0 && out[n-1].Markdown == a && out[n-1].Section == get("section") {
			out[n-1].Questions = append(out[n-1].Questions, q)
			continue
		}
		key := get("key")
		if key == "" {
			key = q
		}
		if line, twice := byKey[key]; twice {
			problems = append(problems, Problem{fmt.Sprintf("%s:%d", name, row.line), "twice", fmt.Sprintf("%q is in line %d already, with another answer: give them one row, or an id each", clip(key, 80), line)})
			continue
		}
		byKey[key] = row.line
		p := Page{Key: key, Title: q, Markdown: a, Questions: list(get("also")), Tags: list(get("tags")), Section: get("section"), URL: get("url")}
		p.Slug = plainSlug(q)
		if !strings.ContainsFunc(p.Slug, func(r rune) bool { return r >= 'a' && r <= 'z' }) {
			p.Slug = "q-" + short(key)
		}
		if l := strings.ToLower(get("lang")); l != "" {
			if name, ok := map[string]string{"chinese": "zh", "中文": "zh", "english": "en", "英文": "en"}[l]; ok {
				l = name
			}
			p.Lang = desk.ParseLang(l)
		}
		out = append(out, p)
	}
	return out, problems, nil
}

type row struct {
	line  int
	cells []string
}

// excelSign is the line by which a table tells Excel what divides its columns.
var excelSign = regexp.MustCompile(`^"?sep=([,;|\t])"?\n`)

// readRows reads a table with whichever divider makes it the most regular.
func readRows(ctx context.Context, name, text string) (rows []row, problems []Problem, err error) {
	sign := divider(text)
	if m := excelSign.FindStringSubmatch(text); m != nil {
		sign = rune(m[1][0])
		text = strings.Repeat(" ", len(m[0])-1) + text[len(m[0])-1:] // lines keep their numbers
	}
	c := csv.NewReader(strings.NewReader(text))
	c.Comma, c.FieldsPerRecord, c.LazyQuotes = sign, -1, true
	for ctx.Err() == nil {
		cells, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		line, _ := c.FieldPos(0)
		if err != nil {
			problems = append(problems, Problem{name, "row_broken", err.Error()})
			if len(problems) > 50 {
				break
			}
			continue
		}
		if slices.ContainsFunc(cells, func(s string) bool { return strings.TrimSpace(s) != "" }) {
			rows = append(rows, row{line, slices.Clone(cells)})
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if len(rows) == 0 {
		return nil, nil, desk.Errorf(desk.Invalid, "file_empty", "%s has no rows", name)
	}
	return rows, problems, nil
}

// divider guesses the sign between columns from the first rows.
func divider(text string) rune {
	best, most := ',', 0.0
	for _, sign := range []rune{',', '\t', ';', '|'} {
		c := csv.NewReader(strings.NewReader(text[:min(len(text), 64<<10)]))
		c.Comma, c.FieldsPerRecord, c.LazyQuotes = sign, -1, true
		counts := map[int]int{}
		n := 0
		known := 0.0
		for n < 50 {
			cells, err := c.Read()
			if err != nil {
				break
			}
			if n == 0 && header(cells) != nil {
				known = 100
			}
			counts[len(cells)]++
			n++
		}
		common, times := 1, 0
		for width, k := range counts {
			if width > 1 && k > times {
				common, times = width, k
			}
		}
		if score := known + float64(times)/float64(max(n, 1)) + float64(min(common, 20))/1000; times > 0 && score > most {
			best, most = sign, score
		}
	}
	return best
}

// header finds the columns that a first row names; nil when it names none.
func header(cells []string) map[string]int {
	at := map[string]int{}
	for i, cell := range cells {
		cell = strings.ToLower(strings.TrimSpace(cell))
		for column, names := range columns {
			if _, taken := at[column]; !taken && slices.Contains(names, cell) {
				at[column] = i
			}
		}
	}
	if _, ok := at["question"]; !ok {
		return nil
	}
	if _, ok := at["answer"]; !ok {
		return nil
	}
	return at
}

// list reads several texts of one cell.
func list(cell string) (out []string) {
	return strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune("\n|;；", r) })
}
