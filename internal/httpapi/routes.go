package httpapi

import (
	"net/http"
	"slices"

	"github.com/parleyhq/parley/internal/access"
)

const (
	get  = http.MethodGet
	post = http.MethodPost
	put  = http.MethodPut
	del  = http.MethodDelete
)

// routes is the whole HTTP surface with the permission of each route.
//
// To add one:
//  1. Declare the small interface you need beside your handlers (articles.go)
//     and a field of that type in Server; cmd/parley/serve.go fills it.
//  2. Write the handler as a method: func(ctx, *In) (*Out, error). In's fields
//     say where they come from: `path:"id"`, `query:"q"`, Body for the body;
//     ByID, body[T] and Paged cover most. Tags check (maxLength, enum,
//     minimum); every field without omitempty is required; unknown fields are
//     refused. Out is reply[T], none, or a struct with Body; pageOf makes a list.
//  3. Return *desk.Error for known causes (errors.go maps kinds to statuses);
//     withDetail adds what its code promises. user(ctx) is who calls.
//  4. Add a row: {method, path, permission, do(s.yourHandler), "What it does"}.
//     raw serves with gin instead; answers, limit, upTo, unaudited adjust.
//  5. Give the route its success case in routes_test.go: that test walks this
//     table and fails on a route it cannot call. Auditing needs nothing.
func (s *Server) routes() []route {
	return slices.Concat(
		area("Customer", []row{
			{post, "/v1/chat/sessions", anyone, do(s.chatSession).limit(arrivals), "Begin or resume a session"},
			{post, "/v1/chat/open", customer, do(s.chatOpen), "Start a conversation, or find the open one"},
			{get, "/v1/chat/conversation", customer, do(s.chatConversation), "Read the newest conversation"},
			{get, "/v1/chat/events", customer, do(s.chatEventsAfter), "Read what happened after a seq"},
			{get, "/v1/chat/history", customer, do(s.chatHistory), "Page back through everything that was said"},
			{post, "/v1/chat/messages", customer, do(s.chatSend).answers(202).limit(sending), "Say something, or tap an option"},
			{post, "/v1/chat/uploads", customer, raw(s.chatUpload, documentUpload).limit(upload).upTo(s.MaxUpload + 64<<10), "Send a file"},
			{get, "/v1/files/{id}", bySigned, raw(s.file, documentFile), "Read a file"},
			{post, "/v1/chat/read", customer, do(s.chatRead), "Note what was read"},
			{post, "/v1/chat/typing", customer, do(s.chatTyping), "Tell that the customer types"},
			{post, "/v1/chat/rating", customer, do(s.chatRating), "Rate a closed conversation"},
			{put, "/v1/chat/hand-over", customer, do(s.chatHandOver), "Correct what is passed on to a person"},
			{post, "/v1/chat/page", customer, do(s.chatPage), "Tell which page the customer looks at"},
			{post, "/v1/chat/lang", customer, do(s.chatLang), "Change the language"},
			{post, "/v1/chat/end", customer, do(s.chatEnd), "End the conversation"},
			{post, "/v1/chat/call", customer, do(s.chatTalk).limit(calling).upTo(sdpBody), "Talk by the browser's microphone"},
			{post, "/v1/chat/call/end", customer, do(s.chatTalkEnd), "Hang up"},
			{post, "/v1/chat/callback", customer, do(s.chatCallback).limit(calling), "Be called back instead of waiting"},
			{get, "/v1/chat/ws", inFrame, raw(s.chatSocket, documentChatSocket).limit(arrivals), "Follow the conversation by WebSocket"},
			{post, "/v1/chat/ticket", customer, do(s.chatTicket), "Get a ticket for the event stream"},
			{get, "/v1/chat/stream", byTicket, raw(s.chatStream, documentChatStream).limit(arrivals), "Follow the conversation by event stream"},
		}),
		area("Work", []row{
			{get, "/api/ws", signedIn, raw(s.consoleSocket, documentConsoleSocket), "Follow conversations, lists, offers and presence"},
			{put, "/api/presence", access.ConversationWrite, do(s.putPresence), "Say whether I take work"},
			{get, "/api/offers", access.ConversationWrite, do(s.listOffers), "List my open offers"},
			{post, "/api/offers/{id}/accept", access.ConversationWrite, do(s.acceptOffer), "Take an offered conversation"},
			{post, "/api/offers/{id}/decline", access.ConversationWrite, do(s.declineOffer), "Let it go to somebody else"},
			{get, "/api/conversations", access.InboxMine, do(s.listConversations), "List conversations"},
			{get, "/api/conversations/counts", access.InboxMine, do(s.countConversations), "Count them"},
			{get, "/api/conversations/{id}", access.InboxMine, do(s.getConversation), "Read a conversation with everything beside it"},
			{get, "/api/conversations/{id}/events", access.InboxMine, do(s.listEvents), "Read messages and events"},
			{post, "/api/conversations/{id}/take", access.ConversationWrite, do(s.take), "Take one that nobody has"},
			{post, "/api/conversations/{id}/reply", access.ConversationWrite, do(s.replyTo), "Write to the customer, or leave a note"},
			{post, "/api/conversations/{id}/transfer", access.ConversationWrite, do(s.transfer), "Hand it to a queue or an agent"},
			{post, "/api/conversations/{id}/park", access.ConversationWrite, do(s.park), "Set it aside"},
			{post, "/api/conversations/{id}/unpark", access.ConversationWrite, do(s.unpark), "Take it up again"},
			{post, "/api/conversations/{id}/close", access.ConversationWrite, do(s.closeConversation), "End it"},
			{post, "/api/conversations/{id}/read", access.InboxMine, do(s.read).unaudited(), "Note what was read"},
			{post, "/api/conversations/{id}/typing", access.ConversationWrite, do(s.typing).unaudited(), "Tell that I type"},
			{post, "/api/conversations/{id}/suggestions", access.ConversationWrite, do(s.pushSuggestion).answers(201), "Suggest a reply to the agent, from another system"},
			{post, "/api/conversations/{id}/suggestions/{sid}/ignore", access.ConversationWrite, do(s.ignoreSuggestion).unaudited(), "Wave a suggestion away"},
			{get, "/api/conversations/{id}/summary", access.InboxMine, do(s.getSummary), "Sum it up in a few lines"},
			{post, "/api/conversations/{id}/summary", access.ConversationWrite, do(s.writeSummary).unaudited(), "Have a model sum it up, if there is one"},
			{get, "/api/conversations/{id}/wrap-up", access.ConversationWrite, do(s.getWrapUp), "A closing note, and how it seems to have ended"},
			{get, "/api/conversations/{id}/actions", access.ConversationWrite, do(s.listActions), "What I may do next in it"},
			{post, "/api/conversations/{id}/actions/{sid}/do", access.ConversationWrite, do(s.doAction), "Do that"},
			{post, "/api/conversations/{id}/hand-back", access.ConversationWrite, do(s.handBack), "Hand it to the bot, at a flow or a menu"},
			{post, "/api/uploads", access.ConversationWrite, raw(s.agentUpload, documentUpload).limit(upload).upTo(s.MaxUpload + 64<<10).unaudited(), "Send a file"},
			{get, "/api/contacts", access.ContactsRead, do(s.listContacts), "List contacts"},
			{get, "/api/contacts/{id}", access.ContactsRead, do(s.getContact), "Read a contact and what he did"},
			{put, "/api/contacts/{id}", access.ContactsWrite, do(s.putContact), "Change a contact"},
			{get, "/api/queues", access.QueuesRead, do(s.listQueues), "List queues and who waits"},
			{put, "/api/queues/{name}", access.QueuesWrite, do(s.putQueue), "Create or change a queue"},
			{get, "/api/agents", access.QueuesRead, do(s.listAgents), "List agents, their presence and load"},
		}),
		area("Knowledge", []row{
			{get, "/api/articles", access.ArticlesRead, do(s.listArticles), "List articles"},
			{post, "/api/articles", access.ArticlesWrite, do(s.createArticle).answers(201), "Write an article"},
			{post, "/api/articles/preview", access.ArticlesRead, do(s.previewArticle).unaudited(), "See Markdown as readers will"},
			{get, "/api/articles/{id}", access.ArticlesRead, do(s.getArticle), "Read an article as it was last saved"},
			{put, "/api/articles/{id}", access.ArticlesWrite, do(s.putArticle), "Write a new version of it"},
			{post, "/api/articles/{id}/submit", access.ArticlesWrite, do(s.submitArticle), "Ask for a review"},
			{post, "/api/articles/{id}/publish", access.ArticlesPublish, do(s.publishArticle), "Make the newest version the one that answers"},
			{post, "/api/articles/{id}/unpublish", access.ArticlesPublish, do(s.unpublishArticle), "Take it out of answers"},
			{post, "/api/articles/{id}/archive", access.ArticlesPublish, do(s.archiveArticle), "Put it away"},
			{post, "/api/articles/{id}/restore", access.ArticlesWrite, do(s.restoreArticle), "Write an old version again, as a new one"},
			{get, "/api/articles/{id}/versions", access.ArticlesRead, do(s.listVersions), "List its versions"},
			{get, "/api/articles/{id}/versions/{n}", access.ArticlesRead, do(s.getVersion), "Read one version"},
			{get, "/api/articles/{id}/diff", access.ArticlesRead, do(s.diffVersions), "See what changed between two versions"},
			{get, "/api/synonyms", access.ArticlesRead, do(s.getSynonyms), "Read the words that mean the same"},
			{put, "/api/synonyms", access.ArticlesPublish, do(s.putSynonyms), "Say which words mean the same"},
			{get, "/api/search", access.ArticlesRead, do(s.searchArticles), "Search what is published, as agents see it"},
			{get, "/api/articles/{id}/source", access.ArticlesRead, do(s.articleSource), "Read where an imported article comes from"},
			{get, "/api/sources", access.ArticlesRead, do(s.listSources), "List sources of articles"},
			{post, "/api/sources", access.ArticlesWrite, do(s.createSource).answers(201), "Name a site to import from"},
			{post, "/api/sources/upload", access.ArticlesWrite, raw(s.uploadSource, documentSourceUpload).limit(upload).upTo(sourceBytes + 1<<20), "Upload files to import"},
			{get, "/api/sources/{id}", access.ArticlesRead, do(s.getSource), "Read a source and its last run"},
			{put, "/api/sources/{id}", access.ArticlesWrite, do(s.putSource), "Change a source"},
			{del, "/api/sources/{id}", access.ArticlesWrite, do(s.deleteSource), "Forget a source; its articles stay"},
			{post, "/api/sources/{id}/upload", access.ArticlesWrite, raw(s.uploadSource, documentSourceUpload).limit(upload).upTo(sourceBytes + 1<<20), "Replace a source's files"},
			{post, "/api/sources/{id}/preview", access.ArticlesWrite, do(s.previewSource).answers(202), "Read it and compare; no article changes"},
			{post, "/api/sources/{id}/sync", access.ArticlesWrite, do(s.syncSource).answers(202), "Read it and take over what changed"},
			{post, "/api/sources/{id}/stop", access.ArticlesWrite, do(s.stopSource), "Stop reading it"},
			{get, "/api/sources/{id}/runs", access.ArticlesRead, do(s.listSourceRuns), "List its runs, with their progress"},
			{get, "/api/sources/{id}/items", access.ArticlesRead, do(s.listSourceItems), "List its pages: new, changed, in conflict, gone"},
			{get, "/api/sources/{id}/items/{sid}", access.ArticlesRead, do(s.getSourceItem), "Read a page, its article and the difference"},
			{get, "/api/canned", access.CannedRead, do(s.listCanned), "List canned replies"},
			{post, "/api/canned", access.CannedWrite, do(s.createCanned).answers(201), "Write a canned reply"},
			{put, "/api/canned/{id}", access.CannedWrite, do(s.putCanned), "Change a canned reply"},
			{del, "/api/canned/{id}", access.CannedWrite, do(s.deleteCanned), "Delete a canned reply"},
			{get, "/api/ledger", access.LedgerRead, do(s.readLedger), "Count what became of suggestions"},
		}),
		area("Help centre", []row{
			{get, "/help", anyone, raw(s.help, nil), "Choose a help centre"},
			{get, "/help/{path...}", anyone, raw(s.help, documentHelp), "Read a page of the help centre"},
			{post, "/help/{path...}", anyone, raw(s.help, documentVote).limit(sending).upTo(4 << 10), "Tell whether an article helped"},
		}),
		area("Playbooks", []row{
			{get, "/api/playbooks", access.PlaybooksRead, do(s.listPlaybooks), "List playbooks"},
			{get, "/api/playbooks/{name}", access.PlaybooksRead, do(s.getPlaybook), "Read what is live of a playbook"},
			{get, "/api/playbooks/{name}/revisions", access.PlaybooksRead, do(s.listRevisions), "List its revisions"},
			{get, "/api/playbooks/{name}/revisions/{n}/files/{path...}", access.PlaybooksRead, do(s.getPlaybookFile), "Read a file of a revision"},
			{post, "/api/playbooks/{name}/check", access.PlaybooksCheck, do(s.checkPlaybook).upTo(playbookBody).unaudited(), "Find every problem in changed files"},
			{post, "/api/playbooks/{name}/try", access.PlaybooksCheck, do(s.tryPlaybook).upTo(playbookBody).unaudited(), "Talk to changed files; nothing is stored"},
			{post, "/api/playbooks/{name}/publish", access.PlaybooksPublish, do(s.publishPlaybook).upTo(playbookBody), "Run the suites and make changed files live"},
			{post, "/api/playbooks/{name}/rollback", access.PlaybooksPublish, do(s.rollbackPlaybook), "Make an older revision live again"},
			{get, "/api/evals/runs", access.EvalsRead, do(s.listRuns), "List runs of suites"},
			{post, "/api/evals/runs", access.EvalsRun, do(s.startRun).answers(202), "Run the suites of what is live, in the background"},
			{get, "/api/evals/runs/{id}", access.EvalsRead, do(s.getRun), "Read a run, its progress and its report"},
			{get, "/api/evals/runs/{id}/html", access.EvalsRead, raw(s.runPage, documentRunPage), "Read its report as a page"},
			{get, "/api/evals/runs/{id}/junit", access.EvalsRead, raw(s.runJUnit, documentRunJUnit), "Read its report as JUnit XML"},
			{get, "/api/evals/runs/{id}/compare", access.EvalsRead, do(s.compareRun), "See what it does better and worse than another run"},
			{get, "/api/evals/scenarios", access.EvalsRead, do(s.listScenarios), "List scenarios"},
			{post, "/api/evals/scenarios", access.EvalsRun, do(s.createScenario).answers(201), "Write a scenario"},
			{post, "/api/evals/scenarios/play", access.EvalsRun, do(s.playScenario).unaudited(), "Play one that need not be stored, and wait for what it does"},
			{get, "/api/evals/scenarios/{id}", access.EvalsRead, do(s.getScenario), "Read a scenario"},
			{put, "/api/evals/scenarios/{id}", access.EvalsRun, do(s.putScenario), "Change a scenario"},
			{del, "/api/evals/scenarios/{id}", access.EvalsRun, do(s.deleteScenario), "Delete a scenario"},
			{post, "/api/conversations/{id}/scenario", access.InboxMine, do(s.draftScenario).answers(201), "Make a scenario of a conversation, without personal data"},
			{get, "/api/evals/retrieval", access.EvalsRead, do(s.listRetrieval), "List sets of questions, each with how the search does"},
			{put, "/api/evals/retrieval", access.ArticlesWrite, do(s.putRetrieval), "Store the set of a playbook and language, and score it"},
			{del, "/api/evals/retrieval", access.ArticlesWrite, do(s.deleteRetrieval), "Delete it"},
			{get, "/api/evals/schedules", access.EvalsRead, do(s.listSchedules), "List when suites are run by themselves"},
			{post, "/api/evals/schedules", access.EvalsRun, do(s.createSchedule).answers(201), "Run suites daily or weekly"},
			{put, "/api/evals/schedules/{id}", access.EvalsRun, do(s.putSchedule), "Change a schedule"},
			{del, "/api/evals/schedules/{id}", access.EvalsRun, do(s.deleteSchedule), "Delete a schedule"},
		}),
		area("Calls", []row{
			{get, "/api/voice", signedIn, do(s.getVoice), "Whether there are calls, and where I take mine"},
			{put, "/api/voice/me", access.VoiceCall, do(s.putVoiceMe), "Choose where I take calls"},
			{post, "/api/voice/phone", access.VoiceCall, do(s.postPhone).upTo(sdpBody).unaudited(), "Make this browser my telephone"},
			{del, "/api/voice/phone/{id}", access.VoiceCall, do(s.deletePhone).unaudited(), "Make it no telephone any more"},
			{get, "/api/voice/calls", access.VoiceCall, do(s.listCalls), "List the calls that are up: mine, or all with voice.supervise"},
			{post, "/api/voice/calls", access.VoiceCall, do(s.dial).limit(calling), "Call the customer of a conversation of mine"},
			{get, "/api/voice/calls/{id}", access.VoiceCall, do(s.getCall), "See how a call stands"},
			{post, "/api/voice/calls/{id}/do", access.VoiceCall, do(s.doCall).unaudited(), "Hold, mute, transfer, consult, listen and so on"},
			{get, "/api/voice/trunks", access.VoiceRead, do(s.listTrunks), "See how the lines to the network stand"},
			{get, "/api/voice/records", access.VoiceRead, do(s.listRecords), "List call records"},
			{post, "/api/voice/records", access.VoiceWrite, do(s.acceptRecords).upTo(recordsBody), "Take in call records of another system"},
			{get, "/api/voice/records/export", access.VoiceRead, raw(s.exportRecords, documentExport), "Export call records as CSV or JSON"},
			{get, "/api/voice/recordings", access.VoiceCall, do(s.listRecordings), "List the recordings of a conversation or a call"},
			{get, "/api/voice/recordings/{id}/peaks", access.VoiceCall, do(s.recordingPeaks), "Read the outline of a recording"},
			{get, "/api/voice/recordings/{id}/audio", access.VoiceCall, raw(s.recordingAudio, documentSound), "Listen to a recording"},
			{del, "/api/voice/recordings/{id}", access.VoiceWrite, do(s.deleteRecording), "Delete a recording"},
			{get, "/api/voice/prompts", access.VoiceRead, do(s.listPrompts), "List uploaded prompts"},
			{post, "/api/voice/prompts", access.VoiceWrite, raw(s.uploadPrompt, documentPrompt).limit(upload).upTo(promptBytes + 64<<10), "Upload a prompt, or replace it"},
			{get, "/api/voice/prompts/{name}/audio", access.VoiceRead, raw(s.promptAudio, documentSound), "Listen to a prompt"},
			{del, "/api/voice/prompts/{name}", access.VoiceWrite, do(s.deletePrompt), "Delete a prompt in every language"},
			{get, "/api/voice/phones", access.VoiceRead, do(s.listPhones), "List the SIP telephones that may register"},
			{post, "/api/voice/phones", access.VoiceWrite, do(s.createPhone).answers(201), "Let a SIP telephone register"},
			{put, "/api/voice/phones/{name}", access.VoiceWrite, do(s.changePhone), "Change a telephone, or give it a new password"},
			{del, "/api/voice/phones/{name}", access.VoiceWrite, do(s.dropPhone), "Let it register no more"},
			{get, "/api/webhooks", access.HooksWrite, do(s.listHooks), "List webhooks"},
			{post, "/api/webhooks", access.HooksWrite, do(s.createHook).answers(201), "Tell another system of calls"},
			{put, "/api/webhooks/{id}", access.HooksWrite, do(s.changeHook), "Change a webhook"},
			{del, "/api/webhooks/{id}", access.HooksWrite, do(s.deleteHook), "Delete a webhook"},
			{post, "/api/webhooks/{id}/test", access.HooksWrite, do(s.testHook).limit(calling).unaudited(), "Send it a test event"},
		}),
		area("Access", []row{
			{get, "/api/setup", anyone, do(s.setupNeeded), "Whether the owner must be set up"},
			{post, "/api/setup", anyone, do(s.setup).limit(signIns), "Create the owner, once"},
			{post, "/api/login", anyone, do(s.login).limit(signIns), "Sign in"},
			{post, "/api/logout", signedIn, do(s.logout), "Sign out"},
			{get, "/api/me", signedIn, do(s.getMe), "Who I am and what I may do"},
			{put, "/api/me", signedIn, do(s.putMe), "Change my name, language, theme or password"},
			{get, "/api/users", access.PeopleRead, do(s.listUsers), "List users"},
			{post, "/api/users", access.PeopleWrite, do(s.createUser).answers(201), "Create a user"},
			{put, "/api/users/{id}", access.PeopleWrite, do(s.changeUser), "Change a user"},
			{post, "/api/users/{id}/disable", access.PeopleWrite, do(s.disableUser), "Keep a user out"},
			{post, "/api/users/{id}/enable", access.PeopleWrite, do(s.enableUser), "Let a user in again"},
			{get, "/api/tokens", access.TokensWrite, do(s.listTokens), "List API tokens"},
			{post, "/api/tokens", access.TokensWrite, do(s.createToken).answers(201), "Create an API token"},
			{del, "/api/tokens/{id}", access.TokensWrite, do(s.deleteToken), "Revoke an API token"},
			{get, "/api/audit", access.AuditRead, do(s.listAudit), "Read the audit log"},
			{get, "/api/model/exchanges", access.AuditRead, do(s.listExchanges), "Read what was said to language models and what they said"},
		}),
		area("Operations", []row{
			{get, "/healthz", anyone, do(s.healthz).limit(unpaced), "Whether the process lives"},
			{get, "/readyz", anyone, do(s.readyz).limit(unpaced), "Whether it can serve: database and events"},
			{get, "/metrics", operator, raw(s.metrics, nil).limit(unpaced), "Prometheus metrics"},
		}),
	)
}
