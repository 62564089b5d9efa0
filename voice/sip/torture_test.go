package sip

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/voice"
)

// torture is our answer to each message of RFC 4475, sent by UDP to a registrar
// that knows nobody, with a callee who is busy. 0: no answer.
var torture = map[string]struct {
	code int
	why  string
}{
	// 3.1.1: well formed
	"wsinv":      {481, "folded and spaced in every way, and read: within a dialog that nobody knows"},
	"intmeth":    {405, "an unknown method with every character a token may have"},
	"esc01":      {486, "escaped characters in addresses: a call"},
	"escnull":    {401, "escaped nulls: a registration, to be authenticated"},
	"esc02":      {405, "RE%47IST%45R is not REGISTER: methods are not unescaped"},
	"lwsdisp":    {200, "no space between name and address"},
	"longreq":    {486, "long values in every header: a call"},
	"dblreq":     {401, "what follows Content-Length in a datagram is passed over"},
	"semiuri":    {200, "a semicolon in the user part"},
	"transports": {200, "unknown transports further down the Via"},
	"mpart01":    {405, "MESSAGE, which we do not take"},
	"unreason":   {0, "a response to nothing"},
	"noreason":   {0, "a response to nothing"},
	// 3.1.2: not well formed
	"badinv01":   {400, "separators without a value in Via and Contact"},
	"clerr":      {400, "Content-Length is more than there is"},
	"ncl":        {400, "Content-Length is negative"},
	"scalar02":   {400, "CSeq is beyond 2^31"},
	"scalarlg":   {0, "a response with numbers beyond all bounds"},
	"quotbal":    {400, "a quote that is not closed"},
	"ltgtruri":   {400, "brackets around the request URI"},
	"lwsruri":    {400, "a space in the request URI"},
	"lwsstart":   {400, "two spaces in the request line"},
	"trws":       {400, "spaces behind the request line"},
	"escruri":    {400, "headers in the request URI"},
	"baddate":    {486, "a date in no time zone of ours: nobody looks at it"},
	"regbadct":   {400, "headers in a Contact without brackets"},
	"badaspec":   {400, "spaces within the brackets"},
	"baddn":      {400, "a comma in a name without quotes"},
	"badvers":    {505, "SIP/7.0"},
	"mismatch01": {400, "CSeq is of another method"},
	"mismatch02": {405, "an unknown method, which CSeq does not even name"},
	"bigcode":    {0, "a response with a status beyond all bounds"},
	// 3.2: transactions
	"badbranch": {200, "a branch that is nothing but the cookie: taken as RFC 2543 would"},
	// 3.3: applications
	"insuf":    {400, "no From, To and Call-ID"},
	"unkscm":   {416, "a scheme nobody knows"},
	"novelsc":  {416, "a scheme that is not for calls"},
	"unksm2":   {400, "a registration of something that is no SIP address"},
	"bext01":   {420, "extensions nobody supports"},
	"invut":    {415, "a body of an unknown type"},
	"regaut01": {401, "credentials of an unknown scheme"},
	"multi01":  {400, "two of each header that stands once"},
	"mcl01":    {400, "two Content-Length"},
	"bcast":    {0, "a response that was meant for the whole network"},
	"zeromf":   {200, "Max-Forwards 0, and it is for us"},
	"cparam01": {401, "an unknown parameter of Contact"},
	"cparam02": {401, "an unknown parameter of its address"},
	"regescrt": {401, "an escaped Route in the Contact"},
	"sdp01":    {406, "only descriptions of an unknown type would be accepted"},
	// 3.4: back to RFC 2543
	"inv2543": {400, "no tag in From: RFC 2543 is not spoken"},
	// a request line without a version
	"test": {0, "no request line, no Via: nowhere to answer to"},
}

var branchOf = regexp.MustCompile(`(?i)(branch\s*=\s*z9hG4bK[^\s;,]+)`)

func TestTorture(t *testing.T) {
	t.Parallel()
	r := start(t, func(c *Config) {
		c.UDP = "127.0.0.1:0"
		c.Accounts, c.Bindings = accounts{}, &bindings{}
	})
	go func() {
		for {
			select {
			case l := <-r.calls:
				l.Hangup(voice.Cause{Reason: voice.EndBusy})
			case <-r.ctx.Done():
				return
			}
		}
	}()
	// Answers go to the port in Via: 5060, 5050 in one. The address is our own.
	host := fmt.Sprintf("127.%d.%d.1", 10+os.Getpid()>>8&0x7f, os.Getpid()&0xff)
	answers := make(chan []byte, 1000)
	var sock *net.UDPConn
	for _, port := range []int{5050, 5060} {
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(host), Port: port})
		if err != nil {
			t.Fatalf("the test needs %s:%d: %v", host, port, err)
		}
		defer c.Close()
		sock = c
		go func() {
			for {
				b := make([]byte, 64<<10)
				n, err := c.Read(b)
				if err != nil {
					return
				}
				answers <- b[:n]
			}
		}()
	}
	files, err := filepath.Glob("testdata/torture/*.dat")
	if err != nil || len(files) != len(torture) || len(files) != 50 {
		t.Fatalf("%d files, %d expectations, want 50 of each (%v)", len(files), len(torture), err)
	}
	at := net.UDPAddrFromAddrPort(r.Addr("udp"))
	marks, open := map[string][]string{}, 0
	for i, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".dat")
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		unique := ".t" + strconv.Itoa(i) + "t"
		data = branchOf.ReplaceAll(data, []byte("${1}"+unique))
		marks[name] = []string{unique}
		if m := regexp.MustCompile(`(?mi)^(?:Call-ID|i)\s*:\s*(\S+)`).FindSubmatch(data); m != nil {
			marks[name] = append(marks[name], string(m[1]))
		}
		if torture[name].code != 0 {
			open++
		}
		if _, err := sock.WriteToUDP(data, at); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]int{}
	limit := time.After(patience)
	var quiet <-chan time.Time
	for {
		select {
		case b := <-answers:
			name := ""
			for n, ms := range marks {
				for _, m := range ms {
					if bytes.Contains(b, []byte(m)) {
						name = n
					}
				}
			}
			code, _ := strconv.Atoi(string(b[8:11]))
			if name == "" || code < 200 {
				continue
			}
			if _, again := got[name]; !again {
				got[name] = code
				if torture[name].code != 0 {
					open--
				}
			}
			if open == 0 && quiet == nil { // and now nothing more may come
				quiet = time.After(500 * time.Millisecond)
			}
			continue
		case <-quiet:
		case <-limit:
		}
		break
	}
	for name, want := range torture {
		if got[name] != want.code {
			t.Errorf("%s: answered %d, want %d (%s)", name, got[name], want.code, want.why)
		}
	}
}
