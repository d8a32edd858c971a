// Package pbkdf2 derives keys from passwords, as RFC 8018 says.
package pbkdf2

import (
	"crypto/hmac"
	"encoding/binary"
	"errors"
	"hash"
)

// Key makes keyLength bytes of a password and a salt (RFC 8018, section 5.2): each
// block is the exclusive or of iter results of HMAC, each made of the one before.
func Key[Hash hash.Hash](h func() Hash, password string, salt []byte, iter, keyLength int) ([]byte, error) {
	if keyLength <= 0 {
		return nil, errors.New("pkbdf2: keyLength must be larger than 0")
	}
	mac := hmac.New(func() hash.Hash { return h() }, []byte(password))
	size := mac.Size()
	if int64(keyLength) > (1<<32-1)*int64(size) {
		return nil, errors.New("pbkdf2: keyLength too long")
	}
	var key []byte
	for i := uint32(1); len(key) < keyLength; i++ {
		mac.Reset()
		mac.Write(salt)
		mac.Write(binary.BigEndian.AppendUint32(nil, i))
		u := mac.Sum(nil)
		block := append([]byte(nil), u...)
		for range iter - 1 {
			mac.Reset()
			mac.Write(u)
			u = mac.Sum(u[:0])
			for j := range block {
				block[j] ^= u[j]
			}
		}
		key = append(key, block...)
	}
	return key[:keyLength], nil
}
