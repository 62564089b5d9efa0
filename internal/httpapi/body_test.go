package httpapi

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestTimedBody_LetsTheHandlerWorkOn(t *testing.T) {
	const limit = 100 * time.Millisecond
	cancelled := make(chan bool, 1)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn := http.NewResponseController(w)
		if err := conn.SetReadDeadline(time.Now().Add(limit)); err != nil {
			t.Error(err)
		}
		body := timed(r.Body, conn, route{row: row{method: post}})
		if _, err := io.ReadAll(body); err != nil {
			t.Error(err)
		}
		select {
		case <-r.Context().Done():
			cancelled <- true
		case <-time.After(4 * limit):
			cancelled <- false
		}
	}))
	defer web.Close()
	res, err := http.Post(web.URL, "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if <-cancelled {
		t.Error("a handler that works longer than its body took to arrive was cancelled")
	}
}
