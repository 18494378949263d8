package render

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/pharosd/pharos/dashboards"
)

// pixelsPerInch is CSS' own.
const pixelsPerInch = 96

// quietFor is how long nothing may be in flight before a page that does not say so itself
// counts as loaded.
const quietFor = 2 * time.Second

// view is a dashboard in a tab.
type view struct {
	request  Request
	secret   string
	url      string
	document *dashboards.Document
	traffic  traffic
}

// take loads the page and makes what was asked for.
func (v *view) take(ctx context.Context) (out []byte, err error) {
	chromedp.ListenTarget(ctx, v.traffic.event)
	height := v.request.Height
	if height == 0 {
		height = 1000
	}
	if err := chromedp.Run(ctx, v.prepare(height), chromedp.Navigate(v.url)); err != nil {
		return nil, fmt.Errorf("open the dashboard: %w", err)
	}
	if status := v.traffic.document(); status >= http.StatusBadRequest {
		return nil, fmt.Errorf("open the dashboard: the page answers %d", status)
	}
	if err := v.loaded(ctx); err != nil {
		return nil, err
	}
	if err := chromedp.Run(ctx, chromedp.Evaluate(bareScript, nil)); err != nil {
		return nil, fmt.Errorf("take the buttons off the dashboard: %w", err)
	}
	if v.request.Panel != 0 {
		if err := v.alone(ctx); err != nil {
			return nil, err
		}
	}
	if v.request.Height == 0 {
		if height, err = v.stretch(ctx); err != nil {
			return nil, err
		}
	}
	return out, chromedp.Run(ctx, chromedp.ActionFunc(func(ctx context.Context) (err error) {
		switch v.request.Format {
		case PDF:
			out, err = v.print(ctx, height)
		case CSV:
			out, err = v.table(ctx)
		default:
			out, err = page.CaptureScreenshot().WithFormat(page.CaptureScreenshotFormatPng).Do(ctx)
		}
		return err
	}))
}

// prepare signs in and sets the window up.
func (v *view) prepare(height int) chromedp.ActionFunc {
	return func(ctx context.Context) error {
		scheme := "light"
		if v.request.Dark {
			scheme = "dark"
		}
		zone := v.request.Timezone
		if zone == "" {
			zone = "UTC"
		}
		for _, action := range []chromedp.Action{
			network.Enable().WithMaxTotalBufferSize(maxAnswers).WithMaxResourceBufferSize(maxAnswers / 2),
			network.SetExtraHTTPHeaders(network.Headers{"Authorization": "Bearer " + v.secret, "X-Scope-OrgID": string(v.request.Tenant)}),
			emulation.SetEmulatedMedia().WithMedia("screen").WithFeatures([]*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}),
			emulation.SetTimezoneOverride(zone),
			emulation.SetDeviceMetricsOverride(int64(v.request.Width), int64(height), 1, false),
		} {
			if err := action.Do(ctx); err != nil {
				return err
			}
		}
		return nil
	}
}

// loadedScript is how the page tells what it is doing: "loaded", "busy", or "" while it has
// no dashboard. Errors that stand in for the whole dashboard are their text.
const loadedScript = `(() => {
  const board = document.querySelector('[data-dashboard]');
  if (board) return board.getAttribute('data-state') || '';
  const failed = document.querySelector('main [data-state="error"], [role="alert"][data-state="error"]');
  if (failed) return 'failed: ' + failed.textContent.slice(0, 300);
  return document.querySelector('input[type="password"]') ? 'failed: it asks to sign in' : '';
})()`

// bareScript takes off what is for a hand: no picture needs a button to leave it.
const bareScript = `document.querySelectorAll('[data-controls]').forEach((one) => { one.style.visibility = 'hidden'; })`

// loaded waits until the dashboard says twice in a row that nothing is loading, or, if it
// says nothing, until nothing was in flight for a while.
func (v *view) loaded(ctx context.Context) error {
	times := 0
	for {
		var state string
		if err := chromedp.Run(ctx, chromedp.Evaluate(loadedScript, &state)); err != nil {
			return fmt.Errorf("wait for the dashboard: %w", err)
		}
		switch {
		case state == "loaded":
			if times++; times > 1 {
				return settle(ctx)
			}
		case len(state) > 7 && state[:7] == "failed:":
			if times++; times > 5 {
				return fmt.Errorf("the dashboard cannot be shown:%s", state[7:])
			}
		case state == "" && v.traffic.quiet() > quietFor:
			return nil
		default:
			times = 0
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(150 * time.Millisecond):
		}
	}
}

// settle lets the page draw what it has.
func settle(ctx context.Context) error {
	const twoFrames = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`
	var drawn bool
	await := func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
	return chromedp.Run(ctx, chromedp.Evaluate(twoFrames, &drawn, await))
}

// alone lets the one panel of the page fill the window.
func (v *view) alone(ctx context.Context) error {
	const fill = `(() => {
  const panel = document.querySelector('[data-dashboard] section') || document.querySelector('main section');
  if (panel) Object.assign(panel.style, {position: 'fixed', inset: '0', width: '100vw', height: '100vh', zIndex: '9999', border: '0', borderRadius: '0'});
  return panel !== null;
})()`
	var found bool
	if err := chromedp.Run(ctx, chromedp.Evaluate(fill, &found), chromedp.Sleep(200*time.Millisecond)); err != nil {
		return fmt.Errorf("show the panel: %w", err)
	}
	if !found {
		return fmt.Errorf("%w: the dashboard has no panel %d that can be shown alone", ErrBadRequest, v.request.Panel)
	}
	return v.loaded(ctx)
}

// stretch makes the window as tall as the dashboard, so that panels further down load too,
// and returns its height.
func (v *view) stretch(ctx context.Context) (int, error) {
	const measure = `(() => {
  const board = document.querySelector('[data-dashboard]');
  // The dashboard's own box fills the window: what is in it says how tall it is.
  const parts = board ? [...board.querySelectorAll('section, button[aria-expanded]')] : [];
  const own = Math.max(0, ...(parts.length > 0 ? parts : board ? [board] : []).map((part) => part.getBoundingClientRect().bottom + window.scrollY + 16));
  return Math.ceil(Math.max(own, board ? 0 : document.documentElement.scrollHeight, 200));
})()`
	height := 0
	for range 3 { // panels that appear may be taller
		var now int
		if err := chromedp.Run(ctx, chromedp.Evaluate(measure, &now)); err != nil {
			return 0, fmt.Errorf("measure the dashboard: %w", err)
		}
		if now = min(now, maxHeight); now == height {
			break
		}
		height = now
		if err := chromedp.Run(ctx, emulation.SetDeviceMetricsOverride(int64(v.request.Width), int64(height), 1, false)); err != nil {
			return 0, fmt.Errorf("stretch the window: %w", err)
		}
		if err := v.loaded(ctx); err != nil {
			return 0, err
		}
	}
	return height, nil
}

// print makes a document of one page, as large as the dashboard.
func (v *view) print(ctx context.Context, height int) ([]byte, error) {
	out, _, err := page.PrintToPDF().WithPrintBackground(true).
		WithPaperWidth(float64(v.request.Width) / pixelsPerInch).WithPaperHeight(float64(height+2) / pixelsPerInch).
		WithMarginTop(0).WithMarginBottom(0).WithMarginLeft(0).WithMarginRight(0).
		WithPageRanges("1").WithTransferMode(page.PrintToPDFTransferModeReturnAsBase64).Do(ctx)
	return out, err
}

// table makes CSV of what the page shows, or of what it asked.
func (v *view) table(ctx context.Context) ([]byte, error) {
	if v.request.Data == Queries {
		return v.answers(ctx)
	}
	// The page offers its tables a moment after they are drawn; one without data never does.
	const script = `(async () => {
  for (let i = 0; i < 50 && !window.pharosPanelCsv; i++) await new Promise((done) => setTimeout(done, 100));
  await new Promise((done) => setTimeout(done, 200));
  return window.pharosPanelCsv ? window.pharosPanelCsv(%t) : '';
})()`
	var text string
	await := func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
	if err := chromedp.Evaluate(fmt.Sprintf(script, v.request.Data == Formatted), &text, await).Do(ctx); err != nil {
		return nil, fmt.Errorf("read the panels' data: %w", err)
	}
	if len(text) > maxTableSize {
		return nil, errTooLarge
	}
	return []byte(text), nil
}

// answers makes CSV of what the page asked.
func (v *view) answers(ctx context.Context) ([]byte, error) {
	t := newTable(v.document)
	for _, a := range v.traffic.answers() {
		body, err := network.GetResponseBody(a.id).Do(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the answer of %s: %w", a.path, err)
		}
		form := a.form
		if form == "" && a.hasForm {
			if form, err = network.GetRequestPostData(a.id).Do(ctx); err != nil {
				return nil, fmt.Errorf("read what %s was asked: %w", a.path, err)
			}
		}
		if err := t.add(a.path, a.query, form, body); err != nil {
			return nil, err
		}
	}
	return t.bytes()
}

// waitingFor tells what was not done when the time was over.
func (v *view) waitingFor() string {
	if path := v.traffic.oldest(); path != "" {
		return "; it was waiting for " + path
	}
	return ""
}

// formOf is a request's body, "" if it has none or it was not told.
func formOf(r *network.Request) string {
	var out []byte
	for _, e := range r.PostDataEntries {
		part, err := base64.StdEncoding.DecodeString(e.Bytes)
		if err != nil {
			return ""
		}
		out = append(out, part...)
	}
	return string(out)
}

var errTooLarge = errors.New("the answers of the dashboard's queries are too many for one table: ask for a shorter time")
