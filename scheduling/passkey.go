package scheduling

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Passkey is a key on a member's phone, computer or stick (Web Authentication
// Level 3), which signs once the device has recognized its owner.
type Passkey struct {
	ID       int64
	StaffID  int64
	OfficeID int64
	// Name is the owner's word for it.
	Name Private
	// Credential is the public key with what belongs to it, as JSON.
	Credential []byte
	// Hash is of the credential's id, of which there is one in the world.
	Hash Digest
	// Counter is the device's count of signatures; many always say 0.
	Counter uint32
	// Uses rises with every use.
	Uses      int64
	CreatedAt time.Time
	UsedAt    time.Time // zero: not yet
}

// PasskeyUse is a use of a passkey, to be written where nobody has used it since
// it was read.
type PasskeyUse struct {
	ID      int64
	Uses    int64 // as read
	Counter uint32
	At      time.Time
}

const (
	passkeysEach = 10 // of a member, at most
	passkeyName  = 40 // characters of a name, at most
	// passkeyWithin is how long a ceremony may take.
	passkeyWithin = 5 * time.Minute
)

// ByPasskey is a way of a log-in.
const ByPasskey = "passkey"

// relyingParty is this server to a browser: the host of the public address, and
// pages of that address alone. An address of numbers cannot be one.
func (s *Scheduler) relyingParty() (*webauthn.WebAuthn, error) {
	u, err := url.Parse(s.Settings.Origin)
	if err != nil || protocol.ValidateRPID(u.Hostname()) != nil {
		return nil, &Error{Code: CodeWrongState, Text: Text{
			ZH: "这里还不能用通行密钥：网址要有域名。", EN: "passkeys need a public address with a host name (MAGPIE_PUBLIC_URL)",
		}}
	}
	required := true
	out, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: "Magpie", RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: &required, ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{
			Login: webauthn.TimeoutConfig{Timeout: passkeyWithin}, Registration: webauthn.TimeoutConfig{Timeout: passkeyWithin},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("set passkeys up: %w", err)
	}
	return out, nil
}

// holder is a member of staff to the library.
type holder struct {
	staffID  int64
	member   Staff
	passkeys []Passkey
}

// WebAuthnID is an opaque number, as a passkey remembers whose it is.
func (h holder) WebAuthnID() []byte { return binary.BigEndian.AppendUint64(nil, uint64(h.staffID)) }

// WebAuthnName is the username.
func (h holder) WebAuthnName() string { return h.member.Username }

// WebAuthnDisplayName is the name.
func (h holder) WebAuthnDisplayName() string { return h.member.Name.ZH }

// WebAuthnCredentials are the passkeys.
func (h holder) WebAuthnCredentials() []webauthn.Credential {
	out := make([]webauthn.Credential, 0, len(h.passkeys))
	for _, p := range h.passkeys {
		var c webauthn.Credential
		if json.Unmarshal(p.Credential, &c) == nil {
			c.Authenticator.SignCount = p.Counter
			out = append(out, c)
		}
	}
	return out
}

// idOfHandle reads the number of a member that a passkey remembers.
func idOfHandle(handle []byte) (int64, bool) {
	if len(handle) != 8 {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(handle)), true
}

func hashOf(credential []byte) Digest { return sha256.Sum256(credential) }

// errCloned says that a device has counted backwards: there are two of it.
var errCloned = errors.New("the passkey's counter went back")

// signed verifies what a passkey of these signed, and gives its use.
func signed(rp *webauthn.WebAuthn, session webauthn.SessionData, response *protocol.ParsedCredentialAssertionData, of holder, now time.Time) (PasskeyUse, error) {
	_, credential, err := rp.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		if id, ok := idOfHandle(handle); !ok || id != of.staffID {
			return nil, errors.New("it is somebody else's")
		}
		return of, nil
	}, session, response)
	if err != nil {
		return PasskeyUse{}, err
	}
	if credential.Authenticator.CloneWarning {
		return PasskeyUse{}, errCloned
	}
	hash := hashOf(credential.ID)
	i := slices.IndexFunc(of.passkeys, func(p Passkey) bool { return p.Hash == hash })
	if i < 0 {
		return PasskeyUse{}, errors.New("it is none of theirs")
	}
	p := of.passkeys[i]
	return PasskeyUse{ID: p.ID, Uses: p.Uses, Counter: credential.Authenticator.SignCount, At: now}, nil
}

// registered makes a passkey of what a device has answered.
func registered(rp *webauthn.WebAuthn, session webauthn.SessionData, response []byte, of holder) (Passkey, error) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return Passkey{}, err
	}
	credential, err := rp.CreateCredential(of, session, parsed)
	if err != nil {
		return Passkey{}, err
	}
	counter := credential.Authenticator.SignCount
	credential.Attestation = webauthn.CredentialAttestation{} // none is asked for
	inside, err := json.Marshal(credential)
	if err != nil {
		return Passkey{}, fmt.Errorf("write a passkey: %w", err)
	}
	return Passkey{Credential: inside, Hash: hashOf(credential.ID), Counter: counter}, nil
}
