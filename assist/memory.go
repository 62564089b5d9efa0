package assist

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// Memory is what agents answered before. Replies that say the same are one;
// the newest MostPast count. Its methods may be called at the same time.
type Memory struct {
	mu      sync.RWMutex // guards all below; the index has a lock of its own
	groups  map[string]*template
	bands   map[uint64]string // keys of templates in own words
	of      map[desk.ID]string
	order   []desk.ID      // of past replies, the oldest first
	lessons []Past         // the newest, for the learner
	sorts   map[string]int // how often a sort of situation was there
	index   *kb.Index      // of templates in own words
	learner *learner       // nil: too few replies to learn from
	classes []*template    // what the learner's classes are; its last class is any other reply
	since   int            // replies added or withdrawn since the learner was trained
}

// Bounds on what the learner takes in.
const (
	mostLessons  = 20_000
	leastLessons = 150
	mostClasses  = 500
	leastAlike   = 3 // replies that make a class
	nearly       = 0.85
	strangeHere  = 0.25 // what a reply counts in a sort of situation where it was never given
	rarely       = 0.5  // what a reply found by words alone counts beside those that are learnt
	wellKnown    = 30   // times that a sort of situation was there, for that
)

// NewMemory makes an empty one.
func NewMemory() *Memory {
	return &Memory{groups: map[string]*template{}, bands: map[uint64]string{}, of: map[desk.ID]string{}, sorts: map[string]int{}, index: kb.NewIndex()}
}

// Add takes replies in, the oldest first; a known one is taken in anew, or
// forgotten when it was withdrawn. What is added can be recalled at once by its
// words, and by its situation after the next Train.
func (m *Memory) Add(list ...Past) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range list {
		m.forget(p.ID)
		if p.Withdrawn || p.Text == "" {
			continue
		}
		p.Situation = p.Situation.bounded()
		t := m.templateOf(p)
		if t.add(p) && t.own && len(t.asked) > 0 && t.offered {
			m.index.Put(t.article(), nil)
		}
		m.of[p.ID] = t.key
		m.order = append(m.order, p.ID)
		m.sorts[p.Situation.Kind()]++
		m.lessons = append(m.lessons, p)
		m.since++
		if len(m.lessons) > mostLessons+mostLessons/4 {
			m.lessons = slices.Clone(m.lessons[len(m.lessons)-mostLessons:])
		}
		for len(m.of) > MostPast && len(m.order) > 0 {
			m.forget(m.order[0])
		}
	}
}

// templateOf finds the template of a reply, or makes it.
func (m *Memory) templateOf(p Past) *template {
	key, own := p.Group, false
	if key == "" {
		key, own = ownKey(p.Situation.Playbook, p.Lang, p.Text), true
	}
	if t := m.groups[key]; t != nil {
		return t
	}
	t := &template{key: key, text: p.Text, playbook: p.Situation.Playbook, lang: p.Lang, own: own, where: map[string]int{}}
	if own {
		t.bands = bandsOf(t.playbook, t.lang, p.Text)
		for _, b := range t.bands {
			if near := m.groups[m.bands[b]]; near != nil && sameNumbers(near.text, p.Text) && Similarity(near.text, p.Text) >= nearly {
				return near
			}
		}
		for _, b := range t.bands {
			if _, taken := m.bands[b]; !taken {
				m.bands[b] = key
			}
		}
	}
	m.groups[key] = t
	return t
}

// forget takes a reply out. What it taught the learner goes with the next Train.
func (m *Memory) forget(id desk.ID) {
	key, ok := m.of[id]
	if len(m.order) > 0 && m.order[0] == id {
		m.order = m.order[1:]
	} else if ok {
		m.order = slices.DeleteFunc(m.order, func(o desk.ID) bool { return o == id })
	}
	if !ok {
		return
	}
	delete(m.of, id)
	m.since++
	if i := slices.IndexFunc(m.lessons, func(p Past) bool { return p.ID == id }); i >= 0 {
		m.lessons = slices.Delete(m.lessons, i, i+1)
	}
	t := m.groups[key]
	t.quality -= t.quality / float64(max(t.count, 1))
	if t.count--; t.count > 0 {
		return
	}
	delete(m.groups, key)
	for _, b := range t.bands {
		if m.bands[b] == key {
			delete(m.bands, b)
		}
	}
	m.index.Remove(desk.ID(key))
}

// Size is how many replies are remembered, and how many different ones.
func (m *Memory) Size() (replies, templates int) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return len(m.of), len(m.groups)
}

// due reports whether so much is new that training anew is worth it.
func (m *Memory) due() bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return len(m.lessons) >= leastLessons && m.since > max(20, len(m.lessons)/20)
}

// Train learns from the newest replies which of the frequent ones is given in
// which situation. It takes seconds; what is known before serves meanwhile.
func (m *Memory) Train(ctx context.Context) error {
	m.mu.Lock()
	lessons := slices.Clone(m.lessons[max(0, len(m.lessons)-mostLessons):])
	m.since = 0
	groups := slices.SortedFunc(maps.Values(m.groups), func(a, b *template) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.key, b.key))
	})
	var classes []*template
	class := map[string]int{}
	for _, t := range groups[:min(len(groups), mostClasses)] {
		if t.count >= leastAlike {
			class[t.key] = len(classes)
			classes = append(classes, t)
		}
	}
	keys := make([]string, len(lessons))
	for i, p := range lessons {
		keys[i] = m.of[p.ID]
	}
	m.mu.Unlock()
	var l *learner
	if len(lessons) >= leastLessons && len(classes) > 1 {
		list := make([]example, len(lessons))
		wholes := map[desk.ID]int{}
		for i, p := range lessons {
			c, ok := class[keys[i]]
			if !ok {
				c = len(classes) // any other
			}
			whole, ok := wholes[p.ConversationID]
			if !ok {
				whole = len(wholes)
				wholes[p.ConversationID] = whole
			}
			list[i] = example{p.Situation.features(), c, float32(p.Quality), whole}
		}
		var err error
		if l, err = train(ctx, list, len(classes)+1); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.learner, m.classes = l, classes
	return nil
}

// Recalled is what agents answered in situations like one.
type Recalled struct {
	Key        string // of the replies that say this
	Text       string // with variables
	Lang       desk.Lang
	Own        bool    // of agents' own words
	Count      int     // how often it was said
	Confidence float64 // that it is what a good agent would say now
	Learnt     bool    // by the learner: of these, at most one can be right
}

// Recall gives the likeliest replies, best first. Frequent ones are known by
// their situation; rare ones are looked for by what customers said before them.
func (m *Memory) Recall(s Situation, now time.Time, limit int) []Recalled {
	if m == nil {
		return nil
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	var out []Recalled
	known := map[string]bool{}
	rare := 1.0 // how likely a reply is called for that the learner does not know
	if m.learner != nil {
		strange := m.sorts[s.Kind()] >= wellKnown
		p := m.learner.predict(s.features())
		rare = rarely * p[len(p)-1]
		for i, t := range m.classes {
			known[t.key] = true
			if t.count == 0 || !t.offered && t.own || t.own && !t.speaks(s) {
				continue
			}
			if strange && t.where["in "+s.Kind()] == 0 {
				p[i] *= strangeHere
			}
			out = append(out, Recalled{t.key, t.text, t.lang, t.own, t.count, p[i], true})
		}
	}
	if s.Said != "" {
		q := kb.Question{Text: s.Said, Lang: s.Lang, Audience: kb.Agents, Playbook: s.Playbook, Now: now, Limit: 2 * limit}
		for _, h := range m.index.Search(q) {
			t := m.groups[string(h.Source.ArticleID)]
			if t == nil || known[t.key] || s.Lang != "" && t.lang != s.Lang {
				continue
			}
			out = append(out, Recalled{t.key, t.text, t.lang, t.own, t.count, rare * h.Confidence * t.fits(s) * t.worth(), false})
		}
	}
	slices.SortStableFunc(out, func(a, b Recalled) int { return cmp.Compare(b.Confidence, a.Confidence) })
	return out[:min(len(out), limit)]
}
