package e2etest

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"net"
	"strings"
)

// answerLogins speaks the part of Dovecot's authentication protocol, version 1
// (doc.dovecot.org, "Authentication Protocol"), that Postfix asks who may log
// in, so that a test needs no further program.
func (m *MailServer) answerLogins() {
	m.t.Helper()
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", m.logins))
	if err != nil {
		m.t.Fatalf("answering logins: %v", err)
	}
	m.t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return // it is closed
			}
			go answerLogin(connection)
		}
	}()
}

// answerLogin ends with the connection, whichever way.
func answerLogin(connection net.Conn) {
	defer connection.Close()
	if _, err := fmt.Fprintf(connection, "VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t%032x\nDONE\n", 1); err != nil {
		return
	}
	lines := bufio.NewScanner(connection)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		if fields[0] != "AUTH" || len(fields) < 3 {
			continue
		}
		answer := "FAIL\t" + fields[1] + "\n"
		if mayLogIn(fields) {
			answer = "OK\t" + fields[1] + "\tuser=" + mailUser + "\n"
		}
		if _, err := connection.Write([]byte(answer)); err != nil {
			return
		}
	}
}

// mayLogIn reads the answer of SASL's PLAIN (RFC 4616).
func mayLogIn(fields []string) bool {
	for _, field := range fields {
		if response, ok := strings.CutPrefix(field, "resp="); ok {
			plain, err := base64.StdEncoding.DecodeString(response)
			return err == nil && string(plain) == "\x00"+mailUser+"\x00"+mailPassword
		}
	}
	return false
}
