package sip

import (
	"fmt"
	"testing"
)

func TestInside_IsWhoIsMeant(t *testing.T) {
	s := start(t, nil)
	port := s.Addr("udp").Port()
	for target, want := range map[string]string{
		fmt.Sprintf("sip:+4930123456@127.0.0.1:%d", port):                 "+4930123456",
		fmt.Sprintf("sip:bob@127.0.0.1:%d;transport=tcp", port):           "bob",
		fmt.Sprintf("sip:+4930123456;phone-context=x@127.0.0.1:%d", port): "+4930123456",
		"sip:+4930123456@PARLEY":                                          "+4930123456",
		"tel:+4930123456;phone-context=x":                                 "+4930123456",
		"sip:bob@127.0.0.1:9":                                             "sip:bob@127.0.0.1:9",
		"sip:bob@example.com":                                             "sip:bob@example.com",
		"sip:parley":                                                      "sip:parley",
		"nonsense":                                                        "nonsense",
	} {
		if got := s.inside(target, "127.0.0.1"); got != want {
			t.Errorf("%s is %q, want %q", target, got, want)
		}
	}
}
