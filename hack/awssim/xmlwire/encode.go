// Package xmlwire writes and reads the SDK's structs as the XML of AWS's XML
// protocols. What the protocols do differently, the names of list members, is a
// function.
package xmlwire

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// ListMember names the elements of a list: list is the name of the list's own
// element, item the type of its items.
type ListMember func(list string, item reflect.Type) string

// FieldName names the element of a struct's field; owner is the struct.
type FieldName func(owner reflect.Type, field reflect.StructField) string

// Writer builds one XML document.
type Writer struct {
	buffer bytes.Buffer
	member ListMember
	field  FieldName
}

// NewWriter starts a document.
func NewWriter(member ListMember) *Writer {
	return NewNamingWriter(member, func(_ reflect.Type, field reflect.StructField) string { return field.Name })
}

// NewNamingWriter starts a document of a protocol whose elements are not named
// as the SDK's fields are.
func NewNamingWriter(member ListMember, field FieldName) *Writer {
	w := &Writer{member: member, field: field}
	w.buffer.WriteString(xml.Header)
	return w
}

// Bytes is the document written so far.
func (w *Writer) Bytes() []byte { return w.buffer.Bytes() }

// Open starts an element; a namespace may be empty.
func (w *Writer) Open(name, namespace string) {
	w.buffer.WriteByte('<')
	w.buffer.WriteString(name)
	if namespace != "" {
		w.buffer.WriteString(` xmlns="` + namespace + `"`)
	}
	w.buffer.WriteByte('>')
}

// Close ends an element.
func (w *Writer) Close(name string) { w.buffer.WriteString("</" + name + ">") }

// Text writes an element that holds text.
func (w *Writer) Text(name, text string) {
	w.Open(name, "")
	// EscapeText fails only when its writer does, and a buffer does not.
	_ = xml.EscapeText(&w.buffer, []byte(text))
	w.Close(name)
}

// Members writes a struct's members as elements in the order of its fields.
// Fields named in except are left out, and so are absent ones.
func (w *Writer) Members(v reflect.Value, except ...string) error {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
fields:
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() || field.Name == "ResultMetadata" {
			continue
		}
		for _, name := range except {
			if name == field.Name {
				continue fields
			}
		}
		if v.Field(i).Kind() == reflect.Interface && v.Field(i).IsNil() {
			// A union that is absent.
			continue
		}
		if err := w.element(w.field(v.Type(), field), v.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

func (w *Writer) element(name string, v reflect.Value) error {
	if v.Type() == reflect.TypeFor[time.Time]() {
		w.Text(name, v.Interface().(time.Time).UTC().Format("2006-01-02T15:04:05.000Z"))
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return w.element(name, v.Elem())
	case reflect.String:
		// An enumeration is no pointer in the SDK: empty means absent.
		if v.Type() != reflect.TypeFor[string]() && v.String() == "" {
			return nil
		}
		w.Text(name, v.String())
	case reflect.Bool:
		w.Text(name, strconv.FormatBool(v.Bool()))
	case reflect.Int32, reflect.Int64:
		w.Text(name, strconv.FormatInt(v.Int(), 10))
	case reflect.Float32, reflect.Float64:
		w.Text(name, strconv.FormatFloat(v.Float(), 'f', -1, 64))
	case reflect.Struct:
		w.Open(name, "")
		if err := w.Members(v); err != nil {
			return err
		}
		w.Close(name)
	case reflect.Slice:
		return w.list(name, v)
	case reflect.Map:
		return w.entries(name, v)
	default:
		return fmt.Errorf("no XML for %s of type %s", name, v.Type())
	}
	return nil
}

func (w *Writer) list(name string, v reflect.Value) error {
	if v.IsNil() {
		return nil
	}
	member := w.member(name, v.Type().Elem())
	w.Open(name, "")
	for i := range v.Len() {
		if err := w.element(member, v.Index(i)); err != nil {
			return err
		}
	}
	w.Close(name)
	return nil
}

// entries writes a map of strings in the order of its keys.
func (w *Writer) entries(name string, v reflect.Value) error {
	if v.IsNil() {
		return nil
	}
	w.Open(name, "")
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		w.Open("entry", "")
		w.Text("key", key.String())
		if err := w.element("value", v.MapIndex(key)); err != nil {
			return err
		}
		w.Close("entry")
	}
	w.Close(name)
	return nil
}

// ErrorResponse is the error envelope of rest-xml and query services.
func ErrorResponse(namespace, requestID string, err *frame.Error) []byte {
	w := NewWriter(nil)
	w.Open("ErrorResponse", namespace)
	w.Open("Error", "")
	kind := "Sender"
	if err.Receiver() {
		kind = "Receiver"
	}
	w.Text("Type", kind)
	w.Text("Code", err.Code)
	w.Text("Message", err.Message)
	w.Close("Error")
	w.Text("RequestId", requestID)
	w.Close("ErrorResponse")
	return w.Bytes()
}
