package rtp

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/pion/srtp/v3"
)

// SRTPMode says whether a session's audio is encrypted.
type SRTPMode uint8

// The modes.
const (
	Off      SRTPMode = iota // plain only
	Optional                 // encrypted when the far end can
	Required                 // encrypted or not at all
)

// suite is an SRTP crypto suite of RFC 4568.
type suite struct {
	name    string
	profile srtp.ProtectionProfile
}

// suites are those we speak, best first.
var suites = [...]suite{
	{"AES_CM_128_HMAC_SHA1_80", srtp.ProtectionProfileAes128CmHmacSha1_80},
	{"AES_CM_128_HMAC_SHA1_32", srtp.ProtectionProfileAes128CmHmacSha1_32},
}

// KeyLen is the length of a master key with its salt.
const KeyLen = 16 + 14

// NewKey makes a master key with its salt.
func NewKey() []byte {
	k := make([]byte, KeyLen)
	rand.Read(k)
	return k
}

// cryptoLine is one a=crypto line: a suite and the key of who wrote it.
type cryptoLine struct {
	tag   string
	suite int // index into suites
	key   []byte
	mki   []byte
}

func (c cryptoLine) String() string {
	return fmt.Sprintf("%s %s inline:%s", c.tag, suites[c.suite].name, base64.StdEncoding.EncodeToString(c.key))
}

func (c cryptoLine) same(o cryptoLine) bool {
	return c.suite == o.suite && bytes.Equal(c.key, o.key) && bytes.Equal(c.mki, o.mki)
}

// cryptosOf returns the crypto lines of s that we can use, in order. Those with
// an unknown suite, several keys or a parameter we do not know are passed over.
func cryptosOf(s *streamDesc) []cryptoLine {
	var out []cryptoLine
	for _, a := range s.attrs {
		if a.name != "crypto" {
			continue
		}
		if c, err := parseCrypto(a.value); err == nil {
			out = append(out, c)
		}
	}
	return out
}

var errCrypto = errors.New("not a crypto line we can use")

// parseCrypto reads "tag suite inline:key[|lifetime][|mki:length] [parameter...]".
func parseCrypto(v string) (cryptoLine, error) {
	f := strings.Fields(v)
	if len(f) < 3 || len(f[0]) > 9 || strings.Trim(f[0], "0123456789") != "" {
		return cryptoLine{}, errCrypto
	}
	c := cryptoLine{tag: f[0], suite: -1}
	for i, s := range suites {
		if strings.EqualFold(s.name, f[1]) {
			c.suite = i
		}
	}
	for _, p := range f[3:] {
		// RFC 4568, 6.3: a parameter that is not understood rules the line out,
		// unless it begins with "-". A window size is only a hint.
		if !strings.HasPrefix(p, "-") && !strings.HasPrefix(p, "WSH=") {
			return cryptoLine{}, errCrypto
		}
	}
	inline, ok := strings.CutPrefix(f[2], "inline:")
	if c.suite < 0 || !ok || strings.Contains(inline, ";") {
		return cryptoLine{}, errCrypto
	}
	parts := strings.Split(inline, "|")
	key, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(parts[0], "="))
	if err != nil || len(key) != KeyLen {
		return cryptoLine{}, errCrypto
	}
	c.key = key
	for _, p := range parts[1:] {
		if value, length, is := strings.Cut(p, ":"); is {
			if c.mki, err = parseMKI(value, length); err != nil {
				return cryptoLine{}, err
			}
		}
	}
	return c, nil
}

// parseMKI reads a master key identifier of at most 8 bytes.
func parseMKI(value, length string) ([]byte, error) {
	n, err := strconv.Atoi(length)
	v, err2 := strconv.ParseUint(value, 10, 64)
	if err != nil || err2 != nil || n < 1 || n > 8 || n < 8 && v>>(8*n) != 0 {
		return nil, errCrypto
	}
	mki := make([]byte, n)
	for i := range mki {
		mki[n-1-i] = byte(v >> (8 * i))
	}
	return mki, nil
}
