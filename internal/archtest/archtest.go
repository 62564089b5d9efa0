// Package archtest is the picture of the code as a test: which package may
// import which, of ours and of others'. A package that is not drawn fails it.
//
// When the picture has to change, change it here first, and say why in a page
// under docs/decisions when the change would puzzle a newcomer.
package archtest
