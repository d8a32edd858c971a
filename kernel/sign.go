package kernel

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strings"
	"sync"
)

// digests are the signature schemes that a connection file may name, as the
// Python client calls them.
var digests = map[string]func() hash.Hash{
	"hmac-md5":      md5.New,
	"hmac-sha1":     sha1.New,
	"hmac-sha224":   sha256.New224,
	"hmac-sha256":   sha256.New,
	"hmac-sha384":   sha512.New384,
	"hmac-sha512":   sha512.New,
	"hmac-sha3_224": func() hash.Hash { return sha3.New224() },
	"hmac-sha3_256": func() hash.Hash { return sha3.New256() },
	"hmac-sha3_384": func() hash.Hash { return sha3.New384() },
	"hmac-sha3_512": func() hash.Hash { return sha3.New512() },
}

// remembered is how many signatures a signer keeps to recognise replays; the
// Python client keeps as many.
const remembered = 1 << 16

// A mark is the beginning of a signature, long enough to tell it from others.
type mark [16]byte

// A signer signs and verifies messages. With an empty key it accepts all, as
// the protocol wants.
type signer struct {
	digest func() hash.Hash
	key    []byte

	mu   sync.Mutex
	seen map[mark]bool
	ring []mark // the keys of seen, oldest at next once full
	next int
}

func newSigner(scheme, key string) (*signer, error) {
	d, ok := digests[scheme]
	if !ok && key != "" {
		return nil, fmt.Errorf("signature scheme %q is not known: want one of %s", scheme, strings.Join(slices.Sorted(maps.Keys(digests)), ", "))
	}
	return &signer{digest: d, key: []byte(key), seen: map[mark]bool{}}, nil
}

// sign returns the signature of the frames in hexadecimal.
func (s *signer) sign(frames ...[]byte) []byte {
	if len(s.key) == 0 {
		return nil
	}
	return hex.AppendEncode(nil, s.sum(frames))
}

func (s *signer) sum(frames [][]byte) []byte {
	h := hmac.New(s.digest, s.key)
	for _, f := range frames {
		h.Write(f)
	}
	return h.Sum(nil)
}

// verify tells whether signature is that of the frames and comes for the first
// time.
func (s *signer) verify(signature []byte, frames ...[]byte) bool {
	if len(s.key) == 0 {
		return true
	}
	got := make([]byte, hex.DecodedLen(len(signature)))
	if n, err := hex.Decode(got, signature); err != nil || !hmac.Equal(got[:n], s.sum(frames)) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var sum mark
	copy(sum[:], got)
	if s.seen[sum] {
		return false
	}
	s.seen[sum] = true
	if len(s.ring) < remembered {
		s.ring = append(s.ring, sum)
		return true
	}
	delete(s.seen, s.ring[s.next])
	s.ring[s.next] = sum
	s.next = (s.next + 1) % remembered
	return true
}
