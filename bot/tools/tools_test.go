package tools_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/bot/tools"
	"github.com/parleyhq/parley/desk"
)

// definition reads one tool called t from YAML, so that tests say what
// playbooks say.
func definition(t *testing.T, yaml string) bot.ToolDef {
	t.Helper()
	defs, err := bot.ParseTools("tools.yaml", []byte("version: 1\ntools:\n  t:\n    "+strings.ReplaceAll(strings.TrimSpace(yaml), "\n", "\n    ")))
	if err != nil {
		t.Fatal(err)
	}
	return defs[0]
}

type vault map[string]string

func (v vault) Secret(name string) (string, bool) { s, ok := v[name]; return s, ok }

// shop is a server and a client that may reach it.
func shop(t *testing.T, h http.HandlerFunc, logs io.Writer) (*tools.Client, *httptest.Server) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	if logs == nil {
		logs = io.Discard
	}
	c := tools.New(tools.Options{
		Private: []string{strings.TrimPrefix(srv.URL, "http://")}, Env: map[string]string{"SHOP": srv.URL},
		Secrets: vault{"TOKEN": "tok-123"}, Log: slog.New(slog.NewJSONHandler(logs, nil)),
		Backoff: func(int) time.Duration { return 0 },
	})
	t.Cleanup(c.Close)
	return c, srv
}

func call(t *testing.T, c *tools.Client, def bot.ToolDef, args map[string]string) desk.Result {
	t.Helper()
	return c.Call(context.Background(), def, desk.Do{ID: "c1-1-0", Tool: "t", Args: args}, func(ref string) (string, bool) {
		return "4111111111111111", ref == "secret:m1"
	})
}

func TestCall_FillsTemplatesAndMapsTheAnswer(t *testing.T) {
	var logs bytes.Buffer
	c, _ := shop(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got := fmt.Sprintf("%s %s|%s|%s|%s", r.Method, r.URL.RequestURI(), r.Header.Get("Authorization"), r.Header.Get("Idempotency-Key"), body)
		want := `POST /orders/a%2F..%2Fb%3Fx=1%23?q=x%26y%3D+z|Bearer tok-123|c1-1-0|` +
			`{"card":"4111111111111111","list":["one \"quoted\"",null],"n":2.50,"note":"for \"a\"\n{{n}}","sure":true}`
		if got != want {
			t.Errorf("request:\n got %s\nwant %s", got, want)
		}
		_, _ = io.WriteString(w, `{"order":{"number":"A17","lines":[{"price":9007199254740993}]},"private":"x"}`)
	}, &logs)
	def := definition(t, `
url: "{{env.SHOP}}/orders/{{path}}?q={{q}}"
side_effect: true
headers: {Authorization: "Bearer {{secret.TOKEN}}"}
body: {card: "{{card}}", n: "{{n}}", sure: "{{sure}}", note: "for {{note}}", gone: "{{gone}}", list: ["one {{quoted}}", "{{gone}}"]}
result: {order.number: number, order.lines.0.price: price, "order.gone?": gone}
args: {path: string, q: string, card: string, n: number, sure: boolean, note: string, quoted: string, gone: string?}`)
	res := call(t, c, def, map[string]string{
		"path": "a/../b?x=1#", "q": "x&y= z", "card": "secret:m1", "n": "2.50", "sure": "yes", "note": "\"a\"\n{{n}}", "quoted": `"quoted"`,
	})
	if !res.OK || string(res.Data) != `{"number":"A17","price":9007199254740993}` || res.ID != "c1-1-0" {
		t.Errorf("got %+v %s", res, res.Data)
	}
	for _, secret := range []string{"tok-123", "4111", "quoted"} {
		if strings.Contains(logs.String(), secret) {
			t.Errorf("%s is in the log: %s", secret, logs.String())
		}
	}
}

func TestCall_SaysWhatWentWrongInStableWords(t *testing.T) {
	url := `url: "{{env.SHOP}}/x"`
	cases := map[string]struct {
		def    string
		args   map[string]string
		answer http.HandlerFunc
		want   string
	}{
		"client error": {url, nil, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(422) }, "status_422"},
		"server error": {url, nil, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, "status_500"},
		"no JSON":      {url, nil, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, tools.BadAnswer},
		"name missing": {url + "\nresult: {a.b: c}", nil, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"a":1}`) }, tools.BadAnswer},
		"too large": {url, nil, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(bytes.Repeat([]byte(" "), tools.MaxAnswer+1))
		}, tools.BadAnswer},
		"hangs up":        {url, nil, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, tools.Unavailable},
		"slow":            {url + "\ntimeout: 50ms", nil, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, tools.Timeout},
		"slow body":       {url + "\ntimeout: 50ms", nil, slowBody, tools.Timeout},
		"elsewhere":       {url, nil, redirect("http://127.0.0.2:1/"), tools.Refused},
		"elsewhere by //": {url, nil, redirect("//example.com/"), tools.Refused},
		"in circles":      {url, nil, redirect("/x"), tools.Refused},
		"unlisted env":    {`url: "{{env.HOME}}/x"`, nil, nil, tools.Unavailable},
		"unset secret":    {url + "\nheaders: {A: \"{{secret.NONE}}\"}", nil, nil, tools.Unavailable},
		"unlisted host":   {`url: "http://localhost:1/x"`, nil, nil, tools.Refused},
		"metadata":        {`url: "http://169.254.169.254/latest"`, nil, nil, tools.Refused},
		"ipv6 mapped":     {`url: "http://[::ffff:127.0.0.1]:1/"`, nil, nil, tools.Refused},
		"path climbing":   {"url: \"{{env.SHOP}}/x/{{a}}/y\"\nargs: {a: string}", map[string]string{"a": ".."}, nil, tools.Refused},
		"header lines":    {url + "\nheaders: {A: \"{{a}}\"}\nargs: {a: string}", map[string]string{"a": "x\r\nB: y"}, nil, tools.Refused},
		"no number":       {url + "\nbody: {a: \"{{a}}\"}\nargs: {a: number}", map[string]string{"a": `1,"b":2`}, nil, tools.Refused},
		"unknown arg":     {url, map[string]string{"a": "1"}, nil, tools.Refused},
		"missing arg":     {url + "\nargs: {a: string}", nil, nil, tools.Refused},
		"secret is gone":  {url + "\nargs: {a: string}", map[string]string{"a": "secret:old"}, nil, tools.Expired},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c, _ := shop(t, func(w http.ResponseWriter, r *http.Request) {
				if tc.answer == nil {
					t.Error("the request was sent")
					return
				}
				tc.answer(w, r)
			}, nil)
			if res := call(t, c, definition(t, tc.def), tc.args); res.OK || res.Error != tc.want {
				t.Errorf("got %q (%s), want %q", res.Error, res.Data, tc.want)
			}
		})
	}
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusTemporaryRedirect) }
}

func slowBody(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, `{"a":`)
	w.(http.Flusher).Flush()
	<-r.Context().Done()
}

func TestCall_FollowsARedirectWithinTheHost(t *testing.T) {
	c, _ := shop(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/x" {
			http.Redirect(w, r, "/y", http.StatusTemporaryRedirect)
			return
		}
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(body)
	}, nil)
	def := definition(t, "url: \"{{env.SHOP}}/x\"\nbody: {a: 1}\nside_effect: true")
	if res := call(t, c, def, nil); !res.OK || string(res.Data) != `{"a":1}` {
		t.Errorf("got %+v", res)
	}
}

func TestCall_TriesAgainWithTheSameKey(t *testing.T) {
	for _, tc := range []struct {
		status, retries, fails, calls int
		want                          string
	}{
		{503, 2, 2, 3, ""}, {429, 1, 1, 2, ""}, {503, 1, 9, 2, "status_503"}, {404, 3, 9, 1, "status_404"}, {500, 0, 9, 1, "status_500"}, {0, 2, 1, 2, ""},
	} {
		var calls atomic.Int32
		c, _ := shop(t, func(w http.ResponseWriter, r *http.Request) {
			n := int(calls.Add(1))
			if key := r.Header.Get("Idempotency-Key"); key != "c1-1-0" {
				t.Errorf("key %q", key)
			}
			if body, _ := io.ReadAll(r.Body); string(body) != `{"a":1}` {
				t.Errorf("attempt %d sent %s", n, body)
			}
			switch {
			case n > tc.fails:
				_, _ = io.WriteString(w, "{}")
			case tc.status == 0:
				panic(http.ErrAbortHandler)
			default:
				w.WriteHeader(tc.status)
			}
		}, nil)
		def := definition(t, fmt.Sprintf("url: \"{{env.SHOP}}/x\"\nbody: {a: 1}\nside_effect: true\nretries: %d", tc.retries))
		res := call(t, c, def, nil)
		if res.Error != tc.want || int(calls.Load()) != tc.calls {
			t.Errorf("%+v: got %q after %d calls", tc, res.Error, calls.Load())
		}
	}
}

func TestCall_EndsWithItsContext(t *testing.T) {
	c, _ := shop(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "10")
		w.WriteHeader(503)
	}, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	res := c.Call(ctx, definition(t, "url: \"{{env.SHOP}}/x\"\nretries: 5"), desk.Do{ID: "1", Tool: "t"}, nil)
	if took := time.Since(start); res.OK || took > 3*time.Second {
		t.Errorf("got %+v after %s", res, took)
	}
}

func TestCall_ALoopbackNameIsRefusedAlthoughAServerListens(t *testing.T) {
	_, srv := shop(t, func(http.ResponseWriter, *http.Request) { t.Error("the request arrived") }, nil)
	c := tools.New(tools.Options{Env: map[string]string{"SHOP": strings.Replace(srv.URL, "127.0.0.1", "localhost", 1)}})
	defer c.Close()
	if res := call(t, c, definition(t, `url: "{{env.SHOP}}/x"`), nil); res.Error != tools.Refused {
		t.Errorf("got %+v", res)
	}
}

func TestParseTools_RefusesWhatCannotWork(t *testing.T) {
	for name, tc := range map[string]struct{ yaml, want string }{
		"relative":       {`url: "/orders"`, ":3:10: a url starts with"},
		"argument host":  {"url: \"https://{{h}}/x\"\nargs: {h: string}", "arguments come after the host"},
		"host ends late": {"url: \"https://shop.example{{h}}/x\"\nargs: {h: string}", "arguments come after the host"},
		"userinfo":       {"url: \"https://shop.example@{{h}}/x\"\nargs: {h: string}", "arguments come after the host"},
		"unknown name":   {`url: "https://shop.example/{{x}}"`, "unknown name {{x}}"},
		"unknown env":    {`url: "https://shop.example/{{env.low}}"`, "unknown name {{env.low}}"},
		"GET":            {"url: \"https://shop.example/\"\nside_effect: true", "a GET has no side effect"},
		"too slow":       {"url: \"https://shop.example/\"\ntimeout: 31s", "timeout is at most 30s"},
		"argument type":  {"url: \"https://shop.example/\"\nargs: {a: object}", "string, number or boolean"},
		"unknown key":    {"url: \"https://shop.example/\"\nsecret: x", `unknown key "secret"`},
	} {
		data := "version: 1\ntools:\n  t: " + "{" + strings.ReplaceAll(tc.yaml, "\n", ", ") + "}"
		if !strings.Contains(tc.yaml, "\n") {
			data = "version: 1\ntools: {t: {\n    " + tc.yaml + "}}"
		}
		_, err := bot.ParseTools("tools.yaml", []byte(data))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %q", name, err, tc.want)
		}
	}
}

func TestToolDef_MapKeepsASmallAnswerWhole(t *testing.T) {
	def := definition(t, `url: "https://shop.example/"`)
	if got, err := def.Map([]byte(` {"a": 1} `)); err != nil || !json.Valid(got) {
		t.Errorf("got %s, %v", got, err)
	}
	if got, err := def.Map(nil); err != nil || string(got) != "{}" {
		t.Errorf("an empty answer: got %s, %v", got, err)
	}
	if _, err := def.Map(bytes.Repeat([]byte("1"), 17<<10)); err == nil {
		t.Error("a large answer was kept whole")
	}
}
