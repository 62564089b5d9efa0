package kb

import "strings"

// stem takes the commonest endings off an English word, so that "opening",
// "opened" and "opens" are one term. It errs on the side of leaving a word
// alone: two words made one by mistake hurt more than two forms kept apart.
func stem(w string) string {
	n := len(w)
	if n < 4 || w[n-1] >= 0x80 || hasDigit(w) {
		return w
	}
	switch {
	case strings.HasSuffix(w, "sses"):
		w = w[:n-2]
	case strings.HasSuffix(w, "ies") && n > 4:
		w = w[:n-3] + "y"
	case strings.HasSuffix(w, "es") && n > 4 && hissing(w[:n-2]):
		w = w[:n-2]
	case strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") && !strings.HasSuffix(w, "is"):
		w = w[:n-1]
	}
	n = len(w)
	switch {
	case strings.HasSuffix(w, "ied") && n > 4:
		w = w[:n-3] + "y"
	case strings.HasSuffix(w, "ing") && n > 5 && hasVowel(w[:n-3]):
		w = undouble(w[:n-3])
	case strings.HasSuffix(w, "ed") && n > 4 && hasVowel(w[:n-2]):
		w = undouble(w[:n-2])
	case strings.HasSuffix(w, "ments") && n > 7:
		w = w[:n-5]
	case strings.HasSuffix(w, "ment") && n > 6:
		w = w[:n-4]
	case strings.HasSuffix(w, "ly") && n > 5:
		w = w[:n-2]
	}
	n = len(w)
	switch {
	case strings.HasSuffix(w, "ation") && n > 7:
		w = w[:n-5]
	case strings.HasSuffix(w, "ion") && n > 6 && (w[n-4] == 't' || w[n-4] == 's'):
		w = w[:n-3]
	case strings.HasSuffix(w, "er") && n > 5:
		w = undouble(w[:n-2])
	case strings.HasSuffix(w, "or") && n > 6:
		w = w[:n-2]
	}
	n = len(w)
	switch {
	case n > 3 && w[n-1] == 'e':
		w = w[:n-1]
	case n > 3 && w[n-1] == 'y' && !vowel(w[n-2]):
		w = w[:n-1] + "i"
	}
	return w
}

// undouble turns "stopp" into "stop"; "call" and "pass" keep theirs.
func undouble(w string) string {
	n := len(w)
	if n > 3 && w[n-1] == w[n-2] && !vowel(w[n-1]) && w[n-1] != 'l' && w[n-1] != 's' && w[n-1] != 'z' {
		return w[:n-1]
	}
	return w
}

// hissing reports whether a plural of w is made with -es.
func hissing(w string) bool {
	for _, end := range [...]string{"s", "x", "z", "ch", "sh"} {
		if strings.HasSuffix(w, end) {
			return true
		}
	}
	return false
}

func hasVowel(w string) bool {
	for i := range len(w) {
		if vowel(w[i]) || w[i] == 'y' {
			return true
		}
	}
	return false
}

func vowel(c byte) bool {
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'
}

func hasDigit(w string) bool {
	for i := range len(w) {
		if w[i] >= '0' && w[i] <= '9' {
			return true
		}
	}
	return false
}
