package webchat

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
)

// The lives of the link to the page of a call. It opens the page for LinkFresh,
// and as long as the call is up for LinkStale.
const (
	LinkFresh = 30 * time.Minute
	LinkStale = 4 * time.Hour
)

// CallLink is what the link to the page of a call says.
type CallLink struct {
	Contact      desk.ID
	Conversation desk.ID
	Call         desk.ID
	Issued       time.Time
}

const (
	callLinkVersion = 1
	callLinkText    = 1 + 3*16 + 5
	callLinkMark    = 16 // bytes of the signature that are kept, for a short address
)

// CallToken signs the link to the page of a call, from now on. It is short
// enough for a text message, and fits into an address as it is.
func (s *Tokens) CallToken(contact, conversation, call desk.ID) (string, error) {
	b := []byte{callLinkVersion}
	for _, id := range []desk.ID{contact, conversation, call} {
		raw, err := hex.DecodeString(strings.ReplaceAll(string(id), "-", ""))
		if err != nil || len(raw) != 16 {
			return "", desk.Errorf(desk.Internal, "bad_id", "%q is no id", id)
		}
		b = append(b, raw...)
	}
	var at [8]byte
	binary.BigEndian.PutUint64(at[:], uint64(s.now().Unix()))
	b = append(b, at[3:]...)
	return base64.RawURLEncoding.EncodeToString(append(b, s.Mark("call", string(b))[:callLinkMark]...)), nil
}

// CallLink reads a token of CallToken that is genuine. Whether it still opens
// anything is the caller's to decide, by Issued.
func (s *Tokens) CallLink(token string) (CallLink, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != callLinkText+callLinkMark || b[0] != callLinkVersion || !hmac.Equal(b[callLinkText:], s.Mark("call", string(b[:callLinkText]))[:callLinkMark]) {
		return CallLink{}, desk.Errorf(desk.Unauthenticated, "link_invalid", "this link does not open a call: ask for a new one")
	}
	id := func(i int) desk.ID {
		h := hex.EncodeToString(b[1+16*i : 17+16*i])
		return desk.ID(h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:])
	}
	var at [8]byte
	copy(at[3:], b[49:54])
	return CallLink{Contact: id(0), Conversation: id(1), Call: id(2), Issued: time.Unix(int64(binary.BigEndian.Uint64(at[:])), 0)}, nil
}
