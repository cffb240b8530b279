// Package authenticator is a device with passkeys, in software, and the browser
// around it, for tests: what navigator.credentials would answer to a ceremony
// of Web Authentication (Level 3), with ES256 and no attestation.
//
// It promises to sign what it is asked as a real device does. It does not ask
// anybody's leave, and looks no further into the options than it must.
package authenticator

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// Device is a device with its passkeys, the newest last.
type Device struct {
	// Origin is the page that asks, as the browser sees it.
	Origin string
	// Counts says that the device counts its signatures; others always say 0.
	Counts bool
	// Stranger says that the device has not recognized its owner.
	Stranger bool
	// Counter is how many signatures were made.
	Counter uint32

	keys []key
}

type key struct {
	id, handle []byte
	party      string
	private    *ecdsa.PrivateKey
}

const (
	present  = 0x01 // UP
	verified = 0x04 // UV
	attested = 0x40 // AT
)

var encoding = base64.RawURLEncoding

type options struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		RPID      string `json:"rpId"`
		RP        struct {
			ID string `json:"id"`
		} `json:"rp"`
		User struct {
			ID string `json:"id"`
		} `json:"user"`
	} `json:"publicKey"`
}

type credential struct {
	ID         string            `json:"id"`
	RawID      string            `json:"rawId"`
	Type       string            `json:"type"`
	Response   map[string]string `json:"response"`
	Extensions struct{}          `json:"clientExtensionResults"`
}

// Create makes a passkey and answers as navigator.credentials.create does.
func (d *Device) Create(asked []byte) ([]byte, error) {
	var o options
	if err := json.Unmarshal(asked, &o); err != nil {
		return nil, fmt.Errorf("read the options: %w", err)
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	handle, err := encoding.DecodeString(o.PublicKey.User.ID)
	if err != nil {
		return nil, fmt.Errorf("read the user's id: %w", err)
	}
	k := key{id: make([]byte, 32), handle: handle, party: o.PublicKey.RP.ID, private: private}
	_, _ = rand.Read(k.id) // never fails
	public, err := k.public()
	if err != nil {
		return nil, err
	}
	data := d.data(k.party, attested)
	data = append(data, make([]byte, 16)...) // of no known make
	data = binary.BigEndian.AppendUint16(data, uint16(len(k.id)))
	data = append(append(data, k.id...), public...)
	object, err := webauthncbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	if err != nil {
		return nil, err
	}
	client, err := d.client("webauthn.create", o.PublicKey.Challenge)
	if err != nil {
		return nil, err
	}
	d.keys = append(d.keys, k)
	return answer(k, map[string]string{"clientDataJSON": encoding.EncodeToString(client), "attestationObject": encoding.EncodeToString(object)})
}

// Get signs with the newest passkey of the server that asks, as
// navigator.credentials.get does.
func (d *Device) Get(asked []byte) ([]byte, error) {
	var o options
	if err := json.Unmarshal(asked, &o); err != nil {
		return nil, fmt.Errorf("read the options: %w", err)
	}
	for i := len(d.keys) - 1; i >= 0; i-- {
		if k := d.keys[i]; k.party == o.PublicKey.RPID {
			return d.sign(k, o.PublicKey.Challenge)
		}
	}
	return nil, errors.New("the device has no passkey of this server")
}

func (d *Device) sign(k key, challenge string) ([]byte, error) {
	if d.Counts {
		d.Counter++
	}
	client, err := d.client("webauthn.get", challenge)
	if err != nil {
		return nil, err
	}
	data, hash := d.data(k.party, 0), sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte(nil), data...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, k.private, digest[:])
	if err != nil {
		return nil, err
	}
	return answer(k, map[string]string{
		"clientDataJSON": encoding.EncodeToString(client), "authenticatorData": encoding.EncodeToString(data),
		"signature": encoding.EncodeToString(signature), "userHandle": encoding.EncodeToString(k.handle),
	})
}

// data is the authenticator data: whom for, flags, and the counter.
func (d *Device) data(party string, flags byte) []byte {
	hash := sha256.Sum256([]byte(party))
	flags |= present
	if !d.Stranger {
		flags |= verified
	}
	return binary.BigEndian.AppendUint32(append(hash[:], flags), d.Counter)
}

// client is what the browser says of the page that asks.
func (d *Device) client(kind, challenge string) ([]byte, error) {
	return json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.Origin, "crossOrigin": false})
}

// public is the public key as COSE writes it (RFC 9053, 7.1.1): ES256 on P-256.
func (k key) public() ([]byte, error) {
	point, err := k.private.PublicKey.Bytes()
	if err != nil {
		return nil, err
	}
	return webauthncbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
}

func answer(k key, response map[string]string) ([]byte, error) {
	id := encoding.EncodeToString(k.id)
	return json.Marshal(credential{ID: id, RawID: id, Type: "public-key", Response: response})
}
