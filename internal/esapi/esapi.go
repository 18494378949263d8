// Package esapi is what the two sides of Elasticsearch's HTTP API, receiver/elastic
// and api/elastic, share: headers that official clients insist on, errors in their
// shape, filter_path, names of indices and the ids of documents that came without.
package esapi

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Version is the release whose API this is; clients choose their dialect by it.
const Version = "8.19.0"

// ProductHeader must be on every answer: official clients refuse a server without.
const (
	ProductHeader = "X-Elastic-Product"
	Product       = "Elasticsearch"
)

// Error is an error in Elasticsearch's shape.
type Error struct {
	Status int
	Type   string // "illegal_argument_exception"
	Reason string
	// Index, unless it is empty, is the index that the error is about.
	Index string
	// RetryAfter, unless it is 0, is when to try again.
	RetryAfter time.Duration
}

func (e *Error) Error() string { return e.Type + ": " + e.Reason }

// Illegal is a 400 for a request that cannot be what it says.
func Illegal(reason string) *Error {
	return &Error{Status: http.StatusBadRequest, Type: "illegal_argument_exception", Reason: reason}
}

// NoSuchIndex is the 404 for an index that does not exist.
func NoSuchIndex(name string) *Error {
	return &Error{Status: http.StatusNotFound, Type: "index_not_found_exception", Reason: "no such index [" + name + "]", Index: name}
}

// Cause is what an answer says of an error.
type Cause struct {
	Type         string `json:"type"`
	Reason       string `json:"reason"`
	ResourceType string `json:"resource.type,omitempty"`
	ResourceID   string `json:"resource.id,omitempty"`
	IndexUUID    string `json:"index_uuid,omitempty"`
	Index        string `json:"index,omitempty"`
}

// Cause returns the error as answers have it.
func (e *Error) Cause() Cause {
	c := Cause{Type: e.Type, Reason: e.Reason}
	if e.Index != "" {
		c.Index, c.IndexUUID = e.Index, "_na_"
		if e.Status == http.StatusNotFound {
			c.ResourceType, c.ResourceID = "index_or_alias", e.Index
		}
	}
	return c
}

// ErrorBody is the whole of an answer that is an error.
type ErrorBody struct {
	Error struct {
		RootCause []Cause `json:"root_cause"`
		Cause
	} `json:"error"`
	Status int `json:"status"`
}

// Body returns the error as a whole answer.
func (e *Error) Body() ErrorBody {
	var b ErrorBody
	b.Error.Cause = e.Cause()
	b.Error.RootCause = []Cause{b.Error.Cause}
	b.Status = e.Status
	return b
}

// Handler serves h with the product's header; an error that h returns is answered in
// Elasticsearch's shape, one that is no *Error as a 500.
func Handler(h func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(ProductHeader, Product)
		err := acceptable(r)
		if err == nil {
			err = h(w, r)
		}
		if err != nil {
			WriteError(w, r, err)
		}
	})
}

// WriteError answers with err, whatever parts of a good answer the request wants.
func WriteError(w http.ResponseWriter, r *http.Request, err error) {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Status: http.StatusInternalServerError, Type: "exception", Reason: err.Error()}
	}
	SetRetryAfter(w, e.RetryAfter)
	writeJSON(w, r, e.Status, e.Body(), nil)
}

// SetRetryAfter says in whole seconds when to try again, unless d is 0.
func SetRetryAfter(w http.ResponseWriter, d time.Duration) {
	if d > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10))
	}
}

// Flag reads a query parameter that is true, false, or there without a value.
func Flag(r *http.Request, name string) (bool, error) {
	values, ok := r.URL.Query()[name]
	if !ok {
		return false, nil
	}
	switch strings.ToLower(values[0]) {
	case "", "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, Illegal("Failed to parse value [" + values[0] + "] as only [true] or [false] are allowed.")
}
