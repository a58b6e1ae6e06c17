package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// TestCrash kills a serving pasban without warning while it opens, tells and
// closes incidents, again and again, and then asks whether anything was lost or
// told twice. Each round is the whole life of one incident on a real site with
// real browsers, a real database and a real mail server: attack, alerts, the
// site restored, the recovery told, closed by an operator, and that told too.
// Once in each round, at a moment that chance picks, serve gets SIGKILL and is
// started again at once.
//
// PASBAN_CRASH_ROUNDS sets the rounds (4), PASBAN_CRASH_SEED repeats a run,
// and with PASBAN_CRASH_KEEP set to a new folder the data of a run that failed is
// copied there.
func TestCrash(t *testing.T) {
	t.Parallel()
	rounds := fromEnv(t, "PASBAN_CRASH_ROUNDS", 4)
	seed := fromEnv(t, "PASBAN_CRASH_SEED", uint64(time.Now().UnixNano()))
	t.Logf("%d rounds, PASBAN_CRASH_SEED=%d", rounds, seed)
	w := startVictim(t, rand.New(rand.NewPCG(seed, seed)))
	w.live(0, kill{}) // unharmed: how long does a life take?
	life := w.lives[0]
	for round := range rounds {
		w.live(round+1, w.choose(life))
	}
	w.settle()
	w.serve.stop(os.Interrupt)
	w.verify(rounds + 1)
}

func fromEnv[T int | uint64](t *testing.T, name string, otherwise T) T {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return T(n)
}

// A kill is when serve is killed in a round: after a time, or by the mail server
// when the n-th mail of the round has come. Zero is never.
type kill struct {
	after time.Duration // since the attack, or since the 250
	mail  int           // 1 to mailsOfLife
	early bool          // before the server says 250, which serve then never hears
}

func (k kill) String() string {
	switch {
	case k.mail > 0 && k.early:
		return fmt.Sprintf("when mail %d was received, before its 250", k.mail)
	case k.mail > 0:
		return fmt.Sprintf("%v after the 250 of mail %d", k.after, k.mail)
	case k.after > 0:
		return fmt.Sprintf("%v after the attack", k.after.Round(time.Millisecond))
	}
	return "never"
}

// choose picks the kill of a round: half of them at any moment of a life, the
// others around a mail, where the outside world and the database may disagree.
func (w *victim) choose(life time.Duration) kill {
	switch w.random.IntN(4) {
	case 0:
		return kill{mail: 1 + w.random.IntN(mailsOfLife), early: true}
	case 1:
		// From the 250 on its way to the row that says "sent" takes milliseconds.
		return kill{mail: 1 + w.random.IntN(mailsOfLife), after: time.Duration(w.random.IntN(20)) * time.Millisecond}
	}
	return kill{after: 1 + time.Duration(w.random.Int64N(int64(life)))}
}

// live plays the life of one incident.
func (w *victim) live(round int, k kill) {
	w.t.Helper()
	started := time.Now()
	w.arm(k)
	site := crashSites[round%len(crashSites)]
	attack := crashAttacks[w.random.IntN(len(crashAttacks))]
	if err := w.fleet.Attack(site, attack); err != nil {
		w.t.Fatal(err)
	}
	incident := round + 1
	w.await(incident, "opened")
	if err := w.fleet.Restore(site); err != nil {
		w.t.Fatal(err)
	}
	w.await(incident, "recovered")
	w.pasban("incidents", "resolve", strconv.Itoa(incident), "--reason", "restored")
	w.await(incident, "resolved")
	w.disarm()
	w.lives = append(w.lives, time.Since(started))
	w.t.Logf("round %d: %s on %s, killed %s, %d mails, %.1f s", round, attack, site, k, w.received(), time.Since(started).Seconds())
}
