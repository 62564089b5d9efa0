package archtest

// all stands for every package of ours.
const all = "*"

// picture says what each package may import, of ours. A package may always
// import its parents, and whatever they may. Tests may import more: see
// mayInTests.
var picture = map[string][]string{
	"desk": {}, // the words: the standard library only

	"itr":               {"desk", "internal/yamlfile"},
	"bot":               {"desk", "kb", "internal/guard", "internal/llm", "internal/privacy", "internal/wordvec", "internal/yamlfile"},
	"bot/nlu":           {"bot/nlu/lanes", "bot/nlu/lexicon"},
	"bot/nlu/lanes":     {}, // sums of rows of numbers: pure
	"bot/nlu/lexicon":   {}, // words and what they are near to: pure
	"kb":                {"desk", "internal/wordvec", "internal/yamlfile"},
	"kb/intake":         {"internal/guard"},
	"kb/insight":        {"internal/privacy"},
	"routing":           {"desk"},
	"routing/crashtest": {}, // tests only
	"assist":            {"desk", "kb", "internal/llm", "internal/privacy", "internal/wordvec", "internal/yamlfile"},
	"channels":          {"desk"},
	"voice":             {"desk", "voice/media"},
	"voice/media":       {}, // pure: it does no network I/O
	"voice/rtp":         {"voice/media"},
	"voice/link":        {"voice/media", "voice/rtp"},
	"voice/sip":         {"voice/media", "voice/rtp"},
	"voice/rtc":         {"voice/media"},
	"voice/rehearse":    {"voice/media"},
	"voice/speech":      {"voice/media"},
	"voice/voicebench":  {"voice/media", "voice/rtp", "voice/sip"}, // a program that measures
	"evals":             {"evals/score", "desk", "kb", "bot", "bot/nlu", "itr", "routing", "assist", "internal/llm", "internal/privacy", "internal/wordvec", "internal/yamlfile"},
	"evals/score":       {}, // measures: pure
	"evals/quality":     {}, // a program that measures
	"evals/intents":     {},
	"evals/retrieval":   {},
	"evals/dialogues":   {},
	"evals/replies":     {},
	"playbook":          {"desk", "itr", "bot", "bot/nlu", "kb", "routing", "assist", "evals", "internal/llm", "internal/privacy", "internal/wordvec", "internal/yamlfile"},

	"internal/access":     {"desk"},
	"internal/demo":       {},
	"internal/events":     {"desk"},
	"internal/guard":      {},
	"internal/jobs":       {"desk"},
	"internal/llm":        {},
	"internal/privacy":    {"desk"},
	"internal/wordvec":    {},
	"internal/helpcentre": {"desk", "kb"},
	"internal/webhooks":   {"desk", "voice", "internal/guard", "internal/jobs"},
	"internal/yamlfile":   {"desk"},
	// The store implements what these declare.
	"internal/store":           {"desk", "routing", "kb", "assist", "evals", "kb/intake", "kb/insight", "playbook", "voice", "internal/access", "internal/helpcentre", "internal/jobs", "internal/llm", "internal/privacy", "internal/webhooks"},
	"internal/store/storetest": {},
	"internal/archtest":        {},
	// What it shows; the store's answers reach it through interfaces of its own.
	"internal/httpapi": {"desk", "routing", "kb", "kb/intake", "kb/insight", "assist", "evals", "playbook", "bot", "itr", "channels", "channels/webchat", "voice", "voice/media", "internal/access", "internal/events", "internal/helpcentre", "internal/jobs", "internal/llm", "internal/webhooks", "web"},

	"web":        {},
	"cmd/parley": {all},
}

// children are drawn by their parent: any folder below is part of the picture.
var children = []string{"bot", "channels", "voice", "internal/llm"}

// confined says who may import a module of others', tests included; a module
// that is not listed may be imported by nobody. A package's children may too.
var confined = map[string][]string{
	"github.com/gin-gonic/gin":               {"internal/httpapi"},
	"github.com/danielgtaylor/huma":          {"internal/httpapi"},
	"github.com/coder/websocket":             {"internal/httpapi", "cmd/parley", "voice/voicebench"}, // cmd/parley: its tests speak as a browser does
	"github.com/jackc/pgx":                   {"internal/store"},
	"github.com/pgvector/pgvector-go":        {"internal/store"},
	"modernc.org/sqlite":                     {"internal/store"},
	"github.com/nats-io":                     {"internal/events"},
	"github.com/goccy/go-yaml":               {"internal/yamlfile"},
	"github.com/sashabaranov/go-openai":      {"internal/llm"},
	"github.com/yuin/goldmark":               {"kb", "channels"},
	"github.com/microcosm-cc/bluemonday":     {"kb", "channels"},
	"github.com/expr-lang/expr":              {"bot"},
	"github.com/nyaruka/phonenumbers":        {"bot", "internal/access"},
	"github.com/alecthomas/kong":             {"cmd/parley"},
	"github.com/prometheus/client_golang":    {"internal/httpapi", "cmd/parley"},
	"github.com/emiago":                      {"voice"},
	"github.com/pion":                        {"voice", "cmd/parley"}, // cmd/parley: its tests speak as a browser does
	"github.com/icholy/digest":               {"voice/sip"},
	"golang.org/x/crypto":                    {"internal/access"},
	"golang.org/x/time":                      {"internal/httpapi", "internal/llm", "channels"},
	"golang.org/x/text":                      {"kb", "bot", "channels", "internal/access", "internal/store"},
	"golang.org/x/net":                       {"kb", "channels", "voice/voicebench"},
	"golang.org/x/sync":                      {all},
	"golang.org/x/sys":                       {"internal/wordvec", "bot/nlu/lanes"},
	"github.com/google/uuid":                 {"internal/httpapi", "channels", "voice"},
	"github.com/modelcontextprotocol/go-sdk": {"bot"},
	"pgregory.net/rapid":                     {all}, // tests only
}

// onlyInTests are modules for tests.
var onlyInTests = []string{"pgregory.net/rapid"}

// mayInTests reports whether the tests of a package may import another of
// ours: they use real databases and real parts, but the words stay alone and
// nothing leans on the programs.
func mayInTests(pkg, other string) bool {
	switch {
	case pkg == "desk":
		return false
	case other == "internal/httpapi" || other == "cmd/parley":
		return pkg == "internal/httpapi" || pkg == "cmd/parley"
	}
	return true
}
