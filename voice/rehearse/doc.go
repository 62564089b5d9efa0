// Package rehearse makes calls without a network: a caller who speaks and
// presses keys, an exchange that answers as it answers everybody, and a
// conversation at the far end that need not be stored. The audio is real, only
// its time passes faster.
package rehearse
