package alerting

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/alertmanager/cluster"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/tenant"
)

// gossip shares all tenants' silences and notification logs with other replicas
// through one membership. A nil *gossip is a process that is alone.
type gossip struct {
	node        *cluster.Peer
	peerTimeout time.Duration
	logger      *slog.Logger
	settling    context.CancelFunc
	settled     chan struct{}
}

// joinCluster listens for other replicas; join looks for them. It returns nil
// without a listen address.
func joinCluster(cfg ClusterConfig, logger *slog.Logger, reg prometheus.Registerer) (*gossip, error) {
	if cfg.ListenAddress == "" {
		return nil, nil
	}
	logger = logger.With("component", "cluster")
	tls, err := cluster.GetTLSTransportConfig(cfg.TLSConfig)
	if err != nil {
		return nil, fmt.Errorf("read alerting.cluster.tls_config: %w", err)
	}
	node, err := cluster.Create(logger, reg, cfg.ListenAddress, cfg.AdvertiseAddress, cfg.Peers, true,
		cluster.DefaultPushPullInterval, cluster.DefaultGossipInterval, cluster.DefaultTCPTimeout,
		cluster.DefaultResolvePeersTimeout, cluster.DefaultProbeTimeout, cluster.DefaultProbeInterval,
		tls, false, cfg.Label, "")
	if err != nil {
		return nil, fmt.Errorf("listen for the alerting cluster on %s: %w", cfg.ListenAddress, err)
	}
	return &gossip{node: node, peerTimeout: time.Duration(cfg.PeerTimeout), logger: logger}, nil
}

// share keeps state in step with other replicas' and returns what to call with
// each change. The tenant "default" uses Alertmanager's own keys, so that an
// Alertmanager can be a replica for it.
func (g *gossip) share(id tenant.ID, kind string, state cluster.State, reg prometheus.Registerer) func([]byte) {
	if g == nil {
		return func([]byte) {}
	}
	key := kind
	if id != tenant.Default {
		key = kind + "/" + string(id)
	}
	channel := g.node.AddState(key, state, reg)
	return channel.Broadcast
}

// join looks for the other replicas once the states to share are known.
func (g *gossip) join() {
	if g == nil {
		return
	}
	if err := g.node.Join(cluster.DefaultReconnectInterval, cluster.DefaultReconnectTimeout); err != nil {
		g.logger.Warn("no other replica found yet", "error", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), cluster.DefaultPushPullInterval)
	g.settling = cancel
	g.settled = make(chan struct{})
	go func() {
		defer close(g.settled)
		g.node.Settle(ctx, cluster.DefaultGossipInterval*10)
	}()
}

// leave tells the other replicas that this one ends.
func (g *gossip) leave() error {
	if g == nil {
		return nil
	}
	if g.settling != nil {
		g.settling()
		<-g.settled
	}
	if err := g.node.Leave(10 * time.Second); err != nil {
		return fmt.Errorf("leave alerting cluster: %w", err)
	}
	return nil
}

func (g *gossip) peer() *cluster.Peer {
	if g == nil {
		return nil
	}
	return g.node
}

// wait is how long this replica lets those before it notify first.
func (g *gossip) wait() time.Duration {
	if g == nil {
		return 0
	}
	return time.Duration(g.node.Position()) * g.peerTimeout
}
