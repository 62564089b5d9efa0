package main

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parleyhq/parley/voice"
)

// A node that is asked to end takes no more calls, lets those that are up go on
// for its drain time, and then ends them with a goodbye and a record.
func TestDrain_CallsGoOnUntilTheirTimeIsUp(t *testing.T) {
	t.Parallel()
	s, at := newSetting(t).withCalls()
	s = s.with("PARLEY_DRAIN", "12s")
	s.addUser("bo@example.com", "Bo", "owner,agent")
	n := s.serve()
	bo := n.atWork("bo@example.com")
	browser := bo.softphone()

	outside := newTelephone(t, nil)
	caller := outside.call(address("cafe", at), "+4930123456")
	caller.SendDigits("0")
	conversation := bo.takes()
	bo.talking(conversation)
	both(caller, browser)
	alone := outside.call(address("cafe", at), "+4930123457")
	alone.speaks()

	asked := time.Now()
	if err := n.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, "the node drains", func() bool {
		return strings.Contains(n.log.String(), "no more calls are taken")
	})
	late := outside.ring(address("cafe", at), "+4930123458")
	if e := late.until(voice.LegEnded); e.Cause.SIP != 503 {
		t.Errorf("a new call ended with %+v, want 503", e.Cause)
	}
	late.leave()
	both(caller, browser) // they still talk
	alone.leave()
	if e := caller.until(voice.LegEnded); e.Cause.Reason == voice.EndLost {
		t.Errorf("the call ended with %+v, want a goodbye", e.Cause)
	}
	if lasted := time.Since(asked); lasted < 11500*time.Millisecond || lasted > 12*time.Second+10*loaded*time.Second {
		t.Errorf("the call went on for %s, with a drain time of 12s", lasted)
	}
	select {
	case <-n.done:
	case <-time.After(10 * loaded * time.Second):
		t.Fatal("the node does not end")
	}
	t.Logf("the node ended %s after it was asked", time.Since(asked).Round(10*time.Millisecond))
	if code := n.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}

	again := s.serve()
	bo = again.atWork("bo@example.com")
	for _, number := range []string{"+4930123456", "+4930123457"} {
		if r := bo.ended(number); r.EndedAt.Before(asked) || r.EndedAt.After(asked.Add(12*time.Second+10*loaded*time.Second)) || r.Cause.Reason == "" {
			t.Errorf("the record of %s is %+v", number, r)
		}
	}
	if all := bo.records(); len(all) > 2 {
		t.Errorf("there are %d records, want 2: %+v", len(all), all)
	}
}
