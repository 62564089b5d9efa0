package playbook

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/parleyhq/parley/internal/yamlfile"
)

// The bounds of a folder.
const (
	MaxFiles = 2000
	MaxTotal = 16 << 20 // bytes of all files together
)

// Files are the files of a playbook by their path, with slashes.
type Files map[string][]byte

// Paths lists the files, sorted.
func (f Files) Paths() []string { return slices.Sorted(maps.Keys(f)) }

// Digest names the content: equal files have equal digests.
func (f Files) Digest() string {
	h := sha256.New()
	for _, p := range f.Paths() {
		h.Write([]byte(strconv.Quote(p) + " " + strconv.Itoa(len(f[p])) + "\n")) // a hash never fails
		h.Write(f[p])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// ReadFiles reads a folder into memory. Files whose names begin with a dot, and
// READMEs, are left out.
func ReadFiles(fsys fs.FS) (Files, error) {
	out, total := Files{}, 0
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case p != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() || strings.EqualFold(d.Name(), "README.md"):
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Size() > yamlfile.MaxBytes {
			return tooLarge(p, fmt.Sprintf("the file has %d bytes, the limit is %d", info.Size(), yamlfile.MaxBytes))
		}
		data, err := fs.ReadFile(fsys, p)
		if err != nil {
			return err
		}
		out[p] = data
		if total += len(data); total > MaxTotal || len(out) > MaxFiles {
			return tooLarge(p, fmt.Sprintf("the folder has more than %d files or %d bytes", MaxFiles, MaxTotal))
		}
		return nil
	})
	var known yamlfile.Errors
	if err != nil && !errors.As(err, &known) {
		return nil, fmt.Errorf("read the playbook's folder: %w", err)
	}
	return out, err
}

func tooLarge(file, message string) error {
	return yamlfile.Errors{{File: file, Line: 1, Column: 1, Message: message}}
}

// check refuses what ReadFiles would not have read: Files that came over the net.
func (f Files) check() (errs yamlfile.Errors) {
	total := 0
	for _, p := range f.Paths() {
		if total += len(f[p]); !fs.ValidPath(p) || path.Clean(p) != p || len(p) > 200 {
			errs.Add(p, fmt.Errorf("%q is no path in a playbook", p))
		}
		if len(f[p]) > yamlfile.MaxBytes {
			errs.Add(p, fmt.Errorf("the file has %d bytes, the limit is %d", len(f[p]), yamlfile.MaxBytes))
		}
	}
	if total > MaxTotal || len(f) > MaxFiles {
		errs.Add(fileMain, fmt.Errorf("the folder has more than %d files or %d bytes", MaxFiles, MaxTotal))
	}
	return errs
}
