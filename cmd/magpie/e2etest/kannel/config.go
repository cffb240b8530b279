package kannel

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Who Kannel lets in, and the number that texts come from; deploy/kannel's
// names, for all but the passwords.
const (
	account       = "magpie"
	password      = "Jiandan-9f2c"
	adminPassword = "admin-of-the-tests"
	sender        = "10690000"
	// smscAccount and smscPassword are as long as SMPP 3.4 allows.
	smscAccount  = "magpie-bind-001"
	smscPassword = "8letters"
)

// ports are those that Kannel listens on, and the centre.
type ports struct{ admin, boxes, sendsms, smsc int }

// configuration is Kannel's file, which is edited without knowing all of it: so
// the shipped one is what is tried.
type configuration struct{ groups [][]string }

func readConfiguration() (*configuration, error) {
	root, err := moduleRoot()
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(filepath.Join(root, "deploy", "kannel", "kannel.conf"))
	if err != nil {
		return nil, fmt.Errorf("the shipped configuration: %w", err)
	}
	c := &configuration{}
	for line := range strings.Lines(string(content)) {
		key, _ := setting(line)
		if key == "group" {
			c.groups = append(c.groups, nil)
		}
		if key != "" && len(c.groups) > 0 {
			last := len(c.groups) - 1
			c.groups[last] = append(c.groups[last], strings.TrimSpace(line))
		}
	}
	if len(c.groups) == 0 {
		return nil, errors.New("the shipped configuration has no group")
	}
	return c, nil
}

// setting splits a line; its key is empty where it is a comment.
func setting(line string) (key, value string) {
	key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
	if !ok || strings.HasPrefix(key, "#") {
		return "", ""
	}
	return strings.TrimSpace(key), strings.Trim(strings.TrimSpace(value), `"`)
}

// group finds a group's place by its name.
func (c *configuration) group(name string) int {
	return slices.IndexFunc(c.groups, func(lines []string) bool {
		_, value := setting(lines[0])
		return value == name
	})
}

// get is the value of a key of a group, empty if it has none.
func (c *configuration) get(group, key string) string {
	for _, line := range c.groups[c.group(group)] {
		if found, value := setting(line); found == key {
			return value
		}
	}
	return ""
}

// set gives a key of a group another value.
func (c *configuration) set(group, key, value string) {
	at := c.group(group)
	c.unset(group, key)
	c.groups[at] = append(c.groups[at], key+` = "`+value+`"`)
}

func (c *configuration) unset(group, key string) {
	at := c.group(group)
	c.groups[at] = slices.DeleteFunc(c.groups[at], func(line string) bool {
		found, _ := setting(line)
		return found == key
	})
}

// replace puts other lines in a group's place; none removes it.
func (c *configuration) replace(group string, lines ...string) {
	at := c.group(group)
	c.groups = slices.Delete(c.groups, at, at+1)
	if len(lines) > 0 {
		c.groups = slices.Insert(c.groups, at, append([]string{"group = " + group}, lines...))
	}
}

func (c *configuration) String() string {
	var out strings.Builder
	for _, lines := range c.groups {
		out.WriteString(strings.Join(lines, "\n") + "\n\n")
	}
	return out.String()
}

// configure writes the file for one test, and makes the folders that it names.
func (k *Kannel) configure(o Options) error {
	c, err := readConfiguration()
	if err != nil {
		return err
	}
	for _, folder := range []string{"store", "receipts"} {
		if err := os.Mkdir(filepath.Join(k.folder, folder), 0o700); err != nil {
			return err
		}
	}
	k.setCore(c, o.InMemory)
	k.setSMSC(c, o.Over)
	c.set("smsbox", "sendsms-port", strconv.Itoa(k.ports.sendsms))
	c.set("smsbox", "http-queue-delay", "1") // ten seconds are long in a test
	c.set("smsbox", "log-file", filepath.Join(k.folder, "smsbox.log"))
	c.set("sendsms-user", "password", password)
	c.set("sendsms-user", "default-sender", sender)
	if o.Hook == "" {
		c.replace("sms-service")
	} else {
		_, parameters, _ := strings.Cut(c.get("sms-service", "get-url"), "?")
		c.set("sms-service", "get-url", o.Hook+"?"+parameters)
	}
	return os.WriteFile(k.file(), []byte(c.String()), 0o600)
}

func (k *Kannel) setCore(c *configuration, inMemory bool) {
	c.set("core", "admin-port", strconv.Itoa(k.ports.admin))
	c.set("core", "admin-password", adminPassword)
	c.set("core", "smsbox-port", strconv.Itoa(k.ports.boxes))
	if inMemory {
		c.unset("core", "store-type")
		c.unset("core", "store-location")
		c.unset("core", "dlr-spool")
		c.set("core", "dlr-storage", "internal")
	} else {
		c.set("core", "store-location", filepath.Join(k.folder, "store"))
		c.set("core", "dlr-spool", filepath.Join(k.folder, "receipts"))
	}
	c.set("core", "access-log", filepath.Join(k.folder, "access.log"))
	c.set("core", "log-file", filepath.Join(k.folder, "bearerbox.log"))
	c.set("core", "sms-resend-freq", "1")
}

func (k *Kannel) setSMSC(c *configuration, over Over) {
	if over == Fake {
		c.replace("smsc", "smsc = fake", `smsc-id = "carrier"`,
			"port = "+strconv.Itoa(k.ports.smsc), `connect-allow-ip = "127.0.0.1"`)
		return
	}
	c.set("smsc", "host", "127.0.0.1")
	c.set("smsc", "port", strconv.Itoa(k.ports.smsc))
	c.set("smsc", "smsc-username", smscAccount)
	c.set("smsc", "smsc-password", smscPassword)
	c.set("smsc", "reconnect-delay", "1")
	c.unset("smsc", "throughput")
}

func (k *Kannel) file() string { return filepath.Join(k.folder, "kannel.conf") }

func local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
