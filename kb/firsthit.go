package kb

// first is which of the hits is answered from: the best one, unless that is
// unsure and another is asked in these very words. What was spoken of before
// lifts articles, but not past one that was asked for.
func (l *looked) first(hits []Hit) int {
	if hits[0].Confidence >= sure {
		return 0
	}
	for i, p := range l.proof {
		if p.Like >= verbatim && hits[i].Confidence >= sure {
			return i
		}
	}
	return 0
}
