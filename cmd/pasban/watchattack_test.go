package main

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"time"

	"pasban/alerting/smtp/smtptest"
	"pasban/fixtures"
)

// shownBy is what has to be read to see an attack.
type shownBy string

const (
	byHTML      shownBy = "what HTML shows"
	byScript    shownBy = "a changed script of its own"
	byRendering shownBy = "only after rendering"
)

// shows tells where an attack of the fixtures stands.
func shows(a fixtures.Attack) shownBy {
	switch a {
	case fixtures.ScriptFile:
		return byScript
	case fixtures.ImageSwap:
		return byRendering
	}
	return byHTML
}

// room is how long before the end an attack is made at the latest, so that there is
// time to tell of it.
func (s shownBy) room() time.Duration {
	switch s {
	case byHTML:
		return 90 * time.Second
	case byScript:
		return 5*time.Minute + 30*time.Second
	}
	return 16 * time.Minute
}

// strike is one attack on one site. It stays.
type strike struct {
	site     string
	attack   fixtures.Attack
	after    time.Duration // the watch began
	at, told time.Time     // told is when the mail to its owner was accepted
}

// plan draws n attacks on as many sites: of five, three that HTML shows, whichever
// comes, one in a script and one in a picture.
func (w *country) plan(n int) []strike {
	html := slices.DeleteFunc(fixtures.Attacks(), func(a fixtures.Attack) bool { return shows(a) != byHTML })
	sites := w.fleet.Sites()
	w.random.Shuffle(len(sites), func(i, j int) { sites[i], sites[j] = sites[j], sites[i] })
	strikes := make([]strike, min(n, len(sites)))
	for i := range strikes {
		s := strike{site: sites[i].ID, attack: html[w.random.IntN(len(html))]}
		switch i % 5 {
		case 3:
			s.attack = fixtures.ScriptFile
		case 4:
			s.attack = fixtures.ImageSwap
		}
		longest := max(w.watching-shows(s.attack).room(), w.watching/20)
		s.after = time.Duration(w.random.Int64N(int64(longest)))
		strikes[i] = s
	}
	slices.SortFunc(strikes, func(a, b strike) int { return cmp.Compare(a.after, b.after) })
	return strikes
}

// watchBook is what happened: attacks, and mails as the receiving server saw them.
type watchBook struct {
	mu      sync.Mutex
	sites   map[string]string // by the address of their owner
	strikes map[string]*strike
	mails   int
	wrong   []string // subjects of mails about sites that nobody had attacked
	other   []string // subjects of mails to the CERT that are about no site alone
}

func newWatchBook() *watchBook {
	return &watchBook{sites: map[string]string{}, strikes: map[string]*strike{}}
}

func (b *watchBook) contact(address, site string) { b.sites[address] = site }

// strike notes an attack that is made now.
func (b *watchBook) strike(s *strike) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s.at = time.Now()
	b.strikes[s.site] = s
}

// aboutIncident begins the Message-ID of a mail about an incident.
var aboutIncident = regexp.MustCompile(`^[0-9]+\.`)

// receive is the handler of the mail server. Mails to the CERT are counted and not
// timed: many at once come to it as a list.
func (b *watchBook) receive(m smtptest.Mail) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mails++
	for _, to := range m.To {
		site, owner := b.sites[to]
		s := b.strikes[site]
		switch {
		case !owner && !aboutIncident.MatchString(m.MessageID):
			b.other = append(b.other, m.Subject)
		case owner && s == nil:
			b.wrong = append(b.wrong, fmt.Sprintf("%s: %s", site, m.Subject))
		case owner && s.told.IsZero():
			s.told = time.Now()
		}
	}
	return nil
}

// times of the attacks of a kind, from the change of the page to the mail, shortest
// first. Of those that were not told it has how long they had been there.
func (b *watchBook) times(kind shownBy, end time.Time) (told, untold []time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.strikes {
		switch {
		case shows(s.attack) != kind:
		case s.told.IsZero():
			untold = append(untold, end.Sub(s.at))
		default:
			told = append(told, s.told.Sub(s.at))
		}
	}
	slices.Sort(told)
	return told, untold
}

// untold names the attacks that nobody was told of.
func (b *watchBook) untold() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, s := range b.strikes {
		if s.told.IsZero() {
			out = append(out, fmt.Sprintf("%s on %s", s.attack, s.site))
		}
	}
	slices.Sort(out)
	return out
}
