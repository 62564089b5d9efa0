package media

// Stats is what is known of a leg's audio.
type Stats struct {
	Codec          string
	Sent, Received int64 // RTP packets
	Lost           int64 // of those that should have been received
	LossPct        float64
	JitterMs       float64 // RFC 3550, A.8
	RTTMs          float64 // by RTCP
	FarLossPct     float64 // as the far end reports
	MOS            float64 // estimate, ITU-T G.107
}
