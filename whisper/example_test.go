package whisper_test

import (
	"fmt"

	"graphited/whisper"
	"graphited/whisper/vfs"
)

func Example() {
	const now = 1_700_000_040
	fsys := vfs.NewMem() // vfs.OS{} for real files
	archives, err := whisper.ParseRetentions("1m:1h, 5m:1d")
	if err != nil {
		fmt.Println(err)
		return
	}
	spec := whisper.Spec{Archives: archives, Method: whisper.Average, XFilesFactor: 0.5}
	pts := []whisper.Point{{Time: now - 60, Value: 1}, {Time: now, Value: 3}}
	if err := whisper.Create(fsys, "servers/web1/load.wsp", spec, now, pts, whisper.Options{}); err != nil {
		fmt.Println(err)
		return
	}
	f, err := whisper.Open(fsys, "servers/web1/load.wsp", whisper.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	if err := f.Update(now+60, []whisper.Point{{Time: now + 60, Value: 5}}); err != nil {
		fmt.Println(err)
		return
	}
	series, err := f.Fetch(now-120, now+60, now+60)
	fmt.Println(series.Values, series.Step, err)
	// Output: [1 3 5] 60 <nil>
}
