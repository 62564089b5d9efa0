package intake

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/parleyhq/parley/desk"
)

// The bounds of an archive.
const (
	zipEntries = 20000
	zipBytes   = 512 << 20 // of all files, unpacked
	zipRatio   = 200       // unpacked to packed, of a file above a mebibyte
)

// ZIP reads an archive of any files that can be read by themselves. The files
// of a help centre's export belong together. Archives within it are left out.
func ZIP(ctx context.Context, name string, r io.ReaderAt, size int64) ([]Page, []Problem, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, nil, desk.Errorf(desk.Invalid, "file_broken", "%s is no ZIP archive that can be read: %w", name, err)
	}
	if len(z.File) > zipEntries {
		return nil, nil, desk.Errorf(desk.TooLarge, "zip_too_large", "%s holds %d files; at most %d can be read: divide it", name, len(z.File), zipEntries)
	}
	a := newArchive()
	for _, f := range z.File {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		if err := a.file(ctx, f); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		if len(a.pages) > MaxPages {
			break
		}
	}
	if err := a.end(ctx); err != nil {
		return nil, nil, err
	}
	return a.pages, a.problems, nil
}

// archive is one that is being read.
type archive struct {
	left     int64
	export   export
	pages    []Page
	problems []Problem
	broken   bool // a file could not be read: what it held is not gone
}

func newArchive() *archive {
	return &archive{left: zipBytes, export: export{places: map[string]place{}}}
}

// end reads what belongs to an export, now that all files of it are there.
func (a *archive) end(ctx context.Context) error {
	if len(a.export.articles) == 0 {
		return nil
	}
	pages, problems, err := a.export.pages(ctx)
	a.pages, a.problems = append(a.pages, pages...), append(a.problems, problems...)
	return err
}

func (a *archive) file(ctx context.Context, f *zip.File) error {
	name := entryName(f)
	base := path.Base(name)
	if f.FileInfo().IsDir() || strings.HasPrefix(base, ".") || strings.HasPrefix(name, "__MACOSX/") {
		return nil
	}
	note := func(code, message string) { a.problems = append(a.problems, Problem{name, code, message}) }
	read, ok := readers[strings.ToLower(path.Ext(base))]
	if !ok {
		if !quiet(base) {
			note("format_unknown", "it is in no format that can be read, and is left out")
		}
		return nil
	}
	b, err := a.unpack(f)
	if desk.IsKind(err, desk.TooLarge) {
		return err
	}
	if err != nil {
		note("file_broken", "it cannot be unpacked: "+err.Error())
		return nil
	}
	return a.add(ctx, name, b, read)
}

// add reads one file of several that belong together.
func (a *archive) add(ctx context.Context, name string, b []byte, read Reader) error {
	note := func(code, message string) { a.problems = append(a.problems, Problem{name, code, message}) }
	if len(b) == 0 {
		note("file_empty", "the file is empty")
		return nil
	}
	if strings.EqualFold(path.Ext(name), ".json") {
		if err := a.export.add(name, []byte(decode(b))); err != nil {
			a.broken = true
			note("file_broken", err.Error())
		}
		return nil
	}
	pages, problems, err := guarded(ctx, read, name, bytes.NewReader(b), int64(len(b)))
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		a.broken = true
		note("file_broken", err.Error())
	}
	a.pages, a.problems = append(a.pages, pages...), append(a.problems, problems...)
	return nil
}

// unpack reads a file whatever size it claims. What unpacks to far more than
// any text does is a bomb, and the whole archive is refused.
func (a *archive) unpack(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	most := min(int64(MaxFile), a.left)
	if packed := int64(f.CompressedSize64); packed < most/zipRatio {
		most = max(1<<20, packed*zipRatio)
	}
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	a.left -= int64(len(b))
	switch {
	case int64(len(b)) > most:
		return nil, desk.Errorf(desk.TooLarge, "zip_too_large", "the file %s unpacks to more than %d MiB: the archive is refused", f.Name, most>>20)
	case errors.Is(err, zip.ErrChecksum), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errors.New("the archive is damaged")
	}
	return b, err
}

// quiet are files that come with others and that nobody wants to hear of.
func quiet(base string) bool {
	switch strings.ToLower(path.Ext(base)) {
	case ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".css", ".js", ".ico", ".woff", ".woff2", ".ttf", ".map", ".db", ".ini":
		return true
	}
	return false
}

// entryName is a file's name in slashes, without any way up; archives made on
// Chinese Windows name files in GBK.
func entryName(f *zip.File) string {
	name := f.Name
	if !utf8.ValidString(name) {
		if s, err := simplifiedchinese.GB18030.NewDecoder().String(name); err == nil {
			name = s
		}
	}
	return strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, `\`, "/")), "/")
}
