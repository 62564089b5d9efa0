package main

import (
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
)

// voiceConfig is how calls come in and go out. Nothing listens for telephones
// until an address is given; browsers call as soon as web_udp is set.
type voiceConfig struct {
	UDP       string   `yaml:"sip_udp" env:"PARLEY_SIP_UDP" help:"host:port for SIP over UDP, such as :5060; empty or off: none"`
	TCP       string   `yaml:"sip_tcp" env:"PARLEY_SIP_TCP" help:"host:port for SIP over TCP"`
	TLS       string   `yaml:"sip_tls" env:"PARLEY_SIP_TLS" help:"host:port for SIP over TLS, such as :5061; needs tls_cert and tls_key"`
	TLSCert   string   `yaml:"tls_cert" env:"PARLEY_SIP_TLS_CERT" help:"file; read again when it changes"`
	TLSKey    string   `yaml:"tls_key" env:"PARLEY_SIP_TLS_KEY" help:"file"`
	WebUDP    string   `yaml:"web_udp" env:"PARLEY_WEB_UDP" help:"host:port of one UDP port for all browsers' calls; empty or off: none"`
	Public    string   `yaml:"public_ip" env:"PARLEY_PUBLIC_IP" help:"address at which telephones and browsers reach this node; empty: the one they reached"`
	NodeIP    string   `yaml:"node_ip" env:"PARLEY_NODE_IP" help:"address at which the other nodes reach this one's audio; empty: that of the default route"`
	RTPPorts  string   `yaml:"rtp_ports" env:"PARLEY_RTP_PORTS" help:"UDP ports of the telephones' audio"`
	Realm     string   `yaml:"realm" env:"PARLEY_SIP_REALM" help:"of the telephones' passwords; changing it makes them all wrong"`
	Anonymous bool     `yaml:"anonymous" env:"PARLEY_SIP_ANONYMOUS" help:"take calls from addresses that are no trunk and no registered telephone"`
	SRTP      string   `yaml:"srtp" env:"PARLEY_SRTP" help:"encrypted audio: off, optional or required"`
	MaxCalls  int      `yaml:"max_calls" env:"PARLEY_MAX_CALLS" help:"calls at once on this node"`
	MaxLength duration `yaml:"max_length" env:"PARLEY_MAX_CALL_LENGTH" help:"of one call"`
	Record    bool     `yaml:"record" env:"PARLEY_RECORD" help:"record calls, and say so; agents may begin and pause it in any case"`
	Keep      duration `yaml:"keep" env:"PARLEY_KEEP_RECORDINGS" help:"recordings are deleted after this; 0: never"`
	Link      bool     `yaml:"link" env:"PARLEY_CALL_LINK" help:"send callers a short message with the page that shows their call"`

	Numbers  map[string]string `yaml:"numbers" env:"-"` // called number → playbook
	Outbound string            `yaml:"outbound" env:"PARLEY_SIP_OUTBOUND" help:"trunk of calls that no trunk's prefixes cover"`
	Trunks   []trunkConfig     `yaml:"trunks" env:"-"`

	Speech struct {
		URL     string            `yaml:"url" env:"PARLEY_SPEECH_URL" help:"OpenAI-compatible endpoint that hears and speaks; empty: keys and espeak-ng"`
		Key     string            `yaml:"key" env:"PARLEY_SPEECH_KEY" secret:"true"`
		Hear    string            `yaml:"hear_model" env:"PARLEY_HEAR_MODEL" help:"transcription model; empty: callers press keys"`
		Speak   string            `yaml:"speak_model" env:"PARLEY_SPEAK_MODEL" help:"speech model; empty: espeak-ng"`
		Voices  map[string]string `yaml:"voices" env:"-"` // language → the model's voice
		Timeout duration          `yaml:"timeout" env:"PARLEY_SPEECH_TIMEOUT" help:"of one transcription"`
	} `yaml:"speech"`
	SMS struct {
		URL    string `yaml:"url" env:"PARLEY_SMS_URL" help:"gateway that takes {id, from, to, text} by POST; empty: none"`
		Key    string `yaml:"key" env:"PARLEY_SMS_KEY" secret:"true"`
		From   string `yaml:"from" env:"PARLEY_SMS_FROM" help:"our number or name"`
		Secret string `yaml:"secret" env:"PARLEY_SMS_SECRET" help:"with which the gateway signs what it delivers" secret:"true"`
	} `yaml:"sms"`
}

// trunkConfig is a line to a carrier or a PBX.
type trunkConfig struct {
	Name        string            `yaml:"name"`
	Host        string            `yaml:"host"`      // host or host:port
	Transport   string            `yaml:"transport"` // udp, tcp or tls; empty: udp
	User        string            `yaml:"user"`
	Password    string            `yaml:"password"`
	PasswordEnv string            `yaml:"password_env"` // instead of password: the variable that holds it
	Register    bool              `yaml:"register"`
	From        string            `yaml:"from"`     // number shown to those we call
	Prefixes    []string          `yaml:"prefixes"` // numbers that go out here: "+49"
	Country     string            `yaml:"country"`  // calling code of numbers without one: "49"
	Allow       []string          `yaml:"allow"`    // networks that calls come from; empty: host's addresses
	Limit       int               `yaml:"limit"`    // calls at once; 0: no limit
	Rate        int               `yaml:"rate"`     // new calls a second; 0: no limit
	SRTP        string            `yaml:"srtp"`
	Refer       bool              `yaml:"refer"`   // lets us hand calls back to it
	Numbers     map[string]string `yaml:"numbers"` // called number → playbook
}

func (t trunkConfig) secret() string {
	if t.PasswordEnv != "" {
		return os.Getenv(t.PasswordEnv)
	}
	return t.Password
}

func voiceDefaults() voiceConfig {
	v := voiceConfig{
		RTPPorts: "20000-29999", Realm: "parley", SRTP: "optional", MaxCalls: 1000, MaxLength: duration(4 * time.Hour),
		Keep: duration(90 * 24 * time.Hour), Link: true,
	}
	v.Speech.Timeout = duration(8 * time.Second)
	return v
}

// off reports whether an address says that nothing listens.
func off(addr string) bool { return addr == "" || addr == "off" }

// sip reports whether telephones can call.
func (v voiceConfig) sip() bool { return !off(v.UDP) || !off(v.TCP) || !off(v.TLS) }

// on reports whether there are calls at all.
func (v voiceConfig) on() bool { return v.sip() || !off(v.WebUDP) }

// ports is the first and the last port of the telephones' audio.
func (v voiceConfig) ports() (first, last int, err error) {
	a, b, ok := strings.Cut(v.RTPPorts, "-")
	first, err1 := strconv.Atoi(a)
	last, err2 := strconv.Atoi(b)
	if !ok || err1 != nil || err2 != nil || first < 1024 || last > 65535 || last-first < 3 {
		return 0, 0, fmt.Errorf("%q is not first-last, such as 20000-29999", v.RTPPorts)
	}
	return first, last, nil
}

func (v voiceConfig) check(bad func(format string, args ...any)) {
	for _, a := range []struct{ name, addr string }{{"sip_udp", v.UDP}, {"sip_tcp", v.TCP}, {"sip_tls", v.TLS}, {"web_udp", v.WebUDP}} {
		if !off(a.addr) && !isAddress(a.addr) {
			bad("voice.%s: %q is not host:port; write :5060 or 127.0.0.1:5060, or off", a.name, a.addr)
		}
	}
	if !off(v.TLS) && (v.TLSCert == "" || v.TLSKey == "") {
		bad("voice.sip_tls: needs tls_cert and tls_key, two files")
	}
	if _, err := netip.ParseAddr(v.Public); v.Public != "" && err != nil {
		bad("voice.public_ip: %q is not an address such as 203.0.113.5", v.Public)
	}
	if _, err := netip.ParseAddr(v.NodeIP); v.NodeIP != "" && err != nil {
		bad("voice.node_ip: %q is not an address such as 10.0.0.5", v.NodeIP)
	}
	if _, _, err := v.ports(); err != nil {
		bad("voice.rtp_ports: %w", err)
	}
	if !oneOf(v.SRTP, "off", "optional", "required") {
		bad("voice.srtp: %q is not off, optional or required", v.SRTP)
	}
	if v.MaxCalls <= 0 {
		bad("voice.max_calls: %d calls are none", v.MaxCalls)
	}
	if v.MaxLength <= 0 || v.Keep < 0 || v.Speech.Timeout <= 0 {
		bad("voice: max_length and speech.timeout must be more than 0, keep not less")
	}
	if u, err := url.Parse(v.Speech.URL); v.Speech.URL != "" && (err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "") {
		bad("voice.speech.url: not http(s)://host/path")
	}
	if v.Speech.URL != "" && v.Speech.Hear == "" && v.Speech.Speak == "" {
		bad("voice.speech: url without hear_model or speak_model does nothing")
	}
	if u, err := url.Parse(v.SMS.URL); v.SMS.URL != "" && (err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "") {
		bad("voice.sms.url: not http(s)://host/path")
	}
	names := map[string]bool{}
	for i, t := range v.Trunks {
		t.check(func(format string, args ...any) { bad("voice.trunks[%d]: "+format, append([]any{i}, args...)...) })
		if names[t.Name] {
			bad("voice.trunks[%d]: two trunks are named %q", i, t.Name)
		}
		names[t.Name] = true
	}
	if v.Outbound != "" && !names[v.Outbound] {
		bad("voice.outbound: there is no trunk %q", v.Outbound)
	}
}

func (t trunkConfig) check(bad func(format string, args ...any)) {
	if t.Name == "" || t.Host == "" {
		bad("name and host are needed")
	}
	if !oneOf(t.Transport, "", "udp", "tcp", "tls") {
		bad("transport %q is not udp, tcp or tls", t.Transport)
	}
	if !oneOf(t.SRTP, "", "off", "optional", "required") {
		bad("srtp %q is not off, optional or required", t.SRTP)
	}
	if t.Register && (t.User == "" || t.secret() == "") {
		bad("register needs user, and password or password_env")
	}
	for _, a := range t.Allow {
		if _, err := parsePrefix(a); err != nil {
			bad("allow: %q is not a network such as 203.0.113.0/24", a)
		}
	}
}

// parsePrefix reads a network or a single address.
func parsePrefix(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	return netip.ParsePrefix(s)
}

// langs turns the languages of a setting into ours.
func langs(m map[string]string) map[desk.Lang]string {
	out := make(map[desk.Lang]string, len(m))
	for l, name := range m {
		if l == "*" {
			l = ""
		}
		out[desk.Lang(l)] = name
	}
	return out
}
