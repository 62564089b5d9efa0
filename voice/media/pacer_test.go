package media

import (
	"testing"
	"time"
)

// BenchmarkPacer plays music on 500 lines for two seconds of real time and
// reports how late the frames were.
func BenchmarkPacer(b *testing.B) {
	for b.Loop() {
		p := NewPacer()
		lines := make([]*Line, 500)
		for i := range lines {
			lines[i] = NewLine(p, nullWire{})
			lines[i].Play(Music(), nil)
		}
		<-time.After(2 * time.Second)
		got := p.Lateness()
		b.ReportMetric(float64(got.P50.Microseconds()), "p50-µs")
		b.ReportMetric(float64(got.P99.Microseconds()), "p99-µs")
		b.ReportMetric(float64(got.Max.Microseconds()), "max-µs")
		b.ReportMetric(float64(got.Skipped), "skipped")
		for _, l := range lines {
			l.Close()
		}
		p.Close()
	}
}

func TestLateness_QuantilesOfTheLastWindows(t *testing.T) {
	var l lateness
	t0 := time.Unix(1000, 0)
	for i := range 1000 {
		l.note(t0, time.Duration(i)*10*time.Microsecond)
	}
	l.note(t0, 3*time.Second)
	l.skip(7)
	got := l.read(t0.Add(15 * time.Second))
	if got.Slots != 1001 || got.P50 != 5100*time.Microsecond || got.P99 != 10*time.Millisecond || got.Max != 3*time.Second || got.Skipped != 7 {
		t.Errorf("%+v", got)
	}
	if got := l.read(t0.Add(40 * time.Second)); got.Slots != 0 || got.Max != 0 {
		t.Errorf("old lateness is remembered: %+v", got)
	}
}

func TestPacer_LeavesOutWhatHasPassed(t *testing.T) {
	for _, x := range []struct {
		turn, now, next int64
		missed          [slots]int64
	}{
		{10, 10, 10, [slots]int64{}},
		{10, 14, 10, [slots]int64{}}, // up to a frame is caught up with
		{10, 15, 14, [slots]int64{1, 1, 1, 1}},
		{8, 20, 19, [slots]int64{2, 3, 3, 3}},
	} {
		var missed [slots]int64
		if next := catchUp(x.turn, x.now, &missed); next != x.next || missed != x.missed {
			t.Errorf("turn %d at %d: next after %d, missed %v; want %d, %v", x.turn, x.now, next, missed, x.next, x.missed)
		}
	}
}
