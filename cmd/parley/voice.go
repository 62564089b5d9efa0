package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/parleyhq/parley/channels"
	"github.com/parleyhq/parley/channels/sms"
	"github.com/parleyhq/parley/channels/webchat"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/httpapi"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/webhooks"
	"github.com/parleyhq/parley/routing"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/link"
	"github.com/parleyhq/parley/voice/media"
	"github.com/parleyhq/parley/voice/rtc"
	"github.com/parleyhq/parley/voice/rtp"
	"github.com/parleyhq/parley/voice/sip"
	"github.com/parleyhq/parley/voice/speech"
)

// telephony is everything that calls need, wired.
type telephony struct {
	cfg      voiceConfig
	log      *slog.Logger
	store    *store.Voice
	folder   string // of recordings
	pacer    *media.Pacer
	exchange *voice.Exchange
	phones   *sip.Server // nil: no telephones
	browsers *rtc.Server // nil: no browsers
	links    *link.Links // nil: as browsers
	hooks    *webhooks.Sender
}

// channels are the ways messages go out. Customers of the web chat and callers
// fetch theirs: a call reads its conversation.
func (h *house) channels() (channels.Set, error) {
	open := []channels.Adapter{webchat.Channel{}, calls{}}
	if c := h.cfg.Voice.SMS; c.URL != "" {
		open = append(open, &sms.Channel{URL: c.URL, Key: c.Key, From: c.From, Secret: c.Secret})
	}
	return channels.NewSet(open...)
}

// calls is the channel of calls: whoever has the call reads its conversation
// and says what is new, so nothing is sent.
type calls struct{}

func (calls) Name() desk.ChannelName  { return desk.Voice }
func (calls) Limits() channels.Limits { return channels.Limits{Pull: true, Dedupes: true} }
func (calls) Receive(channels.Request) ([]desk.Inbound, error) {
	return nil, desk.Errorf(desk.Unauthenticated, "no_deliveries", "calls come by SIP and WebRTC")
}
func (calls) Send(_ context.Context, out channels.Outgoing) (string, error) { return out.ID, nil }

// telephony opens what calls come in by. An address that is taken is an error,
// except in a demo, which goes on without.
func (h *house) openVoice(ctx context.Context, demo bool) (err error) {
	cfg := h.cfg.Voice
	if !cfg.on() {
		return nil
	}
	t := &telephony{cfg: cfg, log: h.log, store: h.db.Voice(), folder: filepath.Join(h.cfg.uploads(), "recordings"), pacer: media.NewPacer()}
	defer func() {
		if err != nil {
			t.close()
		}
	}()
	mouth, ear, err := t.speech()
	if err != nil {
		return err
	}
	t.hooks = (&webhooks.Sender{Store: t.store, Allow: h.cfg.Tools.AllowHosts, Node: h.router.Node, Log: h.log}).Start()
	t.exchange = &voice.Exchange{
		Spine: spine{h.router, h.db.Routing(), h.http, cfg.SMS.URL != ""}, Bus: h.bus, Store: t.store,
		Ear: ear, Mouth: mouth, Speaker: speech.Speaker{}, Pacer: t.pacer, Log: h.log, Reach: t.reach,
		Config: voice.Config{
			Node: h.router.Node, DataDir: h.cfg.uploads(), Playbooks: cfg.playbooks(), Zone: h.router.Zone,
			MaxCalls: cfg.MaxCalls, MaxLength: time.Duration(cfg.MaxLength), Link: cfg.Link,
			Record: cfg.Record, Keep: time.Duration(cfg.Keep), Drain: time.Duration(h.cfg.Drain),
		},
	}
	if !off(cfg.WebUDP) {
		var public []string
		if cfg.Public != "" {
			public = []string{cfg.Public}
		}
		ports, err := cfg.linkPorts()
		if err != nil {
			return err
		}
		t.links = &link.Links{Bus: h.bus, Ports: ports, Pacer: t.pacer, Log: h.log}
		t.browsers, err = rtc.Open(rtc.Config{UDP: cfg.WebUDP, Public: public, Loopback: demo, Pacer: t.pacer, OnReady: t.links.Ready, Log: h.log})
		if err = t.taken(err, demo, "voice.web_udp (PARLEY_WEB_UDP)", cfg.WebUDP); err != nil {
			return err
		}
		if t.browsers != nil {
			t.exchange.Softphones, t.exchange.Video, t.exchange.Links = t.browsers, t.browsers, t.links
			t.links.Phones = t.browsers
		}
	}
	if cfg.sip() {
		t.phones, err = t.openSIP(ctx, h)
		if err = t.taken(err, demo, "voice.sip_udp (PARLEY_SIP_UDP)", cfg.UDP); err != nil {
			return err
		}
		if t.phones != nil {
			t.exchange.Dialer = t.phones
		}
	}
	h.voice = t
	h.http.Voice = t.face(h)
	h.queue.Handle(routing.DialJob, 5*time.Minute, func(ctx context.Context, args json.RawMessage) error {
		var a struct {
			ConversationID desk.ID `json:"conversation_id"`
			AgentID        desk.ID `json:"agent_id"`
		}
		if err := json.Unmarshal(args, &a); err != nil {
			return desk.Errorf(desk.Invalid, "bad_job", "arguments of a call back: %w", err)
		}
		return t.exchange.HandleDial(ctx, a.ConversationID, a.AgentID)
	})
	h.queue.When("voice.retention", time.Hour, func(ctx context.Context) (bool, error) {
		due, err := t.store.RecordingsDue(ctx, time.Now(), 1)
		return len(due) > 0, err
	}, t.forgetOld)
	t.hooks.Register(h.queue)
	return nil
}

// taken makes of an address that is taken an error that says what to do; a demo
// goes on without that door.
func (t *telephony) taken(err error, demo bool, setting, addr string) error {
	if err == nil {
		return nil
	}
	if demo && desk.IsKind(err, desk.Unavailable) {
		t.log.Warn("no calls come in here", "address", addr, "error", plain(err), "setting", setting)
		return nil
	}
	return desk.Errorf(desk.KindOf(err), "cannot_listen", "%w; stop what is there, or set %s to another address", err, setting)
}

// speech makes the mouth and the ear that are configured.
func (t *telephony) speech() (voice.Mouth, voice.Ear, error) {
	mouth, ear, err := t.cfg.speech(nil, t.log)
	if mouth == nil && err == nil {
		t.log.Warn("calls are silent: install espeak-ng, or set voice.speech.url and speak_model")
	}
	return mouth, ear, err
}

func (t *telephony) openSIP(ctx context.Context, h *house) (*sip.Server, error) {
	cfg := t.cfg
	first, last, err := cfg.ports()
	if err != nil {
		return nil, err // checked before
	}
	secret, err := h.gate.Store.Secret(ctx, "sip nonces", []byte(rand.Text()+rand.Text()))
	if err != nil {
		return nil, err
	}
	public, _ := netip.ParseAddr(cfg.Public)
	bind := netip.IPv4Unspecified()
	if a, err := netip.ParseAddrPort(cfg.UDP); err == nil && a.Addr().IsLoopback() {
		bind = a.Addr()
	}
	c := sip.Config{
		UDP: addr(cfg.UDP), TCP: addr(cfg.TCP), TLS: addr(cfg.TLS), Cert: cfg.TLSCert, Key: cfg.TLSKey,
		Public: public, Realm: cfg.Realm, Secret: secret, Node: h.router.Node,
		Accounts: accounts{t.store, h.db.Routing()}, Bindings: t.store,
		MaxCalls: 2 * cfg.MaxCalls, MaxCall: time.Duration(cfg.MaxLength), PhoneSRTP: srtp(cfg.SRTP),
		Ports: rtp.NewPorts(first, last, bind), Pacer: t.pacer, Incoming: t.exchange.Incoming, Log: h.log,
	}
	if cfg.Anonymous {
		c.Anonymous = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
	}
	for _, tc := range cfg.Trunks {
		tr := sip.Trunk{
			Name: tc.Name, Host: tc.Host, Transport: tc.Transport, User: tc.User, Password: tc.secret(), Register: tc.Register, From: tc.From,
			Prefixes: tc.Prefixes, Country: tc.Country, Numbers: tc.Numbers, Limit: tc.Limit, CallsPerSecond: tc.Rate, SRTP: srtp(tc.SRTP), AllowRefer: tc.Refer,
		}
		if cfg.Outbound != "" && tc.Name != cfg.Outbound && len(tr.Prefixes) == 0 {
			tr.Prefixes = []string{"none"} // everything goes out by another
		}
		for _, a := range tc.Allow {
			p, err := parsePrefix(a)
			if err != nil {
				return nil, err
			}
			tr.Allow = append(tr.Allow, p)
		}
		c.Trunks = append(c.Trunks, tr)
	}
	return sip.New(c)
}

// linkPorts are where other nodes send the audio of calls with browsers here.
func (v voiceConfig) linkPorts() (*rtp.Ports, error) {
	first, last, err := v.ports()
	if err != nil {
		return nil, err
	}
	bind := netip.IPv4Unspecified()
	if v.NodeIP != "" {
		if bind, err = netip.ParseAddr(v.NodeIP); err != nil {
			return nil, err
		}
	}
	return rtp.NewPorts(first, last, bind), nil
}

// addr is an address to listen on, or nothing.
func addr(a string) string {
	if off(a) {
		return ""
	}
	return a
}

func srtp(mode string) rtp.SRTPMode {
	switch mode {
	case "optional":
		return rtp.Optional
	case "required":
		return rtp.Required
	}
	return rtp.Off
}

// face is calls as HTTP shows them.
func (t *telephony) face(h *house) *httpapi.Voice {
	v := &httpapi.Voice{
		Calls: t.exchange, Callbacks: h.router, Store: t.store, Hooks: t.hooks,
		Realm: t.cfg.Realm, Ear: t.exchange.Ear != nil, Recordings: t.folder, Prompts: filepath.Join(h.cfg.uploads(), "prompts"),
	}
	if t.browsers != nil {
		v.Phones, v.Talks = t.browsers, talks{t}
	}
	if t.phones != nil {
		v.SIP, v.Lines = addr(t.cfg.UDP), lines{t}
	}
	return v
}

// reach says where an agent takes his calls.
func (t *telephony) reach(ctx context.Context, agent desk.ID) (voice.Reach, error) {
	s, err := t.store.Station(ctx, agent)
	return voice.Reach{Where: voice.Where(s.Where), Number: s.Number}, err
}

// forgetOld deletes recordings whose time is over.
func (t *telephony) forgetOld(ctx context.Context) error {
	due, err := t.store.RecordingsDue(ctx, time.Now(), 500)
	if err != nil {
		return err
	}
	for _, r := range due {
		if err := os.Remove(filepath.Join(t.folder, filepath.FromSlash(r.Path))); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		_ = os.Remove(filepath.Join(t.folder, filepath.FromSlash(r.Path)) + ".peaks") // made again when it is wanted
		if err := t.store.DropRecording(ctx, r.ID); err != nil {
			return err
		}
	}
	if len(due) > 0 {
		t.log.Info("old recordings deleted", "count", len(due))
	}
	_, err = t.store.ForgetBindings(ctx, time.Now().Add(-time.Hour))
	return err
}

// run takes calls until ctx ends, then lets those that are up finish for a
// while.
func (t *telephony) run(ctx context.Context, g *errgroup.Group, bus webhooks.Bus) error {
	stop, err := t.hooks.Listen(bus)
	if err != nil {
		return err
	}
	lines, hangUp := context.WithCancel(context.WithoutCancel(ctx)) // telephones stay until the last call is over
	if t.phones != nil {
		g.Go(func() error { return t.phones.Run(lines) })
		context.AfterFunc(ctx, t.phones.Drain)
	}
	g.Go(func() error {
		defer stop()
		defer t.close()
		defer hangUp()
		return t.exchange.Run(ctx)
	})
	g.Go(func() error {
		select { // by then the calls of a node that died are over
		case <-time.After(rescueAfter):
		case <-ctx.Done():
			return nil
		}
		if err := t.exchange.Rescue(ctx); err != nil {
			t.log.WarnContext(ctx, "recordings not looked through", "error", err)
		}
		return nil
	})
	return nil
}

// rescueAfter is longer than the lease of a dead node's calls.
const rescueAfter = time.Minute

func (t *telephony) close() {
	if t.browsers != nil {
		_ = t.browsers.Close()
		t.links.Close()
	}
	if t.hooks != nil {
		t.hooks.Close()
	}
	t.pacer.Close()
}

// talks are customers who call from their browsers.
type talks struct{ *telephony }

func (t talks) Talk(ctx context.Context, who voice.Peer, offer string) (string, desk.ID, error) {
	answer, leg, err := t.browsers.Talk(ctx, who, offer)
	if err != nil {
		return "", "", err
	}
	go t.exchange.Incoming(context.WithoutCancel(ctx), leg) // ends with its leg, and with the exchange
	return answer, leg.ID(), nil
}

func (t talks) HangupTalk(ctx context.Context, contact, call desk.ID) error {
	r, err := t.store.Call(ctx, call)
	if err == nil && r.ContactID != contact {
		err = desk.Errorf(desk.NotFound, "not_found", "there is no such call")
	}
	if err != nil {
		return err
	}
	_, err = t.exchange.Do(ctx, voice.Command{Call: call, Verb: voice.DoHangup, By: desk.Author{Kind: desk.ByCustomer, ID: contact}})
	return err
}

// lines shows telephones and trunks.
type lines struct{ *telephony }

func (l lines) Registered(ctx context.Context, user string) (bool, error) {
	found, err := l.store.Bound(ctx, user)
	return len(found) > 0, err
}

func (l lines) Trunks(context.Context) ([]voice.Trunk, error) {
	var out []voice.Trunk
	for _, s := range l.phones.Trunks() {
		out = append(out, voice.Trunk{Name: s.Name, State: string(s.State), Detail: s.Detail, Calls: s.Calls, Limit: s.Limit})
	}
	return out, nil
}

// accounts finds those who may register.
type accounts struct {
	store *store.Voice
	reads *store.Routing
}

func (a accounts) Account(ctx context.Context, user string) (sip.Account, error) {
	found, err := a.store.Account(ctx, user)
	return a.named(ctx, found), err
}

func (a accounts) AccountsOf(ctx context.Context, agent desk.ID) ([]sip.Account, error) {
	found, err := a.store.Accounts(ctx, agent, "", 50)
	out := make([]sip.Account, len(found))
	for i, f := range found {
		out[i] = a.named(ctx, f)
	}
	return out, err
}

func (a accounts) named(ctx context.Context, f voice.Account) sip.Account {
	out := sip.Account{User: f.User, MD5: f.MD5, SHA256: f.SHA256, Name: f.Label, Agent: f.AgentID, Contact: f.ContactID}
	if f.AgentID != "" {
		if who, err := a.reads.Agent(ctx, f.AgentID); err == nil {
			out.Name = who.Name
		}
	}
	return out
}

// playbooks is the playbook of each called number.
func (v voiceConfig) playbooks() map[string]string {
	out := map[string]string{}
	for n, p := range v.Numbers {
		if n == "*" {
			n = ""
		}
		out[n] = p
	}
	return out
}

// sipAddress is how a softphone on this machine calls us.
func (v voiceConfig) sipAddress(user string) string {
	host := strings.Replace(v.UDP, "0.0.0.0", "127.0.0.1", 1)
	if strings.HasPrefix(host, ":") {
		host = "127.0.0.1" + host
	}
	return "sip:" + user + "@" + strings.TrimSuffix(host, ":5060")
}
