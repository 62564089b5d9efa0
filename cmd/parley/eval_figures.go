package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// figures prints what an eval of public data measured: sizes, shares as per
// cent, times in the unit that a name ends in, and how long it took.
func (s *session) figures(sets map[string]int, metrics map[string]float64, tookMS int64) {
	for _, name := range slices.Sorted(maps.Keys(sets)) {
		s.printf("%-28s %9d\n", name, sets[name])
	}
	for _, name := range slices.Sorted(maps.Keys(metrics)) {
		v := metrics[name]
		text := fmt.Sprintf("%9.1f %%", 100*v)
		switch {
		case strings.HasSuffix(name, "_us"):
			text = fmt.Sprintf("%9.0f us", v)
		case strings.HasSuffix(name, "_ms"):
			text = fmt.Sprintf("%9.1f ms", v)
		}
		s.printf("%-28s %s\n", name, text)
	}
	s.printf("%-28s %9d ms\n", "took", tookMS)
}
