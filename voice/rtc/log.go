package rtc

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/pion/logging"
)

// pionLogs sends what pion has to say to the log at debug level: whatever a
// browser may provoke must not fill the log.
type pionLogs struct{ log *slog.Logger }

var _ logging.LoggerFactory = pionLogs{}

// NewLogger implements logging.LoggerFactory.
func (l pionLogs) NewLogger(scope string) logging.LeveledLogger { return pionLog{l.log, scope} }

type pionLog struct {
	log   *slog.Logger
	scope string
}

func (l pionLog) say(level, format string, args ...any) {
	if l.log.Enabled(context.Background(), slog.LevelDebug) {
		l.log.Debug("pion", "scope", l.scope, "level", level, "text", fmt.Sprintf(format, args...))
	}
}

func (l pionLog) Trace(string)                      {}
func (l pionLog) Tracef(string, ...any)             {}
func (l pionLog) Debug(string)                      {}
func (l pionLog) Debugf(string, ...any)             {}
func (l pionLog) Info(msg string)                   { l.say("info", "%s", msg) }
func (l pionLog) Infof(format string, args ...any)  { l.say("info", format, args...) }
func (l pionLog) Warn(msg string)                   { l.say("warn", "%s", msg) }
func (l pionLog) Warnf(format string, args ...any)  { l.say("warn", format, args...) }
func (l pionLog) Error(msg string)                  { l.say("error", "%s", msg) }
func (l pionLog) Errorf(format string, args ...any) { l.say("error", format, args...) }
