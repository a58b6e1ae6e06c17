package monitor_test

import (
	"errors"
	"fmt"
	"testing"

	"pasban/compare"
	"pasban/monitor"
	"pasban/render"
)

// A worker that was taken over can name a picture that is not there, or a version
// that never was. The alarm goes out all the same, without what cannot be shown.
func TestSpoiltEvidenceSpoilsNoAlarm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	w.stage.play(homeURL, func(_ int, r render.Request) (*render.Page, error) {
		if !r.FreshProcess {
			return defaced(), nil
		}
		newest, err := w.Store.Captures(t.Context(), "ministry", 1)
		if err == nil {
			err = w.blobs.Delete(t.Context(), newest[0].Blobs[monitor.BlobPicture])
		}
		return page("Hacked by Gr3y L4ntern", "HACKED BY GR3Y L4NTERN CREW", "we are back", "greetz"), err
	})
	if e := w.sweep()["ministry"]; e.Incident == nil {
		t.Fatalf("no incident: %+v", e)
	}
	letters := w.mail.letters()
	if len(letters) != 2 {
		t.Fatalf("%d letters, want one to the webmaster and one to the CERT", len(letters))
	}
	for _, l := range letters {
		if len(l.alert.Pictures) != 0 {
			t.Errorf("%s is shown %d pictures, one of which is lost", l.to, len(l.alert.Pictures))
		}
	}
}

// What a worker says of the first looks at a page is checked before they are approved,
// if only provisionally: looks at another page, and what nobody recorded, are not.
func TestFirstSightIsChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	w.importList("site_id,name,url,institution,tier,contacts\n" +
		"ministry,Ministry of Fixtures," + homeURL + ",Ministry,federal,webmaster@ministry.example\n" +
		"court,Court of Fixtures,http://court.example/,Court,federal,webmaster@court.example\n")
	others, err := w.Store.Captures(t.Context(), "ministry", 1)
	if err != nil {
		t.Fatal(err)
	}
	for id, first := range map[string]string{"one": others[0].ID, "two": "never recorded"} {
		forged := monitor.Capture{ID: id, Target: "court", Site: "court", Report: compare.Report{Verdict: compare.Benign}}
		err := w.Store.Update(t.Context(), func(tx monitor.Tx) error {
			if err := tx.AddCapture(t.Context(), forged); err != nil {
				return err
			}
			_, err := tx.SQL().ExecContext(t.Context(), `INSERT INTO river_job (queue, kind, args, max_attempts) VALUES ('judge', 'judge', $1, 5)`,
				fmt.Sprintf(`{"capture":%q,"first":[%q]}`, id, first))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	w.serveUntil(func() bool { return w.judged("one") && w.judged("two") })
	if b, err := w.Store.Baseline(t.Context(), "court"); !errors.Is(err, monitor.ErrNotFound) {
		t.Errorf("the court's approved look is made of %q (%v)", b.Captures, err)
	}
}

func (w *world) judged(capture string) bool {
	w.t.Helper()
	c, err := w.Store.Capture(w.t.Context(), capture)
	if err != nil {
		w.t.Fatal(err)
	}
	return c.Judged
}
