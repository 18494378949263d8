package loki

import "net/http"

func (a *API) detectedFields(w http.ResponseWriter, r *http.Request) error {
	return unsupported("detected_fields")(w, r)
}

func (a *API) detectedFieldValues(w http.ResponseWriter, r *http.Request) error {
	return unsupported("detected_field values")(w, r)
}
