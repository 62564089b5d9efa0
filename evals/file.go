package evals

// The shapes of a suite file, in YAML and, the same, in the JSON of the API.
// ParseSuite says what is wrong in one; WriteSuite writes it.
type (
	// SuiteFile is a file in a playbook's tests/.
	SuiteFile struct {
		Version int                 `yaml:"version" json:"version,omitempty"` // 1
		Suite   string              `yaml:"suite" json:"suite"`
		Now     string              `yaml:"now" json:"now,omitempty" doc:"The clock of its cases: 2026-01-05T09:00."`
		Tools   map[string]FakeFile `yaml:"tools" json:"tools,omitempty" doc:"What tools answer."`
		Cases   []CaseFile          `yaml:"cases" json:"cases" nullable:"false"`
	}
	// FakeFile is how a tool behaves: an answer, answers, or an error.
	FakeFile struct {
		Answer  any    `yaml:"answer" json:"answer,omitempty"`
		Answers []any  `yaml:"answers" json:"answers,omitempty"`
		Error   string `yaml:"error" json:"error,omitempty"`
	}
	// CaseFile is one dialogue.
	CaseFile struct {
		Name     string        `yaml:"name" json:"name,omitempty"`
		Lang     string        `yaml:"lang" json:"lang,omitempty" enum:"en,zh"`
		Tags     OneOrMany     `yaml:"tags" json:"tags,omitempty" doc:"must_pass (as without), may_fail, or words of your own."`
		As       OneOrMany     `yaml:"as" json:"as,omitempty" doc:"Played as text, taps, keys, audio (a call): each is counted by itself."`
		Open     *bool         `yaml:"open" json:"open,omitempty" doc:"Whether the customer is greeted first; true unless said."`
		Customer *CustomerFile `yaml:"customer" json:"customer,omitempty" doc:"A simulated customer in place of turns."`
		Turns    []StepFile    `yaml:"turns" json:"turns,omitempty"`
		Expect   ExpectFile    `yaml:"expect" json:"expect,omitempty,omitzero" doc:"Of the conversation as a whole."`
		Judge    OneOrMany     `yaml:"judge" json:"judge,omitempty" doc:"Questions that a model answers with yes or no; a no fails the case."`
	}
	// CustomerFile is a simulated customer.
	CustomerFile struct {
		By       string    `yaml:"by" json:"by,omitempty" enum:"rules,model" doc:"rules unless said."`
		Goal     GoalFile  `yaml:"goal" json:"goal"`
		Style    OneOrMany `yaml:"style" json:"style,omitempty" doc:"terse, chatty, all_at_once, changes_mind, digresses, typos."`
		Persona  string    `yaml:"persona" json:"persona,omitempty" doc:"Who he is, in plain words, for a model."`
		Patience int       `yaml:"patience" json:"patience,omitempty" doc:"Turns after which he gives up; 20 unless said."`
	}
	// GoalFile is what he wants: a flow done, a question answered, or a person.
	GoalFile struct {
		Flow    string               `yaml:"flow" json:"flow,omitempty"`
		Slots   map[string]ValueFile `yaml:"slots" json:"slots,omitempty" doc:"What he wants there, as the flow keeps it."`
		Opens   OneOrMany            `yaml:"opens" json:"opens,omitempty" doc:"How he begins; made from the flow's title unless said."`
		Ask     string               `yaml:"ask" json:"ask,omitempty" doc:"A question to which the article is the answer."`
		Article string               `yaml:"article" json:"article,omitempty"`
		Queue   string               `yaml:"queue" json:"queue,omitempty" doc:"He wants a person, there."`
		Asides  OneOrMany            `yaml:"asides" json:"asides,omitempty" doc:"What he asks in between when he digresses."`
	}
	// ValueFile is a value and how he says it; in a file a string stands for
	// both.
	ValueFile struct {
		Value string    `yaml:"value" json:"value"`
		Say   OneOrMany `yaml:"say" json:"say,omitempty"`
	}
	// StepFile is one turn: user or tap.
	StepFile struct {
		User   *string    `yaml:"user" json:"user,omitempty"`
		Tap    *string    `yaml:"tap" json:"tap,omitempty" doc:"An option: by its label, value, target, verb or id."`
		Expect ExpectFile `yaml:"expect" json:"expect,omitempty,omitzero"`
	}
	// ExpectFile is what must hold then; see Expect.
	ExpectFile struct {
		Flow       *string                      `yaml:"flow" json:"flow,omitempty"`
		Completed  *string                      `yaml:"completed" json:"completed,omitempty"`
		Cancelled  *string                      `yaml:"cancelled" json:"cancelled,omitempty"`
		Slots      map[string]string            `yaml:"slots" json:"slots,omitempty"`
		Offered    OneOrMany                    `yaml:"offered" json:"offered,omitempty"`
		Clarified  OneOrMany                    `yaml:"clarified" json:"clarified,omitempty"`
		Reaches    OneOrMany                    `yaml:"reaches" json:"reaches,omitempty"`
		Confirming *bool                        `yaml:"confirming" json:"confirming,omitempty"`
		Called     map[string]map[string]string `yaml:"called" json:"called,omitzero"`
		HandedOver *string                      `yaml:"handed_over" json:"handed_over,omitempty"`
		Answered   *string                      `yaml:"answered" json:"answered,omitempty"`
		Steered    *bool                        `yaml:"steered" json:"steered,omitempty"`
		Said       OneOrMany                    `yaml:"said" json:"said,omitempty"`
		NotSaid    OneOrMany                    `yaml:"not_said" json:"not_said,omitempty"`
		Status     *string                      `yaml:"status" json:"status,omitempty"`
		Menu       *string                      `yaml:"menu" json:"menu,omitempty"`
		Refused    *string                      `yaml:"refused" json:"refused,omitempty"`
		Asking     *string                      `yaml:"asking" json:"asking,omitempty"`
	}
)

// OneOrMany is a list; in a file one string stands for a list of one.
type OneOrMany []string

// UnmarshalYAML reads either form.
func (o *OneOrMany) UnmarshalYAML(decode func(any) error) error {
	var one string
	if decode(&one) == nil {
		*o = OneOrMany{one}
		return nil
	}
	var many []string
	err := decode(&many)
	*o = many
	return err
}

// UnmarshalYAML reads a string or the two parts.
func (v *ValueFile) UnmarshalYAML(decode func(any) error) error {
	if decode(&v.Value) == nil {
		return nil
	}
	type parts ValueFile // without this method
	return decode((*parts)(v))
}

// name is what a case that has none is called by.
func (g GoalFile) name() string {
	switch {
	case g.Flow != "":
		return g.Flow
	case g.Ask != "":
		return g.Ask
	}
	return g.Queue
}
