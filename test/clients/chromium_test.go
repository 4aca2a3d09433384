package clients_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// window is a Chromium of its own, with nothing in it, that shows one page at a time.
type window struct {
	ctx context.Context

	mu         sync.Mutex
	complaints []string
}

// newWindow opens one that prefers a language, until the test ends.
func newWindow(t *testing.T, language string) *window {
	t.Helper()
	_, missing := exec.LookPath("chromium")
	need(t, "chromium", missing)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath("chromium"), chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("accept-lang", language), chromedp.UserDataDir(t.TempDir()))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // which root cannot have
	}
	allocated, cancel := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocated)
	t.Cleanup(cancel)
	w := &window{ctx: ctx}
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("Chromium ends with %v", err)
		}
	})
	w.do(t, func() error { return w.listen() })
	return w
}

// listen notes what the pages complain of: errors of scripts, and what their policies
// forbid.
func (w *window) listen() error {
	messages := chromedp.Console(w.ctx)
	go func() {
		for message, err := range messages {
			if err != nil {
				return
			}
			if strings.HasPrefix(message.Text, "Failed to load resource") {
				continue // of an answer that is no 200, pages among them
			}
			w.mu.Lock()
			w.complaints = append(w.complaints, string(message.Type)+": "+message.Text)
			w.mu.Unlock()
		}
	}()
	_, err := chromedp.Call(w.ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	return err
}

// complained returns what there was to complain of, and forgets it.
func (w *window) complained() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	complaints := w.complaints
	w.complaints = nil
	return complaints
}

// do fails the test when something cannot be done.
func (w *window) do(t *testing.T, something func() error) {
	t.Helper()
	if err := something(); err != nil {
		t.Fatalf("Chromium: %v", err)
	}
}

// open shows an address, wherever that leads, and waits for it.
func (w *window) open(t *testing.T, address, path string) {
	t.Helper()
	w.do(t, func() error {
		ctx, cancel := context.WithTimeout(w.ctx, 20*time.Second)
		defer cancel()
		return chromedp.Do(ctx, chromedp.Navigate(address))
	})
	w.arrive(t, path)
}

// arrive waits until the window shows the page at a path, and not still the one that
// it arrived at before.
func (w *window) arrive(t *testing.T, path string) {
	t.Helper()
	var at string
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		// A page may go away while it is asked.
		now, err := chromedp.Run(w.ctx, chromedp.Evaluate[string](`document.readyState === "complete" && !window.arrived ? location.pathname : ""`))
		if err == nil && now == path {
			evaluate[any](t, w, `window.arrived = true, null`)
			return
		}
		if err == nil && now != "" {
			at = now
		}
	}
	t.Fatalf("at %s, and not at %s: %s", at, path, w.text(t))
}

// text is what people read on the page.
func (w *window) text(t *testing.T) string { return evaluate[string](t, w, `document.body.innerText`) }

// evaluate has an expression of JavaScript evaluated on the page, which may have its
// scripts disabled.
func evaluate[T any](t *testing.T, w *window, expression string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 30*time.Second)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("Chromium: %v", err)
	}
	return value
}

// keys presses keys, one after another.
func (w *window) keys(t *testing.T, keys string) {
	t.Helper()
	w.do(t, func() error { return chromedp.Do(w.ctx, chromedp.KeyEvent(keys)) })
}

// focus is what the keyboard is at.
type focus struct {
	Name string // its tag, and what it is called or says
	Ring bool   // it can be seen that the keyboard is there
	Seen bool   // it is in the window
}

// focused tells what the keyboard is at; nothing, when it is at the page itself.
func (w *window) focused(t *testing.T) focus {
	t.Helper()
	return evaluate[focus](t, w, `(() => {
		const at = document.activeElement
		if (!at || at === document.body) return {Name: "", Ring: false, Seen: false}
		const style = getComputedStyle(at), box = at.getBoundingClientRect()
		return {
			Name: at.tagName.toLowerCase() + " " + (at.name || at.innerText).trim(),
			Ring: at.matches(":focus-visible") && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
			Seen: box.width > 0 && box.top < innerHeight && box.bottom > 0 && box.left >= 0 && box.right <= innerWidth,
		}
	})()`)
}

// tab goes with the Tab key to the next thing with a name, and fails the test if
// there is none, or nobody sees where the keyboard is on the way.
func (w *window) tab(t *testing.T, name string) {
	t.Helper()
	var passed []focus
	for range 30 {
		w.keys(t, kb.Tab)
		at := w.focused(t)
		if passed = append(passed, at); at.Name != "" && (!at.Ring || !at.Seen) {
			t.Fatalf("nobody sees that the keyboard is at %+v", at)
		}
		if at.Name == name {
			return
		}
	}
	t.Fatalf("no %q on the way of the Tab key: %+v", name, passed)
}

// stops are the names of all that the Tab key goes to, from the top of the page on.
func (w *window) stops(t *testing.T) (names []string) {
	t.Helper()
	evaluate[any](t, w, `document.body.tabIndex = -1, document.body.focus(), document.body.removeAttribute("tabindex"), null`)
	for range 100 {
		w.keys(t, kb.Tab)
		at := w.focused(t)
		if at.Name == "" {
			return names
		}
		if !at.Ring || !at.Seen {
			t.Errorf("nobody sees that the keyboard is at %+v", at)
		}
		names = append(names, at.Name)
	}
	t.Fatalf("the Tab key does not come to the end: %v", names)
	return nil
}

// withoutScripts has the pages do without JavaScript.
func (w *window) withoutScripts(t *testing.T) {
	t.Helper()
	w.do(t, func() error {
		_, err := chromedp.Call(w.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	})
}

// halt keeps the window from going to addresses that begin so: it stays where it is.
func (w *window) halt(t *testing.T, base string) {
	t.Helper()
	w.do(t, func() error {
		err := chromedp.Listen(w.ctx, func(event any) {
			if paused, ok := event.(*fetch.EventRequestPaused); ok {
				go func() {
					_, _ = chromedp.Call(w.ctx, fetch.FailRequest, fetch.FailRequestParams{RequestID: paused.RequestID, ErrorReason: network.ErrorReasonAborted})
				}()
			}
		})
		if err != nil {
			return err
		}
		_, err = chromedp.Call(w.ctx, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: base + "*"}}})
		return err
	})
}

// size gives the window a width in pixels, and a scheme of colors, light or dark.
func (w *window) size(t *testing.T, width int64, scheme string) {
	t.Helper()
	w.do(t, func() error {
		_, err := chromedp.Call(w.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		if err != nil {
			return err
		}
		return chromedp.Do(w.ctx, chromedp.EmulateViewport(width, 720))
	})
}

// shoot writes a picture of the whole page, where pictures are wanted.
func (w *window) shoot(t *testing.T, name string) {
	t.Helper()
	folder := os.Getenv("GATEHOUSE_TEST_SHOTS")
	if folder == "" {
		return
	}
	w.do(t, func() error {
		picture, err := chromedp.Run(w.ctx, chromedp.FullScreenshot(100))
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600)
	})
}
