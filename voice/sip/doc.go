// Package sip speaks SIP (RFC 3261): phones that register, trunks, dialogs. It
// makes legs of what calls in, and dials out.
package sip
