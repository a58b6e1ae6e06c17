// Command naked is what Pasban is measured against by `make bench`: the program
// that a competent user of chromedp would write to look at a list of pages. One
// browser, a few tabs at once, each page in a browser context of its own; it
// goes to the page, waits for its load event, reads the HTML, takes one picture
// of the whole page, and does nothing with either.
//
// The browser runs as Pasban's does, so that the two can be compared: the same
// program, sandboxed, as nobody when started by root, with a window of the same
// size.
//
// It reads one URL a line from standard input and fails if a single page fails.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/chromedp/chromedp"
	"golang.org/x/sync/errgroup"
)

const (
	pageTimeout = 30 * time.Second
	nobody      = 65534
)

func main() {
	chrome := flag.String("chrome", "", "path of chrome-headless-shell")
	tabs := flag.Int("tabs", 2, "pages at once")
	flag.Parse()
	if err := run(context.Background(), *chrome, *tabs); err != nil {
		fmt.Fprintln(os.Stderr, "naked:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, chrome string, tabs int) (err error) {
	profile, err := os.MkdirTemp("", "naked-chrome-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(profile)) }()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chrome),
		chromedp.UserDataDir(profile), chromedp.WindowSize(1366, 768), chromedp.Flag("no-sandbox", false))
	if os.Geteuid() == 0 {
		if err := os.Chown(profile, nobody, nobody); err != nil {
			return err
		}
		options = append(options, chromedp.ModifyCmdFunc(asNobody))
	}
	allocator, cancel := chromedp.NewExecAllocator(ctx, options...)
	defer cancel()
	browser, cancel := chromedp.NewContext(allocator)
	defer cancel()
	if err := chromedp.Do(browser); err != nil {
		return fmt.Errorf("starting the browser: %w", err)
	}
	if err := lookAtAll(browser, tabs); err != nil {
		return err
	}
	return chromedp.Cancel(browser)
}

func asNobody(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody, Groups: []uint32{}}
}

func lookAtAll(browser context.Context, tabs int) error {
	var group errgroup.Group
	group.SetLimit(tabs)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		url := lines.Text()
		group.Go(func() error { return look(browser, url) })
	}
	return errors.Join(lines.Err(), group.Wait())
}

func look(browser context.Context, url string) error {
	tab, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	defer cancel()
	ctx, cancel := context.WithTimeout(tab, pageTimeout)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		return fmt.Errorf("going to %s: %w", url, err)
	}
	html, err := chromedp.Run(ctx, chromedp.OuterHTML(chromedp.CSS("html")))
	if err != nil || html == "" {
		return fmt.Errorf("reading %s (%d bytes): %w", url, len(html), err)
	}
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100)) // 100 means PNG
	if err != nil || len(picture) == 0 {
		return fmt.Errorf("picturing %s (%d bytes): %w", url, len(picture), err)
	}
	return nil
}
