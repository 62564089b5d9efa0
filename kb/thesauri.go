package kb

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/yamlfile"
)

// whose names a set of synonyms.
type whose struct {
	playbook string
	lang     desk.Lang
}

// SetSynonyms makes the next searches use a set, in place of what the index
// had for its playbook and language.
func (x *Index) SetSynonyms(s SynonymSet) {
	t := newThesaurus(s.Synonyms, sameWeight)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.synonyms[whose{s.Playbook, s.Lang}] = t
}

// alternatives gathers what may be written in the place of q's words: what the
// editor says means the same, and what was misspelt.
func (x *Index) alternatives(lang desk.Lang, s *shard, q query) []alternative {
	out := x.synonyms[whose{"", lang}].in(q.tokens, nil)
	if q.Playbook != "" {
		out = x.synonyms[whose{q.Playbook, lang}].in(q.tokens, out)
	}
	return s.respelt(q, out)
}

// Synonyms reads the synonyms of a playbook in one language. Those that were
// never saved are an empty set of version 0.
func (l *Library) Synonyms(ctx context.Context, playbook string, lang desk.Lang) (SynonymSet, error) {
	if err := (SynonymSet{Lang: lang}).Check(); err != nil {
		return SynonymSet{}, err
	}
	all, err := l.Store.Synonyms(ctx)
	if err != nil {
		return SynonymSet{}, fmt.Errorf("read synonyms: %w", err)
	}
	for _, s := range all {
		if s.Playbook == playbook && s.Lang == lang {
			return s, nil
		}
	}
	return SynonymSet{Playbook: playbook, Lang: lang, Synonyms: []Synonym{}}, nil
}

// SetSynonyms saves the synonyms of a playbook in one language. From then on
// they are used on this node, and on others as soon as the event arrives.
// set.Version is the one that the edit is based on; when somebody else has
// saved since, the error is of kind Conflict, code "stale_synonyms".
func (l *Library) SetSynonyms(ctx context.Context, by string, set SynonymSet) (SynonymSet, error) {
	set = set.Clean()
	if err := set.Check(); err != nil {
		return SynonymSet{}, err
	}
	before, err := l.Synonyms(ctx, set.Playbook, set.Lang)
	if err != nil {
		return SynonymSet{}, err
	}
	if set.Version != before.Version {
		return SynonymSet{}, &desk.Error{Kind: desk.Conflict, Code: "stale_synonyms", Field: "version",
			Message: fmt.Sprintf("the synonyms have changed meanwhile: version %d is by %s", before.Version, before.UpdatedBy)}
	}
	set.Origin = before.Origin
	return l.saveSynonyms(ctx, by, set)
}

func (l *Library) saveSynonyms(ctx context.Context, by string, set SynonymSet) (SynonymSet, error) {
	set.Version++
	set.UpdatedAt, set.UpdatedBy = micro(l.now()), by
	if err := l.Store.SaveSynonyms(ctx, set); err != nil {
		return SynonymSet{}, fmt.Errorf("save synonyms: %w", err)
	}
	if err := l.syncSynonyms(ctx); err != nil {
		return SynonymSet{}, fmt.Errorf("the synonyms are stored, but not yet used: %w", err)
	}
	l.tell(Changed{})
	return set, nil
}

// syncSynonyms makes the index use the synonyms that the store has.
func (l *Library) syncSynonyms(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	all, err := l.Store.Synonyms(ctx)
	if err != nil {
		return fmt.Errorf("read synonyms: %w", err)
	}
	for _, s := range all {
		l.Index.SetSynonyms(s)
	}
	return nil
}

// hash names what a set says, whoever saved it.
func (s SynonymSet) hash() string {
	b, err := json.Marshal(s.Clean().Synonyms)
	if err != nil {
		return "" // strings alone: it never fails
	}
	return hashesOf([]string{string(b)})[0]
}

// ParseSynonyms reads the file synonyms.yaml of a playbook:
//
//	version: 1
//	synonyms:
//	  en:
//	    - {words: [wifi, internet, wlan]}
//	    - {words: [latte, flat white], of: coffee}
//
// The error is a yamlfile.Errors with the place of each fault.
func ParseSynonyms(name string, data []byte) ([]SynonymSet, error) {
	var file struct {
		Version  int                     `yaml:"version"` // checked by the decoder
		Synonyms map[desk.Lang][]Synonym `yaml:"synonyms"`
	}
	if err := yamlfile.Decode(name, data, &file); err != nil {
		return nil, err
	}
	fail := func(path, message string) error {
		line, column := yamlfile.At(name, data, path)
		return yamlfile.Errors{{File: name, Line: line, Column: column, Message: message}}
	}
	for lang := range file.Synonyms {
		if err := (SynonymSet{Lang: lang}).Check(); err != nil {
			return nil, fail("$.synonyms", fmt.Sprintf("unknown language %q: use en or zh", lang))
		}
	}
	var out []SynonymSet
	for _, lang := range []desk.Lang{desk.English, desk.Chinese} {
		list, ok := file.Synonyms[lang]
		if !ok {
			continue
		}
		set := SynonymSet{Lang: lang, Synonyms: list}.Clean()
		if err := set.Check(); err != nil {
			return nil, fail("$.synonyms."+string(lang), err.Error())
		}
		out = append(out, set)
	}
	return out, nil
}

// ImportSynonyms takes in the synonyms of a playbook's file. A set that
// somebody has edited since it was last imported stays as he left it.
func (l *Library) ImportSynonyms(ctx context.Context, by, playbook string, sets []SynonymSet) error {
	for _, set := range sets {
		before, err := l.Synonyms(ctx, playbook, set.Lang)
		if err != nil {
			return err
		}
		hash := set.hash()
		if before.Version > 0 && (before.Origin == hash || before.Origin != before.hash()) {
			continue // nothing new in the file, or edited here
		}
		before.Synonyms, before.Origin = set.Clean().Synonyms, hash
		if _, err := l.saveSynonyms(ctx, by, before); err != nil {
			return err
		}
	}
	return nil
}
