package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

const (
	prefix     = "MAGPIE_"
	testPrefix = "MAGPIE_TEST_" // settings of the tests, none of ours
	configName = "MAGPIE_CONFIG"
	fileSuffix = "_FILE"
	// maxFile bounds what is read of a secret's file, in bytes, should somebody
	// name a device.
	maxFile = 1 << 16
)

// names are all settings, in the order in which they are reported.
var names = []string{
	Listen, PublicURL, TrustedProxies, DatabaseURL, SMS, SMSSecond, Secret, VerifyPhones, RateLimits, MetricsListen,
	SMSReplies, SMSSecondReplies,
	AliyunKeyID, AliyunKeySecret, AliyunEndpoint,
	TencentSecretID, TencentSecretKey, TencentAppID, TencentRegion, TencentEndpoint,
	MASECName, MASAPID, MASSecretKey, MASSigns, MASAddSerial,
	WebhookSecret, HookSecret, HookURL, HookSenders,
	Mail, MailFrom, MailCA,
	OIDCIssuer, OIDCClientID, OIDCClientSecret, OIDCOffices, OIDCUsernameClaim,
	OutsideAllow,
}

// secrets are the settings that also read from a file of their own.
var secrets = []string{
	DatabaseURL, SMS, SMSSecond, Secret, AliyunKeySecret, TencentSecretKey, MASSecretKey, WebhookSecret, HookSecret, Mail,
	OIDCClientSecret,
}

// value is a setting as it was written, and where.
type value struct{ text, place string }

// layer is one source of settings by name, _FILE names included.
type layer map[string]value

// given is what the operator wrote, and what was found wrong with it.
type given struct {
	values   map[string]value
	problems Errors
	ignored  []string
}

// gather reads environment and file. Names it does not know are problems.
func gather(environ []string) *given {
	g := &given{values: map[string]value{}}
	environment := layer{}
	for _, variable := range environ {
		name, text, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, prefix) && !strings.HasPrefix(name, testPrefix) {
			environment[name] = value{text: text}
		}
	}
	path := environment[configName].text
	delete(environment, configName)
	g.refuseUnknown(environment)
	file := layer{}
	if path != "" {
		file = g.readFile(path)
		g.refuseUnknown(file)
	}
	for _, name := range names {
		if !g.take(name, environment) {
			g.take(name, file)
		}
	}
	return g
}

// take uses the setting's value, or the content of its file, if this layer has
// one, and says whether it has.
func (g *given) take(name string, from layer) bool {
	direct, inFile := from[name], from[name+fileSuffix]
	if inFile.text == "" || !slices.Contains(secrets, name) {
		if direct.text != "" {
			g.values[name] = direct
		}
		return direct.text != ""
	}
	if direct.text != "" {
		g.add(Problem{Setting: name, Place: direct.place, Message: "is given, and so is " + name + fileSuffix + "; give one"})
		return true
	}
	content, err := readSecret(inFile.text)
	if err != nil {
		g.add(Problem{Setting: name + fileSuffix, Place: inFile.place, Message: err.Error()})
		return true
	}
	g.values[name] = value{text: content, place: inFile.text}
	return true
}

// ignore forgets a setting, and what is wrong with it.
func (g *given) ignore(name string) {
	g.ignored = append(g.ignored, name)
	delete(g.values, name)
	g.problems = slices.DeleteFunc(g.problems, func(p Problem) bool {
		return p.Setting == name || p.Setting == name+fileSuffix
	})
}

func (g *given) add(problem Problem) { g.problems = append(g.problems, problem) }

// wrong notes what is wrong with the value of a setting. The message must not
// quote a secret.
func (g *given) wrong(name, format string, arguments ...any) {
	g.add(Problem{Setting: name, Place: g.values[name].place, Message: fmt.Sprintf(format, arguments...)})
}

// refuseUnknown notes the names that are no setting, in order.
func (g *given) refuseUnknown(from layer) {
	var unknown Errors
	for name, v := range from {
		known := slices.Contains(names, name) ||
			strings.HasSuffix(name, fileSuffix) && slices.Contains(secrets, strings.TrimSuffix(name, fileSuffix))
		if !known {
			unknown = append(unknown, Problem{Setting: name, Place: v.place, Message: "there is no such setting"})
		}
	}
	slices.SortFunc(unknown, func(a, b Problem) int { return strings.Compare(a.Setting, b.Setting) })
	g.problems = append(g.problems, unknown...)
}

// errors returns the problems in the order of the settings, or nil.
func (g *given) errors() error {
	if len(g.problems) == 0 {
		return nil
	}
	rank := func(p Problem) int {
		if i := slices.Index(names, strings.TrimSuffix(p.Setting, fileSuffix)); i >= 0 {
			return i
		}
		return len(names)
	}
	slices.SortStableFunc(g.problems, func(a, b Problem) int { return rank(a) - rank(b) })
	return g.problems
}

// readSecret returns the content of a secret's file less its line's end.
func readSecret(path string) (string, error) {
	content, err := readBounded(path)
	if err != nil {
		return "", err
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
	if text == "" {
		return "", fmt.Errorf("%s is empty", path)
	}
	return text, nil
}

func readBounded(path string) ([]byte, error) {
	file, err := os.Open(path) //nolint:gosec // G304: the operator names it
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, unreadable(path, err)
	}
	if len(content) > maxFile {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, maxFile)
	}
	return content, nil
}

// unreadable words an error of the system without its repetition of the path.
func unreadable(path string, err error) error {
	if inner := (*fs.PathError)(nil); errors.As(err, &inner) {
		err = inner.Err
	}
	return fmt.Errorf("cannot read %s: %w", path, err)
}
