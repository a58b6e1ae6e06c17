package lockdown

import (
	"fmt"
	"net/http"
	"strings"
)

// What the server's answers to the active checks prove.

// refused reports a status that turns the method itself down (RFC 9110, 15.5.4,
// 15.5.6 and 15.6.2).
func refused(status int) bool {
	return status == http.StatusForbidden || status == http.StatusMethodNotAllowed || status == http.StatusNotImplemented
}

// doubtful says why a 403 to a POST proves nothing, "" if it does or if it was none:
// programs that look for a token against forged requests refuse with it what they
// would take with one, and firewalls refuse with it whom they have enough of.
func (s *Server) doubtful() string {
	switch {
	case s.Post.Status != http.StatusForbidden:
		return ""
	case s.TurnedAway != "":
		return "and so was everything after it: " + clip(s.TurnedAway, 200)
	case s.Post.Token:
		return "for the lack of a token that the site's own form would bring"
	case !refused(s.Unknown.Status):
		return fmt.Sprintf("and a method that does not exist was not (%d): a program looked at it", s.Unknown.Status)
	}
	return ""
}

// changing are methods that change something, as an Allow names them.
var changing = []string{"PUT", "DELETE", "PATCH", "MKCOL", "MOVE", "COPY", "PROPPATCH"}

func method(e Evidence) Verdict {
	s := e.Server
	v := closed("")
	if why := s.doubtful(); why != "" {
		return unknown("A POST to the home page was refused with 403, " + why + ".")
	}
	if refused(s.Post.Status) { // then what an Allow says of other methods is worth hearing
		for _, m := range strings.FieldsFunc(strings.ToUpper(s.Options.Allow), func(r rune) bool { return r == ',' || r == ' ' }) {
			for _, c := range changing {
				if m == c {
					v.State, v.Why = Open, "The server says that it takes requests that change files."
					v.add("Allow names " + m)
				}
			}
		}
		return v
	}
	post := fmt.Sprintf("a POST to the home page was answered with %d", s.Post.Status)
	switch status := s.Post.Status; {
	case !s.Post.Asked:
		return unknown("The checks ended before it was asked: " + clip(s.Stopped, 200))
	case status == 0:
		return unknown("A POST got no answer: " + clip(s.Post.Failed, 200))
	case status >= 200 && status < 300:
		v.State = Open
		v.add(post)
		if s.Unknown.Status >= 200 && s.Unknown.Status < 300 {
			v.add(fmt.Sprintf("a method that does not exist was answered with %d: the server turns nothing down", s.Unknown.Status))
		}
		return v
	case status >= 300 && status < 400 && s.Post.Away == "" && s.Unknown.Status != status:
		v.State = Open
		v.add(post + ": a program took it")
		return v
	case status == http.StatusUnsupportedMediaType, status == http.StatusBadRequest, status == http.StatusLengthRequired,
		status == http.StatusUnprocessableEntity, status == http.StatusNotAcceptable, status == http.StatusRequestEntityTooLarge:
		return unknown(post + ": its form was turned down, and whether a better one is taken cannot be told.")
	}
	return unknown(post + ", which is neither a refusal nor a consent.")
}

// places sums up those of a group: open if one is, unknown if one did not answer in a
// way that can be read.
func places(s *Server, group string) Verdict {
	v, unclear, asked := closed(""), "", 0
	for _, p := range s.Places {
		if p.Group != group {
			continue
		}
		if p.Reply.Asked {
			asked++
		}
		switch open, why := p.judge(s); {
		case open:
			v.State = Open
			v.add(p.describe())
		case why != "" && unclear == "":
			unclear = p.Path + " " + why
		}
	}
	switch {
	case v.State == Open:
		return v
	case asked == 0:
		return unknown("The checks ended before it was asked: " + clip(s.Stopped, 200))
	case unclear != "":
		return unknown("Not all answers can be read: " + clip(unclear, 200))
	case s.TurnedAway != "":
		return unknown("The server turned us away while it was asked: " + clip(s.TurnedAway, 200))
	case asked < sizeOf(group):
		return unknown("Not all was asked: " + clip(s.Stopped, 200))
	}
	return v
}

// sizeOf is how many places a group has.
func sizeOf(group string) (n int) {
	for _, k := range known {
		if k.Group == group {
			n++
		}
	}
	return n
}

// putOff reports a status that says nothing of what is there: a server in trouble,
// behind a cache that still has the home page, gives it to everything.
func putOff(status int) bool { return status == http.StatusTooManyRequests || status >= 500 }

// judge says whether a place is open to everybody, or why that cannot be told.
func (p Place) judge(s *Server) (open bool, unclear string) {
	r := p.Reply
	switch {
	case !r.Asked:
		return false, ""
	case putOff(r.Status):
		return false, fmt.Sprintf("was put off with %d", r.Status)
	case p.Like:
		return false, ""
	case p.Sign != "":
		return true, ""
	case r.Status == http.StatusUnauthorized && p.Group == "backend":
		// A lock on a door that everybody stands before, unless the whole site has it.
		return !s.everywhere(http.StatusUnauthorized), ""
	case r.Status == 0:
		return false, "got no answer: " + r.Failed
	case r.Away != "" && p.Group == "backend" && !s.allAway():
		return false, "leads to another site, " + r.Away
	case r.Status == http.StatusOK && p.Password && p.Group == "backend":
		return true, ""
	case r.Status == http.StatusOK && p.Password && p.Group == "shell":
		// Some shells show nothing else. So do many pages that stand for all that there is
		// not, and an alarm about an intruder needs more.
		return false, "asks for a password"
	}
	return false, ""
}

// everywhere reports that paths that nobody has got this status too.
func (s *Server) everywhere(status int) bool {
	for _, r := range s.Absent {
		if r.Status == status {
			return true
		}
	}
	return false
}

// allAway reports that whatever is asked leads to another site.
func (s *Server) allAway() bool {
	for _, r := range s.Absent {
		if r.Away != "" {
			return true
		}
	}
	return s.Home.Away != ""
}

func (p Place) describe() string {
	line := fmt.Sprintf("%s (%s): status %d", p.Path, p.What, p.Reply.Status)
	if p.Reply.Final != "" {
		line += " at " + clip(p.Reply.Final, 100)
	}
	switch {
	case p.Sign != "":
		line += ", shows " + clip(p.Sign, 80)
	case p.Password:
		line += ", asks for a password"
	}
	if len(p.Files) > 0 {
		line += ", lists " + clip(strings.Join(p.Files, ", "), 100)
	}
	return line
}

func backend(e Evidence) Verdict { return places(e.Server, "backend") }
func listing(e Evidence) Verdict { return places(e.Server, "listing") }

func shell(e Evidence) Verdict {
	v := places(e.Server, "shell")
	for _, p := range e.Server.Places {
		if p.Group == "listing" && p.Sign != "" && len(p.Files) > 0 {
			if v.State != Open {
				v = Verdict{State: Open, Why: "An upload directory holds scripts that the server would run."}
			}
			v.add(p.describe())
		}
	}
	return v
}

func origin(e Evidence) Verdict {
	if len(e.Origin) == 0 {
		return unknown("The server's own address is not known: write origin=ADDRESS into the site's lockdown column.")
	}
	v := closed("")
	unclear := ""
	for _, o := range e.Server.Origins {
		switch {
		case o.Same:
			v.State = Open
			v.add(fmt.Sprintf("%s shows the site (status %d)", o.Address, o.Status))
		case o.Barred:
			unclear = "Our own policy refuses to go to " + o.Address + ": " + clip(o.Failed, 100)
		case putOff(o.Status):
			unclear = fmt.Sprintf("%s put us off with %d", o.Address, o.Status)
		case o.Status >= 200 && o.Status < 400 && unclear == "":
			unclear = fmt.Sprintf("%s answers with %d, but with another page", o.Address, o.Status)
		}
	}
	switch {
	case v.State == Open:
		return v
	case len(e.Server.Origins) < len(e.Origin):
		return unknown("Not all addresses were asked.")
	case unclear != "":
		return unknown(unclear + ".")
	}
	return v
}

func contact(e Evidence) Verdict {
	n := e.Server.Notice
	switch {
	case n == nil || !n.Reply.Asked:
		return unknown("The checks ended before it was asked: " + clip(e.Server.Stopped, 200))
	case n.Reply.Status == http.StatusForbidden && e.Server.TurnedAway != "":
		return unknown("The server turned us away while it was asked: " + clip(e.Server.TurnedAway, 200))
	case n.Reply.Status == 0 || putOff(n.Reply.Status):
		return unknown(fmt.Sprintf("security.txt could not be read (status %d).", n.Reply.Status))
	case n.Contact == "":
		return Verdict{State: Open}
	case n.Expires.IsZero():
		return Verdict{State: Open, Why: "security.txt has no date of expiry.", Evidence: []string{clip(n.Contact, 200)}}
	case n.Expires.Before(e.Now):
		return Verdict{State: Open, Why: "security.txt has expired.", Evidence: []string{n.Expires.Format("2006-01-02")}}
	}
	return closed("")
}
