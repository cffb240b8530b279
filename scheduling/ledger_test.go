package scheduling

import (
	"testing"

	"magpie/scheduling/account"
	"magpie/scheduling/messages"
)

func TestAnOfficesMessagesGoThroughTheGatewayItNamesOrTheFirst(t *testing.T) {
	first, second := messages.Gateway{Name: "aliyun", Kind: "aliyun"}, messages.Gateway{Name: "kannel", Kind: "kannel", Replies: true}
	for _, c := range []struct {
		named    string
		gateways []messages.Gateway
		want     messages.Gateway
	}{
		{"", []messages.Gateway{first, second}, first},
		{"kannel", []messages.Gateway{first, second}, second},
		{"aliyun", []messages.Gateway{first, second}, first},
		{"mas", []messages.Gateway{first, second}, first},
		{"kannel", nil, messages.Gateway{}},
	} {
		s := &Scheduler{Gateways: c.gateways}
		if got := s.gatewayOf(&Office{Gateway: c.named}); got != c.want {
			t.Errorf("named %q of %d: %+v", c.named, len(c.gateways), got)
		}
	}
}

func TestANumberIsSeenWholeByDeskAndDirectorAlone(t *testing.T) {
	for _, c := range []struct {
		roles []account.Role
		want  string
	}{
		{[]account.Role{account.Desk}, "13800000001"},
		{[]account.Role{account.Counsellor, account.Director}, "13800000001"},
		{[]account.Role{account.Auditor}, "138****0001"},
		{[]account.Role{account.Counsellor}, "138****0001"},
		{nil, "138****0001"},
	} {
		a := Actor{Kind: StaffKind, Roles: c.roles}
		if got := a.maySee(NewPrivate("13800000001")).Reveal(); got != c.want {
			t.Errorf("%v see %q", c.roles, got)
		}
		if got := a.maySee(Private{}); !got.IsZero() {
			t.Errorf("%v see %q where there is nothing", c.roles, got.Reveal())
		}
	}
}
