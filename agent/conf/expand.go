package conf

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// expand replaces ${NAME} in text by the environment, with the operators that
// configuration files use: ${NAME:-default} and ${NAME:=default} (also when empty),
// ${NAME=default}, ${NAME^^}, ${NAME,,}, ${NAME^}, ${NAME,}. An unset variable is empty;
// $${ stands for ${, and $ without a brace for itself. The error is an
// *strictyaml.Error with all that cannot be expanded.
func expand(file string, text []byte, lookup func(string) (string, bool)) ([]byte, error) {
	var (
		out      bytes.Buffer
		problems []strictyaml.Problem
	)
	for i := 0; i < len(text); {
		switch {
		case bytes.HasPrefix(text[i:], []byte("$${")):
			out.WriteString("${")
			i += 3
		case bytes.HasPrefix(text[i:], []byte("${")):
			end := closing(text[i+2:])
			value, err := "", fmt.Errorf("the brace is never closed")
			if end >= 0 {
				value, err = substitute(string(text[i+2:i+2+end]), lookup)
			}
			if err != nil {
				line, column := place(text, i)
				problems = append(problems, strictyaml.Problem{File: file, Line: line, Column: column, Message: err.Error(),
					Hint: "$${ stands for ${ itself"})
				i += 2
				continue
			}
			out.WriteString(value)
			i += 2 + end + 1
		default:
			out.WriteByte(text[i])
			i++
		}
	}
	if len(problems) > 0 {
		return nil, &strictyaml.Error{Problems: problems}
	}
	return out.Bytes(), nil
}

// closing is where the brace closes that opened before text, -1 if on no place of the
// same line; defaults may hold references of their own.
func closing(text []byte) int {
	depth := 1
	for i, c := range text {
		switch c {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		case '\n':
			return -1
		}
	}
	return -1
}

func place(text []byte, at int) (line, column int) {
	before := text[:at]
	return bytes.Count(before, []byte("\n")) + 1, at - bytes.LastIndexByte(before, '\n')
}

// substitute is the value of what stands between the braces.
func substitute(expr string, lookup func(string) (string, bool)) (string, error) {
	end := strings.IndexFunc(expr, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	name, operator := expr, ""
	if end >= 0 {
		name, operator = expr[:end], expr[end:]
	}
	if name == "" {
		return "", fmt.Errorf("no name of a variable in ${%s}", expr)
	}
	value, set := lookup(name)
	other := func(prefix string, use bool) (string, error) {
		if !use {
			return value, nil
		}
		inner, err := expand("", []byte(strings.TrimPrefix(operator, prefix)), lookup)
		return string(inner), err
	}
	switch {
	case operator == "":
		return value, nil
	case strings.HasPrefix(operator, ":-"):
		return other(":-", value == "")
	case strings.HasPrefix(operator, ":="):
		return other(":=", value == "")
	case strings.HasPrefix(operator, "="):
		return other("=", !set)
	case operator == "^^":
		return strings.ToUpper(value), nil
	case operator == ",,":
		return strings.ToLower(value), nil
	case operator == "^" && value != "":
		return strings.ToUpper(value[:1]) + value[1:], nil
	case operator == "," && value != "":
		return strings.ToLower(value[:1]) + value[1:], nil
	case operator == "^" || operator == ",":
		return "", nil
	}
	return "", fmt.Errorf("${%s} uses an operator that is not known here", expr)
}
