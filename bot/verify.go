package bot

import (
	"maps"
	"slices"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/yamlfile"
)

// maxDenied is how many wrong proofs of who he is a customer may give in a
// conversation; then a person takes over.
const maxDenied = 3

// needsVerified is the word of a flow's needs.
const needsVerified = "verified"

// proof reads what a flow's file says of verifying.
func (p *flowParser) proof(raw flowFile) {
	p.flow.Verify, p.flow.Needs = raw.Verify, raw.Needs == needsVerified
	if raw.Needs != "" && raw.Needs != needsVerified {
		p.fail("$.needs", "needs is verified, got %q", raw.Needs)
	}
	if raw.Verify && raw.Do == nil {
		p.fail("$.verify", "a flow that verifies calls the tool (do) which says whether it is so")
	}
	if raw.Verify && p.flow.Needs {
		p.fail("$.needs", "a flow that verifies cannot need it")
	}
}

// checkVerify finds what is wrong between the flow that verifies and those that
// need it.
func (b *Bot) checkVerify() yamlfile.Errors {
	var errs yamlfile.Errors
	by := b.flows[b.settings.Verify.Name()]
	if b.settings.Verify != "" && (by == nil || !by.Verify) {
		errs.Add("bot.yaml", desk.Errorf(desk.Invalid, "no_verify", "verify: %s is no flow with verify: true", b.settings.Verify))
	}
	for _, name := range b.order {
		if f := b.flows[name]; f.Needs && b.settings.Verify == "" {
			errs = append(errs, f.Errorf("$.needs", "nothing verifies: name the flow that does in bot.yaml, as verify: flow:NAME"))
		}
	}
	return errs
}

// verified reports whether the customer has proved who he is.
func (r *run) verified() bool {
	return r.proven || r.turn.Conversation.Verified || r.turn.Contact.Verified
}

// contact is who the rules see.
func (r *run) contact() desk.Contact {
	c := r.turn.Contact
	c.Verified = r.verified()
	return c
}

// verifyFirst has the customer prove who he is, if the flow needs it and he has
// not; the flow goes on by itself afterwards. What was proved with, such as a
// customer's number, is not asked again.
func (r *run) verifyFirst(f *frame) bool {
	flow := r.bot.flows[f.Flow]
	switch {
	case r.verified() && !r.unproved(flow):
		if flow.Needs {
			r.takeOver(f)
		}
		return false
	case (flow.Needs || flow.Verify) && r.st.Denied >= maxDenied:
		r.handOver("retries", "hand_over_denied")
		return true
	case !flow.Needs:
		return false
	}
	r.mark(desk.Mark{Kind: desk.MarkPaused, Flow: f.Flow})
	r.leadWith("verify_first")
	name := r.bot.settings.Verify.Name()
	if i := r.st.find(name); i >= 0 {
		by := r.st.Stack[i]
		r.st.Stack = append(slices.Delete(r.st.Stack, i, i+1), by)
		by.Left = false
		r.mark(desk.Mark{Kind: desk.MarkResumed, Flow: name})
		return true
	}
	if len(r.st.Stack) >= maxFrames {
		r.mark(desk.Mark{Kind: desk.MarkCancelled, Flow: r.st.Stack[0].Flow})
		r.st.Stack = r.st.Stack[1:]
	}
	r.st.N++
	r.st.Stack = append(r.st.Stack, &frame{Flow: name, N: r.st.N})
	r.mark(desk.Mark{Kind: desk.MarkStarted, Flow: name})
	return true
}

// takeOver fills what the proof knows: once what the flow still lacks, and always
// what he proved himself with, so that nobody acts for another card or account.
func (r *run) takeOver(f *frame) {
	by := r.bot.flows[r.bot.settings.Verify.Name()]
	for _, s := range r.bot.flows[f.Flow].Slots {
		v := r.st.Proven[s.Name]
		if v == "" || s.Sensitive {
			continue
		}
		if _, own := by.Slot(s.Name); !own && (f.Took || f.Slots[s.Name] != "") {
			continue
		}
		if canonical, reason := s.Check(v, r.now); reason == "" && f.Slots[s.Name] != canonical {
			f.set(s.Name, canonical, "")
			r.mark(desk.Mark{Kind: desk.MarkSet, Flow: f.Flow, Slot: s.Name, Value: canonical})
		}
	}
	f.Took = true
}

// unproved reports whether a flow is about something that only the proof tells,
// such as a card, and that has not been given: who is known by other means, as a
// site's own user, proves it, too.
func (r *run) unproved(flow *Flow) bool {
	by := r.bot.flows[r.bot.settings.Verify.Name()]
	return flow.Needs && slices.ContainsFunc(flow.Slots, func(s Slot) bool {
		_, own := by.Slot(s.Name)
		return own && !s.Sensitive && r.st.Proven[s.Name] == ""
	})
}

// proved notes that the customer is who he says.
func (r *run) proved(f *frame) {
	r.proven, r.st.Denied = true, 0
	r.st.Proven = maps.Clone(f.Saved)
	if r.st.Proven == nil {
		r.st.Proven = map[string]string{}
	}
	for _, s := range r.bot.flows[f.Flow].Slots {
		if v := f.Slots[s.Name]; v != "" && !s.Sensitive {
			r.st.Proven[s.Name] = v
		}
	}
	r.mark(desk.Mark{Kind: desk.MarkVerified, Flow: f.Flow})
}

// denied has the proof given again from the beginning; a few times in a
// conversation, then a person decides.
func (r *run) denied(f *frame) {
	flow := r.bot.flows[f.Flow]
	r.st.Denied++
	f.Attempt++
	f.Slots, f.Shown, f.Ask, f.Edit, f.Skipped, f.Phase, f.Unsure = nil, nil, "", "", nil, filling, false
	if r.st.Denied >= maxDenied {
		if to := flow.Do.Failed.Go; to.Kind() == desk.KindQueue {
			r.handOverTo(desk.QueueName(to.Name()), "retries", "hand_over_denied")
			return
		}
		r.handOver("retries", "hand_over_denied")
		return
	}
	if flow.Do.Failed.Say.IsZero() {
		r.leadWith("denied")
	} else {
		r.lead = append(r.lead, r.render(f, flow.Do.Failed.Say))
	}
}

// withoutProof drops a proof that is given up, since what needs it cannot go on
// without. It returns what is given up with it.
func (r *run) withoutProof(f *frame) *frame {
	n := len(r.st.Stack)
	if !r.bot.flows[f.Flow].Verify || n < 2 || r.verified() && !r.unproved(r.bot.flows[r.st.Stack[n-2].Flow]) || r.st.Stack[n-2].Left || !r.bot.flows[r.st.Stack[n-2].Flow].Needs {
		return f
	}
	r.mark(desk.Mark{Kind: desk.MarkCancelled, Flow: f.Flow})
	r.st.pop()
	return r.st.top()
}
