package dav_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/dav"
	"magpie/scheduling"
	"magpie/scheduling/account"
)

// BenchmarkAFullCalendar is what a phone's look costs the server, beside the
// database: seven months of eight appointments a day.
func BenchmarkAFullCalendar(b *testing.B) {
	f := &fake{roles: []account.Role{account.Counsellor}, diary: scheduling.Diary{
		Office: &scheduling.Office{Location: shanghai}, Staff: scheduling.Staff{ID: 17, Username: "fudao-a"},
	}}
	for i := range int64(8 * 150) {
		start := at(1, 8).Add(time.Duration(i) * time.Hour)
		f.diary.Appointments = append(f.diary.Appointments, scheduling.Appointment{
			ID: i, Reference: fmt.Sprintf("%08d", i), Start: start, End: start.Add(time.Hour), Revision: 1, UpdatedAt: at(1, 8),
		})
	}
	e := echo.New()
	dav.New(f).Register(e)
	for name, depth := range map[string]string{"its tag": "0", "its entries": "1"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if answer := ask(e, "PROPFIND", calendarPath, wholeProp, "Depth", depth); answer.Code != http.StatusMultiStatus {
					b.Fatal(answer.Code)
				}
			}
		})
	}
}
