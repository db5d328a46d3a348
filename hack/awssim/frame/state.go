package frame

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// StableJSON renders a value with sorted keys and without what is null, so
// that equal states give equal bytes and the SDK's structs stay readable.
func StableJSON(value any) ([]byte, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("rendering the state: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, fmt.Errorf("rendering the state: %w", err)
	}
	return json.MarshalIndent(withoutNulls(tree), "", "  ")
}

func withoutNulls(value any) any {
	switch typed := value.(type) {
	case map[string]any:
		for key, member := range typed {
			if member == nil || member == "" {
				delete(typed, key)
			} else {
				typed[key] = withoutNulls(member)
			}
		}
	case []any:
		for i := range typed {
			typed[i] = withoutNulls(typed[i])
		}
	}
	return value
}

// StrictJSON decodes one JSON document and refuses fields that the target does
// not have, so that a misspelt one is told instead of ignored.
func StrictJSON(raw []byte, target any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(target); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			line := 1 + bytes.Count(raw[:min(int(syntax.Offset), len(raw))], []byte("\n"))
			return fmt.Errorf("line %d: %w", line, err)
		}
		if errors.Is(err, io.EOF) {
			return errors.New("the JSON document is empty")
		}
		return err
	}
	if rest := bytes.TrimSpace(raw[decoder.InputOffset():]); len(rest) > 0 {
		return errors.New("there is more after the JSON document")
	}
	return nil
}
