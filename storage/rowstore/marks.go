package rowstore

import (
	"strconv"
	"unicode/utf8"
	"unsafe"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
)

// What is known of a message when it is stored, and would need the message later.
const (
	// lengthColumn is the length of the message in bytes, unless it is empty.
	lengthColumn = "~len"
	// longColumn marks, with the value "1", rows whose message has a word of more than
	// longestWord bytes.
	longColumn = "~long"
)

// longestWord is the most bytes of a word that is not marked. Trace ids and MD5 sums
// have so many.
const longestWord = 32

// wordBytes are the bytes of words. The engine takes letters and digits of all scripts
// for parts of words; here every byte of what is not ASCII is one, which marks too many
// rows rather than too few.
var wordBytes = func() (is [256]bool) {
	for c := range is {
		is[c] = isWordByte(byte(c)) || c >= utf8.RuneSelf
	}
	return is
}()

func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// hasLongWord looks backwards from where a long word that begins behind the last byte
// between words would end.
func hasLongWord(s string) bool {
	for begin := 0; begin+longestWord < len(s); {
		i := begin + longestWord
		for i >= begin && wordBytes[s[i]] {
			i--
		}
		if i < begin {
			return true
		}
		begin = i + 1
	}
	return false
}

// appendMarks appends what is known of a message; its length is spelled in digits.
func appendMarks(fields []logstorage.Field, message string, digits []byte) ([]logstorage.Field, []byte) {
	if message == "" {
		return fields, digits
	}
	digits = strconv.AppendInt(digits[:0], int64(len(message)), 10)
	fields = append(fields, logstorage.Field{Name: lengthColumn, Value: unsafe.String(&digits[0], len(digits))})
	if hasLongWord(message) {
		fields = append(fields, logstorage.Field{Name: longColumn, Value: "1"})
	}
	return fields, digits
}

// messageOf is a row's message.
func messageOf(r *Row) string {
	for i := range r.Fields {
		if r.Fields[i].Name == MessageField {
			return r.Fields[i].Value
		}
	}
	return ""
}

// below matches rows with smaller numbers.
func below(number uint64) Filter {
	return Numbered{Before: number}
}

// isLongWord says whether the text is within a message only as one of its words, or in
// a row with a mark in longColumn.
func isLongWord(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isWordByte(s[i]) {
			return false
		}
	}
	return len(s) >= longestWord
}

// longWord searches messages for such a text. The engine finds words by its filters of
// blocks; in rows with longer words and in those from before there were marks, it
// searches as usual. No value that is kept apart is as long.
func (r renderer) longWord(text string) condition {
	col, quoted := column(MessageField), strconv.Quote(text)
	rows := column(longColumn) + `="1"`
	if r.markedSince > 0 {
		rows = "(" + rows + " or " + Numbered{Before: r.markedSince}.text() + ")"
	}
	return condition{text: "(" + col + quoted + " or (" + rows + " " + col + "~" + quoted + "))"}
}
