package httpapi

// Page is one page of a list.
type Page[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next" doc:"Give it as after to get the next page; empty at the end."`
}

// Paged is how a list is asked for; embed it in the input. It is exported, as
// ByID is, because huma does not look into embedded types that are not.
type Paged struct {
	After string `query:"after" maxLength:"500" doc:"The next of the page before."`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many at most."`
}

// pageOf makes a page of a query for one more than limit; cursor names the
// last item shown.
func pageOf[T any](items []T, limit int, cursor func(T) string) *reply[Page[T]] {
	p := Page[T]{Items: items}
	if len(items) > limit {
		p.Items = items[:limit]
		p.Next = cursor(p.Items[limit-1])
	}
	if p.Items == nil {
		p.Items = []T{}
	}
	return &reply[Page[T]]{p}
}
