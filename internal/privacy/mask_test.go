package privacy

import (
	"strings"
	"testing"
)

func TestMask_PutsBackWhatItHid(t *testing.T) {
	m := Mask{Person: Person{Names: []string{"Bo Chen"}, Values: []string{"5 Elm Street"}}}
	in := "I am Bo Chen, call 415 555 0132 or jo@example.com, bring it to 5 elm street"
	hidden := m.Hide(in)
	if want := "I am [name_1], call [phone_2] or [mail_3], bring it to [known_4]"; hidden != want {
		t.Fatalf("got %q, want %q", hidden, want)
	}
	if again := m.Hide("is it 415 555 0132?"); again != "is it [phone_2]?" {
		t.Errorf("the same value has another placeholder: %q", again)
	}
	if back := m.Show(hidden); back != in {
		t.Errorf("got %q back from %q", back, in)
	}
	if got := m.Show("[phone_9] [name]"); got != "[phone_9] [name]" {
		t.Errorf("what was never hidden became %q", got)
	}
}

func TestMask_APlaceholderThatSomebodyWroteIsNotTaken(t *testing.T) {
	var m Mask
	in := "[phone_1] is not 4155550132"
	hidden := m.Hide(in)
	if hidden != "[phone_1] is not [phone_2]" || m.Show(hidden) != in {
		t.Errorf("got %q, and %q back", hidden, m.Show(hidden))
	}
}

func FuzzMask(f *testing.F) {
	f.Add("call 4155550132 and [phone_1] and 4155550132", "jo@example.com")
	f.Fuzz(func(t *testing.T, a, b string) {
		m := Mask{Person: Person{Names: []string{"Bo Chen"}}}
		m.Hide(b)
		if strings.Contains(a, "[") { // what was written as a placeholder of the other text may be taken for it
			return
		}
		if back := m.Show(m.Hide(a)); back != a {
			t.Errorf("got %q back from %q", back, a)
		}
	})
}
