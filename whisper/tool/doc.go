// Package tool is `graphited whisper ...`: the command-line tools of whisper, one file each, with
// the options, the output and the exit codes of the whisper-*.py scripts, so that scripts go on
// working. A program whose name is that of a tool (a link "whisper-info.py", "whisper-info") is
// that tool: ByName.
//
// What is beyond the scripts: --json on every tool, --dry-run on every tool that changes files,
// progress on a terminal where a tree is walked, both cores used there, every change of a file
// atomic.
//
// The nouns: a tool is one command, with its options declared once; env is the world it runs in,
// replaced by tests.
package tool
