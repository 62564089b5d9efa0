package bot

import (
	"cmp"
	"fmt"
	"regexp"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/yamlfile"
)

// Topic is something that the bot does not speak about, such as legal advice.
// Who asks for it is told so and led back to what there is.
type Topic struct {
	Name     string
	Title    desk.Text // for a model that understands; its name if empty
	Say      desk.Text // in place of the engine's own words
	Examples map[desk.Lang][]string
}

// The bounds of refused topics.
const (
	maxTopics        = 20
	maxTopicExamples = 200
	leastExamples    = 3
)

// refusedTopic is the Value of the mark of a topic that is not spoken about.
const refusedTopic = "refused_topic"

type topicFile struct {
	Topic    string              `yaml:"topic"`
	Title    desk.Text           `yaml:"title"`
	Say      desk.Text           `yaml:"say"`
	Examples map[string][]string `yaml:"examples"`
}

var topicName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

func readTopics(doc *yamlfile.Doc, raw []topicFile) ([]Topic, yamlfile.Errors) {
	var errs yamlfile.Errors
	if len(raw) > maxTopics {
		return nil, append(errs, doc.Errorf("$.refuse", "%d topics, the limit is %d", len(raw), maxTopics))
	}
	seen := map[string]bool{}
	out := make([]Topic, 0, len(raw))
	for i, f := range raw {
		path := fmt.Sprintf("$.refuse[%d]", i)
		t := Topic{Name: f.Topic, Title: f.Title, Say: f.Say, Examples: map[desk.Lang][]string{}}
		if !topicName.MatchString(f.Topic) || seen[f.Topic] {
			errs = append(errs, doc.Errorf(path, "a topic needs a name of its own, of small letters, digits and _; got %q", f.Topic))
		}
		seen[f.Topic] = true
		n := 0
		for lang, list := range f.Examples {
			if lang != string(desk.English) && lang != string(desk.Chinese) {
				errs = append(errs, doc.Errorf(path+".examples", "unknown language %q: use en or zh", lang))
			}
			t.Examples[desk.Lang(lang)] = list
			n += len(list)
		}
		if n < leastExamples || n > maxTopicExamples {
			errs = append(errs, doc.Errorf(path, "a topic is known by its examples: give %d to %d of what customers say, got %d", leastExamples, maxTopicExamples, n))
		}
		out = append(out, t)
	}
	return out, errs
}

// refuseTopic says that a topic is not spoken about here, and what there is. An
// understander cannot name a topic that the playbook has not.
func (r *run) refuseTopic(name string) bool {
	for _, t := range r.bot.settings.Refuse {
		if t.Name != name {
			continue
		}
		words := phrase("not_here").words(r.lang)
		if !t.Say.IsZero() {
			words = t.Say.In(r.lang)
		}
		r.mark(desk.Mark{Kind: desk.MarkSteered, Value: refusedTopic, Data: map[string]string{"topic": cmp.Or(t.Title.In(r.lang), t.Name)}})
		if r.active() != nil {
			r.lead = append(r.lead, words)
			r.human = true
			r.backTo()
			return true
		}
		r.st.Steered++
		var opts options
		for _, c := range r.choices(nil) {
			opts.add(r.goOption(c.Target, c.Title))
		}
		opts.add(r.humanOption())
		r.ask(desk.Content{Text: words, Options: opts})
		return true
	}
	return false
}
