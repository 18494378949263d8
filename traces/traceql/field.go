package traceql

import (
	"strconv"
	"strings"
	"unicode"
)

// Scope is where a field belongs.
type Scope uint8

// The scopes. Unscoped attributes are the span's or, where it lacks them, the
// resource's.
const (
	Unscoped Scope = iota
	SpanScope
	ResourceScope
	EventScope
	LinkScope
	InstrumentationScope
	Intrinsic
)

func (s Scope) String() string {
	return [...]string{"", "span", "resource", "event", "link", "instrumentation", "intrinsic"}[s]
}

// Field is an attribute or an intrinsic of a span.
type Field struct {
	Scope Scope
	// Parent asks for the attribute of the parent span.
	Parent bool
	// Name is an attribute's key, or an intrinsic's canonical name.
	Name string
}

// String returns the field as a query spells it.
func (f Field) String() string {
	if f.Scope == Intrinsic {
		return f.Name
	}
	name := f.Name
	if f.mustQuote() {
		name = strconv.Quote(name)
	}
	prefix := f.Scope.String()
	if f.Parent {
		prefix = strings.TrimSuffix("parent."+prefix, ".")
	}
	return prefix + "." + name
}

// mustQuote says that the name would be read as something else without quotes.
func (f Field) mustQuote() bool {
	switch {
	case f.Name == "", strings.ContainsFunc(f.Name, func(c rune) bool { return endsAttribute(c) || c == '"' || !unicode.IsPrint(c) }):
		return true
	case f.Scope == Unscoped && !f.Parent:
		return isDigit(f.Name[0]) // or it would be a number
	}
	return f.Scope == Unscoped && (strings.HasPrefix(f.Name, "span.") || strings.HasPrefix(f.Name, "resource."))
}

// Canonical names of intrinsics. Tempo's newer names, such as span:duration, mean the
// same as the older ones and answers keep the older ones.
const (
	fieldName            = "name"
	fieldStatus          = "status"
	fieldStatusMessage   = "statusMessage"
	fieldKind            = "kind"
	fieldDuration        = "duration"
	fieldChildCount      = "span:childCount"
	fieldTraceDuration   = "traceDuration"
	fieldRootName        = "rootName"
	fieldRootService     = "rootServiceName"
	fieldTraceID         = "trace:id"
	fieldSpanID          = "span:id"
	fieldParentID        = "span:parentID"
	fieldEventName       = "event:name"
	fieldEventSince      = "event:timeSinceStart"
	fieldLinkTraceID     = "link:traceID"
	fieldLinkSpanID      = "link:spanID"
	fieldScopeName       = "instrumentation:name"
	fieldScopeVersion    = "instrumentation:version"
	fieldNestedSetLeft   = "nestedSetLeft"
	fieldNestedSetRight  = "nestedSetRight"
	fieldNestedSetParent = "nestedSetParent"
)

// intrinsic is a name by which a query may call an intrinsic.
type intrinsic struct {
	spelled, canonical string
	typ                Type
}

// intrinsics are all spellings.
var intrinsics = [...]intrinsic{
	{"name", fieldName, String},
	{"span:name", fieldName, String},
	{"status", fieldStatus, Status},
	{"span:status", fieldStatus, Status},
	{"statusMessage", fieldStatusMessage, String},
	{"span:statusMessage", fieldStatusMessage, String},
	{"kind", fieldKind, Kind},
	{"span:kind", fieldKind, Kind},
	{"duration", fieldDuration, Duration},
	{"span:duration", fieldDuration, Duration},
	{"childCount", fieldChildCount, Int},
	{"span:childCount", fieldChildCount, Int},
	{"span:id", fieldSpanID, String},
	{"span:parentID", fieldParentID, String},
	{"parent", fieldParentID, Any},
	{"traceDuration", fieldTraceDuration, Duration},
	{"trace:duration", fieldTraceDuration, Duration},
	{"rootName", fieldRootName, String},
	{"trace:rootName", fieldRootName, String},
	{"rootServiceName", fieldRootService, String},
	{"trace:rootService", fieldRootService, String},
	{"trace:id", fieldTraceID, String},
	{"event:name", fieldEventName, String},
	{"event:timeSinceStart", fieldEventSince, Duration},
	{"link:traceID", fieldLinkTraceID, String},
	{"link:spanID", fieldLinkSpanID, String},
	{"instrumentation:name", fieldScopeName, String},
	{"instrumentation:version", fieldScopeVersion, String},
	{"nestedSetLeft", fieldNestedSetLeft, Int},
	{"nestedSetRight", fieldNestedSetRight, Int},
	{"nestedSetParent", fieldNestedSetParent, Int},
}

// IntrinsicNames returns the intrinsics that queries may name, in the order in which
// editors list them.
func IntrinsicNames() []string {
	var out []string
	for _, i := range intrinsics {
		if !strings.HasPrefix(i.spelled, "nestedSet") && i.spelled != "parent" {
			out = append(out, i.spelled)
		}
	}
	return out
}

func findIntrinsic(spelled string) (intrinsic, bool) {
	for _, i := range intrinsics {
		if i.spelled == spelled {
			return i, true
		}
	}
	return intrinsic{}, false
}

// typ is the type of the field's values, Any for attributes.
func (f Field) typ() Type {
	if f.Scope == Intrinsic {
		for _, i := range intrinsics {
			if i.canonical == f.Name {
				return i.typ
			}
		}
	}
	return Any
}

// ofTrace says that the field needs the whole trace.
func (f Field) ofTrace() bool {
	if f.Parent {
		return true
	}
	if f.Scope != Intrinsic {
		return false
	}
	switch f.Name {
	case fieldChildCount, fieldTraceDuration, fieldRootName, fieldRootService, fieldNestedSetLeft, fieldNestedSetRight, fieldNestedSetParent:
		return true
	}
	return false
}

// ParseField reads a field as a query spells it, such as resource.service.name or
// span:name. A bare name that is no intrinsic is an unscoped attribute.
func ParseField(s string) (Field, error) {
	p, err := newParser(s)
	if err != nil {
		return Field{}, err
	}
	t := p.peek()
	if t.kind == tokWord {
		if _, ok := findIntrinsic(t.text); !ok {
			return Field{Name: s}, nil
		}
	}
	f, err := p.field()
	if err != nil {
		return Field{}, err
	}
	return f, p.end()
}
