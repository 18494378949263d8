package ingest

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/otlptranslator"

	"github.com/pharosd/pharos/model"
)

const (
	serviceLabel   = "service_name"
	unknownService = "unknown_service"
	levelLabel     = "detected_level"
)

// withService returns ls with the label service_name, taken from the first of
// names that ls has.
func withService(ls model.Labels, names []string) model.Labels {
	if len(names) == 0 || ls.Get(serviceLabel) != "" {
		return ls
	}
	service := unknownService
	for _, name := range names {
		if v := ls.Get(name); v != "" {
			service = v
			break
		}
	}
	return insertLabel(slices.Grow(slices.Clip(ls), 1), model.Label{Name: serviceLabel, Value: service})
}

// insertLabel puts l where it belongs in sorted labels.
func insertLabel(ls model.Labels, l model.Label) model.Labels {
	at := len(ls)
	for at > 0 && ls[at-1].Name > l.Name {
		at--
	}
	return slices.Insert(ls, at, l)
}

// cleanMetadata returns ls as Loki keeps it: names of letters, digits and
// underscores, values that are UTF-8. It returns ls itself if nothing changes.
func cleanMetadata(ls model.Labels) (model.Labels, error) {
	if !slices.ContainsFunc(ls, func(l model.Label) bool { return !plainName(l.Name) || !cleanValue(l.Value) }) {
		return ls, nil
	}
	namer := otlptranslator.LabelNamer{}
	out := make([]model.Label, len(ls))
	for i, l := range ls {
		name, err := namer.Build(l.Name)
		if err != nil {
			return nil, err
		}
		if !cleanValue(l.Value) {
			l.Value = strings.ToValidUTF8(strings.ReplaceAll(l.Value, string(utf8.RuneError), ""), "")
		}
		out[i] = model.Label{Name: name, Value: l.Value}
	}
	return model.NewLabels(out...), nil
}

func cleanValue(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsRune(s, utf8.RuneError)
}

// plainName says whether a name needs no translation: letters, digits and single
// underscores, beginning with a letter or with an underscore and a letter.
func plainName(s string) bool {
	if len(s) > 1 && s[0] == '_' {
		s = s[1:]
	}
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c != '_' && (c < '0' || c > '9') || c == '_' && s[i-1] == '_') {
			return false
		}
	}
	return s != ""
}
