// Package sip speaks SIP (RFC 3261): phones that register, trunks, dialogs. It
// makes legs of what calls in, and dials out.
package sip

import (
	_ "github.com/emiago/sipgo"
	_ "github.com/emiago/sipgo/sip"
	_ "github.com/icholy/digest"
	_ "github.com/pion/sdp/v3"
)
