package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"magpie/config"
)

func TestALogInServiceIsReadAsItIsWritten(t *testing.T) {
	settings := load(t, "MAGPIE_OIDC_ISSUER=http://127.0.0.1:3000/", "MAGPIE_OIDC_CLIENT_ID=magpie", "MAGPIE_OIDC_CLIENT_SECRET=word", "MAGPIE_OIDC_OFFICES=anhua")
	want := config.OIDC{Issuer: "http://127.0.0.1:3000/", ClientID: "magpie", ClientSecret: "word", Offices: []string{"anhua"}, UsernameClaim: "preferred_username"}
	if diff := cmp.Diff(want, settings.OIDC); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestALogInServiceNeedsAClientAndOffices(t *testing.T) {
	_, err := config.Load([]string{"MAGPIE_OIDC_ISSUER=https://id.example.cn"})
	want := []string{
		"MAGPIE_OIDC_CLIENT_ID: is needed with MAGPIE_OIDC_ISSUER", "MAGPIE_OIDC_CLIENT_SECRET: is needed with MAGPIE_OIDC_ISSUER",
		"MAGPIE_OIDC_OFFICES: is needed with MAGPIE_OIDC_ISSUER",
	}
	if diff := cmp.Diff(want, linesOf(t, err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAWrongLogInServiceIsNamed(t *testing.T) {
	for variable, want := range map[string]string{
		"MAGPIE_OIDC_ISSUER=id.example.cn":             "MAGPIE_OIDC_ISSUER: want https:// and a host, with or without a path",
		"MAGPIE_OIDC_ISSUER=https://u:w@id.example.cn": "MAGPIE_OIDC_ISSUER: want https:// and a host, with or without a path",
		"MAGPIE_OIDC_ISSUER=https://id.example.cn?a=b": "MAGPIE_OIDC_ISSUER: want https:// and a host, with or without a path",
		"MAGPIE_OIDC_ISSUER=http://id.example.cn":      "MAGPIE_OIDC_ISSUER: want https://; http:// is for this machine alone (localhost, 127.0.0.1 or [::1])",
		"MAGPIE_OIDC_OFFICES=anhua, Anhua":             "MAGPIE_OIDC_OFFICES: office 2: want the code of an office, several separated by commas",
		"MAGPIE_OIDC_OFFICES=anhua,anhua":              "MAGPIE_OIDC_OFFICES: office 2: is there already",
		"MAGPIE_OIDC_USERNAME_CLAIM=a b":               "MAGPIE_OIDC_USERNAME_CLAIM: want the name of a claim",
	} {
		_, err := config.Load([]string{"MAGPIE_OIDC_CLIENT_ID=a", "MAGPIE_OIDC_CLIENT_SECRET=a", "MAGPIE_OIDC_OFFICES=a", variable})
		if lines := linesOf(t, err); len(lines) != 1 || lines[0] != want {
			t.Errorf("%s: %q", variable, lines)
		}
	}
}
