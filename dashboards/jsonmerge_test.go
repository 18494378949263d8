package dashboards

import (
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

func mustText(t *testing.T, source string) *textNode {
	t.Helper()
	n, err := parseText([]byte(source))
	require.NoError(t, err)
	return n
}

func TestMergeTextChangesNoMoreThanItMust(t *testing.T) {
	const old = "{\n\t\"b\": 1.50,\n\t\"a\": [1,  2],\n\t\"list\": [\n\t\t{\"id\": 1, \"x\": \"<é>\"},\n\t\t{\"id\": 2, \"x\": 1e3}\n\t]\n}\n"
	for changed, want := range map[string]string{
		`{"b":1.5,"a":[1,2],"list":[{"id":1,"x":"<é>"},{"id":2,"x":1000}]}`: old,
		`{"b":2,"a":[1,2],"list":[{"id":1,"x":"<é>"},{"id":2,"x":1000}]}`:   strings.Replace(old, "1.50", "2", 1),
		`{"a":[1,2,3],"list":[{"id":1,"x":"<é>"},{"id":2,"x":1000}]}`:       strings.Replace(strings.Replace(old, "\t\"b\": 1.50,\n", "", 1), "[1,  2]", "[1, 2, 3]", 1),
		`{"b":1.5,"a":[1,2],"list":[{"id":2,"x":1000},{"id":1,"x":"<é>"}]}`: "{\n\t\"b\": 1.50,\n\t\"a\": [1,  2],\n\t\"list\": [\n\t\t{\"id\": 2, \"x\": 1e3},\n\t\t{\"id\": 1, \"x\": \"<é>\"}\n\t]\n}\n",
		`{"b":1.5,"a":[1,2],"list":[{"id":1,"x":{"y":[]}}],"c":{"d":[]}}`:   "{\n\t\"b\": 1.50,\n\t\"a\": [1,  2],\n\t\"list\": [\n\t\t{\"id\": 1, \"x\": {\"y\": []}}\n\t],\n\t\"c\": {\n\t\t\"d\": []\n\t}\n}\n",
	} {
		got := mergeText([]byte(old), mustText(t, old), nil, mustText(t, changed).value, false)
		require.Equal(t, want, string(got), changed)
	}
}

func TestWriteBackKeepsOldDashboardsOld(t *testing.T) {
	for name, c := range map[string]struct{ file, change, want string }{
		"a panel whose migration is in the way is written whole": {
			`{"title":"T","schemaVersion":16,"panels":[{"id":1,"type":"graph","title":"G","fill":1},{"id":2,"type":"text","content":"c"}]}`,
			`"custom":`, `{"id":2,"type":"text","content":"c"}`},
	} {
		t.Run(name, func(t *testing.T) {
			file, err := Parse([]byte(c.file))
			require.NoError(t, err)
			rendered, _ := file.Render()
			tree := decode(rendered).(object)
			defaults := ensure(ensure(objects(tree, "panels")[0], "fieldConfig"), "defaults")
			defaults["unit"] = "bytes"
			changed, err := Parse(marshal(tree))
			require.NoError(t, err)
			merged := writeBack([]byte(c.file), &Dashboard{Document: file, Provider: "p"}, changed)
			doc, err := Parse(merged)
			require.NoError(t, err)
			got, _ := doc.Render()
			want, _ := changed.Render()
			require.JSONEq(t, string(want), string(got))
			require.Contains(t, string(merged), c.want)
		})
	}
}

func TestUnifiedDiffEnds(t *testing.T) {
	require.Empty(t, unifiedDiff("f", []byte("a\n"), []byte("a\n")))
	require.Equal(t, "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n", unifiedDiff("f", []byte("a"), []byte("a\n")))
	require.Equal(t, "--- a/f\n+++ b/f\n@@ -0,0 +1 @@\n+a\n", unifiedDiff("f", nil, []byte("a\n")))
}

// Whatever the two dashboards are, what is written back is shown as the changed one.
func FuzzWriteBack(f *testing.F) {
	f.Add(`{"title":"a","panels":[{"id":1,"type":"graph","title":"x"}]}`, `{"title":"b","panels":[{"id":1,"type":"timeseries","title":"y"}]}`)
	f.Add("{\n \"title\": \"a\",\n \"rows\": [{\"panels\":[{\"type\":\"singlestat\"}]}]\n}", `{"title":"b","panels":[]}`)
	f.Add(`{"uid":"u","title":"a","tags":["x"]}`, `{"title":"a","tags":[],"uid":"v","list":[{"name":"n"},{"name":"n"}]}`)
	f.Add("\ufeff{\"dashboard\":{\"title\":\"a\"}}", `{"title":"b","a":{"":null}}`)
	f.Fuzz(func(t *testing.T, old, next string) {
		file, err := Parse([]byte(old))
		if err != nil {
			return
		}
		changed, err := Parse([]byte(next))
		if err != nil {
			return
		}
		d := &Dashboard{Document: file, Provider: "p", Path: "f.json"}
		merged := writeBack([]byte(old), d, changed)
		doc, err := Parse(merged)
		if err != nil {
			t.Fatalf("%q and %q make %q: %v", old, next, merged, err)
		}
		got, _ := withoutUID(doc, d).Render()
		want, _ := withoutUID(changed, d).Render()
		if !sameJSON(decode(got), decode(want)) {
			t.Fatalf("%q and %q make %q, shown as %s, want %s", old, next, merged, got, want)
		}
	})
}

// Renaming a dashboard changes one line of its file.
func TestWriteBackOfDefaultsIsSmall(t *testing.T) {
	requireSmallChanges(t, sub(defaults, "defaults"))
}

func TestWriteBackOfPublicDashboardsIsSmall(t *testing.T) {
	requireSmallChanges(t, os.DirFS(testkit.Shared(t, "fixtures", "grafana")))
}

func requireSmallChanges(t *testing.T, files fs.FS) {
	t.Helper()
	tried := 0
	require.NoError(t, fs.WalkDir(files, ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".json" {
			return err
		}
		source, err := fs.ReadFile(files, name)
		require.NoError(t, err)
		file, err := Parse(source)
		if err != nil || string(file.Source()) != string(source) {
			return nil //nolint:nilerr // what is no dashboard as Grafana provisions it
		}
		rendered, _ := file.Render()
		tree := decode(rendered).(object)
		tree["title"] = "Renamed"
		changed, err := Parse(marshal(tree))
		require.NoError(t, err)
		merged := writeBack(source, &Dashboard{Document: file, Provider: "p", Path: name}, changed)
		added := strings.Count(unifiedDiff(name, source, merged), "\n+") - 1
		require.LessOrEqual(t, added, 1, "%s: %.1500s", name, unifiedDiff(name, source, merged))
		tried++
		return nil
	}))
	require.Greater(t, tried, 3)
}
