package jsonrpc

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"time"
)

// read fills a value from what JSON has; null is absent, and so are members
// that the struct does not have.
func (c *Codec) read(tree any, v reflect.Value, name string) error {
	if tree == nil {
		return nil
	}
	switch {
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return c.read(tree, v.Elem(), name)
	case v.Type() == reflect.TypeFor[time.Time]():
		return readTime(tree, v, name)
	case v.Type() == reflect.TypeFor[[]byte]():
		return readBlob(tree, v, name)
	case v.Kind() == reflect.Struct:
		return c.readStruct(tree, v, name)
	case v.Kind() == reflect.Slice:
		return c.readList(tree, v, name)
	}
	return readScalar(tree, v, name)
}

func unexpected(tree any, name string) error {
	return fmt.Errorf("unexpected value %v at %s", tree, name)
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
		wire := c.name(v.Type(), field.Name)
		if err := c.read(members[wire], v.Field(i), wire); err != nil {
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

func readTime(tree any, v reflect.Value, name string) error {
	number, ok := tree.(json.Number)
	if !ok {
		return unexpected(tree, name)
	}
	seconds, err := number.Float64()
	if err != nil {
		return unexpected(tree, name)
	}
	v.Set(reflect.ValueOf(time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()))
	return nil
}

func readBlob(tree any, v reflect.Value, name string) error {
	text, ok := tree.(string)
	if !ok {
		return unexpected(tree, name)
	}
	blob, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return fmt.Errorf("%s is not base64: %w", name, err)
	}
	v.SetBytes(blob)
	return nil
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
	case json.Number:
		n, err := typed.Int64()
		if (v.Kind() == reflect.Int32 || v.Kind() == reflect.Int64) && err == nil && !v.OverflowInt(n) {
			v.SetInt(n)
			return nil
		}
	}
	return unexpected(tree, name)
}

// write makes a value what encoding/json renders; not ok means absent.
func (c *Codec) write(v reflect.Value) (tree any, ok bool, err error) {
	switch {
	case v.Kind() == reflect.Pointer:
		if v.IsNil() {
			return nil, false, nil
		}
		return c.write(v.Elem())
	case v.Type() == reflect.TypeFor[time.Time]():
		milliseconds := v.Interface().(time.Time).UnixMilli()
		return json.Number(fmt.Sprintf("%d.%03d", milliseconds/1000, milliseconds%1000)), true, nil
	case v.Type() == reflect.TypeFor[[]byte]():
		return base64.StdEncoding.EncodeToString(v.Bytes()), !v.IsNil(), nil
	case v.Kind() == reflect.Struct:
		return c.writeStruct(v)
	case v.Kind() == reflect.Slice:
		return c.writeList(v)
	case v.Kind() == reflect.String:
		// An enumeration is no pointer in the SDK: empty means absent.
		return v.String(), v.Type() == reflect.TypeFor[string]() || v.String() != "", nil
	case v.Kind() == reflect.Bool, v.Kind() == reflect.Int32, v.Kind() == reflect.Int64:
		return v.Interface(), true, nil
	}
	return nil, false, fmt.Errorf("no JSON for %s", v.Type())
}

func (c *Codec) writeStruct(v reflect.Value) (any, bool, error) {
	members := map[string]any{}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() || field.Name == "ResultMetadata" {
			continue
		}
		member, ok, err := c.write(v.Field(i))
		if err != nil {
			return nil, false, err
		}
		if ok {
			members[c.name(v.Type(), field.Name)] = member
		}
	}
	return members, true, nil
}

func (c *Codec) writeList(v reflect.Value) (any, bool, error) {
	items := make([]any, v.Len())
	for i := range items {
		item, _, err := c.write(v.Index(i))
		if err != nil {
			return nil, false, err
		}
		items[i] = item
	}
	return items, !v.IsNil(), nil
}
