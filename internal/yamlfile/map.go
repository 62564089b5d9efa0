package yamlfile

import "iter"

// Map is a map that remembers the order of its keys in the file: the order in
// which a flow asks for its slots.
type Map[T any] struct {
	keys   []string
	values []T
}

var _ ordered = (*Map[int])(nil)

func (m *Map[T]) fill(keys []string) func(int) any {
	m.keys, m.values = keys, make([]T, len(keys))
	return func(i int) any { return &m.values[i] }
}

// Set gives key a value; a new key comes last.
func (m *Map[T]) Set(key string, value T) {
	for i, k := range m.keys {
		if k == key {
			m.values[i] = value
			return
		}
	}
	m.keys, m.values = append(m.keys, key), append(m.values, value)
}

// Get returns the value of key.
func (m Map[T]) Get(key string) (value T, ok bool) {
	for i, k := range m.keys {
		if k == key {
			return m.values[i], true
		}
	}
	return value, false
}

// Keys lists the keys in the order of the file.
func (m Map[T]) Keys() []string { return m.keys }

// Len counts the keys.
func (m Map[T]) Len() int { return len(m.keys) }

// All yields the pairs in the order of the file.
func (m Map[T]) All() iter.Seq2[string, T] {
	return func(yield func(string, T) bool) {
		for i, k := range m.keys {
			if !yield(k, m.values[i]) {
				return
			}
		}
	}
}

// List is one value or a list of them: "said: hello" and "said: [a, b]".
type List[T any] []T

// UnmarshalYAML reads both forms. When neither fits, the error is that of the
// form that was written.
func (l *List[T]) UnmarshalYAML(decode func(any) error) error {
	var probe any
	if err := decode(&probe); err != nil {
		return err
	}
	if _, many := probe.([]any); many {
		return decode((*[]T)(l))
	}
	if probe == nil {
		return nil
	}
	var one T
	if err := decode(&one); err != nil {
		return err
	}
	*l = List[T]{one}
	return nil
}
