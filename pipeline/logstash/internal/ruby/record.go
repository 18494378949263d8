package ruby

// Record is an object of the host with attributes that code may read and set, such as
// map_meta of the aggregate filter.
type Record struct{ values map[string]any }

// NewRecord returns one with attributes; others do not exist.
func NewRecord(values map[string]any) *Record { return &Record{values} }

// Get is an attribute's value.
func (r *Record) Get(name string) any { return r.values[name] }

// recordAttributes are the attributes of all records, for the check when code is read.
const recordAttributes = "task_id creation_timestamp lastevent_timestamp timeout inactivity_timeout"

func (in *interp) setAttribute(recv any, name string, v any) {
	r, ok := recv.(*Record)
	if ok {
		_, ok = r.values[name]
	}
	if !ok {
		in.undefined(recv, name+"=")
	}
	r.values[name] = v
}
