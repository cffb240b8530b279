package main_test

import (
	"fmt"
	"net/http"
	"syscall"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
)

func TestAServerIsSoonReadyAndIdlesInLittleMemory(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{})
		server := s.Serve(t)
		server.Citizen(t).Booked(t, e2etest.At(1, 9, 0))
		server.Terminate(t, syscall.SIGTERM)
		server.Restart(t)
		password := s.SetPassword(t, "anhua", "desk")
		for range 10 {
			client := server.Client(t)
			client.Token = e2etest.As[struct{ Token string }](t, client.LogIn(t, "anhua", "desk", password), http.StatusOK).Token
			client.Appointments(t, e2etest.Date(0), e2etest.Date(6))
		}
		began, most := time.Now(), server.RSS(t)
		const limit = 60 << 20
		e2etest.Eventually(t, "it idles under 60 MB", func() error {
			if rss := server.RSS(t); rss >= limit {
				return fmt.Errorf("it takes %d MB", rss>>20)
			}
			return nil
		})
		t.Logf("ready after %v on an existing database; after ten log-ins %.1f MB, and %.1f MB %v later",
			server.Ready.Round(time.Millisecond), float64(most)/(1<<20), float64(server.RSS(t))/(1<<20), time.Since(began).Round(time.Millisecond))
	})
}
