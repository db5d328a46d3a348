// Package checkers simulates Route 53's health checkers: each health check has
// a number of them, spread over regions and over the check's interval, that
// really connect to the endpoint when it is on this machine. A checker's mind
// changes after so many observations in a row, and the endpoint is healthy
// when more than 18 % of its checkers find it so.
package checkers
