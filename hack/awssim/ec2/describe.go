package ec2

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// filters give the values of a resource by the names of filters.
type filters[T any] map[string]func(T) []string

// question is what a describe asks: ids, filters and a page.
type question struct {
	ids     []string
	filters []types.Filter
	most    *int32
	token   *string
	// leastPage is the least MaxResults.
	leastPage int32
}

const mostOnPage = 1000

// describe lists the caller's resources of a table by id. Unknown ids are
// refused; unknown filters too.
func describe[T any](t *turn, in table[T], of kind, known filters[T], q question) ([]T, *string, error) {
	for _, id := range q.ids {
		if _, err := find(t, in, &id, of); err != nil {
			return nil, nil, err
		}
	}
	var ids []string
	for _, id := range sortedIDs(in) {
		if !owns(t, in[id]) || len(q.ids) > 0 && !slices.Contains(q.ids, id) {
			continue
		}
		matches, err := matchesAll(t.Tags[id], in[id].Is, known, q.filters)
		if err != nil {
			return nil, nil, err
		}
		if matches {
			ids = append(ids, id)
		}
	}
	if err := checkFilters(known, q.filters); err != nil {
		return nil, nil, err
	}
	page, next, err := pageOf(ids, q)
	if err != nil {
		return nil, nil, err
	}
	listed := []T{}
	for _, id := range page {
		listed = append(listed, in[id].Is)
	}
	return listed, next, nil
}

// pageOf cuts the page asked for off sorted ids; a token names the id that it begins with.
func pageOf(ids []string, q question) (page []string, next *string, err error) {
	size := int32(mostOnPage)
	if q.most != nil {
		least := max(q.leastPage, 1)
		switch {
		case *q.most < least:
			return nil, nil, invalidValue("Value ( %d ) for parameter maxResults is invalid. "+
				"Expecting a value greater than %d.", *q.most, least)
		case *q.most > mostOnPage:
			return nil, nil, invalidValue("Value ( %d ) for parameter maxResults is invalid. "+
				"Expecting a value smaller than or equal to %d.", *q.most, mostOnPage)
		}
		size = *q.most
	}
	if q.token != nil {
		first, err := base64.RawURLEncoding.DecodeString(*q.token)
		if err != nil || len(first) == 0 {
			return nil, nil, invalidValue("Unable to parse pagination token")
		}
		at, _ := slices.BinarySearch(ids, string(first))
		ids = ids[at:]
	}
	if len(ids) <= int(size) {
		return ids, nil, nil
	}
	return ids[:size], aws.String(base64.RawURLEncoding.EncodeToString([]byte(ids[size]))), nil
}

func checkFilters[T any](known filters[T], asked []types.Filter) error {
	for _, filter := range asked {
		name := aws.ToString(filter.Name)
		if _, ok := known[name]; !ok && name != "tag-key" && name != "tag-value" && !strings.HasPrefix(name, "tag:") {
			return invalidValue("The filter '%s' is invalid", name)
		}
	}
	return nil
}

// matchesAll tells whether each filter has a value that the resource has.
func matchesAll[T any](tagged tags, is T, known filters[T], asked []types.Filter) (bool, error) {
	if err := checkFilters(known, asked); err != nil {
		return false, err
	}
	for _, filter := range asked {
		name := aws.ToString(filter.Name)
		var has []string
		if of, ok := known[name]; ok {
			has = of(is)
		} else {
			has = tagged.filtered(name)
		}
		if !slices.ContainsFunc(filter.Values, func(pattern string) bool {
			return slices.ContainsFunc(has, func(value string) bool { return like(pattern, value) })
		}) {
			return false, nil
		}
	}
	return true, nil
}

// filtered are the values of the filters tag:KEY, tag-key and tag-value.
func (t tags) filtered(name string) []string {
	if key, ok := strings.CutPrefix(name, "tag:"); ok {
		if value, ok := t[key]; ok {
			return []string{value}
		}
		return nil
	}
	var has []string
	for key, value := range t {
		if name == "tag-key" {
			value = key
		}
		has = append(has, value)
	}
	return has
}

// like matches a value with a filter's pattern: * is any text, ? any character
// and \ takes what follows as it is.
func like(pattern, value string) bool {
	if pattern == "" {
		return value == ""
	}
	switch pattern[0] {
	case '*':
		for at := range len(value) + 1 {
			if like(pattern[1:], value[at:]) {
				return true
			}
		}
		return false
	case '?':
		return value != "" && like(pattern[1:], value[1:])
	case '\\':
		if len(pattern) > 1 {
			pattern = pattern[1:]
		}
	}
	return value != "" && pattern[0] == value[0] && like(pattern[1:], value[1:])
}

// of makes a filter of a text that may be absent.
func of[T any](get func(T) *string) func(T) []string {
	return func(is T) []string {
		if text := get(is); text != nil {
			return []string{*text}
		}
		return nil
	}
}

// flag makes a filter of a truth.
func flag[T any](get func(T) bool) func(T) []string {
	return func(is T) []string {
		if get(is) {
			return []string{"true"}
		}
		return []string{"false"}
	}
}
