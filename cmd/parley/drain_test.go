package main

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/internal/store/storetest"
)

// Under load a node is asked to stop. It ends within its drain time, and what
// it had accepted is there, once, and answered after the next start.
func TestServe_DrainsAndLosesNothing(t *testing.T) {
	s := newSetting(t).with("PARLEY_DRAIN", "5s")
	n := s.serve()
	const customers = 8
	type sent struct {
		person
		accepted []string
		refused  int
	}
	all := make([]*sent, customers)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for i := range all {
		c := &sent{person: n.customer()}
		all[i] = c
		wg.Go(func() {
			for k := 0; ; k++ {
				select {
				case <-stop:
					return
				default:
				}
				id := fmt.Sprintf("c%d-%d", i, k)
				status, _, _ := c.do("POST", "/v1/chat/messages", map[string]any{"client_id": id, "text": "When are you open? " + id})
				switch status {
				case 202:
					c.accepted = append(c.accepted, id)
				case 0:
					return // the door is closed
				default:
					c.refused++ // too fast
				}
			}
		})
	}
	eventually(t, 20*time.Second, "there is load", func() bool { return strings.Count(n.log.String(), `"status":202`) > 60 })
	took := n.stop()
	close(stop)
	wg.Wait()
	if code := n.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if took > 6*time.Second {
		t.Errorf("it took %s to end, with a drain time of 5s", took)
	}
	for _, bad := range []string{`"level":"ERROR"`, "panic"} {
		if strings.Contains(n.log.String(), bad) {
			t.Errorf("the log has %s", bad)
		}
	}
	again := s.serve()
	total := 0
	for _, c := range all {
		c.n = again
		total += len(c.accepted)
		eventually(t, 20*time.Second, "the last message is answered", func() bool {
			m := c.messages()
			return len(c.accepted) == 0 || len(m) > 0 && m[len(m)-1].Author == "bot"
		})
		there := map[string]int{}
		for _, m := range c.everything() {
			there[m.ClientID]++
		}
		for _, id := range c.accepted {
			if there[id] != 1 {
				t.Errorf("%s was accepted and is there %d times", id, there[id])
			}
		}
	}
	t.Logf("%d messages were accepted, all are there; stopping took %s", total, took.Round(time.Millisecond))
}

// everything is what was said in all of a customer's conversations.
func (p person) everything() (out []message) {
	p.n.tb.Helper()
	for before := ""; ; {
		var page struct {
			Items []event `json:"items"`
			Next  string  `json:"next"`
		}
		p.get(&page, "GET", "/v1/chat/history?limit=200&before="+before, nil)
		out = append(out, said(page.Items)...)
		if before = page.Next; before == "" {
			return out
		}
	}
}

func TestBackup_BringsEverythingBackWhileTheServerRuns(t *testing.T) {
	for name, database := range map[string]func(testing.TB) string{"sqlite": nil, "postgres": storetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSetting(t)
			if database != nil {
				s = s.with("DATABASE_URL", database(t))
			}
			s.must(testPassword+"\n", "user", "add", "ann@example.com", "--name", "Ann", "--roles", "owner,agent")
			n := s.serve()
			ann := n.signIn("ann@example.com")
			var article struct {
				ID string `json:"id"`
			}
			ann.get(&article, "POST", "/api/articles", map[string]any{"lang": "en", "slug": "parking", "title": "Parking", "body": "Park behind the open house.", "questions": []string{"Where can I park?"}, "publish": true})
			customer := n.customer()
			file := customer.upload("receipt.txt", "the receipt says 42")
			customer.get(nil, "POST", "/v1/chat/messages", map[string]any{"client_id": "1", "text": "Where can I park?", "attachments": []string{file}})
			customer.until(10*time.Second, "behind the open house")
			before := customer.messages()

			archive := filepath.Join(s.dir, "parley.zip")
			s.must("", "backup", archive) // the server goes on
			customer.get(nil, "POST", "/v1/chat/messages", map[string]any{"client_id": "2", "text": "said after the backup"})
			n.stop()

			to := s.with("PARLEY_DATA_DIR", filepath.Join(s.dir, "new"), "PARLEY_PLAYBOOKS", filepath.Join(s.dir, "none"))
			if database != nil {
				to = to.with("DATABASE_URL", database(t))
			}
			to.must("", "restore", archive)
			if out, code := to.run("", "restore", archive); code == 0 {
				t.Errorf("a second restore went over what is there: %s", out)
			}
			back := to.serve()
			customer.n = back
			after := customer.messages()
			if len(after) != len(before) || after[0].ID != before[0].ID || after[len(after)-1].Text != before[len(before)-1].Text {
				t.Errorf("got %+v, want %+v", after, before)
			}
			if got := back.ask("Where can I park?"); !strings.Contains(got, "behind the open house") {
				t.Errorf("the article does not answer: %q", got)
			}
			ann = back.signIn("ann@example.com")
			var seen struct {
				Live int `json:"live_revision"`
			}
			if ann.get(&seen, "GET", "/api/playbooks/cafe", nil); seen.Live != 1 {
				t.Errorf("the live revision is %d", seen.Live)
			}
			if status, _, b := ann.do("GET", "/v1/files/"+file, nil); status != 200 || string(b) != "the receipt says 42" {
				t.Errorf("the upload: %d %s", status, b)
			}
		})
	}
}

// upload sends a file and returns its id.
func (p person) upload(name, text string) string {
	p.n.tb.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = io.WriteString(part, text)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		p.n.tb.Fatal(err)
	}
	req, err := http.NewRequest("POST", p.n.url+"/v1/chat/uploads", &body)
	if err != nil {
		p.n.tb.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Authorization", "Bearer "+p.bearer)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.n.tb.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	id := between(string(b), `"id":"`, `"`)
	if res.StatusCode != 201 || id == "" {
		p.n.tb.Fatalf("upload: %d %s", res.StatusCode, b)
	}
	return id
}
