// Package bot is dialogue: flows that ask for what is missing, take what is
// volunteered, let the customer change his mind, answer a question in between,
// keep to the rules, confirm, and then do what was asked for. Words become
// commands (Understander); what happens with them is plain code.
package bot
