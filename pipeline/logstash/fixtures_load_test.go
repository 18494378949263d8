package logstash

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/pipeline/logstash/internal/grok"
)

// What the filters of fixtures that do not load need, by file: texts of their problems.
// A dictionary is a file that the fixture does not come with; so are most Ruby files.
var fixtureNeeds = map[string][]string{
	"data-prepper/log-ingest-to-opensearch.conf":                                            {"mutate has no setting \"trim\""},
	"docs/advanced-pipeline_10.conf":                                                        {"geoip: the source is no [...][ip], so that a target has to be named"},
	"docs/advanced-pipeline_13.conf":                                                        {"geoip: the source is no [...][ip], so that a target has to be named"},
	"docs/data-deserialization_05.conf":                                                     {"xml: store_xml: storing the document needs a target; write one, or sto"},
	"docs/ea-integration-tutorial_00.conf":                                                  {"there is no filter \"elastic_integration\""},
	"docs/ea-integration-tutorial_01.conf":                                                  {"there is no filter \"elastic_integration\""},
	"docs/lookup-enrichment_04.conf":                                                        {"there is no filter \"jdbc_static\""},
	"docs/lookup-enrichment_05.conf":                                                        {"there is no filter \"jdbc_streaming\""},
	"docs/secure-connection_12.conf":                                                        {"there is no filter \"elasticsearch\""},
	"docs/using-logstash-with-elastic-integrations_00.conf":                                 {"there is no filter \"elastic_integration\"", "read dictionary: open"},
	"elastic-examples/Graph_apache_logs_security_analysis_logstash_secrepo_logstash.conf":   {"grok: match \"%{IP:src} - - \\\\[%{HTTPDATE:timestamp}\\\\] \\\"%{HTTP_METHOD", "geoip: the source is no [...][ip], so that a target has to be named"},
	"elastic-examples/Miscellaneous_gdpr_pseudonymization_logstash_script_fingerprint.conf": {"ruby: path: read code"},
	"elastic-examples/Miscellaneous_kafka_logstash_gc.conf":                                 {"grok: match \"(?m)%{TIMESTAMP_ISO8601:kafka.timestamp}: %{GC_REASON:gc."},
	"elastic-examples/apache_logs_logstash_apache_logstash.conf":                            {"geoip: the source is no [...][ip], so that a target has to be named"},
	"logsearch-boshrelease/deployment.conf":                                                 {"read dictionary: open"},
	"logsearch-boshrelease/monitor_filter.conf":                                             {"read dictionary: open"},
	"logsearch-cf/app-logmessage-rtr.conf":                                                  {"geoip: the source is no [...][ip], so that a target has to be named"},
	"logsearch-cf/platform-uaa.conf":                                                        {"geoip: the source is no [...][ip], so that a target has to be named"},
	"malcolm/beats__11_beats_logs.conf":                                                     {"ruby: path: read code", "grok: match \"%{NGINX_ACCESS}\": there is no pattern \"NGINX_ACCESS\"", "grok: match \"%{NGINX_ERROR}\": there is no pattern \"NGINX_ERROR\"", "read dictionary: open"},
	"malcolm/beats__13_normalize.conf":                                                      {"ruby: path: read code"},
	"malcolm/beats__96_make_unique.conf":                                                    {"ruby: path: read code"},
	"malcolm/enrichment__11_lookups.conf":                                                   {"ruby: path: read code"},
	"malcolm/enrichment__20_enriched_to_ecs.conf":                                           {"read dictionary: open"},
	"malcolm/enrichment__23_severity.conf":                                                  {"global variables ($x) are not supported"},
	"malcolm/enrichment__96_make_unique.conf":                                               {"ruby: path: read code"},
	"malcolm/filescan__12_normalize.conf":                                                   {"YAML is not supported", "ruby: path: read code"},
	"malcolm/suricata__11_suricata_logs.conf":                                               {"File is not supported", "read dictionary: open"},
	"malcolm/suricata__12_suricata_normalize.conf":                                          {"ruby: path: read code"},
	"malcolm/zeek__1044_zeek_opcua_binary.conf":                                             {"global variables ($x) are not supported"},
	"malcolm/zeek__1047_zeek_profinet.conf":                                                 {"global variables ($x) are not supported"},
	"malcolm/zeek__1200_zeek_mutate.conf":                                                   {"ruby: path: read code", "read dictionary: open", "File is not supported"},
	"malcolm/zeek__1300_zeek_normalize.conf":                                                {"ruby: path: read code", "read dictionary: open"},
	"official/ci_serverless_pipeline_002_es-filter.conf":                                    {"there is no filter \"elasticsearch\""},
	"official/ci_serverless_pipeline_004_integration-filter.conf":                           {"there is no filter \"elastic_integration\""},
	"openstack/openstack-filters.conf":                                                      {"there is no filter \"multiline\""},
	"parser-tests/identic__if_else-if_and_else_branch_with_comments.conf":                   {"date: match: write a field and at least one form: match => [\"timestamp"},
	"pfelk/01-inputs.pfelk.conf":                                                            {"grok: match \"%{PFELK}\": there is no pattern \"PFELK\""},
	"pfelk/35-rules-desc.pfelk.conf":                                                        {"read dictionary: open"},
	"pfelk/36-ports-desc.pfelk.conf":                                                        {"read dictionary: open"},
	"pfelk/38-enhanced_url.pfelk.conf":                                                      {"Addressable::URI is not supported"},
	"pfelk/45-enhanced_private.pfelk.conf":                                                  {"read dictionary: open"},
	"pfelk/46-private-firewall.pfelk.conf":                                                  {"read dictionary: open"},
}

// TestFixturesLoad compiles the filters of all files of others: those that do not load
// say precisely what they need.
func TestFixturesLoad(t *testing.T) {
	loaded := 0
	for name, text := range readConfigurations(t) {
		if wrongFixtures[name] != "" {
			continue
		}
		_, err := Compile([]Source{{name, text}}, Options{Lookup: func(string) (string, bool) { return "1", true }})
		needs := fixtureNeeds[name]
		if err == nil && needs == nil {
			loaded++
			continue
		}
		if err == nil || needs == nil {
			t.Errorf("%s: error %v, want %q", name, err, needs)
			continue
		}
		for _, need := range needs {
			if !strings.Contains(err.Error(), need) {
				t.Errorf("%s: %v, want %q", name, err, need)
			}
		}
		for _, p := range err.(Problems) {
			if p.Pos.Line == 0 || p.Pos.File != name {
				t.Errorf("%s: no place: %v", name, p)
			}
		}
	}
	t.Logf("%d files load, %d need what they do not come with", loaded, len(fixtureNeeds))
}

var olderMisses = map[string]bool{"CISCOFW106014": true, "TOMCAT_DATESTAMP": true, "SYSLOGLINE": true}

// TestGrokSpecMessages matches the messages of logstash-patterns-core's own tests.
func TestGrokSpecMessages(t *testing.T) {
	text, err := os.ReadFile(testkit.Shared(t, "fixtures", "logstash", "grok_spec_messages.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		Pattern, Message string
		Modes            []string
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		for _, mode := range c.Modes {
			p, err := grok.Compile("%{"+c.Pattern+"}", grok.Standard(mode == "ecs-v1"), true)
			if err != nil {
				t.Errorf("%s: %v", c.Pattern, err)
				continue
			}
			// Of the older set some patterns do not match: these messages were added with the
			// newer ones that do.
			if mode == "legacy" && olderMisses[c.Pattern] {
				continue
			}
			if ok, err := p.Regexp.Matcher().Find(c.Message, 0, time.Second); !ok || err != nil {
				t.Errorf("%s (%s) does not match %q: %v", c.Pattern, mode, c.Message, err)
			}
		}
	}
}
