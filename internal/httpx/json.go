package httpx

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// Error is the one shape of an error in our own API (/api/pharos/v1).
type Error struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`           // stable, for programs: "token_expired"
	Message string `json:"message"`        // for people: what and where
	Hint    string `json:"hint,omitempty"` // what to do next
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// WriteJSON answers with status and v.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "BUG: answer cannot be encoded: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n'))
}

// WriteError answers with err in our own API's shape; an error that is no *Error
// becomes a 500 with code "internal".
func WriteError(w http.ResponseWriter, err error) {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Status: http.StatusInternalServerError, Code: "internal", Message: err.Error()}
	}
	WriteJSON(w, e.Status, map[string]*Error{"error": e})
}

// ReadJSON decodes the request's body into v. Unknown keys, a second value and a
// body over the route's bound are errors in our own API's shape.
func ReadJSON(r *http.Request, v any) error {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	if err == nil {
		if _, err = dec.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		err = errors.New("more than one JSON value")
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return &Error{Status: http.StatusRequestEntityTooLarge, Code: "body_too_large", Message: err.Error()}
	}
	return &Error{Status: http.StatusBadRequest, Code: "bad_json", Message: err.Error(), Hint: "send one JSON object with the documented keys"}
}
