package voice

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/parleyhq/parley/desk"
)

// RecordQuery says which call records are wanted, newest beginning first. Empty
// fields match everything.
type RecordQuery struct {
	From, To     time.Time // began at or after From, before To
	Search       string    // part of a number, or of a contact's name
	Contact      desk.ID
	Conversation desk.ID
	Recorded     bool   // only those
	After        string // the cursor of the page before
	Limit        int
}

// ForeignID is the id of a call that another system handled: the same source
// and the same id of its own make the same one.
func ForeignID(source, id string) desk.ID {
	sum := sha256.Sum256([]byte(source + "\x00" + id))
	sum[6], sum[8] = 0x80|sum[6]&0x0f, 0x80|sum[8]&0x3f // RFC 9562, 5.8: a UUID of our own making
	h := hex.EncodeToString(sum[:16])
	return desk.ID(h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:])
}

// PromptFile is an uploaded prompt in one language.
type PromptFile struct {
	Name    string    `json:"name"`
	Lang    desk.Lang `json:"lang"` // empty: for every language
	Path    string    `json:"-"`    // below the prompts' folder
	Seconds float64   `json:"seconds"`
	Size    int64     `json:"size"`
	At      time.Time `json:"at"`
}

// Account is a SIP phone that may register. Its password is not kept, only
// what digest needs of it.
type Account struct {
	User      string    `json:"user"`
	AgentID   desk.ID   `json:"agent_id,omitempty"`   // whose phone it is, or
	ContactID desk.ID   `json:"contact_id,omitempty"` // the customer whose it is
	Label     string    `json:"label"`
	Realm     string    `json:"-"` // that the digests were made for
	MD5       string    `json:"-"` // hex digest of user:realm:password (RFC 8760, 2.4)
	SHA256    string    `json:"-"` // the same by SHA-256
	CreatedAt time.Time `json:"created_at"`
}

// Binding is where a registered phone is reached.
type Binding struct {
	User      string
	Contact   string // its URI as it said
	Source    string // the address it registered from, host:port
	Transport string // udp, tcp, tls
	Path      string // RFC 3327: the proxies on the way, as received
	CallID    string
	CSeq      uint32
	Node      string // the node it registered at
	Agent     string // what the phone calls itself
	Expires   time.Time
}

// Station is where an agent takes calls.
type Station struct {
	Where  string `json:"where"`            // browser, phone (his registered ones) or number (a telephone elsewhere)
	Number string `json:"number,omitempty"` // of number, in E.164
}

// Trunk is a line to the telephone network, as it stands.
type Trunk struct {
	Name   string `json:"name"`
	State  string `json:"state"` // up, down, registering, ...
	Detail string `json:"detail,omitempty"`
	Calls  int    `json:"calls"`
	Limit  int    `json:"limit"` // 0: none
}
