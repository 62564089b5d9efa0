package media

// slack is how far a stream's time stamps may run from the real time, in
// samples, before they are taken for a jump.
const slack = Rate

// origin is what a frame comes from; the stream is marked where it changes.
type origin struct {
	turn uint64
	link *link
	seat *seat
}

// outlet is the clock of what a line sends. It only goes forward, close to the
// real time, whatever the frames come from.
type outlet struct {
	end    int64 // where the next sample belongs
	from   origin
	ever   bool
	fromAt int64 // of relayed frames: the last one's place
	fromTS uint32
}

// paced makes room for a generated frame, and tells whether it follows a switch
// or a pause. Frames counts those left out, too.
func (o *outlet) paced(now int64, from origin, frames int64) (marker bool) {
	if o.from != from || !o.ever {
		o.begin(now, from)
		return true
	}
	o.end += (frames - 1) * Frame
	return frames > 1
}

// relayed makes room for a frame of another stream: gaps of that stream stay
// gaps. A frame that comes after its successors is refused.
func (o *outlet) relayed(now int64, from origin, ts uint32) (marker, ok bool) {
	at := o.fromAt + int64(int32(ts-o.fromTS))
	gap := at - o.end
	switch {
	case o.from != from || !o.ever, gap <= -slack, gap > 0 && at-now > slack, now-at > slack:
		o.begin(now, from)
		marker = true
	case gap < 0:
		return false, false
	default:
		o.end = at
		marker = gap >= slack/5
	}
	o.fromAt, o.fromTS = o.end, ts
	return marker, true
}

// begin goes to now, unless the stream is within a frame of it already.
func (o *outlet) begin(now int64, from origin) {
	if !o.ever || now-o.end >= Frame {
		o.end = max(o.end, now)
	}
	o.from, o.ever = from, true
}

// inlet places what arrives on the line's clock: by its time stamps, and by its
// arrival where these jump.
type inlet struct {
	end  int64 // of what has been placed
	at   int64 // of the last one
	ts   uint32
	ever bool
}

func (i *inlet) place(now int64, ts uint32, samples int) (at int64) {
	at = i.at + int64(int32(ts-i.ts))
	if off := at - now; !i.ever || off > slack/2 || off < -slack/2 {
		at = max(now, i.end)
	}
	i.at, i.ts, i.ever = at, ts, true
	i.end = max(i.end, at+int64(samples))
	return at
}
