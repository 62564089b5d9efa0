package nlu

import "sort"

// sortBy sorts s by less and keeps the order of equals.
func sortBy[T any](s []T, less func(a, b T) bool) {
	sort.SliceStable(s, func(i, j int) bool { return less(s[i], s[j]) })
}
