package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

var yamlLine = regexp.MustCompile(`line (\d+): `)

// readFile reads a YAML mapping from names to plain values. What is wrong with
// it as a file is noted; the rest of it still counts, so that all is reported.
func (g *given) readFile(path string) layer {
	content, err := readBounded(path)
	if err != nil {
		g.add(Problem{Setting: configName, Message: err.Error()})
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var document yaml.Node
	err = decoder.Decode(&document)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		g.add(yamlProblem(path, err))
		return nil
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		g.add(Problem{Place: path, Message: "has more than one YAML document"})
	}
	return g.readMapping(path, document.Content[0])
}

func (g *given) readMapping(path string, root *yaml.Node) layer {
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil
	}
	if root.Kind != yaml.MappingNode {
		g.add(Problem{Place: placeOf(path, root), Message: "want a mapping of settings, NAME: value"})
		return nil
	}
	found := layer{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, content := root.Content[i], root.Content[i+1]
		place := placeOf(path, key)
		switch {
		case key.Kind != yaml.ScalarNode:
			g.add(Problem{Place: place, Message: "want the name of a setting"})
		case found[key.Value].place != "":
			g.add(Problem{Setting: key.Value, Place: place, Message: "is given already, at " + found[key.Value].place})
		case content.Kind != yaml.ScalarNode:
			g.add(Problem{Setting: key.Value, Place: place, Message: "want one plain value, several separated by commas"})
		case content.Tag == "!!null":
			found[key.Value] = value{place: place}
		default:
			found[key.Value] = value{text: content.Value, place: place}
		}
	}
	return found
}

func placeOf(path string, node *yaml.Node) string { return fmt.Sprintf("%s:%d", path, node.Line) }

// yamlProblem keeps of the parser's error the line, and its words only if they
// quote nothing: what it quotes may be part of a password.
func yamlProblem(path string, err error) Problem {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	place := path
	if match := yamlLine.FindStringSubmatch(text); match != nil {
		place += ":" + match[1]
		text = strings.Replace(text, match[0], "", 1)
	}
	if strings.ContainsAny(text, "'\"`\n") {
		text = "a value with special characters needs quotes"
	}
	return Problem{Place: place, Message: "is not valid YAML: " + text}
}
