package configtest

// LayoutTexts are small files of which every rule of ConfigParser about lines is tried.
var LayoutTexts = []string{
	"", "\n\n", "[a]\n", "[a]\nx=1", "[a]\r\nx=1\r\n\r\n y\r\n", "[a]\rx=1\r",
	"[a]\nx = 1\n  2\n\n\n  3\n\n[b]\n", "[a]\nx =\n  2\n", "[a]\nx = 1\n# c\n  2\n ; c\n  3\n", "[a]\n  x = 1\n  y = 2\n", "[a]\n  x = 1\n y = 2\n   z = 3\n",
	"[a]\n\tx = 1\n        y = 2\n", "[a]\nx=1\n [b]\n", "[a]\nx=1\n\n [b]\ny=2\n", " [a]\n x=1\n[b]\n", "[a]\nx = 1 ; no comment\ny = 2 # none\n", "[a]\nx = a=b:c\ny: a=b\n",
	"[a]\nx = 'q'\ny = \"q\"\nz = a\\\n", "[a]\nX Y = 1\nx y z=2\n", "[a]\nx=1\nX=2\n", "[a]\n[b]\n[a]\n", "[DEFAULT]\nx=1\n[a]\ny=%(X)s\n[DEFAULT]\nz=3\n",
	"[default]\nx=1\n[a]\ny=2\n", "[ a ]\nx=1\n", "[a] b\nx=1\n", "[a]b]\nx=1\n", "[[a]]\nx=1\n", "[]]\nx=1\n", "[]\nx=1\n", "[a\nx=1\n", "x=1\n[a]\n", "[a]\nx\n", "[a]\n=x\n", "[a]\nx=\ny=\n",
	"[a]\nx=%%\n", "[a]\nx=%\n", "[a]\nx=%(y)s\ny=%(z)s!\nz=%%(y)s\n", "[a]\nx=%(y)s\n", "[a]\nx=%(x)s\n", "[a]\nx=%(y)d\ny=1\n", "[a]\nx=%()s\n", "[a]\nx=%(y\n", "[a]\nx=%(y)s%(y)s\ny=1\n",
	"[a]\nx = `q`\ny=`q\nz=\"\"\"q\"\"\"\nw=\"\"\"q\n r\"\"\"\nv=|q\n", "[a]\n\"k\" = 1\n`k` = 2\n- = 3\n|k=4\n`=5\n\"\"\"=6\n", "[a]\nx=\n  `q`\n  \"\"\"\n",
	"[a]\ny=1\n[b]\nx=%(y)s\n", "[a]\nx=1\n\u00a0\u00a0y=2\n", "[a]\nä=1\nÄ=2\n", "[a]\nÄ=1\n", "[a]\nx = \u00a0b\u00a0\n", "[a]\nx=1\n\x0c\n y\n", "[a]\n-x=1\nx-=2\n",
	"[a]\na=%(b)s\nb=%(c)s\nc=%(d)s\nd=%(e)s\ne=%(f)s\nf=%(g)s\ng=%(h)s\nh=%(i)s\ni=%(j)s\nj=x\n",
	"[a]\na=%(b)s\nb=%(c)s\nc=%(d)s\nd=%(e)s\ne=%(f)s\nf=%(g)s\ng=%(h)s\nh=%(i)s\ni=%(j)s\nj=%(k)s\nk=%(l)s\nl=%%\n",
}

// RetentionTexts are lists of retentions, good and bad ones.
var RetentionTexts = []string{
	"10s:6h", "10s:6h,1m:7d,10m:1y", "60:1440", "60s:1440", "60:1d", " 60s:1d , 5m:30d ", "60s:1d,\n 5m:30d", "1h:1y,60s:1d", "1s:1w,1m:52w", "1d:10y", "1y:10y", "1w:1y",
	"60s:1d,90s:2d", "60s:1d,60s:2d", "60s:1d,5m:1h", "1s:5,1m:1h", "1s:60,1m:60", "1s:60,1m:1", "7s:60", "7s:1m", "60s:90s", "61s:2m",
	"", ",", "60", "60:", ":60", "60s:1d,", "60s:1d:2", "60s : 1d", "1M:1d", "60S:1d", "1mon:1y", "1.5m:1d", "-60:10", "+60:10", "60s:-1", "s:1d", "60s:d", "60ss:1d", "6 0:10", "60s:1d;5m:2d", "1x:1d", "60s:1x",
}

// PatternTexts are texts that the Patterns are looked for in.
var PatternTexts = []string{
	"", "a", "b", "aa", "ab", "aab", "aaa", "a.b", "a.b.c", "carbon.agents.x", "x.min", "x.minimum", "servers.web-1.cpu", "servers.web-1.cpu.total", "team.team.x", "team.other.x", "A", "abc123", "x_y", "[", "]", "a]", "{", "a{", "a{2}", "a{,2}",
	"a-b", "a\\b", ":", "l", "\u00e4", "gr\u00f6\u00dfe.x", "\u0663", "\u00a0", "a b", "#", "a#b", "x;dc=eu", "x;dc=eu;h=1", "-", "^", "$", "|", "~", "&", "12", "z", "\u212a", "k", "K", "stats_counts.a",
}

// Patterns are regular expressions, good and bad ones.
var Patterns = []string{
	"", ".*", ".", "a", "^a", "a$", "^a$", "^$", `\.`, `^carbon\.`, `\.min$`, `\.lower$|\.min$`, `\.(lower|min)$`, `^.*\.min$`, `^servers\..*`, `.*a.*b.*`, `^.*$`, `.*$`, `^.*`, `(?:a|b)$`, `a?b`, `^(a|ab)$`,
	`\d`, `\w`, `\s`, `\D`, `\W`, `\S`, `\bx`, `x\b`, `\Bx`, `^\w+$`, `^\w+\.x$`, `[\w.]+$`, `^[^\W]$`, `(?a)^\w$`, `(?i)^k$`, `(?i)A`, `(?i:a)b`, `(?-i:a)`, `(?i)(?-i:A)`, `(?s).`, `(?m)^a$`, `(?im)a`, `(?u)\w`,
	`\Aa\Z`, `a\Z`, `\AA`, `(?P<n>a)`, `(?P<n>a)(?P=n)`, `(a)\1`, `(a)(b)?\2`, `(a)\2`, `^(\w+)\.\1\.`, `(?P<x>a)(b)\2`, `(b)?(?P<x>a)\2`, `(?<x>a)`, `(?P>x)`, `(?P<x>a)(?P<x>b)`, `(?P<>a)`, `\10`, `(a)\100`, `\0`, `\141`, `\400`, `[\141]`, `[\8]`,
	`a(?=b)`, `a(?!b)`, `(?<=a)b`, `(?<!a)b`, `^(?!servers\.)`, `^servers\.(?!.*total)`, `(?>a+)b`, `a++a`, `a*+b`, `a?+a`, `(ab|a)++`, `[ab]{1,2}+b`, `(a)?(?(1)b|a)`, `(?P<q>a)?(?(q)b|a)$`, `(?(2)a)`, `(?#c)a`, `a(?#c)+`,
	`a{2}`, `a{2,}`, `a{,2}b`, `^a{1,2}$`, `a{,}b`, `a{`, `a{}`, `a{x}`, `a{2`, `{`, `}`, `a}`, `a{1,2}?`, `a{2}{3}`, `a**`, `a*?`, `a+?b`, `*`, `+a`, `^*`, `(*a)`, `|*`, `a{1001}`, `a||b`, `(|a)b`, `()`, `(a`, `a)`, `[`, `[a`, `]`, `[]]`, `[^]]`, `[]a]`, `[^a]`, `[a-c]`, `[c-a]`, `[a-]`, `[-a]`, `[a-\d]`, `[\d-a]`, `[a\-c]$`,
	`[[:alpha:]]`, `[[a]`, `[a-z-[b]]`, `[a&&b]`, `[~-~]`, `[|]`, `[^^]`, `[\^]`, `[\]]`, `[\\]`, `[.]`, `[\b]`, `[#]`, `[ ]`, `[\s\S]`, `[à-ü]`,
	`\x61`, `\x6`, `\u0061`, `\u00e4`, `\U00000061`, `\U00110000`, `\t`, `\n`, `\a`, `\q`, `\p{L}`, `\Q.\E`, `\h`, `\e`, `\_`, `\-`, `\<`, `\>`, `\'`, `\#`, `\&`, `\/`, `\ä`, `\`, `\{`, `\;dc=eu(;|$)`, `;dc=eu(;|$)`,
	`(?x) a b # c`, "(?x)a # c\nb", `(?x)[ ]`, `(?x)a\ b`, `(?x: a )b`, `(?x:a)(?-x: )`, `(?x)a {2}`, `a(?i)`, `(?i)(?s)a`, `(?L)a`, `(?q)a`, `(?`, `(?i`, `(?i-)`, `(?-i)a`, `(?-:a)`, `(?)`, `(?:)`, `(?P`, `(?P<`, `(?P<a`, `(?=`, `(?<`, `(?<a)`,
	`^stats_counts`, `K`, `k`, `ß`, `(?i)ß`, `[^\d]$`, `a\.b\.c`, `[.]b[.]`, `^(a|b|c|d|e|f|g|h|i|j)$`, `x$y`, `x^y`, `$^`, `^^a`, `a$$`, `(^a|b)`, `(a$|^b)`, `^(?:.*\.)?cpu$`, `.+`, `a.*`, `.*.*`, `(.*)`, `^.*a$`, `^a.*$`,
}
