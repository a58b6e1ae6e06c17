package lockdown

import "time"

// Server is what a site's server said to the active checks: requests that change
// nothing, made only where the watchlist authorises them. See docs/lockdown.md.
type Server struct {
	At time.Time `json:"at"`
	// Unseen says why nothing could be learnt, "" if something was: the home page did
	// not answer, or turned us away.
	Unseen string `json:"unseen,omitempty"`
	// Stopped says why the checks ended before all was asked, "" if they did not.
	Stopped string `json:"stopped,omitempty"`
	// TurnedAway says by what it shows that the server ceased to let us in while it was
	// asked, "" if it did not: then a refusal says nothing.
	TurnedAway string `json:"turned_away,omitempty"`
	Requests   int    `json:"requests"` // how many were made

	Home    Reply    `json:"home"`
	Options Reply    `json:"options"`          // to OPTIONS
	Unknown Reply    `json:"unknown"`          // to a method that does not exist
	Post    Reply    `json:"post"`             // to a POST without a body, of a type that nothing takes
	Absent  []Reply  `json:"absent,omitempty"` // to paths that nobody has
	Places  []Place  `json:"places,omitempty"`
	Notice  *Notice  `json:"security_txt,omitempty"` // nil if it was not asked for
	Origins []Origin `json:"origins,omitempty"`
}

// Reply is an answer in short.
type Reply struct {
	Asked   bool     `json:"asked,omitempty"`
	Status  int      `json:"status,omitempty"` // 0 for none
	Failed  string   `json:"failed,omitempty"` // why there is no answer
	Final   string   `json:"final,omitempty"`  // where redirects on the same site led, "" if nowhere
	Away    string   `json:"away,omitempty"`   // host of another site that it redirected to
	Barred  bool     `json:"barred,omitempty"` // there is no answer because our own policy forbids the address
	Allow   string   `json:"allow,omitempty"`
	Cookies []string `json:"cookies,omitempty"`
	// Shape tells answers that are the same page from others; see [Shape].
	Shape uint64 `json:"shape,omitempty"`
	// Token says that a refusal names a token against forged requests: with one, it may
	// have been none.
	Token bool `json:"token,omitempty"`
}

// Place is a path where back ends and the like are mostly found, and what was there.
type Place struct {
	Path  string `json:"path"`
	What  string `json:"what"`  // "WordPress login"
	Group string `json:"group"` // backend, listing or shell
	Reply Reply  `json:"reply"`
	// Sign is what in the answer gives it away, "" if nothing does; Password, that it
	// has a field for one.
	Sign     string `json:"sign,omitempty"`
	Password bool   `json:"password,omitempty"`
	// Files are scripts in a listing, at most 5.
	Files []string `json:"files,omitempty"`
	// Like says that the answer is like that to a path that nobody has.
	Like bool `json:"like,omitempty"`
}

// Notice is /.well-known/security.txt (RFC 9116).
type Notice struct {
	Reply   Reply     `json:"reply"`
	Contact string    `json:"contact,omitempty"`
	Expires time.Time `json:"expires,omitzero"`
}

// Origin is an address at which the server behind a CDN is known to have been.
type Origin struct {
	Address string `json:"address"`
	Status  int    `json:"status,omitempty"` // 0 if it does not answer for this site
	Failed  string `json:"failed,omitempty"`
	Barred  bool   `json:"barred,omitempty"` // it was not asked: our own policy forbids it
	Same    bool   `json:"same,omitempty"`   // it shows the site's home page
}
