package prove

import (
	"fmt"

	"magpie/api/web/code"
	"magpie/api/web/visit"
	"magpie/scheduling"
)

// sendThere has texts sent to another number, once a code proves that it is
// theirs. What proves it stands for nothing else, and ends at once.
func (s Screen) sendThere(r *visit.Request, proof visit.Proof, typed string) error {
	ctx := r.Request().Context()
	token, err := s.Use.ConfirmCode(ctx, proof.Verification, typed, r.Actor.Address)
	if err != nil {
		return code.Wrong(r, err)
	}
	wish, err := s.Use.ContactWishOf(ctx, r.Actor, "")
	if err != nil {
		return err
	}
	wish.Number, wish.Text = scheduling.NewPrivate(proof.Phone), true
	if _, err := s.Use.SetContactWish(ctx, scheduling.WishChange{Actor: r.Actor, Wish: wish, NumberToken: token.Token}); err != nil {
		return err
	}
	other, err := s.Use.Authenticate(ctx, token.Token)
	if err != nil {
		return fmt.Errorf("end the proof of the other number: %w", err)
	}
	return s.Use.EndSession(ctx, other)
}
