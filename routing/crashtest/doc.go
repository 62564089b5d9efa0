// Package crashtest shows that a process killed at any point loses no accepted
// message and sends none twice. Its test runs routing as a child process on a
// real database, under load from customers, agents, a tool and push channels,
// kills it with SIGKILL again and again, and then compares what was
// acknowledged with what every side saw.
package crashtest
