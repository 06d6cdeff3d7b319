// Package tool implements `graphited whisper ...`: the command-line tools of whisper, one file
// each. They have the options, the output and the exit codes of the whisper-*.py scripts, so that
// scripts that use them keep working. A program with the name of a tool (a link "whisper-info.py"
// or "whisper-info") acts as that tool: see ByName.
//
// The tools have these features beyond the scripts: --json for every tool, --dry-run for every tool
// that changes files, progress on a terminal and the use of all cores where a tool walks a tree,
// and atomic replacement of files.
//
// A tool is one command and declares its options once. An env is the environment that it runs in;
// tests replace it.
package tool
