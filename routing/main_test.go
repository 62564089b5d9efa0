package routing_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain keeps the random tests short; -rapid.checks asks for more.
func TestMain(m *testing.M) {
	_ = flag.Set("rapid.checks", "12")
	flag.Parse()
	os.Exit(m.Run())
}
