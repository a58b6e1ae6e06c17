// Package egress is the forward proxy that stands between Chrome and every
// network: the only way out for a page that may be hostile.
//
// A watched page runs script inside the CERT's own network. Left alone it could
// read the metadata service of a cloud, post to the database next door or try
// every port of this machine, and none of the hooks inside the browser stops
// that: request interception does not see WebSockets, workers, favicons or
// STUN. A proxy sees all of them, because Chrome has no other way out.
//
// One [Proxy] serves one capture, so that everything it has counted and
// decided belongs to that capture, and closing it is the kill switch:
//
//	proxy, err := egress.Listen(ctx, egress.Policy{})
//	if err != nil { ... }              // this machine's fault
//	defer proxy.Close()
//	... start a browser context with proxyServer "http://"+proxy.Addr() ...
//	log := proxy.Verdicts()
//
// What happens to one request:
//
//  1. Only CONNECT host:port and absolute-form http requests are understood.
//     Anything else is answered with 400.
//  2. The budgets are asked: connections, hosts, bytes, time.
//  3. The name is resolved, once in a capture. A name whose second answer
//     differs from its first (DNS rebinding) is never asked a second time.
//  4. Every answer is judged: see [Judge]. One bad answer refuses the name.
//  5. A judged address is dialled, never the name, and the connection's far
//     end is compared with what was judged.
//  6. Bytes are counted in both directions until a budget breaks.
//
// A refusal is a 403 and a failure to get there a 502, both with a fixed body:
// the reason is for the operator, who finds it in [Proxy.Verdicts], and not for
// the page.
//
// Answers of plain HTTP are passed on with their header block as the site sent
// it, order and spelling included, since the capture is evidence; an answer
// that is not well-formed HTTP is passed on as raw bytes, and then it is Chrome
// who judges it. Only the proxy's own authentication headers are taken out.
//
// What this package does not do: it does not look into TLS, it does not
// limit what bytes unpack to in Chrome (a small compressed body can be a
// large page: the renderer's memory budget is for that), and it does not know
// which process is at the other end of its loopback socket, because Linux tells
// peer credentials for Unix sockets only.
package egress
