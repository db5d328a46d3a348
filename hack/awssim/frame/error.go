package frame

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Error is an error as an AWS service answers it: the wire code (not the shape
// name), the message and the HTTP status.
type Error struct {
	Code    string
	Message string
	Status  int
}

// Error renders the code and the message as the SDK shows them.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Receiver tells whether the service, not the caller, is at fault.
func (e *Error) Receiver() bool { return e.Status >= http.StatusInternalServerError }

// Errorf makes an Error with status 400, the status of most AWS client errors.
func Errorf(code, format string, args ...any) *Error {
	return StatusErrorf(http.StatusBadRequest, code, format, args...)
}

// StatusErrorf makes an Error with a status of its own.
func StatusErrorf(status int, code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Status: status}
}

// InternalFailure is the answer of a service that failed by its own fault; the
// SDK retries it by its status.
func InternalFailure() *Error {
	return StatusErrorf(http.StatusInternalServerError, "InternalFailure",
		"We encountered an internal error. Please try again.")
}

// AsError gives err as an *Error; anything else is an internal failure.
func AsError(err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	return StatusErrorf(http.StatusInternalServerError, "InternalFailure", "%s", err)
}

// Violations collects what an input breaks of the API model's constraints, in
// the words every AWS front end uses for them.
type Violations []string

// Add notes that the value at path breaks a constraint.
func (v *Violations) Add(value any, path, constraint string, args ...any) {
	shown := "null"
	if value != nil {
		shown = fmt.Sprintf("'%v'", value)
	}
	*v = append(*v, fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: %s",
		shown, path, fmt.Sprintf(constraint, args...)))
}

// Required notes a missing string.
func (v *Violations) Required(value *string, path string) {
	if value == nil {
		v.Add(nil, path, "Member must not be null")
	}
}

// Length notes a string that is shorter or longer than the model allows; an
// absent one breaks nothing.
func (v *Violations) Length(value *string, path string, shortest, longest int) {
	switch {
	case value == nil:
	case len(*value) < shortest:
		v.Add(*value, path, "Member must have length greater than or equal to %d", shortest)
	case len(*value) > longest:
		v.Add(*value, path, "Member must have length less than or equal to %d", longest)
	}
}

// Between notes a number outside the model's range; an absent one breaks nothing.
func Between[N int32 | int64](v *Violations, value *N, path string, least, most N) {
	switch {
	case value == nil:
	case *value < least:
		v.Add(*value, path, "Member must have value greater than or equal to %d", least)
	case *value > most:
		v.Add(*value, path, "Member must have value less than or equal to %d", most)
	}
}

// Enum notes a value the enumeration does not have; an empty one breaks nothing.
func Enum[T ~string](v *Violations, value T, path string, known []T) {
	if value == "" {
		return
	}
	names := make([]string, 0, len(known))
	for _, k := range known {
		if k == value {
			return
		}
		names = append(names, string(k))
	}
	v.Add(value, path, "Member must satisfy enum value set: [%s]", strings.Join(names, ", "))
}

// Err gives the collected violations as one error with the service's code for
// invalid input, or nil.
func (v Violations) Err(code string) error {
	switch len(v) {
	case 0:
		return nil
	case 1:
		return Errorf(code, "1 validation error detected: %s", v[0])
	}
	return Errorf(code, "%d validation errors detected: %s", len(v), strings.Join(v, "; "))
}
