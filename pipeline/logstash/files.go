package logstash

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// maxFiles bounds what one pattern may match.
const maxFiles = 10_000

// ReadSources reads the files of a path.config: a file, a folder (all files in it) or a
// pattern with *, ?, [a-z], {a,b} and **. They come in the order of their names, as
// Logstash joins them; folders and files whose names end with ~ are left out.
func ReadSources(pattern string) ([]Source, error) {
	pattern = strings.TrimPrefix(pattern, "file://")
	if info, err := os.Stat(pattern); err == nil && info.IsDir() {
		pattern = filepath.Join(pattern, "*")
	}
	files, err := glob(pattern)
	if err != nil {
		return nil, fmt.Errorf("read configurations %s: %w", pattern, err)
	}
	var sources []Source
	size := int64(0)
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			return nil, fmt.Errorf("read configuration %s: %w", file, err)
		}
		if !info.Mode().IsRegular() || strings.HasSuffix(file, "~") {
			continue
		}
		if size += info.Size(); size > maxSource {
			return nil, fmt.Errorf("read configurations %s: more than %d bytes", pattern, maxSource)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read configuration %s: %w", file, err)
		}
		sources = append(sources, Source{file, string(text)})
	}
	if len(sources) == 0 {
		return nil, fmt.Errorf("read configurations %s: no such file", pattern)
	}
	return sources, nil
}

// glob returns the files that match, sorted.
func glob(pattern string) ([]string, error) {
	var all []string
	for _, p := range expandBraces(pattern, 0) {
		found, err := globOne(p)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// expandBraces makes a pattern without braces of each alternative.
func expandBraces(pattern string, depth int) []string {
	const deepest = 6
	open := strings.IndexByte(pattern, '{')
	if open < 0 || depth > deepest {
		return []string{pattern}
	}
	end := strings.IndexByte(pattern[open:], '}')
	if end < 0 {
		return []string{pattern}
	}
	end += open
	var all []string
	for _, alternative := range strings.Split(pattern[open+1:end], ",") {
		all = append(all, expandBraces(pattern[:open]+alternative+pattern[end+1:], depth+1)...)
	}
	return all
}

// globOne knows ** for any number of folders besides what filepath.Glob knows.
func globOne(pattern string) ([]string, error) {
	before, after, found := strings.Cut(filepath.ToSlash(pattern), "**/")
	if !found {
		return filepath.Glob(pattern)
	}
	if _, err := filepath.Match(after, ""); err != nil {
		return nil, err
	}
	root := filepath.FromSlash(before)
	if root == "" {
		root = "."
	}
	var all []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if path != root && strings.HasPrefix(d.Name(), ".") {
				return filepath.SkipDir
			}
			inside, err := globOne(filepath.Join(path, filepath.FromSlash(after)))
			all = append(all, inside...)
			if len(all) > maxFiles {
				return fmt.Errorf("more than %d files", maxFiles)
			}
			return err
		}
		return nil
	})
	return all, err
}

var (
	inputBlock  = regexp.MustCompile(`input\s*\{`)
	outputBlock = regexp.MustCompile(`output\s*\{`)
)

// StringSources are the sources of a config.string, to which Logstash adds the input
// stdin and the output stdout when it names none.
func StringSources(name, text string) []Source {
	sources := []Source{{name, text}}
	if !inputBlock.MatchString(text) {
		sources = append(sources, Source{"default input", "input { stdin { } }"})
	}
	if !outputBlock.MatchString(text) {
		sources = append(sources, Source{"default output", "output { stdout { codec => rubydebug } }"})
	}
	return sources
}
