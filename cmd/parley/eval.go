package main

type evalCmd struct {
	Assist   evalAssistCmd   `cmd:"" help:"Measure how good suggested replies are, on recorded conversations of agents and on questions to a corpus."`
	Dialogue evalDialogueCmd `cmd:"" help:"Measure understanding over whole dialogues, on public formats."`
	NLU      evalNLUCmd      `cmd:"" name:"nlu" help:"Measure how well intents are understood, on labelled utterances."`
	Run      evalRunCmd      `cmd:"" help:"Play suites against a playbook's folder; the exit code is 1 when a case fails."`
	KB       evalKBCmd       `cmd:"" name:"kb" help:"Measure how well the knowledge base finds, on a corpus with labelled questions."`
}
