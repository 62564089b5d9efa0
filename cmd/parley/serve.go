package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/bot/tools"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/internal/access"
	"github.com/parleyhq/parley/internal/events"
	"github.com/parleyhq/parley/internal/helpcentre"
	"github.com/parleyhq/parley/internal/httpapi"
	"github.com/parleyhq/parley/internal/jobs"
	"github.com/parleyhq/parley/internal/llm"
	"github.com/parleyhq/parley/internal/privacy"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/playbook"
	"github.com/parleyhq/parley/routing"
	"github.com/parleyhq/parley/web"
)

type serveCmd struct {
	Demo     bool   `help:"Start the demo shop beside it, with users to sign in as."`
	DemoAddr string `default:"127.0.0.1:8090" help:"Where the demo shop listens."`
}

// Run serves until the context ends, then drains.
func (c serveCmd) Run(s *session) error {
	h, err := c.build(s)
	if err != nil {
		return err
	}
	defer h.close()
	var shop http.Handler
	if c.Demo {
		if shop, err = h.demo(s.ctx); err != nil {
			return err
		}
	}
	handler, err := h.http.Handler(s.ctx)
	if err != nil {
		return err
	}
	doors, err := h.listen(c, handler, shop) // before anything is published: a port may be taken
	if err != nil {
		return err
	}
	if err := h.publishFirst(s.ctx, s.cfg.Playbooks); err != nil {
		closeAll(doors)
		return err
	}
	return h.serve(s, c, doors)
}

// house is everything, wired. It is the one place that knows everyone.
type house struct {
	cfg       Config
	log       *slog.Logger
	db        *store.DB
	bus       *events.Bus
	queue     *jobs.Queue
	articles  *kb.Library
	assist    *assist.Desk
	playbooks *playbook.Library
	router    *routing.Router
	gate      *access.Gate
	calls     *tools.Client
	http      *httpapi.Server
	journal   *llm.Journal // nil: no model is asked
	voice     *telephony   // nil: no calls
}

// build opens the database and wires the parts; nothing runs yet.
func (c serveCmd) build(s *session) (h *house, err error) {
	h = &house{cfg: s.cfg, log: slog.Default()}
	if c.Demo {
		c.demoVoice(&h.cfg.Voice)
	}
	defer func() {
		if err != nil {
			h.close()
		}
	}()
	if h.db, err = s.open(); err != nil {
		return h, err
	}
	if h.bus, err = events.Open(events.Options{URL: s.cfg.NATSURL, Listen: s.cfg.ClusterAddr, Peers: s.cfg.ClusterAt, Secret: s.cfg.ClusterKey, Log: h.log}); err != nil {
		return h, fmt.Errorf("%w; check nats_url (NATS_URL), or cluster_listen and cluster_peers", err)
	}
	zone, err := time.LoadLocation(s.cfg.Zone)
	if err != nil {
		return h, err
	}
	metrics := httpapi.NewMetrics()
	model, err := h.model(metrics)
	if err != nil {
		return h, err
	}
	h.queue = jobs.New(h.db, h.log, jobs.Options{Drain: time.Duration(s.cfg.Drain), Ended: func(kind string, state jobs.State, took time.Duration) {
		metrics.Job(kind, string(state), took)
	}})
	h.db.OnEnqueue(func() {
		h.queue.Kick()
		_ = h.bus.Publish(kickSubject, "") // other nodes look at once instead of within a second
	})
	if _, err := h.bus.Subscribe(kickSubject, func(string, []byte) { h.queue.Kick() }); err != nil {
		return h, err
	}

	h.articles = &kb.Library{Store: store.KB{DB: h.db}, Index: kb.NewIndex(), Embedder: kb.BuiltIn{}, InMemory: s.cfg.KB.InMemory, Bus: h.bus, Log: h.log}
	if h.db.D.Postgres() {
		h.articles.Near = store.Near{DB: h.db}
	}
	if model != nil && s.cfg.LLM.EmbedModel != "" {
		h.articles.Embedder = embedder{model, s.cfg.LLM.EmbedModel}
	}
	if err := h.articles.Load(s.ctx); err != nil {
		return h, fmt.Errorf("load the knowledge base: %w", err)
	}
	h.articles.Register(h.queue)
	sources := importer(h.cfg, h.db, h.articles, h.log)
	sources.Register(h.queue)
	exchanges := store.Exchanges{DB: h.db}
	h.queue.Every("model.forget", time.Hour, func(ctx context.Context) error {
		_, err := exchanges.Forget(ctx, time.Now().Add(-time.Duration(s.cfg.LLM.Keep)))
		return err
	})
	h.bus.Joined(func() { // what the other nodes said before we met
		_ = h.bus.Publish(kb.ChangedSubject, kb.Changed{})
		_ = h.bus.Publish(assist.CannedSubject, struct{}{})
		_ = h.bus.Publish(kickSubject, "")
	})

	talk := h.db.Routing()
	sends, err := h.channels()
	if err != nil {
		return h, err
	}
	h.assist = &assist.Desk{Store: store.Assist{DB: h.db}, Conversations: talk, Library: h.articles, Bus: h.bus, Log: h.log, Suggested: metrics.Suggested, Learns: s.cfg.Assist.Learn || c.Demo}
	if err := h.assist.Load(s.ctx); err != nil {
		return h, fmt.Errorf("load the canned replies: %w", err)
	}
	h.assist.Register(h.queue)

	h.calls = tools.New(c.allowed(s.cfg))
	h.playbooks = &playbook.Library{
		Store: h.db.Playbooks(), Articles: h.articles, Canned: h.assist, Bus: h.bus, Tools: h.calls, Default: s.cfg.Playbook, Log: h.log,
	}
	h.playbooks.Vectors, h.playbooks.Asked = h.articles.Kept(), h.articles.Heard()
	if model != nil && s.cfg.LLM.Model != "" {
		h.playbooks.Understand = h.understand(model)
	}

	h.playbooks.Evals = h.db.Evals()
	runs := &playbook.Runs{Store: h.db.Evals(), Library: h.playbooks, Searcher: h.articles}
	if model != nil && s.cfg.LLM.Model != "" {
		runs.Chat = model
	}
	if s.cfg.Voice.Speech.URL != "" && s.cfg.Voice.Speech.Hear != "" {
		if runs.Phone, err = caller(s.cfg.Voice, nil); err != nil {
			h.log.Warn("cases are not played as calls", "error", err)
		}
	}
	runs.Register(h.queue)

	vault := &routing.Vault{Bus: h.bus}
	if _, err := h.bus.Subscribe(routing.VaultSubject, vault.Receive); err != nil {
		return h, err
	}
	h.assist.Books, h.assist.Queues = h.playbooks, talk
	if model != nil && s.cfg.LLM.Model != "" {
		h.assist.Writer = &assist.Writer{Client: model, Budgets: llm.NewBudgets(s.cfg.LLM.Budget), Limit: time.Duration(s.cfg.LLM.Timeout)}
	}
	h.router = &routing.Router{
		Store: talk, Books: h.playbooks, Tools: h.playbooks, Channels: sends, Bus: h.bus, Vault: vault, Log: h.log, Zone: zone,
		Playbook: s.cfg.Playbook, Node: string(desk.NewID()), Turned: metrics.Turn,
		OfferTime: time.Duration(s.cfg.Routing.OfferTime), Grace: time.Duration(s.cfg.Routing.Grace), Stale: 3 * time.Duration(s.cfg.Routing.Heartbeat),
	}
	h.router.Register(h.queue)

	board, reviews, previews := h.editors(runs, model, s.cfg.Assist.Learn || c.Demo)

	h.gate = access.NewGate(h.db.Access(), h.log)
	h.gate.Staff = staff{h.router, talk}

	ui, err := httpapi.NewUI(web.Console(), web.Widget(), c.shopURL())
	if err != nil {
		return h, err
	}
	h.http = &httpapi.Server{
		Gate: h.gate, Metrics: metrics, Log: h.log, Router: h.router, Reads: talk, Bus: h.bus, Brands: brands{h.playbooks}, Files: h.db.Access(),
		Assist: h.assist, Library: h.articles, Canned: h.assist, Sources: sources, Insight: board, Reviews: reviews, Previews: previews, Playbooks: h.playbooks, Evals: runs, Exchanges: exchanges, UI: ui, Version: version, PublicURL: s.cfg.BaseURL, MetricsToken: s.cfg.MetricsToken,
		Sites:    []httpapi.Site{{Origins: s.cfg.Chat.Origins, Secret: s.cfg.Chat.IdentitySecret}},
		FilesDir: s.cfg.uploads(), MaxUpload: s.cfg.Chat.MaxUpload, Heartbeat: time.Duration(s.cfg.Routing.Heartbeat),
		Checks: []httpapi.Check{
			{Name: "database", Ask: h.db.Ping},
			{Name: "events", Ask: func(context.Context) error {
				if !h.bus.Ready() {
					return errors.New("not connected")
				}
				return nil
			}},
		},
	}
	h.http.Help = &helpcentre.Pages{Library: h.articles, Books: brands{h.playbooks}.books, Keeper: store.Help{DB: h.db}, Widget: "/widget.js", Log: h.log}
	return h, h.openVoice(s.ctx, c.Demo)
}

// kickSubject is where nodes tell each other that there is work.
const kickSubject = "jobs"

// model is the client of the configured endpoint, or nil.
func (h *house) model(metrics *httpapi.Metrics) (*llm.Client, error) {
	c := h.cfg.LLM
	if c.URL == "" {
		return nil, nil
	}
	h.journal = llm.NewJournal(store.Exchanges{DB: h.db}.Save, h.log)
	metrics.ModelBudget(c.Budget, h.journal)
	return llm.New(llm.Config{
		URL: c.URL, Key: c.Key, Model: c.Model, EmbedModel: c.EmbedModel, Timeout: time.Duration(c.Timeout), Log: h.log, HTTP: &http.Client{Transport: evals.Metered(nil)},
		Hide: func(text string) string { return privacy.Hide(text, privacy.Person{}) },
		Keep: func(x llm.Exchange) {
			metrics.Model(x)
			h.journal.Keep(x)
		},
	})
}

// understand puts the model before the built-in understanding, which stays as
// what it falls back to.
func (h *house) understand(model *llm.Client) func(*nlu.Understander, *playbook.Playbook) bot.Understander {
	budgets := llm.NewBudgets(h.cfg.LLM.Budget)
	return func(base *nlu.Understander, _ *playbook.Playbook) bot.Understander {
		return &nlu.LLM{Client: model, Fallback: base, Budgets: budgets, Limit: time.Duration(h.cfg.LLM.Timeout), Log: h.log}
	}
}

// serve listens and works until ctx ends; then it takes nothing new, lets
// running work finish and returns.
func (h *house) serve(s *session, c serveCmd, doors []door) error {
	g, ctx := errgroup.WithContext(s.ctx)
	g.Go(func() error { return h.queue.Run(ctx) })
	g.Go(func() error { return h.articles.Run(ctx, h.bus) })
	g.Go(func() error { return h.assist.Run(ctx, h.bus) })
	for _, d := range doors {
		h.open(ctx, g, d)
	}
	if h.voice != nil {
		if err := h.voice.run(ctx, g, h.bus); err != nil {
			return err
		}
	}
	h.greet(s, c)
	written := h.writeDown()
	err := g.Wait()
	written()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// writeDown runs the journal until what it returns is called, which waits for
// what is still to be written: jobs that finish at the end ask models, too.
func (h *house) writeDown() (end func()) {
	if h.journal == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = h.journal.Run(ctx) // nil by its word
	}()
	return func() {
		cancel()
		<-done
	}
}

// door is an address on which we are, and who answers there.
type door struct {
	net.Listener
	handler http.Handler
}

// listen takes the addresses; setting names each for whoever has to change one.
func (h *house) listen(c serveCmd, handler, shop http.Handler) (doors []door, err error) {
	defer func() {
		if err != nil {
			closeAll(doors)
		}
	}()
	for _, d := range []struct {
		setting, addr string
		handler       http.Handler
	}{{"addr (PARLEY_ADDR)", h.cfg.Addr, handler}, {"--demo-addr", c.DemoAddr, shop}} {
		if d.handler == nil {
			continue
		}
		l, err := net.Listen("tcp", d.addr)
		if err != nil {
			return doors, desk.Errorf(desk.Unavailable, "cannot_listen", "cannot listen on %s: %w; stop what is there, or set %s to another address", d.addr, plain(err), d.setting)
		}
		doors = append(doors, door{l, d.handler})
	}
	return doors, nil
}

func closeAll(doors []door) {
	for _, d := range doors {
		_ = d.Close()
	}
}

// plain is the last cause of a network error: "address already in use".
func plain(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		err = op.Err
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		err = call.Err
	}
	return err
}

// newServer bounds what a stranger can hold open: headers come within seconds
// and are small, an answer is taken within minutes. Bodies have limits of
// their own, for each route; sockets and streams set theirs with each frame.
func newServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, WriteTimeout: 10 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// open serves in g until ctx ends, then drains.
func (h *house) open(ctx context.Context, g *errgroup.Group, d door) {
	srv := newServer(d.handler, h.log)
	h.log.Info("listening", "address", d.Addr().String())
	g.Go(func() error {
		if err := srv.Serve(d.Listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		h.http.Close()
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Duration(h.cfg.Drain))
		defer cancel()
		return srv.Shutdown(drain)
	})
}

// close lets go of what build took, as far as it came.
func (h *house) close() {
	if h.voice != nil {
		h.voice.close()
	}
	if h.calls != nil {
		h.calls.Close()
	}
	if h.bus != nil {
		_ = h.bus.Close()
	}
	if h.db != nil {
		if err := h.db.Close(); err != nil {
			h.log.Error("close the database", "error", err)
		}
	}
}
