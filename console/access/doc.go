// Package access lets people into the console: passwords, the second factor, sessions,
// and what is done against guessing.
//
// It decides who somebody is. What he may do is decided where it is done, in the
// transaction of the decision: see package monitor, account.go.
package access
