package adopt

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// service is one container of a compose file.
type service struct {
	name, image string
	line        int
	file        *file
	flags       []string
	environment map[string]string
	mounts      []mount
	ports       []int // published
}

// mount is a folder or file of the host inside a container.
type mount struct{ host, container string }

func (a *adoption) readCompose() {
	for _, f := range a.of(kindCompose) {
		services := value(f.root, "services")
		for i := 0; i+1 < len(services.Content); i += 2 {
			a.compose = append(a.compose, readService(f, services.Content[i], target(services.Content[i+1])))
		}
		f.reported = true
	}
}

func readService(f *file, name, n *yaml.Node) *service {
	s := &service{name: name.Value, image: text(value(n, "image")), line: name.Line, file: f, environment: map[string]string{}}
	s.flags = append(texts(value(n, "entrypoint")), texts(value(n, "command"))...)
	s.readEnvironment(value(n, "environment"))
	for _, v := range elements(value(n, "volumes")) {
		if m, ok := readMount(v, filepath.Dir(f.path)); ok {
			s.mounts = append(s.mounts, m)
		}
	}
	for _, p := range elements(value(n, "ports")) {
		if port := publishedPort(p); port > 0 {
			s.ports = append(s.ports, port)
		}
	}
	return s
}

// readEnvironment reads a mapping or a list of NAME=value.
func (s *service) readEnvironment(n *yaml.Node) {
	for _, k := range keys(n) {
		s.environment[k] = text(value(n, k))
	}
	for _, e := range elements(n) {
		k, v, _ := strings.Cut(text(e), "=")
		s.environment[k] = v
	}
}

// readMount reads host:container[:options] or the long form. Named volumes hold data,
// not configuration.
func readMount(n *yaml.Node, dir string) (mount, bool) {
	m := mount{text(value(n, "source")), text(value(n, "target"))}
	if short := text(n); short != "" {
		parts := strings.SplitN(short, ":", 3)
		if len(parts) < 2 {
			return m, false
		}
		m = mount{parts[0], parts[1]}
	}
	if m.container == "" || !strings.HasPrefix(m.host, ".") && !strings.HasPrefix(m.host, "/") {
		return m, false
	}
	if !filepath.IsAbs(m.host) {
		m.host = filepath.Join(dir, m.host)
	}
	return m, true
}

// publishedPort reads "9090:9090", "127.0.0.1:9090:9090/tcp", 9090 or the long form.
func publishedPort(n *yaml.Node) int {
	t := text(n)
	if p := value(n, "published"); p != nil {
		t = text(p)
	}
	t, _, _ = strings.Cut(t, "/")
	parts := strings.Split(t, ":")
	host := parts[0]
	if len(parts) >= 2 {
		host = parts[len(parts)-2]
	}
	port, _ := strconv.Atoi(host)
	return port
}

// is tells whether the service's image is one of those, whatever its registry and tag.
func (s *service) is(images ...string) bool {
	image, _, _ := strings.Cut(s.image, "@")
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		image = image[:i]
	}
	return slices.ContainsFunc(images, func(want string) bool {
		return image == want || strings.HasSuffix(image, "/"+want)
	})
}

func (a *adoption) services(images ...string) []*service {
	var out []*service
	for _, s := range a.compose {
		if s.is(images...) {
			out = append(out, s)
		}
	}
	return out
}

// flag is the value of --name=value, -name=value or of the word after it.
func (s *service) flag(name string) string {
	for i, f := range s.flags {
		f = strings.TrimLeft(f, "-")
		if v, ok := strings.CutPrefix(f, name+"="); ok {
			return strings.Trim(v, `"'`)
		}
		if f == name && i+1 < len(s.flags) {
			return s.flags[i+1]
		}
	}
	return ""
}

// hostPath is where a container's path is on the host; "": in the image.
func (s *service) hostPath(path string) string {
	best := mount{}
	for _, m := range s.mounts {
		inside := path == m.container || strings.HasPrefix(path, strings.TrimSuffix(m.container, "/")+"/")
		if inside && len(m.container) > len(best.container) {
			best = m
		}
	}
	if path == "" || best.container == "" {
		return ""
	}
	return filepath.Join(best.host, strings.TrimPrefix(path, best.container))
}

// hostPath looks through the mounts of all containers of those images.
func (a *adoption) hostPath(path string, images ...string) string {
	for _, s := range a.services(images...) {
		if host := s.hostPath(path); host != "" {
			return host
		}
	}
	return ""
}

// customary notes the port at which clients reach a system: the one that its container
// publishes, or its own.
func (a *adoption) customary(port int, images ...string) int {
	for _, s := range a.services(images...) {
		if len(s.ports) > 0 {
			port = s.ports[0]
		}
	}
	if !slices.Contains(a.ports, port) {
		a.ports = append(a.ports, port)
	}
	return port
}
