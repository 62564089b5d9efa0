// Package sms is the channel of short messages, through an HTTP gateway: ours
// or anybody's who takes a JSON request for each message and delivers what
// comes in the same way.
package sms

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parleyhq/parley/channels"
	"github.com/parleyhq/parley/desk"
)

// MaxText is how many characters one message to the gateway may have: ten
// joined short messages.
const MaxText = 670

const maxBody = 64 << 10

// Channel sends by POST {id, from, to, text} to URL, with Key as bearer token
// and the id as Idempotency-Key; the gateway answers 2xx, optionally with
// {id}. It delivers what comes in by a POST of the same shape, signed with
// Secret in the header Signature: hex of the HMAC-SHA256 of the body.
type Channel struct {
	URL     string
	Key     string
	From    string // our number, or a name of at most 11 letters
	Secret  string // of deliveries; empty: none is genuine
	Dedupes bool   // the gateway honours Idempotency-Key
	HTTP    *http.Client
}

var _ channels.Adapter = (*Channel)(nil)

// Name is desk.SMS.
func (*Channel) Name() desk.ChannelName { return desk.SMS }

// Limits says that phones show plain text.
func (c *Channel) Limits() channels.Limits {
	return channels.Limits{Text: MaxText, Dedupes: c.Dedupes}
}

// message is what goes either way.
type message struct {
	ID   string `json:"id"`
	From string `json:"from"`
	To   string `json:"to"`
	Text string `json:"text"`
}

var phone = regexp.MustCompile(`^\+[1-9][0-9]{5,14}$`)

// Receive reads one delivery of the gateway.
func (c *Channel) Receive(r channels.Request) ([]desk.Inbound, error) {
	if len(r.Body) > maxBody {
		return nil, desk.Errorf(desk.TooLarge, "too_large", "a delivery has at most %d bytes", maxBody)
	}
	given, err := hex.DecodeString(r.Header.Get("Signature"))
	if err != nil || c.Secret == "" || !hmac.Equal(given, Sign(c.Secret, r.Body)) {
		return nil, desk.Errorf(desk.Unauthenticated, "bad_signature", "sign the body with the channel's secret: Signature: hex(HMAC-SHA256(secret, body))")
	}
	var m message
	d := json.NewDecoder(bytes.NewReader(r.Body))
	if err := d.Decode(&m); err != nil {
		return nil, desk.Errorf(desk.Invalid, "malformed", "not a message: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, desk.Errorf(desk.Invalid, "malformed", "more than one value")
	}
	switch {
	case m.ID == "" || len(m.ID) > 100 || !phone.MatchString(m.From):
		return nil, desk.Errorf(desk.Invalid, "malformed", "a message needs an id and a number in E.164 as from")
	case !utf8.ValidString(m.Text) || strings.ContainsRune(m.Text+m.ID, 0) || strings.TrimSpace(m.Text) == "":
		return nil, desk.Errorf(desk.Invalid, "malformed", "a message needs a text in UTF-8")
	}
	return []desk.Inbound{{Channel: desk.SMS, Address: m.From, ExternalID: m.ID, Text: m.Text}}, nil
}

// Sign is the signature of a body.
func Sign(secret string, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write(body)
	return h.Sum(nil)
}

// sendTime bounds one message.
const sendTime = 10 * time.Second

// Send implements channels.Adapter.
func (c *Channel) Send(ctx context.Context, out channels.Outgoing) (string, error) {
	if !phone.MatchString(out.Address) {
		return "", desk.Errorf(desk.Invalid, "bad_number", "short messages go to numbers in E.164, such as +4930123456")
	}
	body, err := json.Marshal(message{ID: out.ID, From: c.From, To: out.Address, Text: out.Part.Text})
	if err != nil {
		return "", desk.Errorf(desk.Invalid, "malformed", "write the message: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(body))
	if err != nil {
		return "", desk.Errorf(desk.Invalid, "bad_gateway_address", "the gateway's address cannot be used")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", out.ID)
	if c.Key != "" {
		req.Header.Set("Authorization", "Bearer "+c.Key)
	}
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", desk.Errorf(desk.Internal, "gateway_unknown", "the gateway did not answer: %w", err) // it may have sent it
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	switch code := resp.StatusCode; {
	case code < 300:
		var m message
		if json.Unmarshal(answer, &m) == nil && m.ID != "" {
			return m.ID, nil
		}
		return out.ID, nil
	case code == http.StatusTooManyRequests:
		return "", desk.Errorf(desk.TooMany, "gateway_busy", "the gateway takes no more for now")
	case code == http.StatusServiceUnavailable:
		return "", desk.Errorf(desk.Unavailable, "gateway_down", "the gateway is not available")
	case code < 500:
		return "", desk.Errorf(desk.Invalid, "gateway_refused", "the gateway refused the message with status %d", code)
	default:
		return "", desk.Errorf(desk.Internal, "gateway_unknown", "the gateway failed with status %d", code)
	}
}
