package strictyaml

import "gopkg.in/yaml.v3"

// Parse returns the root of the file's only document, nil for an empty file, for
// files of another project that are read key by key. The error is an *Error.
func Parse(file string, text []byte) (*yaml.Node, error) {
	root, problem := parse(file, text)
	if problem != nil {
		return nil, &Error{Problems: []Problem{*problem}}
	}
	return root, nil
}
