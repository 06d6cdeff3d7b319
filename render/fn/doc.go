// Package fn has the functions that targets can call. A family of them is a file, which begins with
// the table that declares them; All joins the tables. Each function computes what graphite-web's
// function of that name computes, to the last bit where it can, unless its declaration says from
// which other server it is.
//
// The package knows series, their values and the call that it is asked to answer. It does not know
// how targets are read, where series come from or how an answer is written: render does, to which
// main hands the functions.
package fn
