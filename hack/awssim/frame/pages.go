package frame

// Page cuts a page of at most size items off a listing; next is the first item
// of the following page, nil at the end.
func Page[T any](items []T, size int) (page []T, next *T) {
	if len(items) <= size {
		return items, nil
	}
	return items[:size], &items[size]
}

// PageSize is what a listing gives when asked for a number of items: the
// default when nothing was asked for, and never more than the most.
func PageSize(asked *int32, normal, most int) int {
	if asked == nil {
		return normal
	}
	return min(int(*asked), most)
}
