package rtc

import (
	"context"
	"strings"
	"time"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"github.com/parleyhq/parley/desk"
)

const (
	mimeEvents = "audio/telephone-event" // RFC 4733

	maxOffer    = 64 << 10
	gatherLimit = 5 * time.Second
)

// readOffer checks an offer and takes the browser's own addresses out of it: an
// ICE-lite peer only answers those who ask (RFC 8445, section 6.1), so a
// stranger's offer cannot make the node send anything anywhere.
func readOffer(offer string) (clean string, video bool, err error) {
	if len(offer) > maxOffer {
		return "", false, desk.Errorf(desk.TooLarge, "sdp_too_large", "the offer has more than %d bytes", maxOffer)
	}
	var d sdp.SessionDescription
	if err := d.UnmarshalString(offer); err != nil {
		return "", false, badOffer("it is no SDP: %v", err)
	}
	audio := 0
	for _, m := range d.MediaDescriptions {
		switch m.MediaName.Media {
		case "audio":
			audio++
			if !speaksG711(m) {
				return "", false, badOffer("its audio has neither PCMU nor PCMA")
			}
		case "video":
			if video {
				return "", false, badOffer("it has more than one video")
			}
			video = true
		default:
			return "", false, badOffer("%q is not served: offer one audio and at most one video", m.MediaName.Media)
		}
	}
	if audio != 1 {
		return "", false, badOffer("it has %d audios, not one", audio)
	}
	var b strings.Builder
	for line := range strings.Lines(offer) {
		if !strings.HasPrefix(line, "a=candidate:") {
			b.WriteString(line)
		}
	}
	return b.String(), video, nil
}

// speaksG711 tells whether PCMU (0) or PCMA (8) is among the formats; both
// payload types are static (RFC 3551), yet may be mapped to another number.
func speaksG711(m *sdp.MediaDescription) bool {
	for _, f := range m.MediaName.Formats {
		if f == "0" || f == "8" {
			return true
		}
	}
	for _, a := range m.Attributes {
		if a.Key == "rtpmap" && (strings.HasSuffix(a.Value, " PCMU/8000") || strings.HasSuffix(a.Value, " PCMA/8000")) {
			return true
		}
	}
	return false
}

func badOffer(format string, args ...any) error {
	return desk.Errorf(desk.Invalid, "sdp_invalid", "the browser's offer cannot be answered: "+format, args...)
}

// answer makes the complete answer to an offer. p's tracks are added to pc.
func answer(ctx context.Context, p *peer, offer string) (string, error) {
	clean, video, err := readOffer(offer)
	if err != nil {
		return "", err
	}
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: clean}); err != nil {
		return "", badOffer("%w", err)
	}
	if err := p.addTracks(video); err != nil {
		return "", badOffer("%w", err)
	}
	a, err := p.pc.CreateAnswer(nil)
	if err != nil {
		return "", badOffer("%w", err)
	}
	complete := webrtc.GatheringCompletePromise(p.pc)
	if err := p.pc.SetLocalDescription(a); err != nil {
		return "", badOffer("%w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, gatherLimit)
	defer cancel()
	select {
	case <-complete:
		return p.pc.LocalDescription().SDP, nil
	case <-ctx.Done():
		return "", desk.Errorf(desk.Unavailable, "ice_gathering", "the node's own addresses: %w", ctx.Err())
	}
}
