package media

import (
	"syscall"
	"time"
)

// sleepUntil waits in the kernel: the runtime's timers wake a millisecond late,
// and a clock thread has nothing else to do.
func sleepUntil(t time.Time) {
	for d := time.Until(t); d > 0; d = time.Until(t) {
		ts := syscall.NsecToTimespec(int64(d))
		if err := syscall.Nanosleep(&ts, nil); err != nil && err != syscall.EINTR {
			time.Sleep(d)
		}
	}
}
