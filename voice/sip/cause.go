package sip

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/voice"
)

// q850 is what RFC 3398, 8.2.6.1 makes of a status code, and our word for it.
var q850 = map[int]struct {
	cause  int
	reason string
}{
	400: {127, voice.EndFailed}, 401: {21, voice.EndRejected}, 402: {21, voice.EndRejected}, 403: {21, voice.EndRejected},
	404: {1, voice.EndUnreachable}, 405: {63, voice.EndFailed}, 406: {79, voice.EndFailed}, 407: {21, voice.EndRejected},
	408: {102, voice.EndNoAnswer}, 410: {22, voice.EndUnreachable}, 413: {127, voice.EndFailed}, 415: {79, voice.EndFailed},
	416: {127, voice.EndFailed}, 420: {127, voice.EndFailed}, 421: {127, voice.EndFailed}, 423: {127, voice.EndFailed},
	480: {18, voice.EndNoAnswer}, 481: {41, voice.EndLost}, 482: {25, voice.EndFailed}, 483: {25, voice.EndFailed},
	484: {28, voice.EndUnreachable}, 485: {1, voice.EndUnreachable}, 486: {17, voice.EndBusy}, 487: {16, voice.EndCancelled},
	488: {88, voice.EndFailed}, 500: {41, voice.EndFailed}, 501: {79, voice.EndFailed}, 502: {38, voice.EndFailed},
	503: {41, voice.EndCongestion}, 504: {102, voice.EndNoAnswer}, 600: {17, voice.EndBusy}, 603: {21, voice.EndRejected},
	604: {1, voice.EndUnreachable}, 606: {88, voice.EndFailed},
}

// causeOf says why a call failed that was refused with a status code.
func causeOf(status int) voice.Cause {
	c := voice.Cause{SIP: status, Reason: voice.EndFailed, Q850: 31}
	if m, ok := q850[status]; ok {
		c.Reason, c.Q850 = m.reason, m.cause
	} else if status >= 300 && status < 400 {
		c.Reason = voice.EndUnreachable
	}
	return c
}

// refusal is the status code that says why an incoming call is not taken.
func refusal(c voice.Cause) (int, string) {
	if c.SIP >= 300 && c.SIP < 700 && c.SIP != 401 && c.SIP != 407 {
		return c.SIP, reasonPhrase(c.SIP)
	}
	code := map[string]int{
		voice.EndBusy: 486, voice.EndNoAnswer: 480, voice.EndRejected: 603, voice.EndUnreachable: 404,
		voice.EndCancelled: 487, voice.EndCongestion: 503, voice.EndFailed: 500,
	}[c.Reason]
	if code == 0 {
		code = 480
	}
	return code, reasonPhrase(code)
}

// clearing is the Q.850 cause of a hangup.
func clearing(c voice.Cause) int {
	if c.Q850 > 0 {
		return c.Q850
	}
	switch c.Reason {
	case voice.EndBusy:
		return 17
	case voice.EndNoAnswer:
		return 19
	case voice.EndRejected:
		return 21
	case voice.EndUnreachable:
		return 1
	case voice.EndCongestion:
		return 42
	case voice.EndLost:
		return 102
	case voice.EndFailed:
		return 41
	}
	return 16
}

// reasonHeader is RFC 3326.
func reasonHeader(c voice.Cause) sip.Header {
	return sip.NewHeader("Reason", fmt.Sprintf(`Q.850;cause=%d;text="%s"`, clearing(c), strings.ReplaceAll(c.Reason, "_", " ")))
}

// readReason takes the Q.850 cause out of a Reason header; 0 when there is none.
func readReason(v string) int {
	for _, one := range splitList(v) {
		name, rest, _ := strings.Cut(one, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "Q.850") {
			continue
		}
		n, err := strconv.Atoi(param(rest, "cause"))
		if err == nil && n > 0 && n < 128 {
			return n
		}
	}
	return 0
}

func reasonPhrase(code int) string {
	if s, ok := phrases[code]; ok {
		return s
	}
	return "Refused"
}

var phrases = map[int]string{
	100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 202: "Accepted",
	400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
	406: "Not Acceptable", 408: "Request Timeout", 413: "Request Entity Too Large", 415: "Unsupported Media Type",
	416: "Unsupported URI Scheme", 420: "Bad Extension", 422: "Session Interval Too Small", 423: "Interval Too Brief",
	480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist", 482: "Loop Detected", 483: "Too Many Hops",
	486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here", 489: "Bad Event", 491: "Request Pending",
	500: "Server Internal Error", 501: "Not Implemented", 503: "Service Unavailable", 505: "Version Not Supported",
	513: "Message Too Large", 603: "Decline",
}
