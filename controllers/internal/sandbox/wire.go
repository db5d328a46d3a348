package sandbox

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
)

// wire carries a request to AWS and its answer back without a network between them.
type wire struct{ world *World }

// RoundTrip serves a request. A connection that the server drops is an error, as it is on a network.
func (w wire) RoundTrip(r *http.Request) (response *http.Response, err error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	defer func() {
		if recovered := recover(); recovered != nil {
			if dropped, ok := recovered.(error); !ok || !errors.Is(dropped, http.ErrAbortHandler) {
				panic(recovered)
			}
			response, err = nil, fmt.Errorf("the connection was dropped: %w", io.ErrUnexpectedEOF)
		}
	}()
	recorder := httptest.NewRecorder()
	w.world.Front.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}
