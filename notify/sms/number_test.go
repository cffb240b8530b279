package sms

import "testing"

func TestANumberIsReadHoweverItIsWritten(t *testing.T) {
	for written, want := range map[string]string{
		"13812345678": number, "8613812345678": number, "+8613812345678": number, "008613812345678": number, " 13812345678 ": number,
		"": "", "1381234567": "", "138123456789": "", "03812345678": "", "23812345678": "", "1381234567x": "", "10086": "",
		"8523812345678": "", "+85212345678": "", "86138123456780": "", "１３８１２３４５６７８": "", "13812345678,13912345678": "",
	} {
		if got, ok := mobile(written); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %t", written, got, ok)
		}
	}
}
