//go:build !linux

package media

import "time"

// sleepUntil waits by the runtime's timers.
func sleepUntil(t time.Time) { time.Sleep(time.Until(t)) }
