package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/parleyhq/parley/bot/tools"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
	"github.com/parleyhq/parley/internal/demo"
	"github.com/parleyhq/parley/playbook"
)

// The people of the demo. Anybody who can reach the server can be them: a demo
// holds no secrets.
const demoPassword = "parley-demo-2026"

var demoPeople = []access.NewUser{
	{Name: "Olivia", Email: "olivia@example.com", Roles: []desk.Role{desk.Owner, desk.AgentRole}},
	{Name: "Sam", Email: "sam@example.com", Roles: []desk.Role{desk.Supervisor}},
	{Name: "Anna", Email: "anna@example.com", Roles: []desk.Role{desk.AgentRole}},
	{Name: "Bo 博", Email: "bo@example.com", Roles: []desk.Role{desk.AgentRole}, Lang: desk.Chinese},
	{Name: "Emma", Email: "emma@example.com", Roles: []desk.Role{desk.Editor}},
	{Name: "Eva", Email: "eva@example.com", Roles: []desk.Role{desk.Evaluator}},
}

// demoToken is what the demo's tools show to its back ends. It is new at every
// start: both ends are in this process.
var demoToken = rand.Text()

// demo makes the people who are not there yet and returns the shop.
func (h *house) demo(ctx context.Context) (http.Handler, error) {
	for _, p := range demoPeople {
		p.Password = demoPassword
		if _, err := h.gate.CreateUser(ctx, p); err != nil && !desk.IsKind(err, desk.Conflict) {
			return nil, fmt.Errorf("make the demo's %s: %w", p.Name, err)
		}
	}
	return demo.New(demo.Options{ParleyURL: h.cfg.BaseURL, Token: demoToken})
}

// demoVoice lets anybody call the demo, by telephone and by browser, and sends
// short messages to the demo's phone. What is configured stays.
func (c serveCmd) demoVoice(v *voiceConfig) {
	if v.UDP == "" {
		v.UDP = ":5060"
	}
	if v.WebUDP == "" {
		v.WebUDP = ":8555"
	}
	if v.SMS.URL == "" {
		v.SMS.URL, v.SMS.Key, v.SMS.From = c.shopURL()+"/api/sms", demoToken, "Parley"
	}
	if len(v.Numbers) == 0 {
		v.Numbers = map[string]string{"coffee": "coffee", "ridehail": "ridehail"}
	}
	v.Anonymous = true
}

// shopURL is where browsers find the demo shop; empty without a demo.
func (c serveCmd) shopURL() string {
	if !c.Demo {
		return ""
	}
	return "http://" + c.DemoAddr
}

// allowed is what playbooks' tools may reach and read. The demo adds its own
// back ends to what the operator allows.
func (c serveCmd) allowed(cfg Config) tools.Options {
	o := tools.Options{Private: cfg.Tools.AllowHosts, Env: map[string]string{}}
	for _, name := range cfg.Tools.AllowEnv {
		o.Env[name] = os.Getenv(name)
	}
	if c.Demo {
		o.Private = append(o.Private, c.DemoAddr)
		o.Env["SHOP_URL"], o.Env["DRIVER_URL"] = c.shopURL()+"/api", c.shopURL()+"/api"
		o.Secrets = demoSecrets{}
	}
	return o
}

// demoSecrets knows the demo's token besides what the environment holds.
type demoSecrets struct{ tools.EnvSecrets }

func (s demoSecrets) Secret(name string) (string, bool) {
	if name == "SHOP_TOKEN" || name == "DRIVER_TOKEN" {
		return demoToken, true
	}
	return s.EnvSecrets.Secret(name)
}

// publishFirst publishes the playbooks in folder that were never published, so
// that a new system has something to say.
func (h *house) publishFirst(ctx context.Context, folder string) error {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) {
		h.log.Warn("no playbooks to begin with", "folder", folder)
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the playbooks: %w", err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if err := h.publishOnce(ctx, e.Name(), filepath.Join(folder, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func (h *house) publishOnce(ctx context.Context, name, dir string) error {
	_, _, err := h.playbooks.Live(ctx, name)
	if err == nil || !desk.IsKind(err, desk.NotFound) {
		return err
	}
	files, err := playbook.ReadFiles(os.DirFS(dir))
	if err != nil {
		return fmt.Errorf("read playbook %s: %w", dir, err)
	}
	if _, err := h.playbooks.Publish(ctx, playbook.Publishing{Name: name, Files: files, By: "first start"}); err != nil {
		return fmt.Errorf("publish playbook %s: %w", dir, err)
	}
	return nil
}

// greet says where everything is.
func (h *house) greet(s *session, c serveCmd) {
	s.printf("\n  Parley %s\n\n  Console     %s\n", version, h.cfg.BaseURL)
	if !c.Demo {
		s.printf("  API         %s/openapi.json\n\n", h.cfg.BaseURL)
		return
	}
	s.printf("  Coffee shop %s/coffee   (customers: menu, bot, chat)\n  Driver app  %s/driver   (touch menus)\n  Your phone  %s/phone    (short messages arrive here)\n", c.shopURL(), c.shopURL(), c.shopURL())
	if h.voice != nil && h.voice.phones != nil {
		s.printf("  Call        %s   (any softphone; ride-hailing: %s)\n", h.cfg.Voice.sipAddress("coffee"), h.cfg.Voice.sipAddress("ridehail"))
	}
	s.printf("  API         %s/openapi.json\n\n  Sign in with password %s as\n", h.cfg.BaseURL, demoPassword)
	for _, p := range demoPeople {
		s.printf("    %-20s %s\n", p.Email, p.Roles[0])
	}
	s.printf("\n  Ctrl-C stops it.\n\n")
}
