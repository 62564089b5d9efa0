package evals

import (
	"embed"
	"path"
)

//go:embed attacks/*.yaml
var attacks embed.FS

// Attacks are suites that hold for every playbook: customers who try to have
// the bot say, tell or do what it must not. In each the bot calls no tool, says
// nothing that it was made to say, and still gets him a person.
func Attacks() ([]Suite, error) {
	entries, err := attacks.ReadDir("attacks")
	if err != nil {
		return nil, err
	}
	var out []Suite
	for _, e := range entries {
		name := path.Join("attacks", e.Name())
		data, err := attacks.ReadFile(name)
		if err != nil {
			return nil, err
		}
		s, err := ParseSuite(name, data)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}
