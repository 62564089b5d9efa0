package media

import "testing"

func TestG711_EveryCodeSurvivesARoundTrip(t *testing.T) {
	for i := range 256 {
		c := byte(i)
		u := c
		if c == 0x7F { // µ-law has two zeros; they become one
			u = 0xFF
		}
		if got := ToULaw(ULaw(c)); got != u {
			t.Errorf("µ-law %02x became %02x", c, got)
		}
		var pcm [1]int16
		var a [1]byte
		ALawToPCM(pcm[:], []byte{c})
		PCMToALaw(a[:], pcm[:])
		if a[0] != c {
			t.Errorf("A-law %02x became %02x", c, a[0])
		}
	}
}

func TestG711_KnownValues(t *testing.T) {
	for _, x := range []struct {
		ulaw, alaw byte
		u, a       int16
	}{
		{0xFF, 0xD5, 0, 8}, {0x80, 0xAA, 32124, 32256}, {0x00, 0x2A, -32124, -32256}, {0xF0, 0xC5, 120, 264}, {0x8F, 0xFF, 16764, 848},
	} {
		var a [1]int16
		ALawToPCM(a[:], []byte{x.alaw})
		if ULaw(x.ulaw) != x.u || a[0] != x.a {
			t.Errorf("µ-law %02x is %d (want %d), A-law %02x is %d (want %d)", x.ulaw, ULaw(x.ulaw), x.u, x.alaw, a[0], x.a)
		}
	}
}

func TestG711_EverySampleIsCodedWithinHalfAStep(t *testing.T) {
	for name, law := range map[string]struct {
		decode [256]int16
		encode [1 << 14]byte
	}{"µ-law": {ulawToPCM, pcmToULaw}, "A-law": {alawToPCM, pcmToALaw}} {
		for s := -32768; s <= 32767; s++ {
			got := int(law.decode[law.encode[uint16(int16(s))>>2]])
			if off := max(got-s, s-got); off > (max(s, -s)+132)/32+4 {
				t.Fatalf("%s: %d is coded as %d", name, s, got)
			}
		}
	}
}

func TestG711_LawsTranslate(t *testing.T) {
	for i := range 256 {
		a, u := [1]byte{}, [1]byte{}
		ULawToALaw(a[:], []byte{byte(i)})
		ALawToULaw(u[:], a[:])
		var pcm [1]int16
		ALawToPCM(pcm[:], a[:])
		was, is := int(ULaw(byte(i))), int(pcm[0])
		if d := max(was-is, is-was); d > 16+max(was, -was)/16 {
			t.Errorf("µ-law %02x (%d) is A-law %02x (%d)", i, was, a[0], is)
		}
	}
}

func BenchmarkULawToPCM(b *testing.B) {
	var pcm [Frame]int16
	for b.Loop() {
		ULawToPCM(pcm[:], quiet[:Frame])
	}
}

func BenchmarkPCMToULaw(b *testing.B) {
	var ulaw [Frame]byte
	var pcm [Frame]int16
	for b.Loop() {
		PCMToULaw(ulaw[:], pcm[:])
	}
}
