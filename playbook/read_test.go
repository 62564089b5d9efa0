package playbook_test

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/yamlfile"
	"github.com/parleyhq/parley/playbook"
)

// small is a playbook with one of everything.
func small() playbook.Files {
	return playbook.Files{
		"playbook.yaml":        []byte("version: 1\nplaybook: shop\ntitle: {en: Shop, zh: 小店}\nstart: menu:main\nlangs: [en, zh]\nzone: Asia/Shanghai\nhuman: queue:support\nbrand: {accent: \"#112233\", greeting: {en: Hi, zh: 你好}}\n"),
		"queues.yaml":          []byte("version: 1\nqueues:\n  - {name: support, title: {en: Care, zh: 客服}}\n"),
		"menus/main.yaml":      []byte("version: 1\nmenu: main\nprompt: {en: What now?, zh: 请选择}\nchoices:\n  - {label: {en: Book, zh: 预订}, go: flow:book}\n  - {label: {en: Hours, zh: 时间}, go: article:hours}\n  - {label: {en: A person, zh: 人工}, go: queue:support}\n"),
		"flows/book.yaml":      []byte("version: 1\nflow: book\ntitle: {en: Book a table, zh: 订位}\nexamples:\n  en: [book a table, I need a table, reserve a table for tonight, a table please, table for two]\n  zh: [订位, 我要订桌, 预订位子, 订一张桌子, 今晚订位]\nslots:\n  people: {type: number, label: {en: People, zh: 人数}, ask: {en: How many people?, zh: 几位？}, min: 1, max: 12}\nconfirm: customer\ndo: {tool: book, with: {people: people}, save: {code: code}}\nthen: {say: {en: \"Booked: {{code}}.\", zh: \"已预订：{{code}}。\"}}\n"),
		"tools.yaml":           []byte("version: 1\ntools:\n  book: {side_effect: true, method: POST, url: \"{{env.SHOP_URL}}/tables\", body: {people: \"{{people}}\"}, args: {people: number}}\n"),
		"articles/hours.en.md": []byte("---\ntitle: Hours\nquestions: [When do you open?]\n---\nWe open at nine.\n"),
		"articles/hours.zh.md": []byte("---\ntitle: 时间\nquestions: [几点开门？]\n---\n九点开门。\n"),
		"canned.yaml":          []byte("version: 1\nreplies:\n  - {key: hello, title: {en: Hello, zh: 你好}, text: {en: \"Hi {{contact.name}}\", zh: 您好}}\n"),
		"tests/book.yaml":      []byte("version: 1\nsuite: book\ntools:\n  book: {answer: {code: T1}}\ncases:\n  - name: booked\n    turns:\n      - tap: flow:book\n        expect: {asking: people}\n      - user: \"4\"\n        expect: {confirming: true}\n      - user: yes\n        expect: {called: {book: {people: \"4\"}}, completed: book, said: T1}\n"),
	}
}

// with is small with changes: "file: old text → new text", or a file removed.
func with(t testing.TB, file, old, now string) playbook.Files {
	t.Helper()
	files := small()
	if old == "" {
		if now == "" {
			delete(files, file)
		} else {
			files[file] = []byte(now)
		}
		return files
	}
	if !strings.Contains(string(files[file]), old) {
		t.Fatalf("%s has no %q", file, old)
	}
	files[file] = []byte(strings.Replace(string(files[file]), old, now, 1))
	return files
}

func TestParse_ReadsOneOfEverything(t *testing.T) {
	p, err := playbook.Parse(small())
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Warnings) > 0 {
		t.Errorf("warnings:\n%v", p.Warnings)
	}
	if p.Name != "shop" || p.Zone.String() != "Asia/Shanghai" || len(p.Menus) != 1 || len(p.Bot.Flows) != 1 || len(p.Bot.Tools) != 1 ||
		len(p.Queues) != 1 || len(p.Articles) != 2 || len(p.Canned) != 1 || len(p.Suites) != 1 || p.Queues[0].Playbook != "shop" {
		t.Errorf("got %+v", p)
	}
}

func TestParse_SaysWhatDoesNotFit(t *testing.T) {
	for name, c := range map[string]struct {
		file, old, now string
		want           string
	}{
		"no playbook.yaml":      {"playbook.yaml", "", "", "playbook.yaml:1:1: the file is missing"},
		"start":                 {"playbook.yaml", "menu:main", "menu:nowhere", `playbook.yaml:4:8: there is no menu "nowhere"`},
		"human":                 {"playbook.yaml", "queue:support", "queue:nobody", `playbook.yaml:7:8: there is no queue "nobody"`},
		"human is no queue":     {"playbook.yaml", "queue:support", "menu:main", `playbook.yaml:7:8: human is the queue`},
		"zone":                  {"playbook.yaml", "Asia/Shanghai", "Asia/Atlantis", `playbook.yaml:6:7: unknown time zone "Asia/Atlantis"`},
		"colour":                {"playbook.yaml", "#112233", "red; background: url(x)", `playbook.yaml:8:17: accent is a colour`},
		"language":              {"playbook.yaml", "[en, zh]", "[en, fr]", `playbook.yaml:5:13: langs lists en and zh`},
		"title in Chinese":      {"playbook.yaml", "{en: Shop, zh: 小店}", "{en: Shop}", `playbook.yaml:3:1: the text in "zh" is missing`},
		"menu to flow":          {"menus/main.yaml", "flow:book", "flow:cook", `menus/main.yaml:5:37: there is no flow "cook"`},
		"menu to article":       {"menus/main.yaml", "article:hours", "article:prices", `menus/main.yaml:6:38: there is no article articles/prices.en.md`},
		"article in a language": {"articles/hours.zh.md", "", "", `menus/main.yaml:6:38: there is no article articles/hours.zh.md`},
		"menu to queue":         {"menus/main.yaml", "queue:support", "queue:boss", `menus/main.yaml:7:41: there is no queue "boss" in queues.yaml`},
		"tool":                  {"flows/book.yaml", "tool: book", "tool: cook", `flows/book.yaml:10:12: there is no tool "cook"`},
		"slot in a text":        {"flows/book.yaml", "{{code}}.\"", "{{cod}}.\"", `unknown name {{cod}}`},
		"flow's Chinese":        {"flows/book.yaml", "{en: How many people?, zh: 几位？}", "{en: How many people?}", `flows/book.yaml:8:55: the text in "zh" is missing`},
		"slot in a reply":       {"canned.yaml", "{{contact.name}}", "{{slots.guests}}", `no flow has a slot "guests"`},
		"tool of a suite":       {"tests/book.yaml", "book: {answer", "cook: {answer", `tests/book.yaml:4:3: there is no tool "cook" in tools.yaml`},
		"queue twice":           {"queues.yaml", "客服}}\n", "客服}}\n  - {name: support}\n", `queues.yaml:4:12: a queue needs a name of its own`},
		"announcement":          {"queues.yaml", "客服}}", "客服}, on_hold: {announce: {en: Wait}}}", `the text in "zh" is missing`},
		"music":                 {"queues.yaml", "客服}}", "客服}, on_hold: {music: ../x}}", `music is the name of an uploaded prompt`},
		"prompts":               {"queues.yaml", "客服}}", "客服}, on_hold: {prompts: {fr: x}}}", `prompts names an uploaded prompt`},
		"announced too often":   {"queues.yaml", "客服}}", "客服}, on_hold: {every: 1}}", `every 5 to 600 seconds`},
		"key of on_hold":        {"queues.yaml", "客服}}", "客服}, on_hold: {tune: x}}", `unknown key "tune"`},
		"result twice":          {"queues.yaml", "客服}}", "客服}, dispositions: [{key: a, title: A}, {key: a, title: B}]}", `a result has a key of its own`},
		"result without title":  {"queues.yaml", "客服}}", "客服}, dispositions: [{key: a}]}", `a result has a title`},
		"verify":                {"playbook.yaml", "", string(small()["playbook.yaml"]) + "verify: flow:prove\n", `there is no flow "prove"`},
		"unknown file":          {"notes/todo.txt", "", "x", `notes/todo.txt:1:1: no such file belongs to a playbook`},
		"choices of the bot":    {"bot.yaml", "", "version: 1\nchoices: [menu:nope]\n", `bot.yaml:2:11: there is no menu "nope"`},
		"path":                  {"../x.yaml", "", "x", `"../x.yaml" is no path in a playbook`},
		"binary":                {"menus/main.yaml", "", "\xff\xfe", `menus/main.yaml:1:1: the file is not UTF-8 text`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := playbook.Parse(with(t, c.file, c.old, c.now))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got  %v\nwant %s", err, c.want)
			}
			if !desk.IsKind(err, desk.Invalid) {
				t.Errorf("kind %s, want invalid", desk.KindOf(err))
			}
		})
	}
}

func TestParse_ReportsEveryProblemOfEveryFile(t *testing.T) {
	files := small()
	files["menus/main.yaml"] = []byte("version: 1\nmenu: main\nprompt: {en: A, zh: B}\nchoices:\n  - {label: {en: X, zh: Y}, go: flow:a}\n  - {label: {en: X}, go: flow:b}\n")
	files["canned.yaml"] = []byte("version: 1\nreplies:\n  - {key: A B}\n")
	files["queues.yaml"] = []byte("version: 2\nqueues: []\nfoo: 1\n")
	_, err := playbook.Parse(files)
	var all yamlfile.Errors
	if !errors.As(err, &all) {
		t.Fatal(err)
	}
	for _, want := range []string{`no flow "a"`, `no flow "b"`, `the text in "zh"`, "canned.yaml:3", "version 2 is not known", `unknown key "foo"`} {
		if !strings.Contains(all.Error(), want) {
			t.Errorf("no %s in\n%v", want, all)
		}
	}
	// Queues that cannot be read are not said to be missing as well.
	if strings.Contains(all.Error(), "no queue") {
		t.Errorf("a queue is missed although queues.yaml cannot be read:\n%v", all)
	}
}

func TestParse_Warns(t *testing.T) {
	for name, c := range map[string]struct{ file, old, now, want string }{
		"menu nobody reaches": {"menus/alone.yaml", "", "version: 1\nmenu: alone\nprompt: X\nchoices: [{label: A, go: back}]\n", `menus/alone.yaml:2:7: nothing leads to menu "alone"`},
		"unused tool":         {"tools.yaml", "tools:\n", "tools:\n  spare: {url: \"{{env.X}}/y\"}\n", `tools.yaml:3:3: no flow uses the tool "spare"`},
		"few examples":        {"flows/book.yaml", "[订位, 我要订桌, 预订位子, 订一张桌子, 今晚订位]", "[订位]", `1 examples in "zh"`},
		"no suites":           {"tests/book.yaml", "", "", "there are no suites"},
		"one language only":   {"articles/extra.en.md", "", "---\ntitle: Extra\nquestions: [x]\n---\nText.\n", "there is no articles/extra.zh.md"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := playbook.Parse(with(t, c.file, c.old, c.now))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(p.Warnings.Error(), c.want) {
				t.Errorf("got %v\nwant %s", p.Warnings, c.want)
			}
		})
	}
}

func TestReadFiles_LeavesOutWhatIsHidden(t *testing.T) {
	fsys := fstest.MapFS{".git/config": {Data: []byte("x")}, "README.md": {Data: []byte("x")}, ".DS_Store": {Data: []byte("x")}}
	for p, data := range small() {
		fsys[p] = &fstest.MapFile{Data: data}
	}
	files, err := playbook.ReadFiles(fsys)
	if err != nil {
		t.Fatal(err)
	}
	if !maps.EqualFunc(files, small(), func(a, b []byte) bool { return string(a) == string(b) }) {
		t.Errorf("got %v", files.Paths())
	}
	fsys["articles/big.en.md"] = &fstest.MapFile{Data: make([]byte, yamlfile.MaxBytes+1)}
	if _, err := playbook.ReadFiles(fsys); err == nil || !strings.Contains(err.Error(), "articles/big.en.md:1:1: the file has") {
		t.Errorf("a large file: %v", err)
	}
}

func TestFiles_DigestTellsFilesApart(t *testing.T) {
	a, b := playbook.Files{"a": []byte("x"), "b": []byte("")}, playbook.Files{"a": []byte(""), "b": []byte("x")}
	if a.Digest() == b.Digest() || a.Digest() != (playbook.Files{"b": []byte(""), "a": []byte("x")}).Digest() {
		t.Error("the digest does not follow the content")
	}
}
