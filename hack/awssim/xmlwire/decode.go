package xmlwire

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Decode reads a document's root element into the struct that target points
// to. Elements the struct does not have are skipped, as AWS skips them.
func Decode(body []byte, target any) error {
	d := xml.NewDecoder(strings.NewReader(string(body)))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return errors.New("the document has no root element")
		}
		if err != nil {
			return err
		}
		if _, ok := token.(xml.StartElement); ok {
			return decodeStruct(d, reflect.ValueOf(target).Elem())
		}
	}
}

func decodeStruct(d *xml.Decoder, v reflect.Value) error {
	return children(d, func(start xml.StartElement) error {
		field := v.FieldByName(start.Name.Local)
		if !field.IsValid() || !field.CanSet() {
			return d.Skip()
		}
		return decodeElement(d, start.Name.Local, field)
	})
}

// children calls each for every element inside the one just opened, which must
// consume it.
func children(d *xml.Decoder, each func(xml.StartElement) error) error {
	for {
		token, err := d.Token()
		if err != nil {
			return err
		}
		switch typed := token.(type) {
		case xml.StartElement:
			if err := each(typed); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

func decodeElement(d *xml.Decoder, name string, v reflect.Value) error {
	switch {
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return decodeElement(d, name, v.Elem())
	case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]():
		return decodeStruct(d, v)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 0, 4))
		return children(d, func(xml.StartElement) error {
			item := reflect.New(v.Type().Elem()).Elem()
			if err := decodeElement(d, name, item); err != nil {
				return err
			}
			v.Set(reflect.Append(v, item))
			return nil
		})
	}
	text, err := elementText(d)
	if err != nil {
		return err
	}
	return SetScalar(v, name, text)
}

func elementText(d *xml.Decoder) (string, error) {
	var text strings.Builder
	for {
		token, err := d.Token()
		if err != nil {
			return "", err
		}
		switch typed := token.(type) {
		case xml.CharData:
			text.Write(typed)
		case xml.StartElement:
			return "", fmt.Errorf("element %s is not expected inside text", typed.Name.Local)
		case xml.EndElement:
			return text.String(), nil
		}
	}
}

// SetScalar parses text into a field of an SDK struct; all protocols that
// carry values as text share it.
func SetScalar(v reflect.Value, name, text string) error {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if v.Type() == reflect.TypeFor[time.Time]() {
		parsed, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return fmt.Errorf("'%s' is not a valid time for '%s'", text, name)
		}
		v.Set(reflect.ValueOf(parsed))
		return nil
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
		return nil
	case reflect.Bool:
		parsed, err := strconv.ParseBool(strings.TrimSpace(text))
		if err != nil {
			return fmt.Errorf("'%s' is not a valid value for 'boolean' in '%s'", text, name)
		}
		v.SetBool(parsed)
		return nil
	case reflect.Int32, reflect.Int64:
		parsed, err := strconv.ParseInt(strings.TrimSpace(text), 10, v.Type().Bits())
		if err != nil {
			return fmt.Errorf("'%s' is not a valid value for 'integer' in '%s'", text, name)
		}
		v.SetInt(parsed)
		return nil
	case reflect.Float32, reflect.Float64:
		parsed, err := strconv.ParseFloat(strings.TrimSpace(text), v.Type().Bits())
		if err != nil {
			return fmt.Errorf("'%s' is not a valid value for 'double' in '%s'", text, name)
		}
		v.SetFloat(parsed)
		return nil
	}
	return fmt.Errorf("no text form for %s of type %s", name, v.Type())
}
