package query

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/evenkeel/evenkeel/hack/awssim/xmlwire"
)

// tree is a form whose keys were split at their dots. Keys are lower-case: the
// model spells some members differently than the SDK (PolicyArns.member.1.arn).
type tree struct {
	text     *string
	branches map[string]*tree
}

func grow(form url.Values) *tree {
	root := &tree{branches: map[string]*tree{}}
	for key, values := range form {
		at := root
		for part := range strings.SplitSeq(strings.ToLower(key), ".") {
			next, ok := at.branches[part]
			if !ok {
				next = &tree{branches: map[string]*tree{}}
				at.branches[part] = next
			}
			at = next
		}
		if len(values) > 0 {
			at.text = &values[0]
		}
	}
	return root
}

// dialect is what the query protocol and EC2's kind of it do differently.
type dialect struct {
	// key names a struct's field in the form; owner is the struct.
	key xmlwire.FieldName
	// member comes before the numbers of list items; empty means that the
	// numbers follow the list's own name.
	member string
	// members are other names for the items of some lists, by the fields of the SDK.
	members map[string]string
}

func (d dialect) fill(t *tree, v reflect.Value, name string) error {
	switch {
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return d.fill(t, v.Elem(), name)
	case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]():
		return d.fillStruct(t, v)
	case v.Type() == reflect.TypeFor[[]byte]() && t.text != nil:
		blob, err := base64.StdEncoding.DecodeString(*t.text)
		if err != nil {
			return fmt.Errorf("%s is not base64: %w", name, err)
		}
		v.SetBytes(blob)
		return nil
	case v.Kind() == reflect.Slice:
		return d.fillList(t, v, name)
	case v.Kind() == reflect.Map:
		return d.fillMap(t, v, name)
	case t.text == nil:
		return fmt.Errorf("unexpected list or structure at %s", name)
	}
	return xmlwire.SetScalar(v, name, *t.text)
}

func (d dialect) fillStruct(t *tree, v reflect.Value) error {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		branch := t.branches[strings.ToLower(d.key(v.Type(), field))]
		if branch == nil {
			continue
		}
		if err := d.fill(branch, v.Field(i), field.Name); err != nil {
			return err
		}
	}
	return nil
}

// fillList reads Name.member.1, Name.member.2, … or Name.1, Name.2, …; a bare "Name=" is the empty
// list, which is not the absent one.
func (d dialect) fillList(t *tree, v reflect.Value, name string) error {
	v.Set(reflect.MakeSlice(v.Type(), 0, 4))
	items, err := t.numbered(cmp.Or(d.members[name], d.member), name)
	if err != nil {
		return err
	}
	for _, branch := range items {
		item := reflect.New(v.Type().Elem()).Elem()
		if err := d.fill(branch, item, name); err != nil {
			return err
		}
		v.Set(reflect.Append(v, item))
	}
	return nil
}

func (d dialect) fillMap(t *tree, v reflect.Value, name string) error {
	v.Set(reflect.MakeMap(v.Type()))
	entries, err := t.numbered("entry", name)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		key, value := entry.branches["key"], entry.branches["value"]
		if key == nil {
			// SNS names the keys of its message attributes so.
			key = entry.branches["name"]
		}
		if key == nil || key.text == nil || value == nil {
			return fmt.Errorf("key or value missing in an entry of %s", name)
		}
		item := reflect.New(v.Type().Elem()).Elem()
		if err := d.fill(value, item, name); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(*key.text).Convert(v.Type().Key()), item)
	}
	return nil
}

// numbered gives the branches under prefix, or its own without one, in the order of their numbers.
func (t *tree) numbered(prefix, name string) ([]*tree, error) {
	wrapper := t
	if prefix != "" {
		wrapper = t.branches[prefix]
	}
	if wrapper == nil {
		return nil, nil
	}
	numbers := make([]int, 0, len(wrapper.branches))
	for text := range wrapper.branches {
		number, err := strconv.Atoi(text)
		if err != nil || strconv.Itoa(number) != text {
			return nil, fmt.Errorf("malformed index %s in %s", text, name)
		}
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	items := make([]*tree, len(numbers))
	for i, number := range numbers {
		items[i] = wrapper.branches[strconv.Itoa(number)]
	}
	return items, nil
}
