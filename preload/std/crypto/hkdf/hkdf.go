// Package hkdf derives keys from a secret by HMAC, as RFC 5869 says.
package hkdf

import (
	"crypto/hmac"
	"errors"
	"hash"
)

func newHash[H hash.Hash](h func() H) func() hash.Hash { return func() hash.Hash { return h() } }

// Extract concentrates the secret into a pseudorandom key (RFC 5869, section 2.2).
// No salt is the same as as many zeros as the hash has bytes.
func Extract[H hash.Hash](h func() H, secret, salt []byte) ([]byte, error) {
	if salt == nil {
		salt = make([]byte, h().Size())
	}
	mac := hmac.New(newHash(h), salt)
	mac.Write(secret)
	return mac.Sum(nil), nil
}

// Expand makes keyLength bytes of a pseudorandom key (RFC 5869, section 2.3).
func Expand[H hash.Hash](h func() H, pseudorandomKey []byte, info string, keyLength int) ([]byte, error) {
	if keyLength > 255*h().Size() {
		return nil, errors.New("hkdf: requested key length too large")
	}
	var key, block []byte
	mac := hmac.New(newHash(h), pseudorandomKey)
	for i := byte(1); len(key) < keyLength; i++ {
		mac.Reset()
		mac.Write(block)
		mac.Write([]byte(info))
		mac.Write([]byte{i})
		block = mac.Sum(nil)
		key = append(key, block...)
	}
	return key[:keyLength], nil
}

// Key is Extract and then Expand.
func Key[Hash hash.Hash](h func() Hash, secret, salt []byte, info string, keyLength int) ([]byte, error) {
	pseudorandomKey, err := Extract(h, secret, salt)
	if err != nil {
		return nil, err
	}
	return Expand(h, pseudorandomKey, info, keyLength)
}
