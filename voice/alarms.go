package voice

import "time"

// alarm names a time that a call waits for.
type alarm string

// The alarms of a call. Those of a mode end with the mode.
const (
	alarmLength   alarm = "length"   // the call has become too long
	alarmPoll     alarm = "poll"     // look at the conversation, even without news
	alarmKeys     alarm = "keys"     // no further key has come
	alarmSilence  alarm = "silence"  // nobody has said or pressed anything
	alarmAnnounce alarm = "announce" // the waiting one is told his place again
	alarmRing     alarm = "ring"     // whoever is rung has had his time
	alarmJoin     alarm = "join"     // a supervisor who is rung has had his time
	alarmReturn   alarm = "return"   // a lost browser may still come back
	alarmTry      alarm = "try"      // look for the lost browser again
	alarmSorry    alarm = "sorry"    // the agent has heard why nobody is on the line
	alarmMessage  alarm = "message"  // the recorded message is long enough
	alarmTape     alarm = "tape"     // the last key of something sensitive has ceased to sound
	alarmLost     alarm = "lost"     // nothing was heard of the caller's line
	alarmBye      alarm = "bye"      // the last words have had their time
)

// alarms are the times that a call waits for, over one timer. They belong to
// the call's goroutine.
type alarms struct {
	at    map[alarm]time.Time
	timer *time.Timer
}

func newAlarms() *alarms {
	a := &alarms{at: map[alarm]time.Time{}, timer: time.NewTimer(time.Hour)}
	a.timer.Stop()
	return a
}

// set rings name after d, and not at the time it was set to before.
func (a *alarms) set(name alarm, d time.Duration) {
	a.at[name] = time.Now().Add(d)
	a.wind()
}

// clear forgets alarms.
func (a *alarms) clear(names ...alarm) {
	for _, n := range names {
		delete(a.at, n)
	}
	a.wind()
}

// is reports whether name is set.
func (a *alarms) is(name alarm) bool { _, ok := a.at[name]; return ok }

// due takes out one alarm whose time has come.
func (a *alarms) due() (alarm, bool) {
	now := time.Now()
	for n, t := range a.at {
		if !t.After(now) {
			delete(a.at, n)
			return n, true
		}
	}
	a.wind()
	return "", false
}

// wind sets the timer to the next alarm.
func (a *alarms) wind() {
	var next time.Time
	for _, t := range a.at {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	if next.IsZero() {
		a.timer.Stop()
		return
	}
	a.timer.Reset(max(0, time.Until(next)))
}
