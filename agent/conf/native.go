package conf

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/discovery"
	"github.com/prometheus/prometheus/discovery/aws"
	"github.com/prometheus/prometheus/discovery/consul"
	"github.com/prometheus/prometheus/discovery/dns"
	"github.com/prometheus/prometheus/discovery/file"
	"github.com/prometheus/prometheus/discovery/http"
	"github.com/prometheus/prometheus/discovery/kubernetes"
	"github.com/prometheus/prometheus/discovery/moby"
	"github.com/prometheus/prometheus/discovery/targetgroup"
	"github.com/prometheus/prometheus/model/relabel"
	yaml2 "go.yaml.in/yaml/v2"
	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// native reads the parts of a job that are Prometheus' own with Prometheus' own
// parsers: relabelling and discovery.
func (r *reader) native(key string, j *Job) error {
	var errs []error
	add := func(list string, i int, err error) {
		if err != nil {
			errs = append(errs, &strictyaml.KeyError{Key: fmt.Sprintf("%s.%s[%d]", key, list, i), Err: err})
		}
	}
	for i := range j.RelabelNodes {
		var rule *relabel.Config
		err := decode(&j.RelabelNodes[i], &rule)
		if err == nil && rule != nil {
			err = rule.Validate(model.LegacyValidation)
			j.Relabel = append(j.Relabel, rule)
		}
		add("relabel_configs", i, err)
	}
	for i := range j.StaticNodes {
		g := &targetgroup.Group{}
		add("static_configs", i, decode(&j.StaticNodes[i], g))
		if len(g.Targets) == 0 {
			g.Targets = []model.LabelSet{{model.AddressLabel: "localhost"}}
		}
		g.Source = fmt.Sprint(i)
		j.Static = append(j.Static, g)
	}
	j.discover(add)
	for i := range j.DockerNodes {
		c := &moby.DockerSDConfig{}
		add("docker_sd_configs", i, decode(&j.DockerNodes[i], c))
		j.Docker = append(j.Docker, c)
	}
	return errors.Join(errs...)
}

// discover decodes each kind of discovery into the type of its package.
func (j *Job) discover(add func(list string, i int, err error)) {
	each := func(list string, nodes []yaml.Node, make func() discovery.Config) {
		for i := range nodes {
			c := make()
			add(list, i, decode(&nodes[i], c))
			j.Discovery = append(j.Discovery, c)
		}
	}
	each("file_sd_configs", j.FileNodes, func() discovery.Config { return &file.SDConfig{} })
	each("dns_sd_configs", j.DNSNodes, func() discovery.Config { return &dns.SDConfig{} })
	each("http_sd_configs", j.HTTPNodes, func() discovery.Config { return &http.SDConfig{} })
	each("consul_sd_configs", j.ConsulNodes, func() discovery.Config { return &consul.SDConfig{} })
	each("kubernetes_sd_configs", j.KubeNodes, func() discovery.Config { return &kubernetes.SDConfig{} })
	each("ec2_sd_configs", j.EC2Nodes, func() discovery.Config { return &aws.EC2SDConfig{} })
	each("dockerswarm_sd_configs", j.SwarmNodes, func() discovery.Config { return &moby.DockerSwarmSDConfig{} })
}

// decode decodes a part of the file into a type that has only a method for the older
// YAML package, strictly.
func decode(n *yaml.Node, v any) error {
	budget := maxNodes
	plain, err := unaliased(n, &budget)
	if err != nil {
		return err
	}
	text, err := yaml.Marshal(plain)
	if err != nil {
		return err
	}
	if err := yaml2.UnmarshalStrict(text, v); err != nil {
		return errors.New(strings.TrimSpace(lineNumber.ReplaceAllString(strings.TrimPrefix(err.Error(), "yaml: "), "")))
	}
	return nil
}

// lineNumber is a line within the part, which means nothing to the reader: the place
// of the part is told instead.
var lineNumber = regexp.MustCompile(`(unmarshal errors:\s*)?line \d+: `)

// maxNodes bounds one part of a file once its aliases are followed.
const maxNodes = 20_000

// unaliased is a copy of n in which aliases are replaced by what they stand for.
func unaliased(n *yaml.Node, budget *int) (*yaml.Node, error) {
	if *budget--; *budget < 0 {
		return nil, fmt.Errorf("more than %d values once aliases are followed", maxNodes)
	}
	if n.Kind == yaml.AliasNode {
		return unaliased(n.Alias, budget)
	}
	c := *n
	c.Anchor, c.HeadComment, c.LineComment, c.FootComment, c.Content = "", "", "", "", nil
	for _, child := range n.Content {
		copied, err := unaliased(child, budget)
		if err != nil {
			return nil, err
		}
		c.Content = append(c.Content, copied)
	}
	return &c, nil
}
