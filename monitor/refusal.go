package monitor

import (
	"errors"
	"fmt"
)

// ErrRefused is what a Refusal is: a decision would be wrong to take, such as approving a
// page under attack.
var ErrRefused = errors.New("refused")

// Refusal says why a decision is refused, to people. The phrase stays apart from what
// belongs into it, so that whoever shows it can say it in another language.
type Refusal struct {
	Phrase string // as fmt has it
	Args   []any
}

// Refuse makes a Refusal.
func Refuse(phrase string, args ...any) error { return &Refusal{phrase, args} }

// Text is the reason alone, in English.
func (r *Refusal) Text() string { return fmt.Sprintf(r.Phrase, r.Args...) }

func (r *Refusal) Error() string { return ErrRefused.Error() + ": " + r.Text() }

// Unwrap makes every Refusal an ErrRefused.
func (r *Refusal) Unwrap() error { return ErrRefused }
