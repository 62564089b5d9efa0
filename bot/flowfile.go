package bot

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/yamlfile"
)

// The bounds of a flow.
const (
	maxSlots   = 24
	maxChoices = 200
	maxRetries = 10
)

// The shapes of a flow's file.
type (
	flowFile struct {
		Version  int                       `yaml:"version"`
		Flow     string                    `yaml:"flow"`
		Title    desk.Text                 `yaml:"title"`
		Examples map[string][]string       `yaml:"examples"`
		Slots    yamlfile.Map[slotFile]    `yaml:"slots"`
		Rules    []ruleFile                `yaml:"rules"`
		Confirm  string                    `yaml:"confirm"`
		Verify   bool                      `yaml:"verify"`
		Needs    string                    `yaml:"needs"`
		Do       *actionFile               `yaml:"do"`
		Then     yamlfile.List[endingFile] `yaml:"then"`
	}
	slotFile struct {
		Type      desk.SlotType `yaml:"type"`
		Of        []choiceFile  `yaml:"of"`
		Label     desk.Text     `yaml:"label"`
		Ask       desk.Text     `yaml:"ask"`
		When      string        `yaml:"when"`
		Optional  bool          `yaml:"optional"`
		Any       bool          `yaml:"any"`
		Sensitive bool          `yaml:"sensitive"`
		Validate  string        `yaml:"validate"`
		Invalid   desk.Text     `yaml:"invalid"`
		Hint      desk.Text     `yaml:"hint"`
		Pattern   string        `yaml:"pattern"`
		Min       string        `yaml:"min"`
		Max       string        `yaml:"max"`
		Currency  string        `yaml:"currency"`
		Retries   int           `yaml:"retries"`
	}
	choiceFile struct {
		Value    string
		Label    desk.Text
		Synonyms map[desk.Lang][]string
	}
	ruleFile struct {
		When   string    `yaml:"when"`
		Refuse string    `yaml:"refuse"`
		Say    desk.Text `yaml:"say"`
		Offer  []string  `yaml:"offer"`
	}
	actionFile struct {
		Tool   string            `yaml:"tool"`
		With   map[string]string `yaml:"with"`
		Save   map[string]string `yaml:"save"`
		Failed failedFile        `yaml:"failed"`
	}
	failedFile struct {
		Say desk.Text `yaml:"say"`
		Go  string    `yaml:"go"`
	}
	endingFile struct {
		When string    `yaml:"when"`
		Say  desk.Text `yaml:"say"`
		Card *cardFile `yaml:"card"`
		Go   string    `yaml:"go"`
	}
	cardFile struct {
		Title    desk.Text  `yaml:"title"`
		Subtitle desk.Text  `yaml:"subtitle"`
		Lines    []lineFile `yaml:"lines"`
	}
	lineFile struct {
		Label desk.Text `yaml:"label"`
		Value desk.Text `yaml:"value"`
	}
)

// UnmarshalYAML reads a plain value, or a map of value, label and synonyms.
func (c *choiceFile) UnmarshalYAML(decode func(any) error) error {
	var probe any
	if err := decode(&probe); err != nil {
		return err
	}
	if _, isMap := probe.(map[string]any); !isMap {
		return decode(&c.Value)
	}
	var full struct {
		Value    string       `yaml:"value"`
		Label    desk.Text    `yaml:"label"`
		Synonyms synonymsFile `yaml:"synonyms"`
	}
	if err := decode(&full); err != nil {
		return err
	}
	*c = choiceFile{full.Value, full.Label, full.Synonyms}
	return nil
}

type synonymsFile map[desk.Lang][]string

// UnmarshalYAML reads a list for every language, or a map of lists.
func (s *synonymsFile) UnmarshalYAML(decode func(any) error) error {
	var probe any
	if err := decode(&probe); err != nil {
		return err
	}
	if _, isList := probe.([]any); isList {
		var all []string
		if err := decode(&all); err != nil {
			return err
		}
		*s = synonymsFile{"": all}
		return nil
	}
	var many struct {
		En []string `yaml:"en"`
		Zh []string `yaml:"zh"`
	}
	if err := decode(&many); err != nil {
		return err
	}
	*s = synonymsFile{desk.English: many.En, desk.Chinese: many.Zh}
	return nil
}

var (
	flowName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)
	slotName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
)

// reservedNames cannot name a slot: they mean something in rules.
var reservedNames = slices.Concat(allowedBuiltins, []string{
	"value", "contact", "today", "days", "hours", "weekday",
	"in", "not", "and", "or", "matches", "contains", "let", "if", "else", "nil", "true", "false",
	"startsWith", "endsWith", "now", "date", "duration",
})

// ParseFlow reads and checks one flow file; what it returns on failure is a
// yamlfile.Errors with every fault at its place. What can only be checked
// against other files (tools, targets) New checks.
func ParseFlow(name string, data []byte) (Flow, error) {
	doc, err := yamlfile.Parse(name, data)
	if err != nil {
		return Flow{}, err
	}
	var raw flowFile
	if err := doc.Decode(&raw); err != nil {
		return Flow{}, err
	}
	p := &flowParser{doc: doc, flow: Flow{Name: raw.Flow, Title: raw.Title, file: name, doc: doc}}
	p.read(raw)
	if err := p.errs.Err(); err != nil {
		return Flow{}, err
	}
	return p.flow, nil
}

type flowParser struct {
	doc  *yamlfile.Doc
	flow Flow
	errs yamlfile.Errors
}

func (p *flowParser) fail(path, format string, args ...any) {
	p.errs = append(p.errs, p.doc.Errorf(path, format, args...))
}

func (p *flowParser) read(raw flowFile) {
	if !flowName.MatchString(raw.Flow) {
		p.fail("$.flow", "a flow needs a name of small letters, digits, - and _: flow: order_coffee")
	}
	if raw.Slots.Len() > maxSlots {
		p.fail("$.slots", "%d slots, the limit is %d", raw.Slots.Len(), maxSlots)
		return
	}
	for name, s := range raw.Slots.All() {
		p.slot(name, s)
	}
	p.examples(raw.Examples)
	for name, s := range raw.Slots.All() { // rules may mention slots further down
		p.slotRules(name, s)
	}
	if raw.Do != nil {
		p.action(*raw.Do)
	}
	for i, r := range raw.Rules {
		p.rule(indexed("$.rules", i), r)
	}
	for i, e := range raw.Then {
		p.flow.Then = append(p.flow.Then, p.ending(thenPath(p.doc, i), e))
	}
	switch raw.Confirm {
	case "customer":
		p.flow.Confirm = true
	case "", "none":
	default:
		p.fail("$.confirm", "confirm is customer or none, got %q", raw.Confirm)
	}
	p.proof(raw)
	if p.flow.Confirm && p.flow.Do == nil {
		p.fail("$.confirm", "there is nothing to confirm: the flow does nothing (do)")
	}
	p.texts()
}

func (p *flowParser) rule(path string, raw ruleFile) {
	r := Rule{When: raw.When, Refuse: raw.Refuse, Say: raw.Say, Offer: raw.Offer}
	s, ok := p.flow.Slot(raw.Refuse)
	if !ok {
		p.fail(path+".refuse", "refuse names a slot of this flow, got %q", raw.Refuse)
	}
	if raw.Say.IsZero() {
		p.fail(path, "a rule says why (say)")
	}
	for i, v := range raw.Offer {
		if _, known := s.Choice(v); s.Type == desk.SlotChoice && !known {
			p.fail(indexed(path+".offer", i), "%q is no value of %s: it is one of %s", v, s.Name, strings.Join(s.values(), ", "))
		}
	}
	r.when = p.compile(path+".when", raw.When, p.scope(), reflect.Bool)
	p.flow.Rules = append(p.flow.Rules, r)
}

func (p *flowParser) action(raw actionFile) {
	a := &Action{Tool: raw.Tool, With: raw.With, Save: raw.Save, with: map[string]*rule{}}
	for arg, source := range raw.With {
		if s, ok := p.flow.Slot(source); ok && s.Sensitive {
			continue // passed on as the reference it is
		}
		a.with[arg] = p.compile("$.do.with."+arg, source, p.scope(), reflect.Invalid)
	}
	for name := range raw.Save {
		_, taken := p.flow.Slot(name)
		if !slotName.MatchString(name) || slices.Contains(reservedNames, name) || taken {
			p.fail("$.do.save."+name, "%q cannot name what the tool gives: use small letters, digits and _, no name of a slot", name)
		}
	}
	a.Failed = Ending{Say: raw.Failed.Say, Go: p.target("$.do.failed.go", raw.Failed.Go)}
	p.flow.Do = a
}

func (p *flowParser) ending(path string, raw endingFile) Ending {
	e := Ending{When: raw.When, Say: raw.Say, Go: p.target(path+".go", raw.Go)}
	if raw.When != "" {
		sc := p.scope()
		sc.names = p.flow.saved()
		e.when = p.compile(path+".when", raw.When, sc, reflect.Bool)
	}
	if raw.Card != nil {
		e.Card = &EndCard{Title: raw.Card.Title, Subtitle: raw.Card.Subtitle}
		for _, l := range raw.Card.Lines {
			e.Card.Lines = append(e.Card.Lines, EndLine(l))
		}
	}
	return e
}

func (p *flowParser) target(path, s string) desk.Target {
	if s == "" {
		return ""
	}
	t, err := desk.ParseTarget(s)
	if err != nil {
		p.fail(path, "%v", err)
	}
	return t
}

func (p *flowParser) scope() scope { return scope{slots: p.flow.Slots} }

func (p *flowParser) compile(path, source string, sc scope, as reflect.Kind) *rule {
	if source == "" {
		p.fail(path, "an expression is missing")
		return nil
	}
	r, err := sc.compile(source, as)
	if err != nil {
		p.fail(path, "%v (in %s)", err, source)
		return nil
	}
	for _, name := range r.names {
		if s, ok := p.flow.Slot(name); ok && s.Sensitive {
			p.fail(path, "%s is sensitive: no expression can read it", name)
		}
	}
	return r
}

// texts checks the {{names}} of every text.
func (p *flowParser) texts() {
	known := []string{"contact.name"}
	for _, s := range p.flow.Slots {
		known = append(known, s.Name)
	}
	check := func(path string, t desk.Text, names []string) {
		if err := checkTemplate(t, names); err != nil {
			p.fail(path, "%v", err)
		}
	}
	for _, s := range p.flow.Slots {
		check("$.slots."+s.Name+".ask", s.Ask, known)
		check("$.slots."+s.Name+".invalid", s.Invalid, known)
		check("$.slots."+s.Name+".hint", s.Hint, known)
	}
	for i, r := range p.flow.Rules {
		check(indexed("$.rules", i)+".say", r.Say, known)
	}
	if p.flow.Do != nil {
		check("$.do.failed.say", p.flow.Do.Failed.Say, known)
	}
	known = append(known, p.flow.saved()...)
	for i, e := range p.flow.Then {
		path := thenPath(p.doc, i)
		check(path+".say", e.Say, known)
		if e.Card == nil {
			continue
		}
		check(path+".card.title", e.Card.Title, known)
		check(path+".card.subtitle", e.Card.Subtitle, known)
		for _, l := range e.Card.Lines {
			check(path+".card.lines", l.Label, known)
			check(path+".card.lines", l.Value, known)
		}
	}
}

// thenPath is where the ending of index i stands: in the list, or alone.
func thenPath(doc *yamlfile.Doc, i int) string {
	item := indexed("$.then", i)
	line, col := doc.At(item)
	if l, c := doc.At("$.then"); l == line && c == col {
		return "$.then"
	}
	return item
}

func indexed(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
