package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/desk"
)

// In a call, what the agent is offered follows what the customer says, word by
// word as it was understood; what the agent himself says changes nothing.
func TestSpeech_SuggestionsFollowTheTranscript(t *testing.T) {
	t.Parallel()
	ear := newEngine(t)
	s, at := newSetting(t).withBooks("../../playbooks/coffee").withCalls()
	s = s.with("PARLEY_SPEECH_URL", ear.URL, "PARLEY_HEAR_MODEL", "whisper")
	s.addUser("bo@example.com", "Bo", "owner,agent")
	n := s.serve()
	bo := n.atWork("bo@example.com")
	browser := bo.softphone()
	caller := newTelephone(t, nil).call(address("coffee", at), "+4930123456")
	caller.SendDigits("0")
	conversation := bo.takes()
	bo.talking(conversation)
	both(caller, browser)

	ask := func(words, article string) desk.Message {
		t.Helper()
		ear.next(words)
		caller.talk(words)
		m := bo.said(conversation, desk.ByCustomer, words)
		if m.Channel != desk.Voice {
			t.Errorf("%q came by %s", words, m.Channel)
		}
		frame := bo.screen.sees(20*time.Second, `"type":"suggestions"`, string(m.ID), article)
		var news struct {
			Items []assist.Suggestion `json:"items"`
		}
		if err := json.Unmarshal([]byte(frame), &news); err != nil {
			t.Fatal(err)
		}
		first(t, news.Items, m.ID, article)
		first(t, bo.dossier(conversation).Suggestions, m.ID, article)
		return m
	}
	asked := ask("What are your opening hours?", "opening-hours")

	// The agent asks for a moment, in words that an article would answer.
	ear.next("Let me look up whether delivery is free")
	browser.talk("Let me look up whether delivery is free")
	own := bo.said(conversation, desk.ByAgent, "whether delivery is free")
	first(t, bo.dossier(conversation).Suggestions, asked.ID, "opening-hours")

	ask("Is delivery free?", "delivery")
	for line := range strings.SplitSeq(bo.screen.got.String(), "\n") {
		if strings.Contains(line, `"type":"suggestions"`) && strings.Contains(line, string(own.ID)) {
			t.Errorf("what the agent said is answered: %s", line)
		}
	}
	caller.leave()
	bo.ended("+4930123456")
}

// first checks what stands first among what is suggested for a message.
func first(t *testing.T, list []assist.Suggestion, message desk.ID, article string) {
	t.Helper()
	if len(list) == 0 || list[0].MessageID != message || list[0].Source == nil || list[0].Source.Slug != article {
		t.Errorf("got %+v, want the article %s for message %s first", list, article, message)
	}
}
