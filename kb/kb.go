// Package kb is what we know: articles with their versions, the passages they
// are split into, and the search that finds the one that answers, or says that
// none does.
package kb
