package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/parleyhq/parley/internal/yamlfile"
	"github.com/parleyhq/parley/kb"
)

// Config is every setting there is. A value comes from the defaults, then the
// file, then the environment; the later wins. Durations are written "30s".
type Config struct {
	Version int `yaml:"version" env:"-"`

	Addr        string   `yaml:"addr" env:"PARLEY_ADDR" help:"address to listen on"`
	BaseURL     string   `yaml:"base_url" env:"PARLEY_BASE_URL" help:"how browsers reach this server; the scheme decides whether cookies are Secure"`
	DataDir     string   `yaml:"data_dir" env:"PARLEY_DATA_DIR" help:"embedded database, uploads"`
	DatabaseURL string   `yaml:"database_url" env:"DATABASE_URL" help:"postgres://... ; empty: the embedded database in data_dir" secret:"true"`
	NATSURL     string   `yaml:"nats_url" env:"NATS_URL" help:"nats://... ; empty: embedded" secret:"true"`
	ClusterAddr string   `yaml:"cluster_listen" env:"PARLEY_CLUSTER_LISTEN" help:"host:port on which the embedded event servers of several nodes meet"`
	ClusterAt   []string `yaml:"cluster_peers" env:"PARLEY_CLUSTER_PEERS" help:"host:port of the other nodes"`
	ClusterKey  string   `yaml:"cluster_secret" env:"PARLEY_CLUSTER_SECRET" help:"shared by all nodes of the cluster" secret:"true"`
	Playbooks   string   `yaml:"playbooks" env:"PARLEY_PLAYBOOKS" help:"folder whose playbooks are published at the first start"`
	Playbook    string   `yaml:"playbook" env:"PARLEY_PLAYBOOK" help:"playbook of a conversation that names none"`
	Zone        string   `yaml:"zone" env:"PARLEY_ZONE" help:"time zone of relative dates, such as Asia/Shanghai"`

	LogLevel     string   `yaml:"log_level" env:"PARLEY_LOG_LEVEL" help:"debug, info, warn or error"`
	LogFormat    string   `yaml:"log_format" env:"PARLEY_LOG_FORMAT" help:"text or json"`
	MetricsToken string   `yaml:"metrics_token" env:"PARLEY_METRICS_TOKEN" help:"bearer token of /metrics; empty: only from this machine" secret:"true"`
	Drain        duration `yaml:"drain" env:"PARLEY_DRAIN" help:"how long a shutdown waits for running work"`

	Chat struct {
		Origins        []string `yaml:"origins" env:"PARLEY_CHAT_ORIGINS" help:"sites that may carry the widget; * is any"`
		IdentitySecret string   `yaml:"identity_secret" env:"PARLEY_CHAT_IDENTITY_SECRET" help:"with which a host site signs who its customer is" secret:"true"`
		MaxUpload      int64    `yaml:"max_upload" env:"PARLEY_CHAT_MAX_UPLOAD" help:"bytes of one file"`
	} `yaml:"chat"`
	Routing struct {
		OfferTime duration `yaml:"offer_time" env:"PARLEY_OFFER_TIME" help:"how long an agent may think about an offer"`
		Heartbeat duration `yaml:"heartbeat" env:"PARLEY_HEARTBEAT" help:"how often an open console is asked whether it lives; three times not, and it is gone"`
		Grace     duration `yaml:"grace" env:"PARLEY_GRACE" help:"after a lost connection, before an agent's work goes back"`
	} `yaml:"routing"`
	Assist struct {
		Learn bool `yaml:"learn" env:"PARLEY_ASSIST_LEARN" help:"keep what agents answered, without personal data, and suggest it to others"`
	} `yaml:"assist"`
	Tools struct {
		AllowHosts []string `yaml:"allow_hosts" env:"PARLEY_TOOLS_ALLOW_HOSTS" help:"private host:port that playbooks may call all the same"`
		AllowEnv   []string `yaml:"allow_env" env:"PARLEY_TOOLS_ALLOW_ENV" help:"environment variables that playbooks may read as {{env.NAME}}"`
	} `yaml:"tools"`
	LLM struct {
		URL        string   `yaml:"url" env:"PARLEY_LLM_URL" help:"OpenAI-compatible endpoint; empty: none"`
		Key        string   `yaml:"key" env:"PARLEY_LLM_KEY" secret:"true"`
		Model      string   `yaml:"model" env:"PARLEY_LLM_MODEL" help:"chat model that understands; empty: built-in understanding"`
		EmbedModel string   `yaml:"embed_model" env:"PARLEY_LLM_EMBED_MODEL" help:"embedding model; empty: the built-in one, English only"`
		Timeout    duration `yaml:"timeout" env:"PARLEY_LLM_TIMEOUT"`
		Budget     int      `yaml:"budget" env:"PARLEY_LLM_BUDGET" help:"tokens of one conversation"`
		Keep       duration `yaml:"keep" env:"PARLEY_LLM_KEEP" help:"how long what was said to a model and what it said is kept for audit"`
	} `yaml:"llm"`
	KB struct {
		AllowHosts []string `yaml:"allow_hosts" env:"PARLEY_KB_ALLOW_HOSTS" help:"private host:port that articles may be imported from all the same, such as wiki.intra:443"`
		InMemory   int      `yaml:"vectors_in_memory" env:"PARLEY_KB_VECTORS_IN_MEMORY" help:"with more vectors than that, the index of pgvector finds them instead of every node's memory"`
	} `yaml:"kb"`
	Voice voiceConfig `yaml:"voice"`
}

// duration is a time.Duration that files write as "30s".
type duration time.Duration

// UnmarshalYAML reads "30s".
func (d *duration) UnmarshalYAML(decode func(any) error) error {
	var s string
	if err := decode(&s); err != nil {
		return err
	}
	return d.UnmarshalText([]byte(s))
}

// UnmarshalText reads "30s".
func (d *duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err != nil {
		return fmt.Errorf("%q is not a duration; write 30s or 5m", b)
	}
	*d = duration(v)
	return nil
}

func defaults() Config {
	c := Config{
		Addr: ":8080", DataDir: "data", Playbooks: "playbooks", Playbook: "coffee", Zone: "Asia/Shanghai",
		LogLevel: "info", LogFormat: "text", Drain: duration(15 * time.Second),
	}
	c.Chat.Origins, c.Chat.MaxUpload = []string{"*"}, 10<<20
	c.Routing.OfferTime, c.Routing.Grace, c.Routing.Heartbeat = duration(30*time.Second), duration(30*time.Second), duration(20*time.Second)
	c.KB.InMemory = kb.VectorsInMemory
	c.Voice = voiceDefaults()
	c.LLM.Timeout, c.LLM.Budget, c.LLM.Keep = duration(8*time.Second), 50_000, duration(90*24*time.Hour)
	return c
}

// loadConfig reads the defaults, then file (none if empty), then the
// environment, and checks the whole.
func loadConfig(file string) (Config, error) {
	c := defaults()
	if file != "" {
		b, err := os.ReadFile(file)
		if err != nil {
			return c, fmt.Errorf("read configuration: %w", err)
		}
		if err := yamlfile.Decode(file, b, &c); err != nil {
			return c, err
		}
	}
	if err := fromEnv(reflect.ValueOf(&c).Elem()); err != nil {
		return c, err
	}
	if c.BaseURL == "" {
		_, port, _ := net.SplitHostPort(c.Addr) // checked below
		c.BaseURL = "http://localhost:" + port
	}
	c.BaseURL = strings.TrimSuffix(c.BaseURL, "/")
	return c, c.check()
}

func fromEnv(v reflect.Value) error {
	for i := range v.NumField() {
		f, def := v.Field(i), v.Type().Field(i)
		if f.Kind() == reflect.Struct {
			if err := fromEnv(f); err != nil {
				return err
			}
			continue
		}
		name := def.Tag.Get("env")
		s, ok := os.LookupEnv(name)
		if name == "-" || !ok {
			continue
		}
		if err := set(f, s); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func set(f reflect.Value, s string) error {
	switch p := f.Addr().Interface().(type) {
	case *string:
		*p = s
	case *duration:
		return p.UnmarshalText([]byte(s))
	case *[]string:
		*p = strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
	case *bool:
		b, err := strconv.ParseBool(s)
		if err != nil {
			return fmt.Errorf("%q is not true or false", s)
		}
		*p = b
	case *int:
		n, err := strconv.Atoi(s)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", s)
		}
		*p = n
	case *int64:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", s)
		}
		*p = n
	}
	return nil
}

// check says everything that is wrong, not only the first.
func (c Config) check() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if !isAddress(c.Addr) {
		bad("addr: %q is not host:port; write :8080 or 127.0.0.1:8080", c.Addr)
	}
	if c.DataDir == "" {
		bad("data_dir: it is empty; name the folder for uploads and the embedded database")
	}
	if u, err := url.Parse(c.BaseURL); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		bad("base_url: %q is not http(s)://host", c.BaseURL)
	}
	if _, err := time.LoadLocation(c.Zone); err != nil {
		bad("zone: %w; write a name such as Asia/Shanghai", err)
	}
	if !oneOf(c.LogLevel, "debug", "info", "warn", "error") {
		bad("log_level: %q is not debug, info, warn or error", c.LogLevel)
	}
	if !oneOf(c.LogFormat, "text", "json") {
		bad("log_format: %q is not text or json", c.LogFormat)
	}
	for _, h := range c.Tools.AllowHosts {
		if _, err := netip.ParseAddrPort(h); err != nil {
			bad("tools.allow_hosts: %q is not address:port, such as 10.0.0.5:8443", h)
		}
	}
	for _, h := range c.KB.AllowHosts {
		if _, port, err := net.SplitHostPort(h); err != nil || !isAddress(h) || strings.HasPrefix(h, ":") || port == "" {
			bad("kb.allow_hosts: %q is not host:port, such as wiki.intra:443", h)
		}
	}
	if c.KB.InMemory < 0 {
		bad("kb.vectors_in_memory: %d is less than none", c.KB.InMemory)
	}
	if c.ClusterAddr != "" && c.ClusterKey == "" {
		bad("cluster_secret: needed with cluster_listen; any long random word, the same on every node")
	}
	for _, peer := range c.ClusterAt {
		if !isAddress(peer) {
			bad("cluster_peers: %q is not host:port", peer)
		}
	}
	if c.ClusterAddr != "" && !isAddress(c.ClusterAddr) {
		bad("cluster_listen: %q is not host:port; write :6222 or 10.0.0.1:6222", c.ClusterAddr)
	}
	if len(c.ClusterAt) > 0 && c.ClusterAddr == "" {
		bad("cluster_listen: needed with cluster_peers; the address on which the others reach this node")
	}
	if c.NATSURL != "" && c.ClusterAddr != "" {
		bad("nats_url: use either it or cluster_listen, not both")
	}
	for _, origin := range c.Chat.Origins {
		if u, err := url.Parse(strings.TrimSuffix(origin, "/")); origin != "*" && (err != nil || u.Scheme == "" || u.Host == "" || u.Path != "" || u.RawQuery != "") {
			bad("chat.origins: %q is not a site such as https://shop.example.com, or *", origin)
		}
	}
	if u, err := url.Parse(c.LLM.URL); c.LLM.URL != "" && (err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "") {
		bad("llm.url: not http(s)://host/path") // it may hold a key
	}
	if c.LLM.Budget <= 0 {
		bad("llm.budget: %d tokens are none", c.LLM.Budget)
	}
	if c.LLM.URL != "" && c.LLM.Model == "" && c.LLM.EmbedModel == "" {
		bad("llm: url without model or embed_model does nothing")
	}
	if c.Chat.MaxUpload < 1<<10 || c.Chat.MaxUpload > 1<<30 {
		bad("chat.max_upload: %d is not between 1 KiB and 1 GiB", c.Chat.MaxUpload)
	}
	if h := time.Duration(c.Routing.Heartbeat); h < time.Second || h > 20*time.Second {
		bad("routing.heartbeat: %s is not between 1s and 20s", h)
	}
	for _, d := range []struct {
		name string
		duration
	}{{"drain", c.Drain}, {"routing.offer_time", c.Routing.OfferTime}, {"routing.grace", c.Routing.Grace}, {"llm.timeout", c.LLM.Timeout}} {
		if d.duration <= 0 || time.Duration(d.duration) > time.Hour {
			bad("%s: %s is not between 0 and 1h", d.name, time.Duration(d.duration))
		}
	}
	if k := time.Duration(c.LLM.Keep); k < 0 || k > 10*365*24*time.Hour {
		bad("llm.keep: %s is not between 0 and 10 years", k)
	}
	c.Voice.check(bad)
	return errors.Join(errs...)
}

// isAddress reports whether s is host:port or :port.
func isAddress(s string) bool {
	_, port, err := net.SplitHostPort(s)
	n, nerr := strconv.ParseUint(port, 10, 16)
	return err == nil && nerr == nil && n <= 65535
}

func oneOf(s string, of ...string) bool {
	for _, o := range of {
		if s == o {
			return true
		}
	}
	return false
}

// database is the URL of the store.
func (c Config) database() string {
	if c.DatabaseURL != "" {
		return c.DatabaseURL
	}
	return "sqlite:" + filepath.Join(c.DataDir, "parley.db")
}

// show prints every setting with its source variable, secrets masked.
func (c Config) show(print func(format string, args ...any)) { show(reflect.ValueOf(c), "", print) }

func show(v reflect.Value, prefix string, print func(format string, args ...any)) {
	for i := range v.NumField() {
		f, def := v.Field(i), v.Type().Field(i)
		name := prefix + def.Tag.Get("yaml")
		if f.Kind() == reflect.Struct {
			show(f, name+".", print)
			continue
		}
		val := fmt.Sprint(f.Interface())
		if d, ok := f.Interface().(duration); ok {
			val = time.Duration(d).String()
		}
		if def.Tag.Get("secret") == "true" && val != "" {
			val = "(set)"
		}
		if env := def.Tag.Get("env"); env != "-" {
			print("%-24s %-36s %s\n", name, val, env)
		}
	}
}
