package access

import (
	"slices"

	"github.com/parleyhq/parley/desk"
)

// Permission is one thing that a role allows. Routes name the one they need.
type Permission string

// The permissions.
const (
	InboxMine         Permission = "inbox.mine"          // one's own conversations and those of one's queues
	InboxAll          Permission = "inbox.all"           // everybody's
	ConversationWrite Permission = "conversations.write" // reply, transfer, close
	ContactsRead      Permission = "contacts.read"
	ContactsWrite     Permission = "contacts.write"
	QueuesRead        Permission = "queues.read"
	QueuesWrite       Permission = "queues.write"
	PeopleRead        Permission = "people.read"
	PeopleWrite       Permission = "people.write"
	ArticlesRead      Permission = "articles.read"
	ArticlesWrite     Permission = "articles.write"
	ArticlesPublish   Permission = "articles.publish"
	CannedRead        Permission = "canned.read"
	CannedWrite       Permission = "canned.write"
	LedgerRead        Permission = "ledger.read" // what became of suggestions
	PlaybooksRead     Permission = "playbooks.read"
	PlaybooksCheck    Permission = "playbooks.check" // check and try, which store nothing
	PlaybooksPublish  Permission = "playbooks.publish"
	EvalsRead         Permission = "evals.read"
	EvalsRun          Permission = "evals.run"
	EvalsQuestions    Permission = "evals.questions" // which article answers which question
	VoiceCall         Permission = "voice.call"      // telephone: one's own calls
	VoiceSupervise    Permission = "voice.supervise" // everybody's calls: listen, whisper, barge in
	VoiceRead         Permission = "voice.read"      // call records, and recordings of everybody
	VoiceWrite        Permission = "voice.write"     // telephones, prompts, deleting recordings
	HooksWrite        Permission = "webhooks"
	TokensWrite       Permission = "tokens"
	AuditRead         Permission = "audit.read"
)

// AllPermissions lists every permission, in the order in which they are shown.
func AllPermissions() []Permission {
	return []Permission{
		InboxMine, InboxAll, ConversationWrite, ContactsRead, ContactsWrite, QueuesRead, QueuesWrite, PeopleRead, PeopleWrite,
		ArticlesRead, ArticlesWrite, ArticlesPublish, CannedRead, CannedWrite, LedgerRead,
		PlaybooksRead, PlaybooksCheck, PlaybooksPublish, EvalsRead, EvalsRun, EvalsQuestions,
		VoiceCall, VoiceSupervise, VoiceRead, VoiceWrite, HooksWrite, TokensWrite, AuditRead,
	}
}

// Allowed lists what one role allows.
func Allowed(role desk.Role) []Permission {
	switch role {
	case desk.Owner:
		return AllPermissions()
	case desk.Supervisor:
		return []Permission{
			InboxMine, InboxAll, ConversationWrite, ContactsRead, ContactsWrite, QueuesRead, QueuesWrite, PeopleRead,
			ArticlesRead, CannedRead, LedgerRead, PlaybooksRead, PlaybooksCheck, PlaybooksPublish, EvalsRead, EvalsRun,
			VoiceCall, VoiceSupervise, VoiceRead, VoiceWrite, AuditRead,
		}
	case desk.AgentRole:
		return []Permission{
			InboxMine, ConversationWrite, ContactsRead, ContactsWrite, QueuesRead, ArticlesRead, CannedRead, VoiceCall,
		}
	case desk.Editor:
		return []Permission{
			ArticlesRead, ArticlesWrite, ArticlesPublish, CannedRead, CannedWrite, LedgerRead, PlaybooksRead, PlaybooksCheck, EvalsRead, EvalsQuestions,
		}
	case desk.Evaluator:
		return []Permission{PlaybooksRead, PlaybooksCheck, EvalsRead, EvalsRun, EvalsQuestions}
	}
	return nil
}

// Permissions lists what the roles allow together, each once.
func Permissions(roles []desk.Role) []Permission {
	out := []Permission{}
	for _, p := range AllPermissions() {
		if Can(roles, p) {
			out = append(out, p)
		}
	}
	return out
}

// Can reports whether any of the roles allows p.
func Can(roles []desk.Role, p Permission) bool {
	return slices.ContainsFunc(roles, func(r desk.Role) bool { return slices.Contains(Allowed(r), p) })
}
