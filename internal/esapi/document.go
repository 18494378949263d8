package esapi

import "time"

// Document is one that comes from within the process instead of a request.
type Document struct {
	// Index is the index, alias or data stream that it is for.
	Index string
	// ID is its id; "": it gets one that follows from its content.
	ID string
	// Create refuses an id that is there.
	Create bool
	// Source is the document: one JSON object.
	Source string
	// Time is that of its entry; zero: what its @timestamp says.
	Time time.Time
}
