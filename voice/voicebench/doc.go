// Voicebench measures calls: a load of telephones and browsers as cheap as
// possible, so that it and the server under test fit on two cores.
//
// All telephones share one UDP socket for SIP and one for audio, read and
// written many packets at a time; gaps are taken from the kernel's time stamps,
// so how late the load reads does not matter. The server is the real program
// unless a line of the table says otherwise.
//
//	voicebench run   measures everything once and prints a table
//	voicebench soak  lets calls come and go for an hour and looks for leaks
//	voicebench lean  is a server of SIP and audio only, to compare with
//
// It runs on Linux.
package main
