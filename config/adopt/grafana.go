package adopt

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	grafana     = "Grafana"
	grafanaPort = 3000
)

var grafanaImages = []string{"grafana/grafana", "grafana/grafana-oss", "grafana/grafana-enterprise"}

func adoptGrafana(a *adoption) {
	providers, sources := a.of(kindProviders), a.of(kindDatasources)
	folders := map[string]path{}
	for _, f := range providers {
		a.report(Taken, grafana, f, 0, "dashboard providers", "")
		a.providerFolders(f, folders)
	}
	for _, f := range sources {
		a.report(Taken, grafana, f, 0, "data sources", "")
		a.otherSources(f)
	}
	if root := a.provisioning(slices.Concat(providers, sources)); root != "" {
		from := slices.Concat(providers, sources)[0]
		a.draft.set("dashboards", "provisioning", path(root), from)
		if len(folders) > 0 {
			a.draft.set("dashboards", "paths", folders, nil)
		}
	}
	a.dashboardFiles(folders, len(providers) > 0)
	for _, f := range a.of(kindGrafanaINI) {
		a.grafanaINI(f)
	}
	if len(providers)+len(sources)+len(a.services(grafanaImages...)) > 0 {
		a.customary(grafanaPort, grafanaImages...)
	}
}

// provisioning is the folder above dashboards/ and datasources/.
func (a *adoption) provisioning(files []*file) string {
	root := ""
	for _, f := range files {
		dir := filepath.Dir(f.path)
		if base := filepath.Base(dir); base != "dashboards" && base != "datasources" {
			a.report(Unsupported, grafana, f, 0, "provisioning", "it must lie in a folder dashboards or datasources, as Grafana reads it")
			continue
		}
		switch up := filepath.Dir(dir); root {
		case "", up:
			root = up
		default:
			a.report(Unsupported, grafana, f, 0, "provisioning", "one provisioning folder is taken over; %s was chosen", root)
		}
	}
	return root
}

// providerFolders finds where the folders of a provider's container are here: by the
// mounts of the compose file, or a folder of the same name beside the provisioning.
func (a *adoption) providerFolders(f *file, folders map[string]path) {
	for _, p := range elements(value(f.root, "providers")) {
		n := at(p, "options/path")
		inside := text(n)
		if inside == "" || !filepath.IsAbs(inside) || isFolder(inside) {
			continue
		}
		host := a.hostPath(inside, grafanaImages...)
		if !isFolder(host) {
			host = a.folderLike(inside)
		}
		if host == "" {
			a.report(Differs, grafana, f, line(n), "the provider's folder "+inside, "it is not in this folder: say where it is under dashboards.paths")
			continue
		}
		folders[inside] = path(host)
	}
}

// folderLike is the folder with dashboards whose end is that of inside.
func (a *adoption) folderLike(inside string) string {
	for _, f := range a.of(kindDashboard) {
		for dir := filepath.Dir(f.path); strings.HasPrefix(dir, a.dir); dir = filepath.Dir(dir) {
			if filepath.Base(dir) == filepath.Base(inside) {
				return dir
			}
		}
	}
	return ""
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// otherSources names data sources that are other systems.
func (a *adoption) otherSources(f *file) {
	ours := []string{"prometheus", "loki", "jaeger", "zipkin", "tempo", "elasticsearch", "alertmanager"}
	for _, d := range elements(value(f.root, "datasources")) {
		if kind := text(value(d, "type")); !slices.Contains(ours, kind) {
			a.report(Unsupported, grafana, f, line(d), "the data source "+text(value(d, "name")), "panels that ask %s say so; Pharos answers for its own data", kind)
		}
	}
}

// dashboardFiles reports the dashboards, which a provider must reach.
func (a *adoption) dashboardFiles(folders map[string]path, provided bool) {
	for _, f := range a.of(kindDashboard) {
		reached := provided && slices.ContainsFunc(valuesOf(folders), func(dir path) bool { return strings.HasPrefix(f.path, string(dir)+"/") })
		if reached {
			a.report(Taken, grafana, f, 0, "a dashboard", "")
			continue
		}
		a.report(Differs, grafana, f, 0, "a dashboard", "no provider reaches it: import it on the page Dashboards, or add a provider")
	}
}

func valuesOf(m map[string]path) []path {
	var out []path
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

// iniMeaning says what becomes of a section of grafana.ini.
var iniMeaning = map[string]struct {
	outcome Outcome
	why     string
}{
	"server":         {Differs, "Pharos listens where pharos.yml says (listen, external_url)"},
	"database":       {LeftAlone, "Pharos keeps users and dashboards in its own data directory; export dashboards from Grafana to take them over"},
	"security":       {Differs, "the first start of Pharos prints the administrator's password"},
	"auth.anonymous": {Unsupported, "nobody sees anything without signing in; a token narrowed to a selector or the role viewer are the way to share"},
	"smtp":           {Differs, "notifications are sent by alertmanager.yml's smtp settings"},
}

// grafanaINI reports section by section.
func (a *adoption) grafanaINI(f *file) {
	scanner := bufio.NewScanner(bytes.NewReader(f.text))
	for n := 1; scanner.Scan(); n++ {
		l := strings.TrimSpace(scanner.Text())
		if !strings.HasPrefix(l, "[") || !strings.HasSuffix(l, "]") {
			continue
		}
		section := strings.Trim(l, "[]")
		m, known := iniMeaning[section]
		switch {
		case known:
			a.report(m.outcome, grafana, f, n, section, "%s", m.why)
		case strings.HasPrefix(section, "auth"):
			a.report(Unsupported, grafana, f, n, section, "people sign in with users of Pharos")
		default:
			a.report(LeftAlone, grafana, f, n, section, "it has no meaning here")
		}
	}
	f.reported = true
}
