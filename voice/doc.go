// Package voice is calls: one function per call, from the ring to the record.
// A call is one more window on its conversation. It says what the responder
// says, hears keys and words, and follows the conversation's status: a menu
// speaks, a queue plays music, an agent talks.
package voice
