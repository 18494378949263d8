package logstash

// Kind says what a plugin block is for.
type Kind string

// The kinds of plugins.
const (
	Input        Kind = "input"
	FilterPlugin Kind = "filter"
	Output       Kind = "output"
	Codec        Kind = "codec"
)

// File is a parsed configuration: the sections of one kind, in the order of the text,
// joined.
type File struct {
	Inputs, Filters, Outputs []Statement
}

// Statement is a *Plugin or a *Branch.
type Statement interface{ statement() }

// Plugin is one plugin block: name { setting => value ... }.
type Plugin struct {
	Kind     Kind
	Name     string
	Settings []Attribute
	Pos      Pos
}

// Attribute is one setting of a plugin as written.
type Attribute struct {
	Name  string
	Value any
	Pos   Pos
	// ValuePos is where the value begins.
	ValuePos Pos
}

// Pair is one entry of a hash.
type Pair struct {
	Key   string
	Value any
	Pos   Pos
}

// Branch is if, else if..., else. The last arm has no condition when it is else.
type Branch struct {
	Arms []Arm
	Pos  Pos
}

// Arm is one block of a branch.
type Arm struct {
	Condition Expression // nil: else
	Body      []Statement
	// Text is the condition as written, "" for else.
	Text string
	Pos  Pos
}

func (*Plugin) statement() {}
func (*Branch) statement() {}

// Expression is a condition or a part of one: *Binary, *Not, *Compare, *Match, *In,
// *Selector or *Literal.
type Expression interface{ position() Pos }

type (
	// Binary is and, or, xor, nand.
	Binary struct {
		Op          string
		Left, Right Expression
		Pos         Pos
	}
	// Not is ! before a selector or parentheses.
	Not struct {
		Of  Expression
		Pos Pos
	}
	// Compare is == != < <= > >=.
	Compare struct {
		Op          string
		Left, Right Expression
		Pos         Pos
	}
	// Match is =~ and, Negated, !~.
	Match struct {
		Left    Expression
		Pattern string
		Negated bool
		Pos     Pos
	}
	// In is in and, Negated, not in.
	In struct {
		Left, Right Expression
		Negated     bool
		Pos         Pos
	}
	// Selector is a field: [a][b].
	Selector struct {
		Ref Ref
		Pos Pos
	}
	// Literal is a string, int64, float64 or a list of these ([]any). A regular
	// expression on its own is its text.
	Literal struct {
		Value any
		Pos   Pos
	}
)

func (x *Binary) position() Pos   { return x.Pos }
func (x *Not) position() Pos      { return x.Pos }
func (x *Compare) position() Pos  { return x.Pos }
func (x *Match) position() Pos    { return x.Pos }
func (x *In) position() Pos       { return x.Pos }
func (x *Selector) position() Pos { return x.Pos }
func (x *Literal) position() Pos  { return x.Pos }

// Plugins are the plugins of a section, in the order of the text, those inside
// branches too.
func Plugins(section []Statement) []*Plugin {
	var all []*Plugin
	for _, s := range section {
		switch s := s.(type) {
		case *Plugin:
			all = append(all, s)
		case *Branch:
			for _, arm := range s.Arms {
				all = append(all, Plugins(arm.Body)...)
			}
		}
	}
	return all
}
