package demo

import (
	"bytes"
	"encoding/json"
	"html/template"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

// maxShown is how many short messages the phone remembers.
const maxShown = 50

// handset is the phone of everybody in the demo: the gateway of short messages
// delivers to it, and the page /phone shows them.
type handset struct {
	now func() time.Time

	mu   sync.Mutex // guards what follows
	got  []shortMessage
	seen map[string]bool // ids that were delivered
}

type shortMessage struct {
	id, from, to, text string
	at                 time.Time
}

// bubble is a short message as the page shows it: pieces, of which some are
// links.
type bubble struct {
	From, To, At string
	Parts        []part
}

type part struct{ Text, Link string }

// deliver takes a message from whoever may call the back ends.
func (b *backend) deliver(c call) answer {
	m := shortMessage{id: c.text("id"), from: c.text("from"), to: c.text("to"), text: c.fields["text"], at: b.now()}
	switch {
	case m.id == "" || m.to == "" || strings.TrimSpace(m.text) == "":
		return bad("incomplete", "id, to and text are needed")
	case len([]rune(m.text)) > 2*maxText:
		return bad("too_long", "a short message has at most 1000 characters")
	}
	b.phone.take(m)
	return answer{http.StatusOK, map[string]string{"id": m.id}}
}

func (h *handset) take(m shortMessage) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.seen[m.id] {
		return
	}
	h.seen[m.id] = true
	if h.got = append(h.got, m); len(h.got) > maxShown {
		delete(h.seen, h.got[0].id)
		h.got = h.got[1:]
	}
}

var address = regexp.MustCompile(`https?://[^\s<>"，。]+`)

// bubbles lists what was received, newest first.
func (h *handset) bubbles() []bubble {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []bubble
	for i := len(h.got) - 1; i >= 0; i-- {
		m := h.got[i]
		b := bubble{From: m.from, To: m.to, At: m.at.UTC().Format(time.RFC3339)}
		rest := m.text
		for rest != "" {
			at := address.FindStringIndex(rest)
			if at == nil {
				b.Parts = append(b.Parts, part{Text: rest})
				break
			}
			b.Parts = append(b.Parts, part{Text: rest[:at[0]]}, part{Text: rest[at[0]:at[1]], Link: rest[at[0]:at[1]]})
			rest = rest[at[1]:]
		}
		out = append(out, b)
	}
	return out
}

type phonePage struct {
	Lang, Tag, Other, Toggle string
	T                        map[string]string
	Bubbles                  []bubble
}

// page shows the phone. It looks again by itself every two seconds.
func (h *handset) page(pages *template.Template) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p := phonePage{Lang: "en", Tag: "en", Other: "zh", Toggle: "中文", Bubbles: h.bubbles(), T: map[string]string{
			"title": "Your phone", "messages": "Messages", "empty": "No messages yet. Call the shop: the link to your call appears here.",
			"how": "Dial with any softphone: sip:coffee@ and this machine's address, port 5060.", "made": "A demonstration: every short message of the demo arrives here.",
		}}
		if langOf(r) == "zh" {
			p.Lang, p.Tag, p.Other, p.Toggle = "zh", "zh-CN", "en", "English"
			p.T = map[string]string{
				"title": "您的手机", "messages": "短信", "empty": "还没有短信。打个电话到店里，通话页面的链接会出现在这里。",
				"how": "用任意软电话拨打 sip:coffee@本机地址，端口 5060。", "made": "演示页面：演示中的所有短信都会送到这里。",
			}
		}
		var b bytes.Buffer
		if err := pages.ExecuteTemplate(&b, "phone.html", p); err != nil {
			http.Error(w, "the page could not be made", http.StatusInternalServerError)
			return
		}
		head := w.Header()
		head.Set("Content-Type", "text/html; charset=utf-8")
		head.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		head.Set("Referrer-Policy", "no-referrer")
		head.Set("Vary", "Accept-Language")
		head.Set("Cache-Control", "no-store")
		_, _ = w.Write(b.Bytes()) // the browser is gone: nothing to do
	}
}

// inbox answers the newest messages as JSON, for tests and scripts that have
// no eyes.
func (h *handset) inbox(w http.ResponseWriter, _ *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	type message struct {
		From string `json:"from"`
		To   string `json:"to"`
		Text string `json:"text"`
	}
	out := make([]message, 0, len(h.got))
	for i := len(h.got) - 1; i >= 0; i-- {
		out = append(out, message{h.got[i].from, h.got[i].to, h.got[i].text})
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(map[string]any{"messages": out}) // the caller is gone: nothing to do
}
