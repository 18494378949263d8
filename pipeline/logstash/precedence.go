package logstash

// join makes one expression of operands and the operators between them, in the way of
// Logstash: and before or, but a chain of ands gives up only its last one to an or
// behind it: "a and b and c or d" is a and ((b and c) or d). Where this differs from
// what the usual rules make of it, there is a warning.
func (p *parser) join(operands []Expression, operators []string, at Pos) Expression {
	if len(operators) == 0 {
		return operands[0]
	}
	x := tree(operands, operators, 1)
	for _, op := range operators {
		if len(operators) > 1 && (op == "xor" || op == "nand") {
			p.report.warnf(at, "", "Logstash refuses %s beside another operator: use parentheses", op)
			break
		}
	}
	if differ(len(operands), operators) {
		p.report.warnf(at, "use parentheses", "Logstash does not group this condition by the usual precedence of and before or")
	}
	return x
}

func precedence(op string) int {
	if op == "and" || op == "nand" {
		return 2
	}
	return 1
}

// tree is the shunting-yard algorithm; at most popped operators leave the stack for one
// that binds weaker: Logstash lets go of one, the usual rules of all.
func tree(operands []Expression, operators []string, popped int) Expression {
	out := []Expression{operands[0]}
	var stack []string
	reduce := func() {
		op := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		n := len(out)
		b := &Binary{Op: op, Left: out[n-2], Right: out[n-1], Pos: out[n-2].position()}
		out = append(out[:n-2], b)
	}
	for i, op := range operators {
		for n := 0; n < popped && len(stack) > 0 && precedence(stack[len(stack)-1]) > precedence(op); n++ {
			reduce()
		}
		stack = append(stack, op)
		out = append(out, operands[i+1])
	}
	for len(stack) > 0 {
		reduce()
	}
	return out[0]
}

// differ tries all truths of few operands on both ways to group them.
func differ(operands int, operators []string) bool {
	const most = 10
	if operands > most {
		return false
	}
	leaves := make([]Expression, operands)
	for i := range leaves {
		leaves[i] = &Literal{Value: int64(i)}
	}
	ours, usual := tree(leaves, operators, 1), tree(leaves, operators, operands)
	for truths := range 1 << operands {
		if truth(ours, truths) != truth(usual, truths) {
			return true
		}
	}
	return false
}

func truth(x Expression, truths int) bool {
	b, ok := x.(*Binary)
	if !ok {
		return truths>>x.(*Literal).Value.(int64)&1 == 1
	}
	return combine(b.Op, truth(b.Left, truths), truth(b.Right, truths))
}

func combine(op string, a, b bool) bool {
	switch op {
	case "and":
		return a && b
	case "or":
		return a || b
	case "xor":
		return a != b
	}
	return !(a && b)
}
