// Package rtc speaks WebRTC with browsers: the agents' softphone and the
// customers' talk button. All browsers share one UDP port; the node is an
// ICE-lite peer, so an offer is answered at once and completely. Audio is G.711
// as it is everywhere inside, so nothing is transcoded.
package rtc
