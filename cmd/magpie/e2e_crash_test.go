package main_test

import (
	"testing"

	"magpie/cmd/magpie/e2etest"
	"magpie/scheduling/store/storetest/mariadb"
)

// everyHalfHour is an office that is open all day, with few enough rooms that
// clients meet.
func everyHalfHour() e2etest.Office {
	return e2etest.Office{Hours: e2etest.AllDay, Rooms: 2, Counsellors: 3, Services: []e2etest.Service{{}}}
}

func TestSoakOfServersKilledUnderLoadNothingAcknowledgedIsLost(t *testing.T) {
	onEveryInstallation(t, everyHalfHour(), func(in installation) {
		t := in.T
		amounts := e2etest.Scale()
		l := load(t, in, amounts.Clients)
		for n := range amounts.Kills {
			l.answers(20 + 7*n%30)
			killed := in.server(n)
			killed.Kill()
			l.cutOff(4)
			killed.Restart(t)
		}
		l.answers(20)
		l.end()
		l.kept()
	})
}

func TestSoakOfAMariaDBKilledUnderLoadNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	db := mariadb.StartDurable(t)
	in := installation{Site: e2etest.NewSiteOn(t, e2etest.MariaDB, db.Database(t))}
	in.Set("MAGPIE_RATE_LIMITS", "false")
	in.Open(t, everyHalfHour())
	in.servers = append(in.servers, in.Serve(t), in.Serve(t))
	amounts := e2etest.Scale()
	l := load(t, in, amounts.Clients)
	for range (amounts.Kills + 4) / 5 {
		l.answers(60)
		db.Kill()
		l.cutOff(4)
		db.Restart()
	}
	l.answers(60)
	l.end()
	l.kept()
}
