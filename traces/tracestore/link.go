package tracestore

import (
	"encoding/hex"
	"fmt"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// link is what connects a span with others of its trace, as hexadecimal digits.
type link struct {
	span   string
	parent string // "" for a root
	caller string // of a root: the first linked span of the same trace, "" for none
}

const (
	spanDigits = 16
	// callerMark stands between span and caller; between span and parent is nothing,
	// which makes both one word for the row store's index of words.
	callerMark = '<'
)

// formatLink returns colLink of a span.
func formatLink(span ptrace.Span) string {
	var buf [2*spanDigits + 1]byte
	id := span.SpanID()
	b := hex.AppendEncode(buf[:0], id[:])
	if p := span.ParentSpanID(); !p.IsEmpty() {
		b = hex.AppendEncode(b, p[:])
	} else if c := linkedSpan(span); !c.IsEmpty() {
		b = hex.AppendEncode(append(b, callerMark), c[:])
	}
	return string(b)
}

// parseLink is the reverse of formatLink. The texts are parts of s.
func parseLink(s string) (link, error) {
	switch {
	case len(s) == spanDigits:
		return link{span: s}, nil
	case len(s) == 2*spanDigits:
		return link{span: s[:spanDigits], parent: s[spanDigits:]}, nil
	case len(s) == 2*spanDigits+1 && s[spanDigits] == callerMark:
		return link{span: s[:spanDigits], caller: s[spanDigits+1:]}, nil
	}
	return link{}, fmt.Errorf("read span row: malformed %s %.40q", colLink, s)
}

// linkedSpan returns the first span of the same trace that a span links to.
func linkedSpan(span ptrace.Span) pcommon.SpanID {
	for i := range span.Links().Len() {
		if l := span.Links().At(i); l.TraceID() == span.TraceID() && !l.SpanID().IsEmpty() {
			return l.SpanID()
		}
	}
	return pcommon.SpanID{}
}
