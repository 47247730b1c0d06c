// What the suite of real peers has in Go: grpc-go as a server, behind proxies and by itself, and as a client to compare
// with. Messages are bytes, so that nothing is generated. Serve and load end when their stdin does.
//
// usage: peer serve FLAGS        prints its port when it listens; SIGTERM ends it gracefully
//
//	peer load JSON          see ../clients/load.ts, which is the same for Node
//	peer logged PORT LOG    a server of the suite of rolling restarts (../../restarts)
package main

import (
	"fmt"
	"io"
	"os"
)

// bytesCodec hands messages through as they are.
type bytesCodec struct{}

func (bytesCodec) Name() string { return "proto" }

func (bytesCodec) Marshal(v any) ([]byte, error) {
	message, ok := v.(*[]byte)
	if !ok {
		return nil, fmt.Errorf("not bytes: %T", v)
	}
	return *message, nil
}

func (bytesCodec) Unmarshal(data []byte, v any) error {
	message, ok := v.(*[]byte)
	if !ok {
		return fmt.Errorf("not bytes: %T", v)
	}
	*message = append([]byte(nil), data...)
	return nil
}

// endWithStdin ends the process with the one that started it.
func endWithStdin() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

func main() {
	if len(os.Args) > 1 {
		var err error
		switch os.Args[1] {
		case "serve":
			err = serve(os.Args[2:])
		case "load":
			err = runLoad(os.Args[2])
		case "logged":
			if len(os.Args) != 4 {
				err = fmt.Errorf("usage: peer logged PORT LOG")
			} else {
				err = serveLogged(os.Args[2], os.Args[3])
			}
		default:
			err = fmt.Errorf("nothing is called %s", os.Args[1])
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	fmt.Fprintln(os.Stderr, "usage: peer serve|load|logged …")
	os.Exit(2)
}
