package render

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/chromedp"
)

// errSandbox says that Chromium could not start because its sandbox cannot work.
var errSandbox = errors.New("no usable sandbox")

// usual are the names and places of Chromium and its relatives.
var usual = []string{
	"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "chrome-headless-shell", "headless_shell",
	"/usr/bin/chromium", "/usr/bin/google-chrome", "/snap/bin/chromium", "/opt/google/chrome/chrome", "/usr/lib/chromium/chromium",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium",
}

// find returns the path of Chromium, "" if there is none. A path that is given counts
// alone; "off" is none.
func find(path string) string {
	candidates := usual
	switch path {
	case "off":
		return ""
	case "":
	default:
		candidates = []string{path}
	}
	for _, name := range candidates {
		if found, err := exec.LookPath(name); err == nil {
			return found
		}
	}
	return ""
}

// browser is one run of Chromium.
type browser struct {
	path, dir string
	host      string // of this process, the only one that it reaches
	sandbox   bool
	log       *slog.Logger
}

// flags keep Chromium small, and within this machine: it resolves no names and asks no
// proxy.
func (b *browser) options(output *tail) []chromedp.ExecAllocatorOption {
	return append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(b.path),
		chromedp.UserDataDir(b.dir),
		chromedp.Flag("no-sandbox", !b.sandbox),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE "+b.host),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("mute-audio", true),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("renderer-process-limit", "1"),
		chromedp.Flag("js-flags", "--max-old-space-size=768"),
		chromedp.Env("HOME="+b.dir, "XDG_CONFIG_HOME="+b.dir, "XDG_CACHE_HOME="+b.dir),
		chromedp.CombinedOutput(output),
		chromedp.WSURLReadTimeout(30*time.Second),
	)
}

// run starts Chromium, lets it show the page and ends it.
func (b *browser) run(ctx context.Context, p *view) ([]byte, error) {
	output := &tail{}
	allocator, stop := chromedp.NewExecAllocator(ctx, b.options(output)...)
	defer stop()
	quiet := func(string, ...any) {}
	tab, closeTab := chromedp.NewContext(allocator, chromedp.WithErrorf(quiet), chromedp.WithLogf(quiet))
	defer closeTab()
	if err := chromedp.Run(tab); err != nil {
		said := err.Error() + output.String()
		if strings.Contains(said, "No usable sandbox") || strings.Contains(said, "without --no-sandbox") {
			return nil, errSandbox
		}
		return nil, fmt.Errorf("start %s: %w", b.path, err)
	}
	watch, ended := context.WithCancelCause(tab)
	var watcher sync.WaitGroup
	watcher.Go(func() { watchMemory(watch, chromedp.FromContext(tab).Browser.Process(), ended) })
	out, err := p.take(watch)
	if cause := context.Cause(watch); err != nil && errors.Is(cause, errMemory) {
		err = cause
	}
	ended(nil)
	watcher.Wait()
	// Cancel waits until the process has ended, so that its folder can be removed.
	if closing := chromedp.Cancel(tab); closing != nil && !errors.Is(closing, context.Canceled) && ctx.Err() == nil {
		b.log.Debug("closing Chromium", "error", closing)
	}
	return out, err
}

// errMemory says that Chromium was stopped because of its size.
var errMemory = fmt.Errorf("rendering took more than %d MiB: ask for a shorter time or fewer panels", maxMemory>>20)

// watchMemory ends the work when Chromium's processes together have more than maxMemory.
func watchMemory(ctx context.Context, process *os.Process, end context.CancelCauseFunc) {
	if process == nil {
		return
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(500 * time.Millisecond):
			if resident(process.Pid) > maxMemory {
				end(errMemory)
				_ = process.Kill() // its children follow
				return
			}
		}
	}
}

// tail keeps the last that Chromium said.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.buf.Len() < 16<<10 {
		t.buf.Write(p)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}
