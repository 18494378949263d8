package ruby

// node is a piece of code.
type node interface{}

type (
	literal struct{ value any }
	// template is a text with code in it.
	template struct{ parts []node }
	// pattern is a regular expression.
	pattern struct {
		text  node
		flags string
		fixed *Regexp // compiled, when it has no code in it
	}
	local    struct{ name string }
	ivar     struct{ name string }
	constant struct {
		name string
		line int
	}
	selfNode struct{}
	list     struct{ items []node }
	hashNode struct{ keys, values []node }
	rangeOf  struct {
		from, to  node
		exclusive bool
	}
	splat struct{ of node }

	// call is a method call; recv nil is a function.
	call struct {
		recv  node
		name  string
		args  []node
		block *block
		safe  bool // &.
		line  int
	}
	// block is { |a, (b, c), *d| ... }, or &:name.
	block struct {
		params []param
		body   node
		symbol string
		value  node // &variable
	}
	param struct {
		name   string
		nested []param
		splat  bool
		def    node
	}
	lambda struct{ block *block }

	assign struct {
		to    node
		value node
		line  int
	}
	// opAssign is a op= b; op "||" and "&&" assign only when they have to.
	opAssign struct {
		to    node
		op    string
		value node
		line  int
	}
	multiAssign struct {
		to    []param
		paths []node // of each, when it is no variable
		value node
	}

	binary struct {
		op          string
		left, right node
		line        int
	}
	not     struct{ of node }
	and     struct{ left, right node }
	or      struct{ left, right node }
	defined struct{ of node }

	body   struct{ of []node }
	ifElse struct{ test, then, other node }
	loop   struct {
		test  node
		body  node
		until bool
		after bool // begin ... end while
	}
	forIn struct {
		params []param
		over   node
		body   node
	}
	caseOf struct {
		value node
		whens []when
		other node
	}
	when struct {
		values []node
		body   node
	}
	begin struct {
		body    node
		rescues []rescue
		other   node
		ensure  node
	}
	rescue struct {
		classes []string
		name    string
		body    node
	}
	// function is def name(params) ... end.
	function struct {
		name   string
		params []param
		body   node
	}
	jump struct {
		kind  string // return, next, break
		value node
	}
)
