package routing

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/parleyhq/parley/desk"
)

// The vault's bounds: how long it keeps an answer, and how many.
const (
	vaultTime = 15 * time.Minute
	vaultSize = 10000
)

// VaultSubject is where the vaults of several nodes tell each other what they
// keep; it is never stored.
const VaultSubject = "vault"

// Vault keeps sensitive answers in memory for a quarter of an hour, for the
// turn that hears them and the tool that needs them. They are never stored and
// never logged; after a restart the customer is asked again. The zero Vault is
// ready.
type Vault struct {
	Bus Publisher        // nil: one node only
	Now func() time.Time // nil: time.Now

	mu   sync.Mutex // guards kept
	kept map[string]secret
}

type secret struct {
	text  string
	until time.Time
}

// SecretRef names the true text of a masked message.
func SecretRef(message desk.ID) string { return "secret:" + string(message) }

type shared struct {
	Ref  string `json:"ref"`
	Text string `json:"text"`
}

// Put keeps text under ref, here and on the other nodes.
func (v *Vault) Put(ref, text string) {
	v.keep(ref, text)
	if v.Bus != nil {
		_ = v.Bus.Publish(VaultSubject, shared{ref, text}) // a node that misses it lets the bot ask again
	}
}

// Receive takes in what another node shared; subscribe it to VaultSubject.
func (v *Vault) Receive(_ string, b []byte) {
	var s shared
	if json.Unmarshal(b, &s) == nil && s.Ref != "" {
		v.keep(s.Ref, s.Text)
	}
}

// Get returns what is kept under ref.
func (v *Vault) Get(ref string) (string, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, ok := v.kept[ref]
	if !ok || v.now().After(s.until) {
		delete(v.kept, ref)
		return "", false
	}
	return s.text, true
}

func (v *Vault) keep(ref, text string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.kept == nil {
		v.kept = map[string]secret{}
	}
	now := v.now()
	if len(v.kept) >= vaultSize {
		for k, s := range v.kept {
			if now.After(s.until) {
				delete(v.kept, k)
			}
		}
	}
	for k := range v.kept { // still full: some answer is asked for again
		if len(v.kept) < vaultSize {
			break
		}
		delete(v.kept, k)
	}
	v.kept[ref] = secret{text, now.Add(vaultTime)}
}

func (v *Vault) now() time.Time {
	if v.Now != nil {
		return v.Now()
	}
	return time.Now()
}
