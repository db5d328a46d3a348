package jsonrpc

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/evenkeel/evenkeel/hack/awssim/tree"
)

// read fills times, which are seconds in JSON, blobs, which are base64, and
// numbers.
func read(from any, v reflect.Value, name string) (bool, error) {
	number, isNumber := from.(json.Number)
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		seconds, err := number.Float64()
		if err != nil {
			return false, tree.Unexpected(from, name)
		}
		v.Set(reflect.ValueOf(time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()))
		return true, nil
	case v.Type() == reflect.TypeFor[[]byte]():
		return true, readBlob(from, v, name)
	case isNumber && (v.Kind() == reflect.Int32 || v.Kind() == reflect.Int64):
		n, err := number.Int64()
		if err != nil || v.OverflowInt(n) {
			return false, tree.Unexpected(from, name)
		}
		v.SetInt(n)
		return true, nil
	}
	return false, nil
}

func readBlob(from any, v reflect.Value, name string) error {
	text, ok := from.(string)
	if !ok {
		return tree.Unexpected(from, name)
	}
	blob, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return fmt.Errorf("%s is not base64: %w", name, err)
	}
	v.SetBytes(blob)
	return nil
}

// write renders times and blobs.
func write(v reflect.Value) (to any, there, ok bool, err error) {
	switch v.Type() {
	case reflect.TypeFor[time.Time]():
		milliseconds := v.Interface().(time.Time).UnixMilli()
		return json.Number(fmt.Sprintf("%d.%03d", milliseconds/1000, milliseconds%1000)), true, true, nil
	case reflect.TypeFor[[]byte]():
		return base64.StdEncoding.EncodeToString(v.Bytes()), !v.IsNil(), true, nil
	}
	return nil, false, false, nil
}
