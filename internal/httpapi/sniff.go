package httpapi

import (
	"archive/zip"
	"bytes"
	"fmt"
	"image"
	_ "image/gif"  // knows GIF
	_ "image/jpeg" // knows JPEG
	_ "image/png"  // knows PNG
	"io"
	"net/http"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
)

// maxPixels bounds what a browser has to unpack to show an image.
const maxPixels = 64 << 20

// fileTypes lists the media types that are taken.
func fileTypes() []string {
	return []string{
		"image/png", "image/jpeg", "image/gif", "image/webp", "image/heic", "application/pdf", "text/plain",
		"audio/mpeg", "audio/wav", "audio/ogg", "audio/mp4", "audio/webm", "video/mp4",
		officePrefix + "wordprocessingml.document", officePrefix + "spreadsheetml.sheet", officePrefix + "presentationml.presentation",
	}
}

const officePrefix = "application/vnd.openxmlformats-officedocument."

// sniff finds a file's type from its content alone, among those we take.
func sniff(f io.ReaderAt, size int64) (string, error) {
	head := make([]byte, min(size, 4096))
	if _, err := f.ReadAt(head, 0); err != nil && err != io.EOF {
		return "", fmt.Errorf("read an upload: %w", err)
	}
	typ, _, _ := strings.Cut(http.DetectContentType(head), ";")
	switch typ {
	case "image/png", "image/jpeg", "image/gif":
		return typ, checkImage(io.NewSectionReader(f, 0, size), strings.TrimPrefix(typ, "image/"))
	case "image/webp", "application/pdf", "audio/mpeg", "video/mp4":
		return typ, nil
	case "audio/wave":
		return "audio/wav", nil
	case "application/ogg":
		return "audio/ogg", nil
	case "video/webm": // what browsers record; with pictures it plays as sound only
		return "audio/webm", nil
	case "application/zip":
		return sniffOffice(f, size)
	case "text/plain":
		return sniffText(f, size)
	}
	if len(head) >= 12 && bytes.Equal(head[4:8], []byte("ftyp")) {
		switch brand := string(head[8:12]); brand {
		case "heic", "heix", "mif1", "msf1":
			return "image/heic", nil
		case "M4A ", "M4B ":
			return "audio/mp4", nil
		case "isom", "iso2", "iso4", "iso5", "iso6", "avc1", "M4V ", "dash":
			return "video/mp4", nil
		}
	}
	return "", refusedType()
}

func refusedType() error {
	return &desk.Error{Kind: desk.Invalid, Code: "file_type", Message: "files of this type are not taken: send an image, PDF, text, sound, MP4 video or an office document without macros", Field: "file"}
}

// checkImage reads an image's header: it must be what it claims, and of a size
// that can be shown.
func checkImage(r io.Reader, format string) error {
	cfg, got, err := image.DecodeConfig(r)
	if err != nil || got != format || cfg.Width <= 0 || cfg.Height <= 0 {
		return &desk.Error{Kind: desk.Invalid, Code: "image_broken", Message: "the image cannot be read", Field: "file"}
	}
	if int64(cfg.Width)*int64(cfg.Height) > maxPixels {
		return &desk.Error{Kind: desk.TooLarge, Code: "image_too_large", Message: fmt.Sprintf("an image has at most %d million pixels", maxPixels>>20), Field: "file"}
	}
	return nil
}

// sniffText makes sure that all of it is text. Markup is markup only to who
// believes it: we serve it as plain text.
func sniffText(f io.ReaderAt, size int64) (string, error) {
	all, err := io.ReadAll(io.NewSectionReader(f, 0, size))
	if err != nil {
		return "", fmt.Errorf("read an upload: %w", err)
	}
	if !utf8.Valid(all) || bytes.IndexByte(all, 0) >= 0 {
		return "", refusedType()
	}
	return "text/plain", nil
}

// sniffOffice tells office documents from other archives by what is in them.
// It unpacks nothing.
func sniffOffice(f io.ReaderAt, size int64) (string, error) {
	z, err := zip.NewReader(f, size)
	if err != nil || len(z.File) > 10_000 {
		return "", refusedType()
	}
	found, types := "", false
	for _, e := range z.File {
		name := strings.ToLower(e.Name)
		switch {
		case path.Base(name) == "vbaproject.bin":
			return "", refusedType()
		case name == "[content_types].xml":
			types = true
		case name == "word/document.xml":
			found = officePrefix + "wordprocessingml.document"
		case name == "xl/workbook.xml":
			found = officePrefix + "spreadsheetml.sheet"
		case name == "ppt/presentation.xml":
			found = officePrefix + "presentationml.presentation"
		}
	}
	if !types || found == "" {
		return "", refusedType()
	}
	return found, nil
}
