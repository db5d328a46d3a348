package rpccbor

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
)

const timeTag = 1

var decoding = mode()

func mode() cbor.DecMode {
	// These options are constant, and valid.
	made, err := cbor.DecOptions{DefaultMapType: reflect.TypeFor[map[string]any]()}.DecMode()
	if err != nil {
		panic(err)
	}
	return made
}

func (c *Codec) readInput(tree, in any) error { return c.read(tree, reflect.ValueOf(in).Elem(), "") }

func unexpected(tree any, name string) error {
	return fmt.Errorf("unexpected value %v at %s", tree, name)
}

// read fills a value; null is absent, and so are members that a struct does not have.
func (c *Codec) read(tree any, v reflect.Value, name string) error {
	if tree == nil {
		return nil
	}
	switch {
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return c.read(tree, v.Elem(), name)
	case v.Type() == reflect.TypeFor[time.Time]():
		moment, ok := tree.(time.Time)
		if !ok {
			return unexpected(tree, name)
		}
		v.Set(reflect.ValueOf(moment.UTC()))
		return nil
	case v.Kind() == reflect.Interface:
		return c.readUnion(tree, v, name)
	case v.Kind() == reflect.Struct:
		return c.readStruct(tree, v, name)
	case v.Kind() == reflect.Slice:
		return c.readList(tree, v, name)
	case v.Kind() == reflect.Map:
		return c.readMap(tree, v, name)
	}
	return readScalar(tree, v, name)
}

func (c *Codec) readStruct(tree any, v reflect.Value, name string) error {
	members, ok := tree.(map[string]any)
	if !ok {
		return unexpected(tree, name)
	}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		if err := c.read(members[field.Name], v.Field(i), field.Name); err != nil {
			return err
		}
	}
	return nil
}

func (c *Codec) readList(tree any, v reflect.Value, name string) error {
	items, ok := tree.([]any)
	if !ok {
		return unexpected(tree, name)
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		if err := c.read(item, v.Index(i), name); err != nil {
			return err
		}
	}
	return nil
}

func (c *Codec) readMap(tree any, v reflect.Value, name string) error {
	entries, ok := tree.(map[string]any)
	if !ok {
		return unexpected(tree, name)
	}
	v.Set(reflect.MakeMap(v.Type()))
	for key, entry := range entries {
		item := reflect.New(v.Type().Elem()).Elem()
		if err := c.read(entry, item, name); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(key), item)
	}
	return nil
}

// readUnion chooses the member that the only key names.
func (c *Codec) readUnion(tree any, v reflect.Value, name string) error {
	members, ok := tree.(map[string]any)
	if !ok {
		return unexpected(tree, name)
	}
	for _, union := range c.unions {
		of := reflect.TypeOf(union)
		member, ok := members[memberName(of)]
		if !ok || !of.AssignableTo(v.Type()) {
			continue
		}
		made := reflect.New(of.Elem())
		if err := c.read(member, made.Elem().FieldByName("Value"), name); err != nil {
			return err
		}
		v.Set(made)
		return nil
	}
	return unexpected(tree, name)
}

// memberName is how a member of a union is named: the SDK's type of it is the
// union's name, "Member", and that.
func memberName(pointer reflect.Type) string {
	_, name, _ := strings.Cut(pointer.Elem().Name(), "Member")
	return name
}

func readScalar(tree any, v reflect.Value, name string) error {
	switch typed := tree.(type) {
	case string:
		if v.Kind() == reflect.String {
			v.SetString(typed)
			return nil
		}
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(typed)
			return nil
		}
	case uint64:
		return readNumber(float64(typed), v, name)
	case int64:
		return readNumber(float64(typed), v, name)
	case float64:
		return readNumber(typed, v, name)
	}
	return unexpected(tree, name)
}

func readNumber(n float64, v reflect.Value, name string) error {
	switch v.Kind() {
	case reflect.Int32, reflect.Int64:
		if n != math.Trunc(n) || v.OverflowInt(int64(n)) {
			return unexpected(n, name)
		}
		v.SetInt(int64(n))
		return nil
	case reflect.Float32, reflect.Float64:
		v.SetFloat(n)
		return nil
	}
	return unexpected(n, name)
}

func writeOutput(out any) (any, error) {
	tree, _, err := write(reflect.ValueOf(out))
	return tree, err
}

// write makes a value what CBOR renders; not ok means absent.
func write(v reflect.Value) (tree any, ok bool, err error) {
	switch {
	case v.Kind() == reflect.Pointer:
		if v.IsNil() {
			return nil, false, nil
		}
		return write(v.Elem())
	case v.Type() == reflect.TypeFor[time.Time]():
		return cbor.Tag{Number: timeTag, Content: float64(v.Interface().(time.Time).UnixMilli()) / 1000}, true, nil
	case v.Kind() == reflect.Interface:
		if v.IsNil() {
			return nil, false, nil
		}
		value, _, err := write(v.Elem().Elem().FieldByName("Value"))
		return map[string]any{memberName(v.Elem().Type()): value}, true, err
	case v.Kind() == reflect.Struct:
		return writeStruct(v)
	case v.Kind() == reflect.Slice:
		return writeList(v)
	case v.Kind() == reflect.Map:
		return writeMap(v)
	case v.Kind() == reflect.String:
		// An enumeration is no pointer in the SDK: empty means absent.
		return v.String(), v.Type() == reflect.TypeFor[string]() || v.String() != "", nil
	case v.CanInt(), v.CanFloat(), v.Kind() == reflect.Bool:
		return v.Interface(), true, nil
	}
	return nil, false, fmt.Errorf("no CBOR for %s", v.Type())
}

func writeList(v reflect.Value) (any, bool, error) {
	items := make([]any, v.Len())
	for i := range items {
		item, _, err := write(v.Index(i))
		if err != nil {
			return nil, false, err
		}
		items[i] = item
	}
	return items, !v.IsNil(), nil
}

func writeMap(v reflect.Value) (any, bool, error) {
	entries := map[string]any{}
	for _, key := range v.MapKeys() {
		entry, _, err := write(v.MapIndex(key))
		if err != nil {
			return nil, false, err
		}
		entries[key.String()] = entry
	}
	return entries, !v.IsNil(), nil
}

func writeStruct(v reflect.Value) (any, bool, error) {
	members := map[string]any{}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() || field.Name == "ResultMetadata" {
			continue
		}
		member, ok, err := write(v.Field(i))
		if err != nil {
			return nil, false, err
		}
		if ok {
			members[field.Name] = member
		}
	}
	return members, true, nil
}
