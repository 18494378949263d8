package elastic

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pharosd/pharos/internal/esapi"
)

// op is what an action line asks for.
type op uint8

const (
	opIndex op = iota
	opCreate
	opUpdate
	opDelete
)

var opNames = [...]string{"index", "create", "update", "delete"}

func (o op) String() string { return opNames[o] }

// hasSource says whether a line with a source follows.
func (o op) hasSource() bool { return o != opDelete }

// action is an action line.
type action struct {
	op    op
	index string
	id    string
	// hasID tells no id from an empty one, which is an error.
	hasID        bool
	pipeline     string
	requireAlias bool
	requireData  bool // require_data_stream
	// versioned says that it depends on a version, which an append-only store has not.
	versioned bool
}

// defaults are what a request says for all its actions.
type defaults struct {
	index        string
	pipeline     string
	requireAlias bool
	requireData  bool
}

func (d defaults) action() action {
	return action{index: d.index, pipeline: d.pipeline, requireAlias: d.requireAlias, requireData: d.requireData}
}

// maxAction bounds an action line in bytes.
const maxAction = 16 << 10

// parseAction reads an action line, the n-th of the body from 1. The error is the
// whole request's, in Elasticsearch's words.
func parseAction(line []byte, n int, d defaults) (action, error) {
	a := d.action()
	if len(line) > maxAction {
		return a, esapi.Illegal(fmt.Sprintf("Malformed action/metadata line [%d], it is longer than %d bytes", n, maxAction))
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	if token, err := dec.Token(); err != nil {
		return a, esapi.Illegal(fmt.Sprintf("Malformed action/metadata line [%d], %s", n, err))
	} else if token != json.Delim('{') {
		return a, esapi.Illegal(fmt.Sprintf("Malformed action/metadata line [%d], expected START_OBJECT but found [%s]", n, tokenName(token)))
	}
	token, err := dec.Token()
	if err != nil {
		return a, esapi.Illegal(fmt.Sprintf("Malformed action/metadata line [%d], %s", n, err))
	}
	name, ok := token.(string)
	if !ok {
		return a, esapi.Illegal(fmt.Sprintf("Malformed action/metadata line [%d], expected FIELD_NAME but found [END_OBJECT]", n))
	}
	switch name {
	case "index":
		a.op = opIndex
	case "create":
		a.op = opCreate
	case "update":
		a.op = opUpdate
	case "delete":
		a.op = opDelete
	default:
		return a, esapi.Illegal(fmt.Sprintf("Malformed action/metadata line [%d], expected field [create], [delete], [index] or [update] but found [%.64s]", n, name))
	}
	var params map[string]any
	if err := dec.Decode(&params); err != nil {
		return a, esapi.Illegal(fmt.Sprintf("Malformed action/metadata line [%d], expected START_OBJECT: %s", n, err))
	}
	if token, err := dec.Token(); err != nil || token != json.Delim('}') {
		return a, esapi.Illegal(fmt.Sprintf("Malformed action/metadata line [%d], expected END_OBJECT", n))
	}
	if _, err := dec.Token(); err == nil {
		return a, esapi.Illegal(fmt.Sprintf("Malformed action/metadata line [%d], unexpected data after the closing brace", n))
	}
	for name, v := range params {
		if err := a.set(name, v); err != nil {
			return a, esapi.Illegal(fmt.Sprintf("Action/metadata line [%d] %s", n, err))
		}
	}
	return a, nil
}

func tokenName(t json.Token) string {
	switch t := t.(type) {
	case json.Delim:
		if t == '[' {
			return "START_ARRAY"
		}
	case string:
		return "VALUE_STRING"
	case json.Number:
		return "VALUE_NUMBER"
	case bool:
		return "VALUE_BOOLEAN"
	}
	return "VALUE_NULL"
}

// set takes one parameter of an action line. What only tells Elasticsearch how to
// distribute or map a document is ignored.
func (a *action) set(name string, v any) error {
	if v == nil {
		return nil
	}
	text, isText := v.(string)
	if number, ok := v.(json.Number); ok {
		text, isText = number.String(), true
	}
	flag, isFlag := v.(bool)
	if isText && (text == "true" || text == "false") {
		flag, isFlag = text == "true", true
	}
	switch name {
	case "_index", "_id", "pipeline", "op_type", "routing", "_type", "version_type":
		if !isText {
			return fmt.Errorf("expected a simple value for field [%s]", name)
		}
	case "require_alias", "require_data_stream", "list_executed_pipelines":
		if !isFlag {
			return fmt.Errorf("expected a boolean for field [%s]", name)
		}
	}
	switch name {
	case "_index":
		a.index = text
	case "_id":
		a.id, a.hasID = text, true
	case "pipeline":
		a.pipeline = text
	case "require_alias":
		a.requireAlias = flag
	case "require_data_stream":
		a.requireData = flag
	case "op_type":
		switch {
		case text == "create" && a.op == opIndex:
			a.op = opCreate
		case text != "create" && text != "index":
			return fmt.Errorf("contains an unknown op_type [%.64s]", text)
		}
	case "if_seq_no", "if_primary_term", "version", "_version", "version_type":
		a.versioned = true
	case "routing", "_type", "dynamic_templates", "list_executed_pipelines", "retry_on_conflict", "_source":
	default:
		return fmt.Errorf("contains an unknown parameter [%.64s]", name)
	}
	return nil
}

// maxID is the longest _id in bytes, as in Elasticsearch.
const maxID = 512

// check says what is wrong with an action beyond its form; it concerns one item.
func (a *action) check() *esapi.Error {
	switch {
	case a.op == opUpdate, a.op == opDelete:
		return esapi.Illegal(fmt.Sprintf("[%s] is not supported: logs are only appended; entries go by retention and by deletion requests", a.op))
	case a.versioned:
		return esapi.Illegal("versions and sequence numbers are not supported: logs are only appended")
	case a.hasID && a.id == "":
		return esapi.Illegal("if _id is specified it must not be empty")
	case len(a.id) > maxID:
		return esapi.Illegal(fmt.Sprintf("id [%s...] is too long, must be no longer than %d bytes but was: %d", strings.ToValidUTF8(a.id[:32], ""), maxID, len(a.id)))
	case a.pipeline != "" && a.pipeline != "_none":
		return esapi.Illegal(fmt.Sprintf("pipeline with id [%.64s] does not exist", a.pipeline))
	}
	return nil
}
