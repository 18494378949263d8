package alerting

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails if anything that the service started outlives it, but for the
// membership of a cluster: Alertmanager's package leaves it and does not close
// its sockets, which is for the end of the process.
func TestMain(m *testing.M) {
	const memberlist = "github.com/hashicorp/memberlist."
	var left []goleak.Option
	for _, name := range []string{
		"(*Memberlist).checkBroadcastQueueDepth", "(*Memberlist).packetHandler", "(*Memberlist).packetListen",
		"(*Memberlist).pushPullTrigger", "(*Memberlist).streamListen", "(*Memberlist).triggerFunc",
		"(*NetTransport).tcpListen", "(*NetTransport).udpListen",
	} {
		left = append(left, goleak.IgnoreAnyFunction(memberlist+name))
	}
	goleak.VerifyTestMain(m, left...)
}
