package voice_test

import (
	"context"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// screens are browsers that ring until they are told to pick up.
type screens struct{ *legs }

func (s screens) Call(ctx context.Context, agent desk.ID, from voice.Peer) (voice.Leg, error) {
	l, err := s.legs.Call(ctx, agent, from)
	if err != nil {
		return nil, err
	}
	return ringing{l.(*leg)}, nil
}

type ringing struct{ *leg }

func (l ringing) PickUp() error {
	l.tell(voice.LegEvent{Kind: voice.LegAnswered})
	return nil
}

func TestPickUp_WhoAcceptedTheConversationTalksAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.x.Softphones = screens{w.legs}
		w.spine.conv.Status, w.spine.conv.AgentID = desk.Assigned, agentID
		w.spine.greet = nil
		caller := w.caller()
		w.until("they talk", func() bool { return w.state() == desk.CallTalking })
		if !w.heard(caller, w.legs.of(agentID)) {
			t.Error("the agent does not hear the caller")
		}
		w.must(voice.Command{Verb: voice.DoListen, By: desk.Author{Kind: desk.ByAgent, ID: "boss", Name: "Boss"}})
		if !w.heard(caller, w.legs.of("boss")) {
			t.Error("the supervisor, who asked to listen, does not hear the caller")
		}
	})
}

func TestPickUp_WhoIsConsultedSaysYesHimself(t *testing.T) {
	inWorld(t, func(w *world) {
		w.x.Softphones = screens{w.legs}
		w.spine.conv.Status, w.spine.conv.AgentID = desk.Assigned, agentID
		w.spine.greet = nil
		w.caller()
		w.until("they talk", func() bool { return w.state() == desk.CallTalking })
		w.must(voice.Command{Verb: voice.DoConsult, Agent: otherID})
		w.pass(2 * time.Second)
		agent, other := w.legs.of(agentID), w.legs.of(otherID)
		if w.heard(other, agent) {
			t.Fatal("his microphone is open before he has picked up")
		}
		w.must(voice.Command{Verb: voice.DoPickUp, By: desk.Author{Kind: desk.ByAgent, ID: otherID, Name: "Bea"}})
		if !w.heard(other, agent) {
			t.Error("not heard after he has picked up")
		}
		if err := w.do(voice.Command{Verb: voice.DoPickUp, By: desk.Author{Kind: desk.ByAgent, ID: otherID}}); !desk.IsKind(err, desk.Conflict) {
			t.Errorf("picking up twice: %v, want a conflict", err)
		}
	})
}
