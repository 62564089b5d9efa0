package playbook

import (
	"fmt"
	"iter"

	"github.com/parleyhq/parley/desk"
)

// The bounds of what is heard in a queue, in seconds between announcements.
const (
	minEvery = 5
	maxEvery = 600
)

// waiting finds what is wrong with what is heard and seen in a queue, and with
// what its conversations may come to: a path within the queue, and the problem.
func waiting(h desk.OnHold, results []desk.Disposition, langs []desk.Lang) iter.Seq2[string, string] {
	return func(yield func(path, problem string) bool) {
		for _, l := range missing(h.Announce, langs) {
			if !yield(".on_hold.announce", fmt.Sprintf("the text in %q is missing", l)) {
				return
			}
		}
		for lang, name := range h.Prompts {
			if lang != desk.English && lang != desk.Chinese && lang != "" || !bookName.MatchString(name) {
				if !yield(".on_hold.prompts", "prompts names an uploaded prompt for each of en and zh") {
					return
				}
			}
		}
		if h.Music != "" && !bookName.MatchString(h.Music) && !yield(".on_hold.music", "music is the name of an uploaded prompt") {
			return
		}
		if h.Every != 0 && (h.Every < minEvery || h.Every > maxEvery) &&
			!yield(".on_hold.every", fmt.Sprintf("an announcement comes every %d to %d seconds", minEvery, maxEvery)) {
			return
		}
		seen := map[string]bool{}
		for i, d := range results {
			at := fmt.Sprintf(".dispositions[%d]", i)
			if !bookName.MatchString(d.Key) || seen[d.Key] {
				if !yield(at+".key", "a result has a key of its own, of small letters, digits, - and _") {
					return
				}
			}
			seen[d.Key] = true
			if d.Title.IsZero() && !yield(at, "a result has a title") {
				return
			}
			for _, l := range missing(d.Title, langs) {
				if !yield(at+".title", fmt.Sprintf("the text in %q is missing", l)) {
					return
				}
			}
		}
	}
}
