package pharos

import (
	"os"
	"os/exec"
	"path"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

var (
	markdownCode = regexp.MustCompile("(?ms)^```.*?^```|`[^`\n]*`")
	markdownLink = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	heading      = regexp.MustCompile(`(?m)^#+ +(.+)$`)
)

// TestLinksOfTheDocumentationResolve follows each relative link of every page to a file
// that git knows, and to a heading if it names one. Every page for people and every
// decision can be reached from README.md.
func TestLinksOfTheDocumentationResolve(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "git", "ls-files", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Skip("not a git checkout")
	}
	there, pages := map[string]bool{}, map[string]string{}
	for file := range strings.Lines(string(out)) {
		file = strings.TrimSpace(file)
		for at := file; at != "." && !there[at]; at = path.Dir(at) {
			there[at] = true // a folder is one of its files' parents
		}
		if strings.HasSuffix(file, ".md") && !strings.HasPrefix(file, "cmd/") { // what docgen fills in is linked from docs/user
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			pages[file] = string(text)
		}
	}
	links := map[string][]string{}
	for page, text := range pages {
		for _, link := range markdownLink.FindAllStringSubmatch(markdownCode.ReplaceAllString(text, ""), -1) {
			target, anchor, _ := strings.Cut(link[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			file := page
			if target != "" {
				file = path.Join(path.Dir(page), target)
			}
			switch {
			case !there[file]:
				t.Errorf("%s: the link to %s leads nowhere", page, link[1])
			case anchor != "" && !anchors(pages[file])[anchor]:
				t.Errorf("%s: %s has no heading #%s", page, file, anchor)
			}
			links[page] = append(links[page], file)
		}
	}
	reached := map[string]bool{}
	for next := []string{"README.md"}; len(next) > 0; next = next[1:] {
		for _, to := range append([]string{path.Join(next[0], "README.md")}, links[next[0]]...) {
			if !reached[to] && there[to] {
				reached[to] = true
				next = append(next, to)
			}
		}
	}
	for page := range pages {
		if (strings.HasPrefix(page, "docs/user/") || strings.HasPrefix(page, "docs/adr/")) && !reached[page] {
			t.Errorf("%s: no link leads here from README.md", page)
		}
	}
}

// anchors are the names of a page's headings as GitHub makes them.
func anchors(text string) map[string]bool {
	out := map[string]bool{}
	for _, h := range heading.FindAllStringSubmatch(text, -1) {
		out[strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(h[1]))] = true
	}
	return out
}
