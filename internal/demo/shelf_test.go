package demo

import (
	"strconv"
	"testing"
)

func TestShelf_ForgetsTheOldest(t *testing.T) {
	s := newShelf[int](3)
	for i := range 10 {
		s.put(strconv.Itoa(i), i)
		s.put(strconv.Itoa(i), i) // a second time takes no place
	}
	if len(s.items) != 3 || len(s.order) != 3 {
		t.Fatalf("%d items, want 3", len(s.items))
	}
	for _, key := range []string{"7", "8", "9"} {
		if _, ok := s.get(key); !ok {
			t.Errorf("%s is forgotten", key)
		}
	}
}
