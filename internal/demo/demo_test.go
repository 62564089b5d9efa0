package demo_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/internal/demo"
)

const token = "demo-token"

type shop struct {
	t   *testing.T
	now time.Time
	url string
}

func open(t *testing.T) *shop {
	t.Helper()
	s := &shop{t: t, now: time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC)} // a Wednesday
	h, err := demo.New(demo.Options{ParleyURL: "https://parley.example:8443/anything", Token: token, Now: func() time.Time { return s.now }})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

// call returns the status and the value at each dotted path of the answer.
func (s *shop) call(method, path, body, key string) (int, map[string]any) {
	s.t.Helper()
	req, err := http.NewRequest(method, s.url+path, bytes.NewBufferString(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return resp.StatusCode, out
}

func at(v map[string]any, path string) any {
	var x any = v
	for part := range strings.SplitSeq(path, ".") {
		m, _ := x.(map[string]any)
		x = m[part]
	}
	return x
}

const latte = `{"drink":"latte","size":"large","address":"5 Elm Street","payment":"cash","note":""}`

func TestOrders_PlacedFoundAndDelivered(t *testing.T) {
	s := open(t)
	status, got := s.call("POST", "/api/orders", latte, "")
	number, _ := at(got, "order.number").(string)
	if status != 201 || !regexp.MustCompile(`^[A-Z]\d{4,}$`).MatchString(number) || at(got, "order.total") != 34.0 || at(got, "order.eta_minutes") != 30.0 {
		t.Fatalf("got %d %v", status, got)
	}
	for _, c := range []struct {
		after  time.Duration
		status string
		eta    float64
	}{{0, "making", 30}, {12 * time.Minute, "on_the_way", 18}, {40 * time.Minute, "delivered", 0}} {
		s.now = time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC).Add(c.after)
		_, got := s.call("GET", "/api/orders/"+strings.ToLower(number), "", "")
		if at(got, "found") != true || at(got, "order.status") != c.status || at(got, "order.eta_minutes") != c.eta {
			t.Errorf("after %v: got %v, want %s in %v", c.after, got, c.status, c.eta)
		}
	}
	if status, got := s.call("GET", "/api/orders/Z9999", "", ""); status != 200 || at(got, "found") != false {
		t.Errorf("unknown number: got %d %v", status, got)
	}
}

func TestOrders_TheSameKeyOrdersOnce(t *testing.T) {
	s := open(t)
	_, first := s.call("POST", "/api/orders", latte, "key-1")
	_, again := s.call("POST", "/api/orders", latte, "key-1")
	_, other := s.call("POST", "/api/orders", latte, "key-2")
	if at(first, "order.number") != at(again, "order.number") || at(first, "order.number") == at(other, "order.number") {
		t.Errorf("numbers %v, %v, %v", at(first, "order.number"), at(again, "order.number"), at(other, "order.number"))
	}
}

func TestOrders_BadOnesAreRefused(t *testing.T) {
	s := open(t)
	for name, c := range map[string]struct {
		body string
		code string
	}{
		"cappuccino": {`{"drink":"cappuccino","size":"large","address":"5 Elm Street","payment":"cash"}`, "not_delivered"},
		"drink":      {`{"drink":"tea","size":"large","address":"5 Elm Street","payment":"cash"}`, "unknown_drink"},
		"size":       {`{"drink":"latte","size":"huge","address":"5 Elm Street","payment":"cash"}`, "unknown_drink"},
		"address":    {`{"drink":"latte","size":"large","address":" x ","payment":"cash"}`, "no_address"},
		"payment":    {`{"drink":"latte","size":"large","address":"5 Elm Street","payment":"shells"}`, "unknown_payment"},
		"json":       {`[`, "bad_json"},
		"nested":     {`{"drink":{}}`, "bad_field"},
	} {
		if status, got := s.call("POST", "/api/orders", c.body, ""); status != 422 || at(got, "error.code") != c.code {
			t.Errorf("%s: got %d %v, want %s", name, status, got, c.code)
		}
	}
	if status, _ := s.call("POST", "/api/orders", `{"note":"`+strings.Repeat("x", 20000)+`"}`, ""); status != 413 {
		t.Errorf("large body: got %d", status)
	}
}

func TestOrders_ChangedOnlyBeforeTheyLeave(t *testing.T) {
	s := open(t)
	_, got := s.call("POST", "/api/orders", latte, "")
	at1 := "/api/orders/" + at(got, "order.number").(string)
	if _, got := s.call("POST", at1+"/address", `{"address":"9 University Avenue"}`, ""); at(got, "changed") != true {
		t.Errorf("address: %v", got)
	}
	if _, got := s.call("GET", at1, "", ""); at(got, "order.address") != "9 University Avenue" {
		t.Errorf("after the change: %v", got)
	}
	if _, got := s.call("POST", at1+"/cancel", "", ""); at(got, "cancelled") != true {
		t.Errorf("cancel: %v", got)
	}
	if _, got := s.call("POST", at1+"/cancel", "", ""); at(got, "cancelled") != false || at(got, "reason") != "cancelled" {
		t.Errorf("cancelled twice: %v", got)
	}
	_, got = s.call("POST", "/api/orders", latte, "")
	s.now = s.now.Add(11 * time.Minute)
	if _, got := s.call("POST", "/api/orders/"+at(got, "order.number").(string)+"/cancel", "", ""); at(got, "reason") != "left" {
		t.Errorf("after it left: %v", got)
	}
	if _, got := s.call("POST", "/api/orders/X1/cancel", "", ""); at(got, "reason") != "unknown" {
		t.Errorf("unknown: %v", got)
	}
}

func TestCases_AreFiled(t *testing.T) {
	s := open(t)
	for path, body := range map[string]string{
		"/api/complaints":   `{"problem":"cold","order":"A1042","remedy":"refund"}`,
		"/api/payout-cases": `{"driver":"d1","week":"last_week","kind":"airport","expected":200}`,
		"/api/documents":    `{"driver":"d1","document":"licence","valid_to":"2030-01-01","photo":"file-1"}`,
	} {
		status, got := s.call("POST", path, body, "k")
		if number, _ := at(got, "case.number").(string); status != 201 || len(number) < 5 {
			t.Errorf("%s: got %d %v", path, status, got)
		}
		if status, got := s.call("POST", path, `{}`, ""); status != 422 {
			t.Errorf("%s, empty: got %d %v", path, status, got)
		}
	}
}

func TestPayouts_StayTheSame(t *testing.T) {
	s := open(t)
	_, first := s.call("GET", "/api/payouts?driver=d1&week=last_week", "", "")
	_, again := s.call("GET", "/api/payouts?driver=d1&week=last_week", "", "")
	if fmt.Sprint(first) != fmt.Sprint(again) || at(first, "payout.status") != "paid" || at(first, "payout.date") != "2026-03-03" {
		t.Errorf("got %v, then %v", first, again)
	}
	if _, got := s.call("GET", "/api/payouts?driver=d1&week=this_week", "", ""); at(got, "payout.status") != "open" || at(got, "payout.date") != "2026-03-10" {
		t.Errorf("this week: %v", got)
	}
	if status, _ := s.call("GET", "/api/payouts?week=never", "", ""); status != 422 {
		t.Errorf("unknown week: %d", status)
	}
}

func TestAPI_NeedsTheToken(t *testing.T) {
	s := open(t)
	for _, auth := range []string{"", "Bearer wrong", token} {
		req, _ := http.NewRequest("GET", s.url+"/api/orders/A1", nil)
		req.Header.Set("Authorization", auth)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 401 {
			t.Errorf("%q: got %d", auth, resp.StatusCode)
		}
	}
}

func (s *shop) page(path, accept string) (string, http.Header) {
	s.t.Helper()
	req, _ := http.NewRequest("GET", s.url+path, nil)
	req.Header.Set("Accept-Language", accept)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		s.t.Fatalf("%s: %d %v", path, resp.StatusCode, err)
	}
	return string(b), resp.Header
}

func TestPages_HaveOneScriptAndAStrictPolicy(t *testing.T) {
	s := open(t)
	for path, playbook := range map[string]string{"/coffee": "coffee", "/driver": "ridehail"} {
		for _, lang := range []string{"en", "zh"} {
			body, header := s.page(path+"?lang="+lang, "")
			want := fmt.Sprintf(`<script src="https://parley.example:8443/widget.js" data-playbook=%q data-lang=%q async></script>`, playbook, lang)
			if strings.Count(body, "<script") != 1 || !strings.Contains(body, want) {
				t.Errorf("%s %s: want one script tag, %s", path, lang, want)
			}
			csp := header.Get("Content-Security-Policy")
			for _, part := range []string{"default-src 'none'", "script-src https://parley.example:8443;", "connect-src https://parley.example:8443 wss://parley.example:8443"} {
				if !strings.Contains(csp, part) {
					t.Errorf("%s: policy %q lacks %q", path, csp, part)
				}
			}
			if strings.Contains(csp, "unsafe") || regexp.MustCompile(`\sstyle="|\son[a-z]+="|<style`).MatchString(body) {
				t.Errorf("%s: the page needs more than its policy allows", path)
			}
			if strings.Contains(body, "<no value>") {
				t.Errorf("%s %s: a text is missing", path, lang)
			}
		}
	}
}

func TestPages_SpeakTheVisitorsLanguage(t *testing.T) {
	s := open(t)
	for _, c := range []struct{ path, accept, want string }{
		{"/coffee", "zh-CN,zh;q=0.9", "赤杨咖啡"}, {"/coffee", "de", "Alder Coffee"}, {"/coffee?lang=en", "zh", "Alder Coffee"}, {"/driver", "zh", "风筝出行"},
	} {
		if body, _ := s.page(c.path, c.accept); !strings.Contains(body, "<title>"+c.want) {
			t.Errorf("%s with %s: no %s in the title", c.path, c.accept, c.want)
		}
	}
}

func TestPages_TextsAreThereInBothLanguages(t *testing.T) {
	s := open(t)
	blank := regexp.MustCompile(`<(h1|h2|h3|p|small|dt)(\s[^>]*)?>\s*</`)
	for _, path := range []string{"/coffee", "/driver"} {
		for _, lang := range []string{"en", "zh"} {
			if body, _ := s.page(path+"?lang="+lang, ""); blank.MatchString(body) {
				t.Errorf("%s %s: an empty text: %s", path, lang, blank.FindString(body))
			}
		}
	}
}

func TestNew_RefusesWhatCannotWork(t *testing.T) {
	for _, o := range []demo.Options{{ParleyURL: "parley.example", Token: "x"}, {ParleyURL: "javascript:alert(1)", Token: "x"}, {ParleyURL: "https://parley.example"}} {
		if _, err := demo.New(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}

func TestPhone_ShowsWhatArrivesOnceWithItsLink(t *testing.T) {
	s := open(t)
	for range 2 {
		if code, _ := s.call("POST", "/api/sms", `{"id":"m1","from":"Alder","to":"+4915112345678","text":"Your call: http://parley.example/call/x1 <b>"}`, ""); code != 200 {
			t.Fatalf("status %d", code)
		}
	}
	resp, err := http.Get(s.url + "/phone?lang=en")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	page := string(b)
	if n := strings.Count(page, `href="http://parley.example/call/x1"`); n != 1 {
		t.Errorf("the link is there %d times", n)
	}
	if strings.Contains(page, "<b>") {
		t.Error("a message became markup")
	}
	_, inbox := s.call("GET", "/phone/messages", "", "")
	if got := fmt.Sprint(inbox["messages"]); !strings.Contains(got, "call/x1") {
		t.Errorf("messages: %s", got)
	}
}

func TestMembers_AreKnownByCardAndPIN(t *testing.T) {
	s := open(t)
	for body, want := range map[string]int{
		`{"card":"1001","pin":"2468"}`: 200, `{"card":"1001","pin":"2469"}`: 403, `{"card":"9999","pin":""}`: 403, `{}`: 403,
	} {
		if code, got := s.call("POST", "/api/members/identify", body, ""); code != want {
			t.Errorf("%s: %d %v", body, code, got)
		}
	}
	if _, got := s.call("GET", "/api/members/1001", "", ""); got["balance"] != "86.50" {
		t.Errorf("got %v", got)
	}
}
