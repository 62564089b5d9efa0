package assist

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/yamlfile"
)

// ParseCanned reads the canned.yaml of a playbook. The error is a
// yamlfile.Errors with the place of each fault.
func ParseCanned(name string, data []byte) ([]Canned, error) {
	doc, err := yamlfile.Parse(name, data)
	if err != nil {
		return nil, err
	}
	var file struct {
		Version int `yaml:"version"`
		Replies []struct {
			Key       string              `yaml:"key"`
			Title     desk.Text           `yaml:"title"`
			Text      desk.Text           `yaml:"text"`
			Questions map[string][]string `yaml:"questions"`
		} `yaml:"replies"`
	}
	if err := doc.Decode(&file); err != nil {
		return nil, err
	}
	var errs yamlfile.Errors
	var out []Canned
	seen := map[string]bool{}
	for i, r := range file.Replies {
		c := Canned{Key: r.Key, Title: r.Title, Text: r.Text}
		if len(r.Questions) > 0 {
			c.Questions = map[desk.Lang][]string{}
			for lang, list := range r.Questions {
				c.Questions[desk.Lang(lang)] = list
			}
		}
		err := c.Check()
		if err == nil && seen[c.Key] {
			err = fmt.Errorf("key: there are two replies %q", c.Key)
		}
		seen[c.Key] = true
		if err != nil {
			line, col := doc.At(fmt.Sprintf("$.replies[%d]", i))
			errs = append(errs, &yamlfile.Error{File: name, Line: line, Column: col, Message: err.Error()})
		}
		out = append(out, c)
	}
	return out, errs.Err()
}

// Imported says what an import did, by key.
type Imported struct {
	Added     []string `json:"added,omitempty"`
	Updated   []string `json:"updated,omitempty"`
	Unchanged []string `json:"unchanged,omitempty"`
	Kept      []string `json:"kept,omitempty"` // edited here since the last import
	Removed   []string `json:"removed,omitempty"`
}

const importTries = 5

// Import stores the replies of a playbook in one transaction. What somebody
// has edited since it was last imported stays as he left it. What came from
// the file and is not in it any more goes, unless edited.
func (d *Desk) Import(ctx context.Context, by, playbook string, replies []Canned) (Imported, error) {
	if playbook == "" {
		return Imported{}, desk.Errorf(desk.Invalid, "no_playbook", "an import needs a playbook")
	}
	for range importTries {
		put, drop, report, err := d.plan(ctx, by, playbook, replies)
		if err != nil {
			return Imported{}, err
		}
		if len(put)+len(drop) == 0 {
			return report, nil
		}
		err = d.Store.WriteCanned(ctx, put, drop)
		if c := code(err); c == "stale_canned" || c == "key_taken" {
			continue // an editor or another node was faster: plan again
		}
		if err != nil {
			return Imported{}, fmt.Errorf("import the replies of %s: %w", playbook, err)
		}
		return report, d.changed(ctx)
	}
	return Imported{}, desk.Errorf(desk.Conflict, "stale_canned", "replies of %s are being changed at the same time: try again", playbook)
}

func (d *Desk) plan(ctx context.Context, by, playbook string, replies []Canned) (put []Canned, drop []desk.ID, r Imported, err error) {
	stored, err := d.Store.PlaybookCanned(ctx, playbook)
	if err != nil {
		return nil, nil, r, fmt.Errorf("read the replies of %s: %w", playbook, err)
	}
	byKey := map[string]Canned{}
	for _, c := range stored {
		byKey[c.Key] = c
	}
	now := d.now().UTC().Truncate(time.Microsecond)
	gone := maps.Clone(byKey)
	for _, c := range replies {
		if err := c.Check(); err != nil {
			return nil, nil, r, fmt.Errorf("reply %s: %w", c.Key, err)
		}
		old, ok := byKey[c.Key]
		delete(gone, c.Key)
		switch {
		case !ok:
			c.ID, c.Version = desk.NewIDAt(now), 0
			r.Added = append(r.Added, c.Key)
		case old.hash() != old.Origin:
			r.Kept = append(r.Kept, c.Key)
			continue
		case old.hash() == c.hash():
			r.Unchanged = append(r.Unchanged, c.Key)
			continue
		default:
			c.ID, c.Version = old.ID, old.Version
			r.Updated = append(r.Updated, c.Key)
		}
		c.Playbook, c.Origin, c.UpdatedAt, c.UpdatedBy = playbook, c.hash(), now, by
		c.Version++
		put = append(put, c)
	}
	for _, c := range stored {
		if _, ok := gone[c.Key]; ok && c.hash() == c.Origin {
			drop = append(drop, c.ID)
			r.Removed = append(r.Removed, c.Key)
		}
	}
	return put, drop, r, nil
}
