package index_test

import (
	"fmt"

	"graphited/carbon/index"
)

func ExampleTree_Find() {
	tree := index.New()
	for _, name := range []string{"web1.cpu", "web1.cpu.user", "web2.cpu.user", "web10.mem", "db.cpu"} {
		tree.Add(name)
	}
	for _, pattern := range []string{"{web?,db}.cpu", "**.user"} {
		for path, leaf := range tree.Find(pattern) {
			fmt.Println(pattern, path, leaf)
		}
	}
	// Output:
	// {web?,db}.cpu db.cpu true
	// {web?,db}.cpu web1.cpu false
	// {web?,db}.cpu web1.cpu true
	// {web?,db}.cpu web2.cpu false
	// **.user web1.cpu.user true
	// **.user web2.cpu.user true
}

func ExampleTags_Find() {
	tree := index.New()
	tree.Add("disk.used")
	tags := index.NewTags(tree)
	for _, path := range []string{"disk.used;host=web1;dc=a", "disk.used;host=web2", `disk.free{host="web1"}`} {
		name, err := index.ParseTagged(path)
		if err != nil {
			fmt.Println(err)
			continue
		}
		tags.Add(name)
	}
	find := func(exprs ...string) {
		fmt.Println(tags.Find(exprs))
	}
	find("name=disk.used")
	find("host=~web", "dc!=a")
	find("dc!=a")
	// Output:
	// [disk.used disk.used;dc=a;host=web1 disk.used;host=web2] <nil>
	// [disk.free;host=web1 disk.used;host=web2] <nil>
	// [] At least one tagspec must not match the empty string
}

func ExampleTaggedFile() {
	name, err := index.ParseTagged("disk.used;rack=a1;datacenter=dc1")
	fmt.Println(name, err)
	fmt.Println(index.TaggedFile(name, false))
	fmt.Println(index.TaggedFile(name, true))
	fmt.Println(index.MetricFile("disk.used"))
	// Output:
	// disk.used;datacenter=dc1;rack=a1 <nil>
	// _tagged/28b/893/disk_DOT_used;datacenter=dc1;rack=a1
	// _tagged/28b/893/28b89336f63de1928fd811f4b3f086764600458b42994270b0682866e64b8412
	// disk/used
}
