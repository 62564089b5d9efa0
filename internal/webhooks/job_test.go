package webhooks_test

import (
	"time"

	"github.com/parleyhq/parley/internal/jobs"
)

// end is how the queue ends a run.
func end(err error) jobs.End {
	if err == nil {
		return jobs.End{State: jobs.Done, At: time.Now()}
	}
	return jobs.End{State: jobs.Waiting, At: time.Now(), Error: err.Error()}
}
