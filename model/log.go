package model

// LogEntry is one line of a stream.
type LogEntry struct {
	// Time is nanoseconds since the Unix epoch.
	Time int64
	// Line is the text, byte for byte as it was sent.
	Line string
	// Metadata is Loki's structured metadata: fields of this entry that are not
	// part of the stream's identity. Sorted, names unique.
	Metadata Labels
}

// LogStream is a set of entries that share their labels.
type LogStream struct {
	Labels  Labels
	Entries []LogEntry
}
