// Package dashfeed makes series and log lines that answer a dashboard's queries: it
// walks their selectors, so that a test can show panels with data without the systems
// that the dashboard was written for.
package dashfeed

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pharosd/pharos/dashboards"
)

// Feed is what one dashboard asks for, and the data that answers it. Not safe for
// concurrent use.
type Feed struct {
	asks    dashboards.Asks
	metrics map[string]*metric
	order   []string
	streams []stream
	// documents are the fields of Elasticsearch's documents.
	documents map[string]docField
	// values are what a label holds where no query says, by label.
	values map[string]string
	// Unread are queries that do not parse.
	Unread []string
}

// New reads a dashboard's queries.
func New(doc *dashboards.Document) *Feed {
	f := &Feed{asks: doc.Asks(nil), metrics: map[string]*metric{}, values: map[string]string{}, documents: map[string]docField{}}
	f.variables()
	for _, v := range f.asks.Variables {
		f.variableQuery(v)
	}
	for _, q := range f.asks.Queries {
		switch q.Dialect {
		case "prometheus":
			f.promql(q.Text, q.Legend)
		case "loki":
			f.logql(q.Text)
		case "elasticsearch":
			f.elastic(q.Target)
		}
	}
	return f
}

var (
	labelValues = regexp.MustCompile(`(?s)^label_values\(\s*(?:(.*)\s*,)?\s*([a-zA-Z_$][\w$.]*)\s*\)\s*$`)
	queryResult = regexp.MustCompile(`(?s)^query_result\((.*)\)\s*$`)
	quotedLabel = regexp.MustCompile(`(\w+)="[^"(]*\(`)
)

// variables chooses what each variable holds: a value of the label that its query asks
// for, cut as its regular expression cuts.
func (f *Feed) variables() {
	for _, v := range f.asks.Variables {
		label := v.Name
		if found := labelValues.FindStringSubmatch(v.Text); found != nil {
			label = found[2]
		} else if found := quotedLabel.FindStringSubmatch(v.Regex); found != nil {
			label = found[1]
		}
		label = f.read(label)
		whole := f.value(label)
		value := whole
		if re := variableRegex(f.read(v.Regex)); re != nil && labelValues.MatchString(v.Text) {
			if !re.MatchString(whole) {
				whole = sample(re.String(), whole)
				f.values[label], value = whole, whole
			}
			if found := re.FindStringSubmatch(whole); len(found) > 1 && found[1] != "" {
				value = found[1]
			}
		}
		f.asks.Values.Set(v.Name, value)
	}
}

func variableRegex(s string) *regexp.Regexp {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil
	}
	if strings.HasPrefix(s, "/") {
		s = s[1:max(1, strings.LastIndex(s, "/"))]
	} else {
		s = "^(?:" + s + ")$"
	}
	re, err := regexp.Compile(s)
	if err != nil {
		return nil
	}
	return re
}

// read replaces the variables of a text that is no query.
func (f *Feed) read(s string) string { return f.asks.Values.Readings(s)[0] }

func (f *Feed) variableQuery(v dashboards.VariableQuery) {
	found := labelValues.FindStringSubmatch(v.Text)
	if v.Dialect == "loki" {
		if found != nil {
			f.logql(found[1])
		}
		return
	}
	query, label := v.Text, ""
	if found != nil {
		query, label = found[1], f.read(found[2])
		if strings.TrimSpace(query) == "" {
			query = "up"
		}
	} else if found := queryResult.FindStringSubmatch(v.Text); found != nil {
		query = found[1]
		if inside := quotedLabel.FindStringSubmatch(v.Regex); inside != nil {
			label = inside[1]
		}
	}
	legend := ""
	if label != "" {
		legend = "{{" + label + "}}"
	}
	f.promql(query, legend)
}

// Values of labels that have a form of their own.
var usual = map[string]string{
	"instance": "10.0.0.1:9100", "node": "node-1", "device": "sda", "mountpoint": "/", "fstype": "ext4", "code": "200", "status": "200",
	"method": "GET", "le": "1", "quantile": "0.99", "cpu": "0", "namespace": "shop", "pod": "shop-api-0", "container": "api", "image": "api:1",
	"cluster": "cluster-1", "version": "v1.2.3", "level": "error", "id": "/", "interface": "eth0", "chip": "platform_coretemp_0", "sensor": "temp1",
}

// value is what a label holds everywhere unless a query wants another.
func (f *Feed) value(label string) string {
	if v, ok := f.values[label]; ok {
		return v
	}
	v, ok := usual[label]
	if !ok {
		v = strings.ReplaceAll(label, "_", "-") + "-1"
	}
	f.values[label] = v
	return v
}

// metric is what is known of one name: its labels with the values they must have.
type metric struct {
	name   string
	labels map[string][]string
	// absent are labels that a selector wants not to be there.
	absent map[string]bool
	// like is a value that a comparison wants, if any.
	like    float64
	hasLike bool
	counter bool
	buckets bool
}

func (f *Feed) metric(name string) *metric {
	m := f.metrics[name]
	if m == nil {
		m = &metric{name: name, labels: map[string][]string{}, absent: map[string]bool{},
			counter: strings.HasSuffix(name, "_total") || strings.HasSuffix(name, "_count") || strings.HasSuffix(name, "_sum"),
			buckets: strings.HasSuffix(name, "_bucket")}
		f.metrics[name] = m
		f.order = append(f.order, name)
	}
	return m
}

const maxValues = 6

// want adds values that a label of the metric must have.
func (m *metric) want(label string, values ...string) {
	have := m.labels[label]
	for _, v := range values {
		if !slices.Contains(have, v) && len(have) < maxValues {
			have = append(have, v)
		}
	}
	m.labels[label] = have
}
