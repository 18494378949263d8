package metrics

import (
	"unicode/utf8"

	"github.com/prometheus/prometheus/model/labels"
)

// LimitsConfig bounds the labels of a series, however its samples come in.
type LimitsConfig struct {
	// MaxLabelNames bounds how many labels a series has.
	MaxLabelNames int `yaml:"max_label_names_per_series"`
	// MaxLabelNameLength and MaxLabelValueLength are in bytes.
	MaxLabelNameLength  int `yaml:"max_label_name_length"`
	MaxLabelValueLength int `yaml:"max_label_value_length"`
}

// shownLabel bounds how much of a label's name an error repeats.
const shownLabel = 64

// Check returns a *LabelLimitError for labels that exceed a limit.
func (l *LimitsConfig) Check(ls labels.Labels) error {
	if n := ls.Len(); n > l.MaxLabelNames {
		return &LabelLimitError{Key: "max_label_names_per_series", Limit: l.MaxLabelNames, Got: n, reason: "max_label_names_per_series"}
	}
	return ls.Validate(func(label labels.Label) error {
		if n := len(label.Name); n > l.MaxLabelNameLength {
			return &LabelLimitError{Key: "max_label_name_length", Label: shorten(label.Name), Limit: l.MaxLabelNameLength, Got: n, reason: "label_name_too_long"}
		}
		if n := len(label.Value); n > l.MaxLabelValueLength {
			return &LabelLimitError{Key: "max_label_value_length", Label: label.Name, Limit: l.MaxLabelValueLength, Got: n, reason: "label_value_too_long"}
		}
		return nil
	})
}

func shorten(s string) string {
	if len(s) <= shownLabel {
		return s
	}
	cut := shownLabel
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "..."
}
