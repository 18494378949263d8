package lines

import "strings"

// joiner puts lines together that a container's runtime has cut.
type joiner struct {
	max  int
	open map[string]*parsed // by stream
}

// add returns the line that p ends, nil while more of it is to come.
func (j *joiner) add(p parsed) *parsed {
	first := j.open[p.stream]
	if first == nil {
		if !p.part {
			return &p
		}
		if j.open == nil {
			j.open = map[string]*parsed{}
		}
		if len(j.open) >= maxOpen {
			p.part = false // a stream that is none of the two: no more of these
			return &p
		}
		p.line = strings.Clone(p.line)
		j.open[p.stream] = &p
		return nil
	}
	if room := j.max - len(first.line); len(p.line) > room {
		p.line = p.line[:max(0, room)]
	}
	first.line += p.line
	if p.part {
		return nil
	}
	delete(j.open, p.stream)
	return first
}

// maxOpen is how many streams may have a line that goes on.
const maxOpen = 8

// rest are lines whose end never came.
func (j *joiner) rest() []*parsed {
	var out []*parsed
	for _, p := range j.open {
		out = append(out, p)
	}
	j.open = nil
	return out
}
