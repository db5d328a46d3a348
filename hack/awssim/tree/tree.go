// Package tree turns the SDK's own structs into trees of maps, lists and
// scalars, as encoders take them, and fills them from such trees. What formats
// have in ways of their own, they bring.
package tree

import (
	"fmt"
	"reflect"
)

// Format is how a protocol has what not all have alike.
type Format struct {
	// Name is how a member of a struct is called; nil means as its field.
	Name func(owner reflect.Type, field string) string
	// Read fills a value that the format has in its own way; not ok leaves it
	// to what all formats share.
	Read func(tree any, v reflect.Value, name string) (ok bool, err error)
	// Write renders a value that the format has in its own way, and reports
	// whether it is there; not ok leaves it to what all formats share.
	Write func(v reflect.Value) (tree any, there, ok bool, err error)
}

// Unexpected is the error for a part of a tree that is not what it should be.
func Unexpected(tree any, name string) error {
	return fmt.Errorf("unexpected value %v at %s", tree, name)
}

func (f *Format) name(owner reflect.Type, field string) string {
	if f.Name == nil {
		return field
	}
	return f.Name(owner, field)
}

// Fill fills a value; null is absent, and so are members that a struct does not
// have.
func (f *Format) Fill(tree any, v reflect.Value, name string) error {
	if tree == nil {
		return nil
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		return f.Fill(tree, v.Elem(), name)
	}
	if ok, err := f.Read(tree, v, name); ok || err != nil {
		return err
	}
	switch v.Kind() {
	case reflect.Struct:
		return f.fillStruct(tree, v, name)
	case reflect.Slice:
		return f.fillList(tree, v, name)
	case reflect.Map:
		return f.fillMap(tree, v, name)
	}
	return fillScalar(tree, v, name)
}

func fillScalar(tree any, v reflect.Value, name string) error {
	switch scalar := tree.(type) {
	case string:
		if v.Kind() == reflect.String {
			v.SetString(scalar)
			return nil
		}
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(scalar)
			return nil
		}
	}
	return Unexpected(tree, name)
}

func (f *Format) fillStruct(tree any, v reflect.Value, name string) error {
	members, ok := tree.(map[string]any)
	if !ok {
		return Unexpected(tree, name)
	}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		wire := f.name(v.Type(), field.Name)
		if err := f.Fill(members[wire], v.Field(i), wire); err != nil {
			return err
		}
	}
	return nil
}

func (f *Format) fillList(tree any, v reflect.Value, name string) error {
	items, ok := tree.([]any)
	if !ok {
		return Unexpected(tree, name)
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		if err := f.Fill(item, v.Index(i), name); err != nil {
			return err
		}
	}
	return nil
}

func (f *Format) fillMap(tree any, v reflect.Value, name string) error {
	entries, ok := tree.(map[string]any)
	if !ok {
		return Unexpected(tree, name)
	}
	v.Set(reflect.MakeMap(v.Type()))
	for key, entry := range entries {
		item := reflect.New(v.Type().Elem()).Elem()
		if err := f.Fill(entry, item, name); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(key), item)
	}
	return nil
}

// Of makes a value a tree; not there means absent.
func (f *Format) Of(v reflect.Value) (tree any, there bool, err error) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil, false, nil
		}
		return f.Of(v.Elem())
	}
	if tree, there, ok, err := f.Write(v); ok || err != nil {
		return tree, there, err
	}
	switch {
	case v.Kind() == reflect.Struct:
		return f.ofStruct(v)
	case v.Kind() == reflect.Slice:
		return f.ofList(v)
	case v.Kind() == reflect.Map:
		return f.ofMap(v)
	case v.Kind() == reflect.String:
		// An enumeration is no pointer in the SDK: empty means absent.
		return v.String(), v.Type() == reflect.TypeFor[string]() || v.String() != "", nil
	case v.CanInt(), v.CanFloat(), v.Kind() == reflect.Bool:
		return v.Interface(), true, nil
	}
	return nil, false, fmt.Errorf("no form for %s", v.Type())
}

func (f *Format) ofStruct(v reflect.Value) (any, bool, error) {
	members := map[string]any{}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() || field.Name == "ResultMetadata" {
			continue
		}
		member, there, err := f.Of(v.Field(i))
		if err != nil {
			return nil, false, err
		}
		if there {
			members[f.name(v.Type(), field.Name)] = member
		}
	}
	return members, true, nil
}

func (f *Format) ofList(v reflect.Value) (any, bool, error) {
	items := make([]any, v.Len())
	for i := range items {
		item, _, err := f.Of(v.Index(i))
		if err != nil {
			return nil, false, err
		}
		items[i] = item
	}
	return items, !v.IsNil(), nil
}

func (f *Format) ofMap(v reflect.Value) (any, bool, error) {
	entries := map[string]any{}
	for _, key := range v.MapKeys() {
		entry, _, err := f.Of(v.MapIndex(key))
		if err != nil {
			return nil, false, err
		}
		entries[key.String()] = entry
	}
	return entries, !v.IsNil(), nil
}
