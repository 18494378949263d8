package esapi

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"strings"
)

const (
	jsonType   = "application/json"
	vendorJSON = "application/vnd.elasticsearch+json"
	compatible = "compatible-with"
)

// oldest and newest are the versions that clients may ask to be compatible with:
// what we answer is the same in all of them.
const oldest, newest = "7", "9"

// WriteJSON answers with v, passed through the request's filter_path, indented if it
// asks for pretty, in the media type that it accepts.
func WriteJSON(w http.ResponseWriter, r *http.Request, status int, v any) {
	writeJSON(w, r, status, v, ParseFilter(r.URL.Query().Get("filter_path")))
}

func writeJSON(w http.ResponseWriter, r *http.Request, status int, v any, filter *Filter) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	var b []byte
	if err == nil {
		b, err = filter.Apply(bytes.TrimRight(buf.Bytes(), "\n"))
	}
	if err != nil {
		http.Error(w, "BUG: answer cannot be encoded: "+err.Error(), http.StatusInternalServerError)
		return
	}
	WriteBytes(w, r, status, b)
}

// WriteBytes answers with JSON that is complete already, indented if the request asks
// for pretty.
func WriteBytes(w http.ResponseWriter, r *http.Request, status int, b []byte) {
	if pretty, _ := Flag(r, "pretty"); pretty {
		var out bytes.Buffer
		if json.Indent(&out, b, "", "  ") == nil {
			out.WriteByte('\n')
			b = out.Bytes()
		}
	}
	h := w.Header()
	h.Set(ProductHeader, Product)
	h.Set("Content-Type", answerType(r))
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b)
	}
}

// WriteText answers with a table of the _cat APIs.
func WriteText(w http.ResponseWriter, r *http.Request, text string) {
	h := w.Header()
	h.Set(ProductHeader, Product)
	h.Set("Content-Type", "text/plain; charset=UTF-8")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write([]byte(text))
	}
}

// answerType is the media type of an answer: the vendor's with the version echoed,
// if the client asked for that.
func answerType(r *http.Request) string {
	if version, ok := vendorVersion(r.Header.Get("Accept")); ok {
		return vendorJSON + ";" + compatible + "=" + version
	}
	return jsonType
}

// PrefersText says whether a _cat answer is to be a table and not JSON.
func PrefersText(r *http.Request) bool {
	switch r.URL.Query().Get("format") {
	case "json":
		return false
	case "":
		first, _, _ := strings.Cut(r.Header.Get("Accept"), ",")
		return !strings.Contains(first, "json")
	}
	return true
}

// vendorVersion returns what a media type of the vendor asks to be compatible with.
func vendorVersion(header string) (string, bool) {
	for part := range strings.SplitSeq(header, ",") {
		kind, params, err := mime.ParseMediaType(part)
		if err != nil || !strings.HasPrefix(kind, "application/vnd.elasticsearch+") {
			continue
		}
		if v := params[compatible]; v >= oldest && v <= newest && len(v) == 1 {
			return v, true
		}
	}
	return "", false
}

// acceptable refuses versions that we cannot answer for.
func acceptable(r *http.Request) error {
	accept := r.Header.Get("Accept")
	if !strings.Contains(accept, compatible) {
		return nil
	}
	if _, ok := vendorVersion(accept); !ok {
		return &Error{Status: http.StatusBadRequest, Type: "media_type_header_exception",
			Reason: "Invalid media-type value on headers [Accept]"}
	}
	return nil
}

// CheckContentType refuses bodies that are not JSON, as Elasticsearch does; it takes
// YAML, CBOR and Smile too, and we do not.
func CheckContentType(r *http.Request) error {
	header := r.Header.Get("Content-Type")
	if header == "" {
		if r.ContentLength == 0 {
			return nil
		}
		return &Error{Status: http.StatusNotAcceptable, Type: "media_type_header_exception", Reason: "Content-Type header is missing"}
	}
	kind, params, err := mime.ParseMediaType(header)
	if err == nil {
		switch kind {
		case jsonType, "application/x-ndjson", "text/json": // the last is old rsyslogs'
			return nil
		case vendorJSON, "application/vnd.elasticsearch+x-ndjson":
			v := params[compatible]
			if v == "" || len(v) == 1 && v >= oldest && v <= newest {
				return nil
			}
		}
	}
	return &Error{Status: http.StatusNotAcceptable, Type: "media_type_header_exception",
		Reason: "Content-Type header [" + header + "] is not supported"}
}
