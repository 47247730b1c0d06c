// A manifest of `stubless bench --kubernetes` as Kubernetes' own code reads it.
//
//	manifest check < manifest.yaml            decodes strictly, sets defaults and validates as the API server does
//	manifest play SECRETS.json < manifest.yaml   runs the Job controller; pods are told on standard output, one JSON
//	                                          object a line, and how they ended is read from standard input
//
// Go's log says nothing; what is wrong ends the program with an error on standard error.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"k8s.io/klog/v2"
)

func main() {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 1 && args[0] == "check":
		text, err := io.ReadAll(os.Stdin)
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(check(text))
	case len(args) == 3 && args[0] == "play":
		return play(args[1], args[2])
	default:
		return fmt.Errorf("usage: manifest check < MANIFEST | manifest play MANIFEST SECRETS")
	}
}
