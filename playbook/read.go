package playbook

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/internal/yamlfile"
	"github.com/parleyhq/parley/itr"
	"github.com/parleyhq/parley/kb"
)

// The files and folders of a playbook.
const (
	fileMain      = "playbook.yaml"
	fileRetrieval = "tests/retrieval.yaml"
	fileBot       = "bot.yaml"
	fileTools     = "tools.yaml"
	fileQueues    = "queues.yaml"
	fileCanned    = "canned.yaml"
	fileSynonyms  = "synonyms.yaml"

	dirMenus    = "menus"
	dirFlows    = "flows"
	dirTests    = "tests"
	dirArticles = "articles"
	dirTalks    = "dialogues"
)

// Read reads a playbook's folder. What is wrong comes back as a
// yamlfile.Errors with every problem, each at its file, line and column.
func Read(fsys fs.FS) (*Playbook, error) {
	files, err := ReadFiles(fsys)
	if err != nil {
		return nil, err
	}
	return Parse(files)
}

// Parse is Read for files in memory.
func Parse(files Files) (*Playbook, error) {
	r := &reader{p: &Playbook{Files: files}}
	r.errs = files.check()
	if len(r.errs) == 0 {
		r.main()
		for _, name := range files.Paths() {
			r.file(name, files[name])
		}
		r.cross()
	}
	if err := r.errs.Err(); err != nil {
		return nil, err
	}
	return r.p, nil
}

// reader is a reading under way.
type reader struct {
	p      *Playbook
	doc    *yamlfile.Doc // of playbook.yaml; nil when it cannot be read
	queues *yamlfile.Doc
	errs   yamlfile.Errors
	broken map[string]bool // folders with a file that cannot be read: what they lack may be in it
}

var (
	bookName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)
	colour   = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
)

func (r *reader) fail(path, format string, args ...any) {
	if r.doc == nil {
		r.errs.Add(fileMain, fmt.Errorf(format, args...))
		return
	}
	r.errs = append(r.errs, r.doc.Errorf(path, format, args...))
}

// main reads playbook.yaml.
func (r *reader) main() {
	p := r.p
	p.Zone, p.Langs = time.UTC, []desk.Lang{desk.English, desk.Chinese}
	data, ok := p.Files[fileMain]
	if !ok {
		r.errs.Add(fileMain, fmt.Errorf("the file is missing: it names the playbook, where it starts, and its queue for people"))
		return
	}
	var file struct {
		Version  int         `yaml:"version"`
		Playbook string      `yaml:"playbook"`
		Title    desk.Text   `yaml:"title"`
		Start    desk.Target `yaml:"start"`
		Langs    []desk.Lang `yaml:"langs"`
		Zone     string      `yaml:"zone"`
		Human    desk.Target `yaml:"human"`
		Verify   desk.Target `yaml:"verify"`
		Brand    Brand       `yaml:"brand"`
	}
	doc, err := yamlfile.Parse(fileMain, data)
	if err == nil {
		err = doc.Decode(&file)
	}
	if err != nil {
		r.errs.Add(fileMain, err)
		return
	}
	r.doc = doc
	p.Name, p.Title, p.Start, p.Human, p.Brand = file.Playbook, file.Title, file.Start, file.Human, file.Brand
	if !bookName.MatchString(p.Name) {
		r.fail("$.playbook", "playbook: a name of small letters, digits, - and _ is needed, got %q", p.Name)
	}
	if p.Title.In(desk.English) == "" {
		r.fail("$.title", "a title is needed")
	}
	r.langs(file.Langs)
	if file.Zone != "" {
		if p.Zone, err = time.LoadLocation(file.Zone); err != nil || file.Zone == "Local" {
			r.fail("$.zone", "unknown time zone %q: use a name such as Asia/Shanghai", file.Zone)
			p.Zone = time.UTC
		}
	}
	if k := p.Start.Kind(); k != desk.KindMenu && k != desk.KindFlow {
		r.fail("$.start", "start is menu:NAME or flow:NAME, got %q", p.Start)
	}
	p.verify = file.Verify
	if k := p.verify.Kind(); p.verify != "" && k != desk.KindFlow {
		r.fail("$.verify", "verify is the flow in which customers prove who they are: flow:NAME, got %q", p.verify)
	}
	if p.Human.Kind() != desk.KindQueue {
		r.fail("$.human", "human is the queue of those who want a person: queue:NAME, got %q", p.Human)
	}
	if p.Brand.Accent != "" && !colour.MatchString(p.Brand.Accent) {
		r.fail("$.brand.accent", "accent is a colour such as \"#8a4b2a\", got %q", p.Brand.Accent)
	}
	r.texts("$.title", p.Title)
	r.texts("$.brand.greeting", p.Brand.Greeting)
}

// langs takes the languages that are known; none at all means all of them.
func (r *reader) langs(listed []desk.Lang) {
	var known []desk.Lang
	for i, l := range listed {
		if l != desk.English && l != desk.Chinese || slices.Contains(known, l) {
			r.fail(fmt.Sprintf("$.langs[%d]", i), "langs lists en and zh, each once; got %q", l)
			continue
		}
		known = append(known, l)
	}
	if len(known) > 0 {
		r.p.Langs = known
	}
}

func (r *reader) texts(path string, t desk.Text) {
	for _, l := range missing(t, r.p.Langs) {
		r.fail(path, "the text in %q is missing", l)
	}
}

// missing lists the languages that a text which is there at all lacks.
func missing(t desk.Text, langs []desk.Lang) (out []desk.Lang) {
	if t.IsZero() {
		return nil
	}
	for _, l := range langs {
		if strings.TrimSpace(t[l]) == "" && strings.TrimSpace(t[""]) == "" {
			out = append(out, l)
		}
	}
	return out
}

// file reads one file by what its path says it is.
func (r *reader) file(name string, data []byte) {
	p := r.p
	var err error
	dir, base := path.Split(name)
	dir = strings.TrimSuffix(dir, "/")
	yaml := path.Ext(base) == ".yaml"
	switch {
	case name == fileMain:
	case name == fileBot:
		p.Bot.Settings, err = bot.ParseBot(name, data)
	case name == fileTools:
		p.Bot.Tools, err = bot.ParseTools(name, data)
	case name == fileQueues:
		err = r.readQueues(data)
	case name == fileCanned:
		p.Canned, err = assist.ParseCanned(name, data)
	case name == fileSynonyms:
		p.Synonyms, err = kb.ParseSynonyms(name, data)
	case dir == dirMenus && yaml:
		err = collect(&p.Menus, name, data, itr.ParseMenu)
	case dir == dirFlows && yaml:
		err = collect(&p.Bot.Flows, name, data, bot.ParseFlow)
	case name == fileRetrieval:
		p.Retrieval, err = evals.ParseRetrieval(name, data)
	case dir == dirTests && yaml:
		err = collect(&p.Suites, name, data, evals.ParseSuite)
	case dir == dirTalks && yaml:
		var list []bot.Recorded
		list, err = bot.ParseRecorded(name, data)
		p.Bot.Recorded = append(p.Bot.Recorded, list...)
	case dir == dirArticles && path.Ext(base) == ".md":
		err = collect(&p.Articles, name, data, kb.ParseFile)
	default:
		err = fmt.Errorf("no such file belongs to a playbook: use %s, %s, %s, %s, %s, %s, or menus/, flows/, dialogues/, tests/ *.yaml, articles/SLUG.LANG.md",
			fileMain, fileBot, fileTools, fileQueues, fileCanned, fileSynonyms)
	}
	if err != nil {
		r.errs.Add(name, err)
		if r.broken == nil {
			r.broken = map[string]bool{}
		}
		r.broken[dir], r.broken[name] = true, true
	}
}

func collect[T any](into *[]T, name string, data []byte, parse func(string, []byte) (T, error)) error {
	v, err := parse(name, data)
	if err == nil {
		*into = append(*into, v)
	}
	return err
}

// readQueues reads queues.yaml.
func (r *reader) readQueues(data []byte) error {
	var file struct {
		Version int `yaml:"version"`
		Queues  []struct {
			Name     desk.QueueName `yaml:"name"`
			Title    desk.Text      `yaml:"title"`
			Skills   []string       `yaml:"skills"`
			Priority int            `yaml:"priority"`
			OnHold   desk.OnHold    `yaml:"on_hold"`

			Dispositions []desk.Disposition `yaml:"dispositions"`
		} `yaml:"queues"`
	}
	doc, err := yamlfile.Parse(fileQueues, data)
	if err != nil {
		return err
	}
	if err := doc.Decode(&file); err != nil {
		return err
	}
	r.queues = doc
	var errs yamlfile.Errors
	seen := map[desk.QueueName]bool{}
	for i, q := range file.Queues {
		at := fmt.Sprintf("$.queues[%d]", i)
		if _, err := desk.ParseTarget("queue:" + string(q.Name)); err != nil || seen[q.Name] {
			errs = append(errs, doc.Errorf(at+".name", "a queue needs a name of its own, of small letters, digits, - and _; got %q", q.Name))
		}
		if q.Priority < -100 || q.Priority > 100 {
			errs = append(errs, doc.Errorf(at+".priority", "priority is -100 to 100"))
		}
		for _, l := range missing(q.Title, r.p.Langs) {
			errs = append(errs, doc.Errorf(at+".title", "the text in %q is missing", l))
		}
		for path, problem := range waiting(q.OnHold, q.Dispositions, r.p.Langs) {
			errs = append(errs, doc.Errorf(at+path, "%s", problem))
		}
		seen[q.Name] = true
		r.p.Queues = append(r.p.Queues, desk.Queue{
			Name: q.Name, Title: q.Title, Skills: q.Skills, Priority: q.Priority, Playbook: r.p.Name, OnHold: q.OnHold, Dispositions: q.Dispositions,
		})
	}
	return errs.Err()
}
