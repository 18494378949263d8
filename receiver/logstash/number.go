package logstash

import (
	"time"

	"github.com/pharosd/pharos/pipeline"
)

// entryTime is the time at which an event is stored: its own, moved by what tells it from
// events that are equal to it. The store keeps entries of one stream with the same time
// and line once. So an event that its source sends again, after a crash, is not
// doubled, and two events with the same text and time are two: the event's number, which
// is the same when it comes again, moves it by less than a millisecond if its time has
// none finer, by less than a microsecond if it has no nanoseconds. One that has, such as
// the time of arrival, is left alone.
func entryTime(e *pipeline.Event) time.Time {
	n, clone := number(e)
	return move(e.Time, n+clone*cloneStep, clone)
}

// move adds n, as far as the time has room for it; least if it has none.
func move(t time.Time, n, least int64) time.Time {
	room := int64(time.Microsecond)
	switch ns := t.Nanosecond(); {
	case ns%int(time.Millisecond) == 0:
		room = int64(time.Millisecond)
	case ns%int(time.Microsecond) != 0:
		return t.Add(time.Duration(least))
	}
	if n %= room; n < 0 {
		n += room
	}
	return t.Add(time.Duration(n))
}

// cloneStep keeps apart what filters made of one event.
const cloneStep = 7919

// number tells an event from equal ones: that of its first piece of input, and which of
// the events made from that it is, 0 for the one that came in.
func number(e *pipeline.Event) (n, clone int64) {
	if len(e.Origins) == 0 {
		return 0, 0
	}
	o := e.Origins[0]
	return o.From, o.To - o.From - 1
}
