package bot

import (
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/yamlfile"
)

// Settings are what a playbook tunes. Zero fields take the defaults.
type Settings struct {
	Act     float64       // from this confidence on, do what was understood; default 0.6
	Clarify float64       // from here to Act offer the candidates; below, lead back; default 0.3
	Answer  float64       // least confidence of an answer from the knowledge base; default: the knowledge base's own word
	Depth   int           // flows that may stand interrupted at once; default 4
	Human   desk.Target   // the queue of those who want a person; required
	Verify  desk.Target   // the flow in which customers prove who they are, for those that need it
	Choices []desk.Target // what is offered when nothing was understood; default: the first flows

	Refuse []Topic // what it does not speak about

	Titles map[desk.Target]desk.Text // what to call menus, articles and queues that are offered; flows know their own
}

func (s Settings) withDefaults() Settings {
	if s.Act == 0 {
		s.Act = 0.6
	}
	if s.Clarify == 0 {
		s.Clarify = 0.3
	}
	if s.Depth == 0 {
		s.Depth = 4
	}
	return s
}

// ParseBot reads and checks bot.yaml. Human may be missing in it: a playbook
// sets it.
func ParseBot(name string, data []byte) (Settings, error) {
	doc, err := yamlfile.Parse(name, data)
	if err != nil {
		return Settings{}, err
	}
	var raw struct {
		Version int      `yaml:"version"`
		Act     float64  `yaml:"act"`
		Clarify float64  `yaml:"clarify"`
		Answer  float64  `yaml:"answer"`
		Depth   int      `yaml:"depth"`
		Human   string   `yaml:"human"`
		Verify  string   `yaml:"verify"`
		Choices []string `yaml:"choices"`

		Refuse []topicFile `yaml:"refuse"`
	}
	if err := doc.Decode(&raw); err != nil {
		return Settings{}, err
	}
	var errs yamlfile.Errors
	s := Settings{Act: raw.Act, Clarify: raw.Clarify, Answer: raw.Answer, Depth: raw.Depth}
	for key, v := range map[string]float64{"act": s.Act, "clarify": s.Clarify, "answer": s.Answer} {
		if v < 0 || v > 1 {
			errs = append(errs, doc.Errorf("$."+key, "%s is a confidence, 0 to 1", key))
		}
	}
	if d := s.withDefaults(); d.Clarify > d.Act {
		errs = append(errs, doc.Errorf("$.clarify", "clarify is at most act"))
	}
	if s.Depth < 0 || s.Depth > 8 {
		errs = append(errs, doc.Errorf("$.depth", "depth is 1 to 8"))
	}
	if raw.Human != "" {
		t, err := desk.ParseTarget(raw.Human)
		if err != nil || t.Kind() != desk.KindQueue {
			errs = append(errs, doc.Errorf("$.human", "human is a queue: queue:NAME"))
		}
		s.Human = t
	}
	if raw.Verify != "" {
		t, err := desk.ParseTarget(raw.Verify)
		if err != nil || t.Kind() != desk.KindFlow {
			errs = append(errs, doc.Errorf("$.verify", "verify is a flow: flow:NAME"))
		}
		s.Verify = t
	}
	for i, c := range raw.Choices {
		t, err := desk.ParseTarget(c)
		if err != nil || i >= 6 {
			errs = append(errs, doc.Errorf(indexed("$.choices", i), "choices are at most six targets: %v", err))
		}
		s.Choices = append(s.Choices, t)
	}
	topics, wrong := readTopics(doc, raw.Refuse)
	s.Refuse, errs = topics, append(errs, wrong...)
	return s, errs.Err()
}
