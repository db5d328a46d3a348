package rpccbor

import (
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/evenkeel/evenkeel/hack/awssim/tree"
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

// read fills times, which CBOR has, and numbers, which it has in several kinds.
func read(from any, v reflect.Value, name string) (bool, error) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		moment, ok := from.(time.Time)
		if !ok {
			return false, tree.Unexpected(from, name)
		}
		v.Set(reflect.ValueOf(moment.UTC()))
		return true, nil
	}
	switch typed := from.(type) {
	case uint64:
		return true, readNumber(float64(typed), v, name)
	case int64:
		return true, readNumber(float64(typed), v, name)
	case float64:
		return true, readNumber(typed, v, name)
	}
	return false, nil
}

func readNumber(n float64, v reflect.Value, name string) error {
	switch v.Kind() {
	case reflect.Int32, reflect.Int64:
		if n != math.Trunc(n) || v.OverflowInt(int64(n)) {
			return tree.Unexpected(n, name)
		}
		v.SetInt(int64(n))
		return nil
	case reflect.Float32, reflect.Float64:
		v.SetFloat(n)
		return nil
	}
	return tree.Unexpected(n, name)
}

// readUnion chooses the member that the only key names.
func (c *Codec) readUnion(unions []any, from any, v reflect.Value, name string) error {
	members, ok := from.(map[string]any)
	if !ok {
		return tree.Unexpected(from, name)
	}
	for _, union := range unions {
		of := reflect.TypeOf(union)
		member, ok := members[memberName(of)]
		if !ok || !of.AssignableTo(v.Type()) {
			continue
		}
		made := reflect.New(of.Elem())
		if err := c.format.Fill(member, made.Elem().FieldByName("Value"), name); err != nil {
			return err
		}
		v.Set(made)
		return nil
	}
	return tree.Unexpected(from, name)
}

// memberName is how a member of a union is named: the SDK's type of it is the
// union's name, "Member", and that.
func memberName(pointer reflect.Type) string {
	_, name, _ := strings.Cut(pointer.Elem().Name(), "Member")
	return name
}

// write renders times and unions.
func (c *Codec) write(v reflect.Value) (to any, there, ok bool, err error) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		return cbor.Tag{Number: timeTag, Content: float64(v.Interface().(time.Time).UnixMilli()) / 1000}, true, true, nil
	case v.Kind() == reflect.Interface && v.IsNil():
		return nil, false, true, nil
	case v.Kind() == reflect.Interface:
		value, _, err := c.format.Of(v.Elem().Elem().FieldByName("Value"))
		return map[string]any{memberName(v.Elem().Type()): value}, true, true, err
	}
	return nil, false, false, nil
}
