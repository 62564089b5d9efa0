package nlu_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
)

var shanghai = mustZone("Asia/Shanghai")

// monday is the clock of every test: Monday 2026-01-05 09:00.
var monday = time.Date(2026, 1, 5, 9, 0, 0, 0, shanghai)

func mustZone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

func choice(value string, names ...string) nlu.Choice { return nlu.Choice{Value: value, Names: names} }

// known is what the third column of the entity files names.
var known = map[string]nlu.Options{
	"": {},
	"drink": {Choices: []nlu.Choice{
		choice("latte", "Latte", "拿铁"), choice("americano", "Americano", "美式", "美式咖啡"),
		choice("cappuccino", "Cappuccino", "卡布奇诺"), choice("flat_white", "flat white", "澳白"),
	}},
	"size": {Choices: []nlu.Choice{choice("small", "Small", "小杯", "小的"), choice("large", "Large", "big", "大杯", "大的")}},
	"pay": {Choices: []nlu.Choice{
		choice("online", "Online", "网上支付", "微信支付"), choice("cash", "Cash", "现金", "货到付款"), choice("card", "Credit card", "信用卡"),
	}},
	"US":    {Region: "US"},
	"GB":    {Region: "GB"},
	"code":  {Pattern: regexp.MustCompile(`^[A-Z]{2}-\d{4}$`)},
	"exact": {Pattern: regexp.MustCompile(`^\d{4}$`)},
}

func TestFind_Files(t *testing.T) {
	for _, lang := range []desk.Lang{desk.English, desk.Chinese} {
		file := filepath.Join("testdata", "entities_"+string(lang)+".txt")
		for no, row := range rows(t, file, 5) {
			typ, mode, what, text, want := row[0], row[1], row[2], row[3], row[4]
			o, ok := known[what]
			if !ok || mode != "asked" && mode != "said" {
				t.Fatalf("%s:%d: unknown %q or %q", file, no, what, mode)
			}
			o.Now, o.Zone, o.Asked = monday, shanghai, mode == "asked"
			var got []string
			for _, e := range nlu.Find(desk.SlotType(typ), text, lang, o) {
				got = append(got, e.Value)
				if e.Start < 0 || e.End > len(text) || e.Start >= e.End || text[e.Start:e.End] != e.Text {
					t.Errorf("%s:%d: span %d:%d is not %q", file, no, e.Start, e.End, e.Text)
				}
			}
			if s := strings.Join(got, ";"); s != want && !(want == "-" && s == "") {
				t.Errorf("%s:%d: %s (%s) in %q: got %q, want %q", file, no, typ, mode, text, s, want)
			}
		}
	}
}

// rows reads a file of columns divided by |, by line number. Empty lines and
// lines that begin with # are left out.
func rows(t *testing.T, file string, columns int) map[int][]string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[int][]string{}
	for i, line := range strings.Split(string(b), "\n") {
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(line, "|")
		if len(cells) != columns {
			t.Fatalf("%s:%d: %d columns, want %d", file, i+1, len(cells), columns)
		}
		for j := range cells {
			cells[j] = strings.TrimSpace(cells[j])
		}
		out[i+1] = cells
	}
	if len(out) < 20 {
		t.Fatalf("%s: only %d cases", file, len(out))
	}
	return out
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"tomorrow at three", "明天下午三点半", "差五分三点", "两百三", "￥３．５０", "\xff\xfe", "one point", "99999999999999999999:99", "13号线5号", "a hundred hundred million and a half dozen"} {
		f.Add(s)
	}
	types := []desk.SlotType{desk.SlotChoice, desk.SlotNumber, desk.SlotMoney, desk.SlotDate, desk.SlotTime, desk.SlotDateTime, desk.SlotPhone, desk.SlotEmail, desk.SlotAddress, desk.SlotLocation, desk.SlotYesNo, desk.SlotPattern, desk.SlotText}
	o := known["drink"]
	o.Pattern, o.Now, o.Zone, o.Asked = known["code"].Pattern, monday, shanghai, true
	f.Fuzz(func(t *testing.T, text string) {
		for _, typ := range types {
			for _, e := range nlu.Find(typ, text, desk.Chinese, o) {
				if e.Start < 0 || e.End > len(text) || e.Start > e.End || text[e.Start:e.End] != e.Text {
					t.Errorf("%s in %q: span %d:%d is not %q", typ, text, e.Start, e.End, e.Text)
				}
				if e.Value == "" {
					t.Errorf("%s in %q: an empty value", typ, text)
				}
			}
		}
	})
}
