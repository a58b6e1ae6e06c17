package render

import (
	"strings"
	"syscall"
)

// flags is the whole command line of Chrome but the program and the start
// page. It is our own list, because the one of chromedp is made for tests: it
// turns off the popup blocker, the hang monitor and the flooding protection.
//
// What is deliberately absent: --no-sandbox (see Options.NoSandbox),
// --disable-web-security, --ignore-certificate-errors, --disable-popup-blocking,
// --disable-ipc-flooding-protection, --remote-debugging-port, --single-process.
func flags(dir string, noSandbox bool) []string {
	list := []string{
		"--headless",
		"--remote-debugging-pipe",
		"--user-data-dir=" + dir,
		"--no-first-run", "--no-default-browser-check",
		"--disable-background-networking", "--disable-component-update", "--disable-default-apps",
		"--disable-extensions", "--disable-sync", "--disable-breakpad", "--no-pings",
		"--metrics-recording-only", "--disable-field-trial-config",
		"--password-store=basic", "--use-mock-keychain",
		"--disk-cache-size=33554432",

		// The picture: the same on every machine.
		"--mute-audio", "--hide-scrollbars", "--force-color-profile=srgb", "--font-render-hinting=none",
		"--lang=en-US", "--autoplay-policy=user-gesture-required",
		// A carousel that scrolls smoothly does so by the display's clock.
		"--disable-smooth-scrolling",
		// A GIF shows its first frame (2 is kImageAnimationPolicyNoAnimation).
		"--blink-settings=imageAnimationPolicy=2",
		"--disable-gpu", "--disable-lcd-text", "--disable-partial-raster", "--disable-skia-runtime-opts",
		"--disable-background-timer-throttling", "--disable-renderer-backgrounding",
		"--disable-backgrounding-occluded-windows",

		// The way out: each capture's context names its own proxy. This one, for
		// anything outside of a capture, leads nowhere; and no name is ever
		// resolved by Chrome.
		"--proxy-server=http://127.0.0.1:9", "--proxy-bypass-list=<-loopback>",
		"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
		"--webrtc-ip-handling-policy=disable_non_proxied_udp",
		"--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
		// There is no popup blocker in the headless shell: refuse every window.
		"--block-new-web-contents",
		"--disable-quic", "--dns-prefetch-disable", "--deny-permission-prompts",

		// A script that allocates without end would die at half a gigabyte, were
		// there no debugger, which is what we are: for one, V8 puts its limit up to
		// four times what it was told. So it is the watchdog that ends such a page.
		// A lower limit makes V8 collect garbage all the time on a page of many
		// nodes: with 256 a tree of 750,000 took it minutes, with 512 four seconds.
		"--js-flags=--max-old-space-size=512",
		"--renderer-process-limit=2",

		// Site isolation guards one site's secrets from another's frames in the
		// same browser. A capture has no secrets: no cookies, no logins, a context
		// of its own and one site at a time. Without it the frames of a page share
		// a process and a clock, so that the tree comes in one piece and virtual
		// time holds in every frame. The renderer sandbox is not touched by this.
		"--disable-site-isolation-trials",
		"--disable-features=" + strings.Join([]string{
			"Translate", "MediaRouter", "DialMediaRouteProvider", "OptimizationHints",
			"AutofillServerCommunication", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable",
			"Prerender2", "BackForwardCache", "PaintHolding",
			"SitePerProcess", "IsolateOrigins", "IsolateSandboxedIframes", "OriginKeyedProcessesByDefault",
		}, ","),
	}
	if noSandbox {
		list = append(list, "--no-sandbox")
	}
	if !roomyShm() {
		// A container's 64 MB of /dev/shm crash the first large page.
		list = append(list, "--disable-dev-shm-usage")
	}
	return list
}

// roomyShm reports whether /dev/shm has 512 MB to spare.
func roomyShm() bool {
	var fs syscall.Statfs_t
	if err := syscall.Statfs("/dev/shm", &fs); err != nil {
		return false
	}
	return fs.Bavail*uint64(fs.Bsize) >= 512<<20
}

// environment is all Chrome is told about the machine. Ours holds passwords of
// databases and mail servers, and Chrome's is readable by what breaks out of it.
// fonts is the path of a font configuration, "" for the machine's.
func environment(dir, fonts string) []string {
	env := []string{
		"HOME=" + dir, "TMPDIR=" + dir, "XDG_CONFIG_HOME=" + dir, "XDG_CACHE_HOME=" + dir,
		"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "TZ=UTC",
	}
	if fonts != "" {
		env = append(env, "FONTCONFIG_FILE="+fonts)
	}
	return env
}
