package store

import (
	"encoding/json"
	"fmt"

	"magpie/scheduling"
)

// sealedAsks is what a booking asks for beyond time and place, as it is sealed:
// that somebody hears badly is nobody else's business.
type sealedAsks struct {
	Needs []scheduling.Need `json:"needs,omitempty"`
	Title string            `json:"title,omitempty"`
}

func asksToSeal(a scheduling.Appointment) scheduling.Private {
	if len(a.Needs) == 0 && a.Title == "" {
		return scheduling.Private{}
	}
	plain, err := json.Marshal(sealedAsks{a.Needs, a.Title})
	if err != nil {
		panic("encode needs: " + err.Error()) // strings alone
	}
	return scheduling.NewPrivate(string(plain))
}

func (a *assembled) openAsks(key []byte, r appointmentRow) error {
	plain, err := openText(key, r.Asks, inAppointment("asks", r.ID))
	if err != nil || plain.IsZero() {
		return err
	}
	var asks sealedAsks
	if err := json.Unmarshal([]byte(plain.Reveal()), &asks); err != nil {
		return fmt.Errorf("decode needs: %w", err)
	}
	a.Needs, a.Title = asks.Needs, asks.Title
	return nil
}
