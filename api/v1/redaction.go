package v1

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/pipeline/redact"
	"github.com/pharosd/pharos/tenant"
)

// Bounds of a preview.
const (
	maxPreviewBody  = 1 << 20
	maxPreviewLines = 1000
)

// Redaction shows what rules of redaction would do, and which hold.
type Redaction struct {
	redactor *ingest.Redactor
	// key is for hashes of previews. Were it the tenant's own, a preview could be asked
	// which of many values has a hash that is stored.
	key []byte
}

// NewRedaction serves the rules of r.
func NewRedaction(r *ingest.Redactor) *Redaction {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails, says its documentation
	return &Redaction{r, key}
}

// Routes returns the table of routes.
func (d *Redaction) Routes() []httpx.Route {
	const path = "/api/pharos/v1/redaction"
	return []httpx.Route{
		{Pattern: "GET " + path, Access: httpx.Edit, Handler: http.HandlerFunc(d.get)},
		{Pattern: "POST " + path + "/preview", Access: httpx.Edit, MaxBody: maxPreviewBody, Handler: http.HandlerFunc(d.preview)},
	}
}

// redactionRule is a rule in JSON.
type redactionRule struct {
	Type       string `json:"type"`
	Name       string `json:"name,omitempty"`
	Expression string `json:"expression,omitempty"`
	Action     string `json:"action,omitempty"`
}

// get answers the rules that hold for the tenant, and the labels that they look at.
func (d *Redaction) get(w http.ResponseWriter, r *http.Request) {
	cfg := d.redactor.Rules(tenant.FromContext(r.Context())).Config()
	out := struct {
		Rules  []redactionRule `json:"rules"`
		Labels []string        `json:"labels"`
	}{[]redactionRule{}, []string{}}
	for _, rule := range cfg.Rules {
		out.Rules = append(out.Rules, redactionRule(rule))
	}
	out.Labels = append(out.Labels, cfg.Labels...)
	httpx.WriteJSON(w, http.StatusOK, out)
}

// preview answers {"rules": [...], "lines": [...]} with the lines as they would be
// stored and what each rule found. Without rules the tenant's own are used. Nothing is
// stored or counted.
func (d *Redaction) preview(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Rules *[]redactionRule `json:"rules"`
		Lines []string         `json:"lines"`
	}
	if err := httpx.ReadJSON(r, &in); err != nil {
		httpx.WriteError(w, err)
		return
	}
	if len(in.Lines) > maxPreviewLines {
		httpx.WriteError(w, &httpx.Error{Status: http.StatusBadRequest, Code: "too_many_lines",
			Message: fmt.Sprintf("%d lines, a preview takes %d at most", len(in.Lines), maxPreviewLines)})
		return
	}
	rules := d.redactor.Rules(tenant.FromContext(r.Context()))
	if in.Rules != nil {
		var err error
		if rules, err = compileRules(*in.Rules); err != nil {
			httpx.WriteError(w, err)
			return
		}
	}
	httpx.WriteJSON(w, http.StatusOK, redacted(rules.WithKey(d.key), in.Lines))
}

func compileRules(in []redactionRule) (*redact.Rules, error) {
	var cfg redact.Config
	for _, rule := range in {
		cfg.Rules = append(cfg.Rules, redact.Rule(rule))
	}
	rules, err := redact.Compile(cfg)
	if err != nil {
		return nil, &httpx.Error{Status: http.StatusBadRequest, Code: "rules_invalid", Message: strings.ReplaceAll(err.Error(), "\n", "; ")}
	}
	return rules, nil
}

// redactionPreview is the answer of a preview.
type redactionPreview struct {
	Lines []string    `json:"lines"`
	Rules []ruleFinds `json:"rules"`
}

type ruleFinds struct {
	Name  string `json:"name"`
	Found int    `json:"found"`
}

func redacted(rules *redact.Rules, lines []string) redactionPreview {
	names := rules.Names()
	counts := make([]int, len(names))
	out := redactionPreview{Lines: make([]string, len(lines)), Rules: make([]ruleFinds, len(names))}
	for i, line := range lines {
		out.Lines[i] = rules.Text(line, counts)
	}
	for i, name := range names {
		out.Rules[i] = ruleFinds{name, counts[i]}
	}
	return out
}
