package kb

// Term is one searchable piece of a text, as search sees it: a Latin word,
// folded and stemmed, or one or two Han characters. Weight, 0 to 1, says how
// much it tells: one for a word of meaning, less for a function word.
type Term struct {
	Text   string
	Weight float32
}

// Terms splits a text into its pieces, each once, sorted.
func Terms(text string) []Term {
	b := count(words(text))
	out := make([]Term, len(b))
	for i, t := range b {
		out[i] = Term{t.text, t.weight}
	}
	return out
}

// Passage is a piece of an article that is found and shown by itself.
type Passage struct {
	Heading string // the headings above it, joined by " › "
	Text    string // Markdown
}

// Passages splits the Markdown body of an article as search does.
func Passages(body string) []Passage {
	list := passages(body)
	out := make([]Passage, len(list))
	for i, p := range list {
		out[i] = Passage(p)
	}
	return out
}

// Plain takes the marks of Markdown off a text: what is left are its words.
func Plain(markdown string) string { return plain(markdown) }
