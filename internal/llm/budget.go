package llm

import "sync"

// Budget is how many tokens one conversation may still spend. A nil Budget has
// no limit. It is safe for use by several goroutines.
type Budget struct {
	mu   sync.Mutex
	left int // guarded by mu
}

// NewBudget is a budget of so many tokens.
func NewBudget(tokens int) *Budget { return &Budget{left: tokens} }

// Left is what may still be spent; never negative.
func (b *Budget) Left() int {
	if b == nil {
		return 1 << 30
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(b.left, 0)
}

// take sets n aside, if there is as much.
func (b *Budget) take(n int) bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left < n {
		return false
	}
	b.left -= n
	return true
}

// settle gives back what was set aside and takes what was used.
func (b *Budget) settle(aside, used int) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left += aside - used
}

// Budgets keeps the budgets of conversations, the latest used ones. One that
// has been forgotten begins anew.
type Budgets struct {
	tokens int
	mu     sync.Mutex
	by     map[string]*Budget // guarded by mu
	before map[string]*Budget // the generation before; guarded by mu
}

// budgetsKept is how many conversations are remembered at least.
const budgetsKept = 10_000

// NewBudgets gives every conversation so many tokens.
func NewBudgets(tokens int) *Budgets {
	return &Budgets{tokens: tokens, by: map[string]*Budget{}}
}

// For is the budget of a conversation. No Budgets, and a conversation without
// a name, have no limit.
func (b *Budgets) For(conversation string) *Budget {
	if b == nil || conversation == "" {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if one := b.by[conversation]; one != nil {
		return one
	}
	one := b.before[conversation]
	if one == nil {
		one = NewBudget(b.tokens)
	}
	if len(b.by) >= budgetsKept {
		b.before, b.by = b.by, map[string]*Budget{}
	}
	b.by[conversation] = one
	return one
}
