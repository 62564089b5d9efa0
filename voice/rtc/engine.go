package rtc

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/webrtc/v4"
)

// reportEvery is how often RTCP reports go out: often enough for a round-trip
// time in a short call, seldom enough for idle agents.
const reportEvery = 2 * time.Second

// newAPI makes the part of pion that all browsers share. Only what both ends
// must support (RFC 7874, RFC 7742) and what needs no transcoding is offered;
// of the interceptors only the reports: what is lost is asked for from browser
// to browser (see relay), not here.
func newAPI(cfg Config, mux ice.UDPMux, logs pionLogs) (*webrtc.API, error) {
	var codecs webrtc.MediaEngine
	for _, c := range []struct {
		kind webrtc.RTPCodecType
		webrtc.RTPCodecParameters
	}{
		{webrtc.RTPCodecTypeAudio, codec(webrtc.MimeTypePCMU, 8000, 0)},
		{webrtc.RTPCodecTypeAudio, codec(webrtc.MimeTypePCMA, 8000, 8)},
		{webrtc.RTPCodecTypeAudio, codec(mimeEvents, 8000, 126)},
		{webrtc.RTPCodecTypeVideo, codec(webrtc.MimeTypeVP8, 90000, 96,
			webrtc.RTCPFeedback{Type: "nack"}, webrtc.RTCPFeedback{Type: "nack", Parameter: "pli"},
			webrtc.RTCPFeedback{Type: "ccm", Parameter: "fir"}, webrtc.RTCPFeedback{Type: "goog-remb"})},
	} {
		if err := codecs.RegisterCodec(c.RTPCodecParameters, c.kind); err != nil {
			return nil, err
		}
	}
	var reports interceptor.Registry
	receive, err := report.NewReceiverInterceptor(report.ReceiverInterval(reportEvery), report.WithReceiverLoggerFactory(logs))
	if err != nil {
		return nil, err
	}
	send, err := report.NewSenderInterceptor(report.SenderInterval(reportEvery), report.WithSenderLoggerFactory(logs))
	if err != nil {
		return nil, err
	}
	reports.Add(receive)
	reports.Add(send)

	set := webrtc.SettingEngine{LoggerFactory: logs}
	set.SetLite(true)
	set.SetICEUDPMux(mux)
	set.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	set.DisableActiveTCP(true)
	set.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	set.SetIncludeLoopbackCandidate(cfg.Loopback)
	// Browsers check the path every 2.5 s; one that is silent for the whole of
	// Patience has gone.
	set.SetICETimeouts(cfg.Patience*2/5, cfg.Patience*3/5, min(2*time.Second, cfg.Patience/5))
	set.SetFireOnTrackBeforeFirstRTP(true)
	if len(cfg.Public) > 0 {
		if err := set.SetICEAddressRewriteRules(webrtc.ICEAddressRewriteRule{
			External: cfg.Public, AsCandidateType: webrtc.ICECandidateTypeHost, Mode: webrtc.ICEAddressRewriteReplace,
		}); err != nil {
			return nil, err
		}
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(&codecs), webrtc.WithInterceptorRegistry(&reports), webrtc.WithSettingEngine(set)), nil
}

func codec(mime string, rate uint32, pt webrtc.PayloadType, feedback ...webrtc.RTCPFeedback) webrtc.RTPCodecParameters {
	return webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: mime, ClockRate: rate, RTCPFeedback: feedback},
		PayloadType:        pt,
	}
}

// certificate is the node's DTLS certificate: one for all browsers, for making
// one costs more than the rest of an answer, and a new one each day, for pion
// refuses one that is older than a month.
type certificate struct {
	mu   sync.Mutex // guards what follows
	cert *webrtc.Certificate
	made time.Time
}

func (c *certificate) get(now time.Time) (webrtc.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cert == nil || now.Sub(c.made) > 24*time.Hour {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return webrtc.Certificate{}, err
		}
		if c.cert, err = webrtc.GenerateCertificate(key); err != nil {
			return webrtc.Certificate{}, err
		}
		c.made = now
	}
	return *c.cert, nil
}
