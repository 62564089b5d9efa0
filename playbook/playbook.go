// Package playbook is a folder of menus, flows, tools, queues, articles,
// replies and suites that belong together: read with every problem at its
// place, built into a desk.Book, published in one step after its suites, and
// taken back with one click.
package playbook

import (
	"time"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/internal/yamlfile"
	"github.com/parleyhq/parley/itr"
	"github.com/parleyhq/parley/kb"
)

// Playbook is a folder that was read and fits together.
type Playbook struct {
	Name  string
	Title desk.Text
	Start desk.Target // a menu or a flow: where a new conversation begins
	Human desk.Target // the queue of those who want a person
	Langs []desk.Lang
	Zone  *time.Location
	Brand Brand

	Menus    []itr.MenuDef
	Bot      bot.Definition
	Queues   []desk.Queue
	Articles []kb.File
	Canned   []assist.Canned
	Synonyms []kb.SynonymSet // of its articles' words, one for each language
	Suites   []evals.Suite

	Retrieval []evals.RetrievalSet // of tests/retrieval.yaml

	verify desk.Target // of playbook.yaml; bot.yaml may name it, too

	Files    Files           // what it was read from
	Warnings yamlfile.Errors // what is odd but does not stop it
}

// Problems are what is wrong, or odd, in the files of a playbook, each at its
// file, line and column.
type Problems = yamlfile.Errors

// Brand is how a playbook presents itself to customers.
type Brand struct {
	Accent   string    `yaml:"accent" json:"accent"` // "#8a4b2a"
	Greeting desk.Text `yaml:"greeting" json:"greeting"`
}

// Tool returns the definition of a tool.
func (p *Playbook) Tool(name string) (bot.ToolDef, bool) {
	for _, t := range p.Bot.Tools {
		if t.Name == name {
			return t, true
		}
	}
	return bot.ToolDef{}, false
}
