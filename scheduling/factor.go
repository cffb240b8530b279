package scheduling

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"magpie/scheduling/account"
)

// Factor is what a member of staff shows beside the password: the codes of a
// phone's authenticator (TOTP, RFC 6238: SHA-1, thirty seconds, six digits), or
// a recovery code instead.
type Factor struct {
	// Secret is the key shared with the authenticator, in base32; zero: none.
	Secret Private
	// Since is when a first code confirmed the secret; zero: it is not active.
	Since time.Time
	// Step is the last step of thirty seconds whose code was taken; neither it
	// nor an earlier one is ever taken again (RFC 6238, 5.2).
	Step int64
	// Recovery are the digests of the recovery codes that are left.
	Recovery []Digest
}

// HasCodes says whether an authenticator's codes are asked for.
func (f Factor) HasCodes() bool { return !f.Since.IsZero() }

// The ways of a log-in, as its list names them.
const (
	ByPassword = "password"
	ByTOTP     = "totp"
	ByRecovery = "recovery_code"
)

const (
	totpPeriod = 30 // seconds
	totpSkew   = 1  // steps before and after

	// recoveryCodes are given at once, of so many letters each: sixty bits.
	recoveryCodes  = 10
	recoveryLength = 12
	recoveryGroup  = 4
	// recoveryLetters are thirty-two that are not taken for each other.
	recoveryLetters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
)

var totpOptions = totp.ValidateOpts{Period: totpPeriod, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

func totpAt(secret Private, at time.Time) (string, error) {
	return totp.GenerateCodeCustom(secret.Reveal(), at, totpOptions)
}

// step finds the step whose code this is: one of the three around now that lies
// after the last taken.
func (f Factor) step(code string, now time.Time) (int64, bool) {
	if f.Secret.IsZero() || len(code) != 6 {
		return 0, false
	}
	current := now.Unix() / totpPeriod
	for step := current - totpSkew; step <= current+totpSkew; step++ {
		want, err := totpAt(f.Secret, time.Unix(step*totpPeriod, 0))
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && step > f.Step {
			return step, true
		}
	}
	return 0, false
}

// confirmed is the factor with its first code given, if that is right.
func (f Factor) confirmed(code string, now time.Time) (Factor, bool) {
	step, ok := f.step(bare(code), now)
	f.Step, f.Since = step, now
	return f, ok
}

// spent is the factor with what was shown used up, and which way that was; not
// ok: it is neither the code of now nor a recovery code that is left.
func (f Factor) spent(shown string, now time.Time) (left Factor, by string, ok bool) {
	code := bare(shown)
	if step, right := f.step(code, now); right && f.HasCodes() {
		f.Step = step
		return f, ByTOTP, true
	}
	i := slices.Index(f.Recovery, recoveryDigest(code))
	if i < 0 {
		return f, "", false
	}
	f.Recovery = slices.Delete(slices.Clone(f.Recovery), i, i+1)
	return f, ByRecovery, true
}

// withRecovery is the factor with new recovery codes in place of the old ones.
func (f Factor) withRecovery() (Factor, []string) {
	codes := make([]string, recoveryCodes)
	f.Recovery = make([]Digest, recoveryCodes)
	for i := range codes {
		codes[i] = newRecoveryCode()
		f.Recovery[i] = recoveryDigest(bare(codes[i]))
	}
	return f, codes
}

// state is what the audit says of a factor.
func (f Factor) state() string {
	return fmt.Sprintf(`{"totp":%t,"recovery_codes":%d}`, f.HasCodes(), len(f.Recovery))
}

// newFactor draws a secret, and the address that an authenticator reads it from
// (otpauth, as in the wiki of Google Authenticator).
func newFactor(office *Office, username string) (Factor, Private, error) {
	key, err := totp.Generate(totp.GenerateOpts{
		Issuer: strings.ReplaceAll(office.Name.ZH, ":", " "), AccountName: username,
		Period: totpPeriod, SecretSize: 20, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1, Rand: rand.Reader,
	})
	if err != nil {
		return Factor{}, Private{}, fmt.Errorf("draw a secret: %w", err)
	}
	return Factor{Secret: NewPrivate(key.Secret())}, NewPrivate(key.URL()), nil
}

// bare is a code as it is compared: without the spaces and dashes of its
// groups, in capital letters.
func bare(code string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(code))
}

func recoveryDigest(code string) Digest { return sha256.Sum256([]byte("recovery code " + code)) }

func newRecoveryCode() string {
	var out strings.Builder
	for i, b := range randomBytes(recoveryLength) {
		if i > 0 && i%recoveryGroup == 0 {
			out.WriteByte('-')
		}
		out.WriteByte(recoveryLetters[int(b)%len(recoveryLetters)])
	}
	return out.String()
}

// NeedsFactor says whether the office wants a second factor of a member.
func (o *Office) NeedsFactor(m Staff) bool {
	return slices.ContainsFunc(m.Roles, func(r account.Role) bool { return slices.Contains(o.SecondFactor, r) })
}
