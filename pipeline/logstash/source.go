package logstash

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// Source is one configuration file, or a text that stands for one.
type Source struct {
	Name, Text string
}

// text is several sources as the one that Logstash makes of them: a section may begin in
// one file and end in the next.
type text struct {
	all   string
	parts []part
}

type part struct {
	name  string
	start int   // offset in all
	lines []int // offsets in all at which lines begin
}

func joinSources(sources []Source) *text {
	t := &text{}
	var b strings.Builder
	for _, s := range sources {
		p := part{name: s.Name, start: b.Len(), lines: []int{b.Len()}}
		body := strings.TrimPrefix(s.Text, "\uFEFF")
		for i := range len(body) {
			if body[i] == '\n' {
				p.lines = append(p.lines, p.start+i+1)
			}
		}
		b.WriteString(body)
		b.WriteByte('\n')
		t.parts = append(t.parts, p)
	}
	t.all = b.String()
	return t
}

// pos is the place of an offset.
func (t *text) pos(offset int) Pos {
	if len(t.parts) == 0 {
		return Pos{}
	}
	i := sort.Search(len(t.parts), func(i int) bool { return t.parts[i].start > offset }) - 1
	p := &t.parts[max(i, 0)]
	line := max(sort.SearchInts(p.lines, offset+1)-1, 0)
	return Pos{p.name, line + 1, utf8.RuneCountInString(t.all[p.lines[line]:offset]) + 1}
}
