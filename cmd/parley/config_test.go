package main

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// plainEnv takes every variable of ours away for the test.
func plainEnv(t *testing.T) {
	t.Helper()
	for _, kv := range os.Environ() {
		name, value, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, "PARLEY_") || name == "DATABASE_URL" || name == "NATS_URL" {
			t.Setenv(name, value) // put back at the end
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func configFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "parley.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestConfig_DefaultsAreFine(t *testing.T) {
	plainEnv(t)
	c, err := loadConfig("")
	if err != nil {
		t.Fatal(err)
	}
	if c.BaseURL != "http://localhost:8080" || c.database() != "sqlite:data/parley.db" || c.uploads() != "data/files" || c.Chat.Origins[0] != "*" || c.MetricsToken != "" {
		t.Errorf("got %+v", c)
	}
}

func TestConfig_TheEnvironmentBeatsTheFileWhichBeatsTheDefaults(t *testing.T) {
	plainEnv(t)
	name := configFile(t, `version: 1
addr: "[::1]:9000"
zone: Europe/Paris
drain: 3s
base_url: https://file.example/
chat: {origins: [https://shop.example.com], max_upload: 4096}
`)
	t.Setenv("PARLEY_ZONE", "UTC")
	t.Setenv("PARLEY_GRACE", "1m")
	t.Setenv("PARLEY_LLM_BUDGET", "7")
	t.Setenv("PARLEY_CLUSTER_PEERS", "a:1, b:2")
	t.Setenv("PARLEY_CLUSTER_LISTEN", ":6222")
	t.Setenv("PARLEY_CLUSTER_SECRET", "hush")
	c, err := loadConfig(name)
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "[::1]:9000" || c.BaseURL != "https://file.example" || time.Duration(c.Drain) != 3*time.Second || c.Chat.MaxUpload != 4096 {
		t.Errorf("the file does not count: %+v", c)
	}
	if c.Zone != "UTC" || time.Duration(c.Routing.Grace) != time.Minute || c.LLM.Budget != 7 || !reflect.DeepEqual(c.ClusterAt, []string{"a:1", "b:2"}) {
		t.Errorf("the environment does not count: %+v", c)
	}
	if c.Playbook != "coffee" || time.Duration(c.Routing.OfferTime) != 30*time.Second {
		t.Errorf("the defaults are gone: %+v", c)
	}
	t.Setenv("PARLEY_BASE_URL", "")
	if c, err = loadConfig(name); err != nil || c.BaseURL != "http://localhost:9000" {
		t.Errorf("of a listening address in IPv6 the base is %q, %v", c.BaseURL, err)
	}
}

// Every setting can be set by its variable, and is shown with it.
func TestConfig_EverySettingHasItsVariable(t *testing.T) {
	plainEnv(t)
	c := defaults()
	var shown strings.Builder
	c.show(func(format string, args ...any) { fmt.Fprintf(&shown, format, args...) })
	var walk func(v reflect.Value)
	seen := map[string]bool{}
	walk = func(v reflect.Value) {
		for i := range v.NumField() {
			def := v.Type().Field(i)
			if v.Field(i).Kind() == reflect.Struct {
				walk(v.Field(i))
				continue
			}
			env, file := def.Tag.Get("env"), def.Tag.Get("yaml")
			if env == "" || file == "" || seen[env] && env != "-" {
				t.Errorf("%s: env %q, yaml %q", def.Name, env, file)
			}
			seen[env] = true
			if env != "-" && !strings.Contains(shown.String(), " "+env+"\n") {
				t.Errorf("%s is not shown", env)
			}
		}
	}
	walk(reflect.ValueOf(c))
}

func TestConfig_EveryBadValueIsSaidWithItsName(t *testing.T) {
	plainEnv(t)
	for _, c := range []struct{ env, value, want string }{
		{"PARLEY_ADDR", "8080", "addr: \"8080\" is not host:port"},
		{"PARLEY_ADDR", "localhost:web", "addr: "},
		{"PARLEY_ADDR", "localhost:70000", "addr: "},
		{"PARLEY_BASE_URL", "chat.example.com", "base_url: "},
		{"PARLEY_BASE_URL", "ftp://chat.example.com", "base_url: "},
		{"PARLEY_DATA_DIR", "", "data_dir: "},
		{"PARLEY_CLUSTER_LISTEN", "10.0.0.1", "cluster_listen: "},
		{"PARLEY_CLUSTER_LISTEN", ":6222", "cluster_secret: needed"},
		{"PARLEY_CLUSTER_PEERS", "10.0.0.2:6222", "cluster_listen: needed with cluster_peers"},
		{"PARLEY_CLUSTER_PEERS", "10.0.0.2", "cluster_peers: \"10.0.0.2\""},
		{"PARLEY_ZONE", "Mars/Base", "zone: "},
		{"PARLEY_LOG_LEVEL", "loud", "log_level: "},
		{"PARLEY_LOG_FORMAT", "xml", "log_format: "},
		{"PARLEY_DRAIN", "soon", `PARLEY_DRAIN: "soon" is not a duration; write 30s`},
		{"PARLEY_DRAIN", "0s", "drain: 0s is not between"},
		{"PARLEY_OFFER_TIME", "2h", "routing.offer_time: "},
		{"PARLEY_GRACE", "-1s", "routing.grace: "},
		{"PARLEY_HEARTBEAT", "100ms", "routing.heartbeat: "},
		{"PARLEY_HEARTBEAT", "1m", "routing.heartbeat: "},
		{"PARLEY_CHAT_ORIGINS", "shop.example.com", "chat.origins: "},
		{"PARLEY_CHAT_ORIGINS", "https://shop.example.com/cart", "chat.origins: "},
		{"PARLEY_CHAT_MAX_UPLOAD", "10MB", `PARLEY_CHAT_MAX_UPLOAD: "10MB" is not a whole number`},
		{"PARLEY_CHAT_MAX_UPLOAD", "5", "chat.max_upload: "},
		{"PARLEY_TOOLS_ALLOW_HOSTS", "intranet", "tools.allow_hosts: "},
		{"PARLEY_LLM_URL", "http://127.0.0.1:8000/v1", "llm: url without model"},
		{"PARLEY_LLM_URL", "127.0.0.1", "llm.url: "},
		{"PARLEY_LLM_TIMEOUT", "2h", "llm.timeout: "},
		{"PARLEY_LLM_BUDGET", "x", `PARLEY_LLM_BUDGET: "x" is not a whole number`},
		{"PARLEY_LLM_BUDGET", "0", "llm.budget: "},
	} {
		t.Run(c.env+"="+c.value, func(t *testing.T) {
			t.Setenv(c.env, c.value)
			if _, err := loadConfig(""); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	t.Setenv("PARLEY_ZONE", "Mars")
	t.Setenv("PARLEY_LOG_LEVEL", "loud")
	if _, err := loadConfig(""); err == nil || !strings.Contains(err.Error(), "zone: ") || !strings.Contains(err.Error(), "log_level: ") {
		t.Errorf("not everything that is wrong is said at once: %v", err)
	}
}

func TestConfig_BadFilesAreSaidWithTheirLine(t *testing.T) {
	plainEnv(t)
	for text, want := range map[string]string{
		"version: 1\nadr: x\n":                   `:2:1: unknown key "adr", did you mean "addr"?`,
		"version: 1\nchat: {origin: [x]}\n":      `unknown key "origin"`,
		"addr: :1\n":                             "version: 1 is missing",
		"version: 2\n":                           "version",
		"version: 1\ndrain: soon\n":              `:2:8: "soon" is not a duration`,
		"version: 1\nchat: {max_upload: lots}\n": "want a whole number",
		"version: 1\naddr: [a\n":                 ":2",
		"version: 1\naddr: a:1\naddr: b:1\n":     "addr",
		"version: 1\nlog_level: \xff\xfe\n":      "UTF-8",
		"version: 1\nzone: {en: UTC}\n":          ":2:7: want a text",
		"- version: 1\n":                         ":1",
		"version: 1\nx: &a [*a,*a]\n":            ":2",
	} {
		if _, err := loadConfig(configFile(t, text)); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "parley.yaml") {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	if _, err := loadConfig(filepath.Join(t.TempDir(), "gone.yaml")); err == nil || !strings.Contains(err.Error(), "gone.yaml") {
		t.Errorf("got %v", err)
	}
}

func TestConfig_SecretsAreNotShown(t *testing.T) {
	plainEnv(t)
	c := defaults()
	c.DatabaseURL, c.NATSURL, c.ClusterKey, c.MetricsToken, c.Chat.IdentitySecret, c.LLM.Key = "s3cret1", "s3cret2", "s3cret3", "s3cret4", "s3cret5", "s3cret6"
	var b strings.Builder
	c.show(func(format string, args ...any) { fmt.Fprintf(&b, format, args...) })
	if strings.Contains(b.String(), "s3cret") || strings.Count(b.String(), "(set)") != 6 {
		t.Errorf("got %s", b.String())
	}
}
