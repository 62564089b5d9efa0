// Package media is the audio of calls: frames of G.711, what plays, mixes,
// records and listens to them, and the wire formats it needs. It does no
// network I/O.
package media
