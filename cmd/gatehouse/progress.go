package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// progress is a bar that shows how far a long command has come, if somebody looks.
type progress struct {
	to     io.Writer // nil: nobody looks
	of     string    // what is counted
	began  time.Time
	drawn  time.Time
	length int // of the last line, in characters
}

const (
	barLength = 30
	barEvery  = 100 * time.Millisecond
)

// newProgress returns a bar on the standard error, if that is a terminal.
func (c *cli) newProgress(of string) *progress {
	p := &progress{of: of, began: time.Now()}
	if file, ok := c.stderr.(*os.File); ok && terminal(file) {
		p.to = c.stderr
	}
	return p
}

// show draws the bar, but not more often than anybody can see. n things are
// done, and so is this part of the work (below 0: nobody knows how much it is).
func (p *progress) show(n int, part float64) {
	if p.to == nil || time.Since(p.drawn) < barEvery {
		return
	}
	p.drawn = time.Now()
	took := p.drawn.Sub(p.began)
	line := fmt.Sprintf("%d %s, %.0f/s", n, p.of, float64(n)/max(took.Seconds(), 0.001))
	if part >= 0 {
		part = min(part, 1)
		full := int(part * barLength)
		line = fmt.Sprintf("[%s%s] %3.0f %%  %s", strings.Repeat("#", full), strings.Repeat(".", barLength-full), part*100, line)
	}
	if part > 0.01 {
		line += fmt.Sprintf(", %s left", time.Duration(float64(took)*(1-part)/part).Round(time.Second))
	}
	p.draw(line)
}

// clear takes the bar away.
func (p *progress) clear() {
	if p.length > 0 {
		p.draw("")
		fmt.Fprint(p.to, "\r")
	}
}

func (p *progress) draw(line string) {
	fmt.Fprintf(p.to, "\r%s%s", line, strings.Repeat(" ", max(p.length-len(line), 0)))
	p.length = len(line)
}
