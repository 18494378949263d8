package rowstore

import (
	"fmt"
	"math"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// condition is a filter as text of the engine's language (LogsQL), or a constant.
type condition struct {
	text string
	// always and never are set instead of text.
	always, never bool
}

// renderStreams returns the stream selector, "" if there are no matchers.
//
// The engine remembers a selector's streams and forgets them up to ten seconds
// after a new one has come. So the selector ends in an alternative that nothing
// matches and that is another one whenever there are more streams.
func renderStreams(ms []StreamMatcher, created uint64) (string, error) {
	if len(ms) == 0 {
		return "", nil
	}
	var b strings.Builder
	b.WriteByte('{')
	for i, m := range ms {
		if i > 0 {
			b.WriteByte(',')
		}
		switch m.Op {
		case Equal, NotEqual:
		case Regex, NotRegex:
			if _, err := regexp.Compile(m.Value); err != nil {
				return "", err
			}
		default:
			return "", fmt.Errorf("unknown operator %q", m.Op)
		}
		b.WriteString(strconv.Quote(m.Name))
		b.WriteString(string(m.Op))
		value := m.Value
		if m.Op == Regex || m.Op == NotRegex {
			value = streamRegex(value)
		}
		b.WriteString(strconv.Quote(value))
	}
	fmt.Fprintf(&b, ` or "~"="%d"}`, created)
	return b.String(), nil
}

// renderer turns filters into LogsQL. Constants are folded here, because the
// engine's own forms of "everything" and "nothing" read columns.
type renderer struct {
	created uint64 // see renderStreams
	// marked and markedSince: see reads.marked.
	marked      bool
	markedSince uint64
}

func (r renderer) filter(f Filter) (condition, error) {
	switch f := f.(type) {
	case nil:
		return condition{always: true}, nil
	case And:
		return r.all(f, " ", func(c condition) bool { return c.always })
	case Or:
		return r.all(f, " or ", func(c condition) bool { return c.never })
	case Not:
		c, err := r.filter(f.Filter)
		if err != nil || c.always || c.never {
			return condition{always: c.never, never: c.always}, err
		}
		return condition{text: "!(" + c.text + ")"}, nil
	case Contains:
		if r.marked && !f.FoldCase && (f.Name == "" || f.Name == MessageField) && isLongWord(f.Text) {
			return r.longWord(f.Text), nil
		}
		return renderContains(f)
	case Phrase:
		return renderPhrase(f)
	case MatchRegex:
		if _, err := regexp.Compile(f.Expr); err != nil {
			return condition{}, err
		}
		return renderRegex(f), nil
	case Equals:
		return renderEquals(f), nil
	case In:
		return renderIn(f)
	case Exists:
		return condition{text: "(!" + column(f.Name) + `="" or !` + column(apartColumn(f.Name)) + `="")`}, nil
	case keptApart:
		return f.render(), nil
	case noneApart:
		return f.render(), nil
	case NumberRange:
		return renderRange(f)
	case Numbered:
		return renderNumbered(f), nil
	case InStreams:
		streams, err := renderStreams(f.Streams, r.created)
		return condition{text: streams, always: streams == ""}, err
	case Within:
		return renderWithin(f), nil
	default:
		return condition{}, fmt.Errorf("unknown filter %T", f)
	}
}

// all joins conditions; neutral ones are left out, and one that is the
// opposite constant decides.
func (r renderer) all(fs []Filter, sep string, neutral func(condition) bool) (condition, error) {
	var parts []string
	for _, f := range fs {
		c, err := r.filter(f)
		switch {
		case err != nil:
			return condition{}, err
		case neutral(c):
		case c.always || c.never:
			return c, nil
		default:
			parts = append(parts, c.text)
		}
	}
	if len(parts) == 0 {
		// An empty And matches everything, an empty Or nothing.
		all := neutral(condition{always: true})
		return condition{always: all, never: !all}, nil
	}
	return condition{text: "(" + strings.Join(parts, sep) + ")"}, nil
}

// renderContains uses a regular expression that is one literal: the engine's
// phrases match whole words only. The engine itself narrows by the literal's
// inner words and then searches bytes.
func renderContains(f Contains) (condition, error) {
	if f.Text == "" {
		return condition{always: true}, nil
	}
	if !utf8.ValidString(f.Text) {
		return condition{}, fmt.Errorf("search for %q: text that is not UTF-8 is not supported", f.Text)
	}
	expr := regexp.QuoteMeta(f.Text)
	if f.FoldCase {
		expr = "(?i)" + expr
	}
	c := textual(f.Text, column(f.Name)+`~`+strconv.Quote(expr))
	if maySpell(f.Text, f.FoldCase) {
		c = eitherSpelling(f.Name, c, `~`+strconv.Quote(expr))
	}
	return c, nil
}

// renderPhrase looks for a phrase, which of the engine's filters is the cheapest.
func renderPhrase(f Phrase) (condition, error) {
	if f.Text == "" || !utf8.ValidString(f.Text) {
		return condition{}, fmt.Errorf("search for the phrase %q: want a text that is UTF-8", f.Text)
	}
	c := textual(f.Text, column(f.Name)+strconv.Quote(f.Text))
	if maySpell(f.Text, false) {
		c = eitherSpelling(f.Name, c, strconv.Quote(f.Text))
	}
	return c, nil
}

func renderRegex(f MatchRegex) condition {
	expr, _ := engineRegex(f.Expr)
	cond := column(f.Name) + `~` + strconv.Quote(expr)
	re, err := syntax.Parse(f.Expr, syntax.Perl)
	if err == nil {
		if text := literalBefore(re); text != "" {
			cond = "(" + column(f.Name) + `~` + strconv.Quote(regexp.QuoteMeta(text)) + " " + cond + ")"
		}
	}
	c := textual(f.Expr, cond)
	if err == nil && needsOther(re) {
		return c
	}
	marked := markedRegex(f.Expr)
	if marked != "" {
		marked = `~` + strconv.Quote(marked)
	}
	return eitherSpelling(f.Name, c, marked)
}

func renderEquals(f Equals) condition {
	c := textual(f.Value, column(f.Name)+`=`+strconv.Quote(f.Value))
	if !maySpell(f.Value, false) {
		return c
	}
	if spellingOf(f.Value) == exact { // only another one's new spelling may be the same
		return eitherSpelling(f.Name, c, "")
	}
	return eitherSpelling(f.Name, c, `=`+strconv.Quote(apartMark+f.Value))
}

// eitherSpelling is the condition c on a column where no value is kept apart, and
// cond where one is; "" stands for nothing.
func eitherSpelling(name string, c condition, cond string) condition {
	apart := column(apartColumn(name))
	text := "(" + c.text + " " + apart + `="")`
	if cond != "" {
		text = "(" + text + " or " + apart + cond + ")"
	}
	return condition{text: text}
}

// textual is the condition for a text. Before it looks at rows the engine looks for
// the words of all conditions that it joins by "and", and finds none that touches a
// byte that is not UTF-8 or the replacement character, if all rows of a block have the
// same value or one of few. It does not do so within "or".
func textual(text, cond string) condition {
	if strings.ContainsRune(text, utf8.RuneError) || strings.Contains(strings.ToLower(text), "fffd") {
		cond = "(" + cond + ` or "~":="~")`
	}
	return condition{text: cond}
}

// renderIn spells one value as equality, because the engine reads in("*") as
// "any value".
func renderIn(f In) (condition, error) {
	switch len(f.Values) {
	case 0:
		return condition{never: true}, nil
	case 1:
		return renderer{}.filter(Equals{Name: f.Name, Value: f.Values[0]})
	}
	quoted := make([]string, len(f.Values))
	var marked []string
	numbers := false
	for i, v := range f.Values {
		quoted[i] = strconv.Quote(v)
		numbers = numbers || maySpell(v, false)
		if spellingOf(v) != exact {
			marked = append(marked, strconv.Quote(apartMark+v))
		}
	}
	c := condition{text: column(f.Name) + "in(" + strings.Join(quoted, ",") + ")"}
	if !numbers {
		return c, nil
	}
	if len(marked) == 0 {
		return eitherSpelling(f.Name, c, ""), nil
	}
	return eitherSpelling(f.Name, c, "in("+strings.Join(marked, ",")+")"), nil
}

// decimalNumber is what NumberRange takes for a number. The engine's own range
// takes durations, sizes, addresses and dates for numbers too.
const decimalNumber = `^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$`

func renderRange(f NumberRange) (condition, error) {
	if math.IsNaN(f.Min) || math.IsNaN(f.Max) || f.Min > f.Max {
		return condition{never: true}, nil
	}
	col := column(f.Name)
	return condition{text: fmt.Sprintf("(%srange[%s,%s] %s~%s)",
		col, number(f.Min), number(f.Max), col, strconv.Quote(decimalNumber))}, nil
}

// number spells f so that the engine reads the same number back. Its values are
// at most the greatest float64, so that stands for infinity.
func number(f float64) string {
	f = max(-math.MaxFloat64, min(math.MaxFloat64, f))
	return strconv.Quote(strconv.FormatFloat(f, 'g', -1, 64))
}

// column is the begin of a condition on the named field.
func column(name string) string {
	if name == "" {
		name = MessageField
	}
	return strconv.Quote(name) + ":"
}

// renderWithin spells both times with nine digits: the engine takes fewer for a
// whole second, minute or day.
func renderWithin(f Within) condition {
	start, end := max(f.Start, minTime), min(f.End, maxTime)
	if start >= end {
		return condition{never: true}
	}
	return condition{text: fmt.Sprintf("%s:[%s,%s)", timeColumn, engineTime(start), engineTime(end))}
}

func engineTime(t int64) string {
	return time.Unix(0, t).UTC().Format("2006-01-02T15:04:05.000000000Z")
}
