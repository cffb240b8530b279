package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
)

// Key is one master key of MAGPIE_SECRET.
type Key struct {
	ID    string
	Bytes [32]byte
}

// keyring derives, from each master key, one key for sealing and one for
// hashing, apart from each other (RFC 5869), so that neither tells the other.
type keyring struct {
	active string
	seal   map[string][]byte
	hash   map[string][]byte
	order  []string
}

func newKeyring(keys []Key) (*keyring, error) {
	if len(keys) == 0 {
		return nil, errors.New("MAGPIE_SECRET holds no key")
	}
	k := &keyring{active: keys[0].ID, seal: map[string][]byte{}, hash: map[string][]byte{}}
	for _, key := range keys {
		var err error
		if k.seal[key.ID], err = hkdf.Key(sha256.New, key.Bytes[:], nil, "magpie/seal/1", 32); err != nil {
			return nil, err
		}
		if k.hash[key.ID], err = hkdf.Key(sha256.New, key.Bytes[:], nil, "magpie/hash/1", 32); err != nil {
			return nil, err
		}
		k.order = append(k.order, key.ID)
	}
	return k, nil
}

// sealMaster seals a value under the active master key: the key's id, then
// nonce and ciphertext. where binds it to its table, row and column.
func (k *keyring) sealMaster(plain []byte, where string) []byte {
	head := append([]byte{byte(len(k.active))}, k.active...)
	return append(head, sealWith(k.seal[k.active], plain, where)...)
}

// openMaster opens what sealMaster sealed, under whichever key it names.
func (k *keyring) openMaster(sealed []byte, where string) ([]byte, error) {
	if len(sealed) == 0 || len(sealed) < 1+int(sealed[0]) {
		return nil, errors.New("open a sealed value: too short")
	}
	n := 1 + int(sealed[0])
	key, ok := k.seal[string(sealed[1:n])]
	if !ok {
		return nil, fmt.Errorf("open a sealed value: MAGPIE_SECRET lacks the key %q", sealed[1:n])
	}
	return openWith(key, sealed[n:], where)
}

// digest is the keyed hash of a value under the active key; digests are those
// under every key, the active one first, for looking up.
func (k *keyring) digest(scope, value string) []byte { return k.digestBy(k.active, scope, value) }

func (k *keyring) digests(scope, value string) [][]byte {
	out := make([][]byte, 0, len(k.order))
	for _, id := range k.order {
		out = append(out, k.digestBy(id, scope, value))
	}
	return out
}

func (k *keyring) digestBy(id, scope, value string) []byte {
	mac := hmac.New(sha256.New, k.hash[id])
	mac.Write([]byte(scope + "\x00" + value))
	return mac.Sum(nil)
}

// sealWith seals with AES-256-GCM and a random nonce.
func sealWith(key, plain []byte, where string) []byte {
	return gcm(key).Seal(nil, nil, plain, []byte(where)) //nolint:gosec // the AEAD draws its nonce itself and takes none
}

func openWith(key, sealed []byte, where string) ([]byte, error) {
	plain, err := gcm(key).Open(nil, nil, sealed, []byte(where))
	if err != nil {
		return nil, fmt.Errorf("open a sealed value of %s: %w", where, err)
	}
	return plain, nil
}

func gcm(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("a sealing key of a wrong size: " + err.Error())
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("AES-GCM: " + err.Error())
	}
	return aead
}
