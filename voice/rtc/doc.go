// Package rtc speaks WebRTC with browsers: the agents' softphone and the
// customers' talk button.
package rtc

import (
	_ "github.com/pion/ice/v4"
	_ "github.com/pion/interceptor"
	_ "github.com/pion/interceptor/pkg/report"
	_ "github.com/pion/rtcp"
	_ "github.com/pion/rtp"
	_ "github.com/pion/webrtc/v4"
)
