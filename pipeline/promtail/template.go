package promtail

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha3"
	"encoding/hex"
	"fmt"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"github.com/grafana/regexp"
)

// Bounds of what a template makes of one line.
const (
	maxFormatted = 4 << 20
	maxListed    = 100_000
	maxCached    = 64 // expressions of one template's functions
)

// trustedOnly are functions that show the environment or ask name servers, and those
// whose arguments say how much memory or time they take.
var trustedOnly = []string{
	"env", "expandenv", "getHostByName",
	"genPrivateKey", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey",
	"buildCustomCert", "derivePassword", "bcrypt", "htpasswd", "encryptAES", "decryptAES",
	"randBytes", "randAlphaNum", "randAlpha", "randNumeric", "randAscii", "indent", "nindent", "seq",
}

// formatter runs a template of a stage. Functions are those of the library sprig and
// Promtail's own, which win.
type formatter struct {
	template *template.Template
	out      limitedBuffer
	compiled map[string]*regexp.Regexp
}

func newFormatter(text string, untrusted bool) (*formatter, error) {
	f := &formatter{compiled: map[string]*regexp.Regexp{}}
	funcs := sprig.TxtFuncMap()
	if untrusted {
		for _, name := range trustedOnly {
			delete(funcs, name)
		}
	}
	for name, fn := range f.functions() {
		funcs[name] = fn
	}
	t, err := template.New("template").Funcs(funcs).Parse(text)
	f.template = t
	return f, err
}

// format executes the template; an error leaves nothing.
func (f *formatter) format(data any) (string, error) {
	f.out.Reset()
	if err := f.template.Execute(&f.out, data); err != nil {
		return "", err
	}
	return f.out.String(), nil
}

func (f *formatter) functions() template.FuncMap {
	return template.FuncMap{
		"ToLower": strings.ToLower, "ToUpper": strings.ToUpper, "Replace": strings.Replace,
		"Trim": strings.Trim, "TrimLeft": strings.TrimLeft, "TrimRight": strings.TrimRight,
		"TrimPrefix": strings.TrimPrefix, "TrimSuffix": strings.TrimSuffix, "TrimSpace": strings.TrimSpace,
		"Hash": func(salt, s string) string {
			sum := sha3.Sum256([]byte(salt + s))
			return hex.EncodeToString(sum[:])
		},
		"Sha2Hash": func(salt, s string) string {
			sum := sha256.Sum256([]byte(salt + s))
			return hex.EncodeToString(sum[:])
		},
		"regexReplaceAll": func(re, s, replacement string) (string, error) {
			r, err := f.compile(re)
			if err != nil {
				return "", err
			}
			return r.ReplaceAllString(s, replacement), nil
		},
		"regexReplaceAllLiteral": func(re, s, replacement string) (string, error) {
			r, err := f.compile(re)
			if err != nil {
				return "", err
			}
			return r.ReplaceAllLiteralString(s, replacement), nil
		},
		"repeat":    repeat,
		"until":     func(n int) ([]int, error) { return steps(0, n, sign(n)) },
		"untilStep": steps,
	}
}

// compile keeps expressions: most templates have the same for each line.
func (f *formatter) compile(re string) (*regexp.Regexp, error) {
	if r, ok := f.compiled[re]; ok {
		return r, nil
	}
	r, err := regexp.Compile(re)
	if err != nil {
		return nil, err
	}
	if len(f.compiled) >= maxCached {
		clear(f.compiled)
	}
	f.compiled[re] = r
	return r, nil
}

func repeat(n int, s string) (string, error) {
	if n < 0 || len(s) > 0 && n > maxFormatted/len(s) {
		return "", errTooLong()
	}
	return strings.Repeat(s, n), nil
}

// steps are the numbers from start up or down to stop, without it.
func steps(start, stop, step int) ([]int, error) {
	if step == 0 || step > 0 && stop <= start || step < 0 && stop >= start {
		return nil, nil
	}
	n := (stop-start-sign(step))/step + 1
	if n > maxListed {
		return nil, fmt.Errorf("list of more than %d numbers", maxListed)
	}
	list := make([]int, 0, n)
	for i := range n {
		list = append(list, start+i*step)
	}
	return list, nil
}

func sign(n int) int {
	if n < 0 {
		return -1
	}
	return 1
}

// limitedBuffer refuses to grow beyond maxFormatted.
type limitedBuffer struct{ bytes.Buffer }

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxFormatted {
		return 0, errTooLong()
	}
	return b.Buffer.Write(p)
}

func errTooLong() error { return fmt.Errorf("formatted text is longer than %d bytes", maxFormatted) }
