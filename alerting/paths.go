package alerting

import (
	"path/filepath"
	"reflect"
	"strings"

	"github.com/prometheus/alertmanager/config"
)

// resolvePaths makes the names of files in conf relative to dir: template globs
// and every setting whose key ends in _file (webhook's url_file, Slack's
// api_url_file, TLS' ca_file, ...). Alertmanager's own loader does so for
// templates and HTTP clients, and takes the others relative to the folder it was
// started in, which for a single process with many files has no meaning.
func resolvePaths(dir string, conf *config.Config) {
	for i, glob := range conf.Templates {
		conf.Templates[i] = joinPath(dir, glob)
	}
	resolveFileKeys(dir, reflect.ValueOf(conf).Elem())
}

func joinPath(dir, name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// directorySetter is what Prometheus' common client settings implement.
type directorySetter interface{ SetDirectory(dir string) }

func resolveFileKeys(dir string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			resolveFileKeys(dir, v.Elem())
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			resolveFileKeys(dir, v.Index(i))
		}
	case reflect.Struct:
		if v.CanAddr() {
			if s, ok := v.Addr().Interface().(directorySetter); ok {
				s.SetDirectory(dir)
				return
			}
		}
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !field.IsExported() {
				continue
			}
			key, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
			if v.Field(i).Kind() == reflect.String && strings.HasSuffix(key, "_file") {
				v.Field(i).SetString(joinPath(dir, v.Field(i).String()))
				continue
			}
			resolveFileKeys(dir, v.Field(i))
		}
	}
}
