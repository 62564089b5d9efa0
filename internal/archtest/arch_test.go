package archtest

import (
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/parleyhq/parley"

// file is one Go file of ours and what it imports.
type file struct {
	path    string // of the file, in the repository
	pkg     string // its folder
	test    bool
	imports []string
}

// read parses the imports of every Go file that an ordinary build sees.
func read(t *testing.T, root string) []file {
	t.Helper()
	var files []file
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if p != root && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "node_modules") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		if ok, err := build.Default.MatchFile(filepath.Dir(p), name); err != nil || !ok {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		f := file{path: rel, pkg: path.Dir(rel), test: strings.HasSuffix(name, "_test.go")}
		for _, i := range parsed.Imports {
			imported, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			f.imports = append(f.imports, imported)
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func within(p, parent string) bool { return p == parent || strings.HasPrefix(p, parent+"/") }

// drawn reports whether pkg is in the picture.
func drawn(pkg string) bool {
	if _, ok := picture[pkg]; ok {
		return true
	}
	return slices.ContainsFunc(children, func(c string) bool { return within(pkg, c) })
}

// may reports whether the code of pkg may import other, of ours.
func may(pkg, other string) bool {
	for p := pkg; p != "."; p = path.Dir(p) {
		if p != pkg && p == other {
			return true // its parent
		}
		if slices.Contains(picture[p], other) || slices.Contains(picture[p], all) {
			return true
		}
	}
	return false
}

// problem says what is wrong with an import, or nothing.
func problem(f file, imported string) string {
	if other, ok := strings.CutPrefix(imported, module+"/"); ok {
		if may(f.pkg, other) || f.test && (other == f.pkg || mayInTests(f.pkg, other)) {
			return ""
		}
		return f.pkg + " may not import " + other
	}
	if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
		return "" // the standard library
	}
	for mod, users := range confined {
		if !within(imported, mod) {
			continue
		}
		if !f.test && slices.Contains(onlyInTests, mod) {
			return imported + " is for tests only"
		}
		for _, u := range users {
			if f.pkg != "desk" && (u == all || within(f.pkg, u)) {
				return ""
			}
		}
		return f.pkg + " may not import " + imported + ", only " + strings.Join(users, ", ") + " may"
	}
	return imported + " is nobody's yet: add it to the picture"
}

func TestThePictureHolds(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range read(t, filepath.Join("..", "..")) {
		if !drawn(f.pkg) && !seen[f.pkg] {
			t.Errorf("%s is not in the picture: draw it in internal/archtest", f.pkg)
		}
		seen[f.pkg] = true
		for _, imported := range f.imports {
			if p := problem(f, imported); p != "" {
				t.Errorf("%s: %s", f.path, p)
			}
		}
	}
	if !seen["desk"] || !seen["internal/archtest"] {
		t.Errorf("only these packages were found: %v", seen)
	}
}

// What holds only because nothing breaks it proves little: these must fail.
func TestThePictureCanFail(t *testing.T) {
	for _, c := range []struct {
		pkg, imported string
		test, ok      bool
	}{
		{pkg: "routing", imported: module + "/desk", ok: true},
		{pkg: "routing", imported: module + "/bot"},
		{pkg: "routing", imported: "net/http", ok: true},
		{pkg: "routing", imported: module + "/internal/store"},
		{pkg: "routing", imported: module + "/internal/store", test: true, ok: true},
		{pkg: "routing", imported: module + "/internal/httpapi", test: true},
		{pkg: "desk", imported: module + "/kb", test: true},
		{pkg: "desk", imported: "golang.org/x/sync/errgroup"},
		{pkg: "bot/nlu", imported: module + "/bot", ok: true},
		{pkg: "bot/nlu", imported: module + "/kb", ok: true},
		{pkg: "bot", imported: module + "/bot/nlu"},
		{pkg: "channels/telegram", imported: module + "/channels", ok: true},
		{pkg: "channels/telegram", imported: module + "/channels/email"},
		{pkg: "channels/telegram", imported: "github.com/gin-gonic/gin"},
		{pkg: "internal/httpapi", imported: "github.com/danielgtaylor/huma/v2/adapters/humagin", ok: true},
		{pkg: "internal/httpapi", imported: "github.com/jackc/pgx/v5"},
		{pkg: "kb", imported: "pgregory.net/rapid"},
		{pkg: "kb", imported: "pgregory.net/rapid", test: true, ok: true},
		{pkg: "kb", imported: "example.com/new"},
		{pkg: "cmd/parley", imported: module + "/internal/store", ok: true},
	} {
		f := file{path: c.pkg + "/x.go", pkg: c.pkg, test: c.test}
		if p := problem(f, c.imported); (p == "") != c.ok {
			t.Errorf("%s imports %s (test %v): got %q, want ok %v", c.pkg, c.imported, c.test, p, c.ok)
		}
	}
	for pkg, want := range map[string]bool{"voice/media": true, "desk/more": false, "internal/util": false} {
		if drawn(pkg) != want {
			t.Errorf("drawn(%s) is %v", pkg, !want)
		}
	}
}

func TestThePictureNamesOnlyWhatGoModRequires(t *testing.T) {
	mod, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mod)) {
		fields := strings.Fields(line) // an indirect one has more
		if len(fields) != 2 || !strings.Contains(fields[0], ".") || !strings.HasPrefix(fields[1], "v") {
			continue
		}
		known := false
		for m := range confined {
			known = known || within(fields[0], m)
		}
		if !known {
			t.Errorf("go.mod requires %s, which nobody may import: add it to the picture", fields[0])
		}
	}
}
