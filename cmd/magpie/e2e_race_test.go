package main_test

import (
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
)

func TestSoakOfManyClientsForOneStartAsManySucceedAsThereArePairs(t *testing.T) {
	const pairs, clients = 7, 64
	onEveryInstallation(t, e2etest.Office{Rooms: pairs + 2, Counsellors: pairs, Services: []e2etest.Service{{}}}, func(in installation) {
		t := in.T
		all := in.citizens(t, clients)
		desk := in.server(0).Staff(t, "desk")
		for round := range min(e2etest.Scale().Rounds, 16) {
			start := e2etest.At(1, 8, 30).AddDate(0, 0, 7*(round/4)+round%4)
			if free := desk.FreeAt(t, start); free != pairs {
				t.Fatalf("%d pairs are free at %s, want %d", free, start, pairs)
			}
			booked := race(t, all, func(int) time.Time { return start })
			if len(booked) != pairs {
				t.Errorf("round %d: %d of %d clients succeeded, want %d", round, len(booked), clients, pairs)
			}
			if free := desk.FreeAt(t, start); free != 0 {
				t.Errorf("round %d: %d pairs are still offered", round, free)
			}
			stored(t, desk, start, booked)
		}
		clean(t, in.Site)
	})
}

func TestSoakOfOverlappingStartsNoneIsDoubleAndNoneIsRefusedThatIsFree(t *testing.T) {
	const clients = 48
	office := e2etest.Office{Rooms: 3, Counsellors: 4, Hours: []string{`{days: [mon, tue, wed, thu, fri], from: "08:00", to: "14:00"}`}, Services: []e2etest.Service{{Step: "5m"}}}
	onEveryInstallation(t, office, func(in installation) {
		t := in.T
		all := in.citizens(t, clients)
		desk := in.server(0).Staff(t, "desk")
		for round := range min(e2etest.Scale().Rounds, 16) {
			first := e2etest.At(1, 8, 0).AddDate(0, 0, 7*(round/4)+round%4)
			started := func(i int) time.Time { return first.Add(time.Duration(i*5) * time.Minute) }
			booked := race(t, all, started)
			date := first.Format(time.DateOnly)
			free := make(map[time.Time]bool)
			for _, slot := range desk.Days(t, date, date, "")[0].Slots {
				free[slot.Start.UTC()] = true
			}
			for i := range all {
				if booked[all[i].Phone].Reference == "" && free[started(i).UTC()] {
					t.Errorf("round %d: %s was refused and is free", round, started(i).Format("15:04"))
				}
			}
			stored(t, desk, first, booked)
			t.Logf("round %d: %d of %d overlapping starts were booked", round, len(booked), clients)
		}
		clean(t, in.Site)
	})
}

// race has everybody book at once, and answers what was acknowledged by the
// booker's number; every other answer must be slot_taken.
func race(t *testing.T, all []*e2etest.Citizen, start func(i int) time.Time) map[string]e2etest.Appointment {
	t.Helper()
	var mu sync.Mutex
	booked := make(map[string]e2etest.Appointment)
	inParallel(len(all), func(i int) {
		a, err := all[i].Send(t.Context(), e2etest.Request{
			Method: http.MethodPost, Path: e2etest.BookPath, Key: all[i].Phone + start(i).Format(time.RFC3339), Body: all[i].Booking(start(i)),
		})
		switch {
		case err != nil:
			t.Errorf("no answer: %v", err)
		case a.Status == http.StatusCreated:
			var one e2etest.Appointment
			if err := json.Unmarshal(a.Body, &one); err != nil {
				t.Errorf("reading %s: %v", a, err)
			}
			mu.Lock()
			booked[all[i].Phone] = one
			mu.Unlock()
		case a.Code() != "slot_taken":
			t.Errorf("answered %s, want 201 or slot_taken", a)
		}
	})
	return booked
}

// stored expects of a day exactly what was acknowledged, and nothing double.
func stored(t *testing.T, desk *e2etest.Client, day time.Time, booked map[string]e2etest.Appointment) {
	t.Helper()
	date := day.Format(time.DateOnly)
	list := desk.Appointments(t, date, date)
	for _, double := range e2etest.Overlaps(list, 10*time.Minute) {
		t.Errorf("double: %s", double)
	}
	if len(list) != len(booked) {
		t.Errorf("%d are stored and %d were acknowledged", len(list), len(booked))
	}
	for _, a := range list {
		if want := booked[a.Parties[0].Phone]; want.Reference != a.Reference || !want.Start.Equal(a.Start) {
			t.Errorf("%s at %s was not acknowledged to its booker", a.Reference, a.Start)
		}
	}
}
