package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// maxDepth is how deep a body may nest. Ours need six.
const maxDepth = 32

// strictJSON is the only format we read and write. It refuses what a store or
// a screen would trip over later: broken UTF-8, NUL characters and deep
// nesting. Unknown fields are refused by the schema. Output is escaped so that
// it stays inert even where somebody takes it for HTML.
var strictJSON = huma.Format{
	Marshal:   func(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) },
	Unmarshal: unmarshalStrict,
}

func unmarshalStrict(data []byte, into any) error {
	if err := checkJSON(data); err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return fmt.Errorf("not valid JSON at byte %d", syntax.Offset)
		}
		var typ *json.UnmarshalTypeError
		if errors.As(err, &typ) {
			return fmt.Errorf("%s: a %s does not fit", typ.Field, typ.Value)
		}
		return errors.New("not valid JSON")
	}
	return nil
}

// decodeFrame reads one frame of a socket: strict, without unknown fields.
func decodeFrame(data []byte, into any) error {
	if err := checkJSON(data); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return errors.New("not a frame: " + err.Error())
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("not a frame: more than one value")
	}
	return nil
}

// checkJSON looks only for what json.Unmarshal lets pass.
func checkJSON(data []byte) error {
	if !utf8.Valid(data) {
		return errors.New("not valid UTF-8")
	}
	depth, inString := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inString && c == '\\':
			if bytes.HasPrefix(data[i:], []byte(`\u0000`)) {
				return errors.New("a text must not hold the NUL character")
			}
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return fmt.Errorf("nested deeper than %d", maxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}
