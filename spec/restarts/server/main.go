// One of the servers that the suite of rolling restarts stops and starts: grpc-go with messages as bytes, so that
// nothing is generated. Each call has an id; it is written to a log before the answer, where a kill cannot reach it.
//
// usage: server PORT LOG. Prints its port when it listens; SIGTERM ends it gracefully (GOAWAY, running calls end).
package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// maxWork is how long a unary call takes at most: so that there are always some running when a server is stopped.
const maxWork = 100 * time.Millisecond

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

// handle answers every method: those of one request echo it after some work, Watch echoes each message.
func handle(log *os.File) grpc.StreamHandler {
	return func(_ any, stream grpc.ServerStream) error {
		method, _ := grpc.MethodFromServerStream(stream)
		isWatch := strings.HasSuffix(method, "/Watch")
		for first := true; ; first = false {
			var message []byte
			if err := stream.RecvMsg(&message); err != nil {
				if errors.Is(err, io.EOF) {
					return nil
				}
				return err
			}
			if first {
				// Field 1, a text of less than 128 octets.
				if len(message) < 2 {
					return status.Error(codes.InvalidArgument, "a message without an id")
				}
				if _, err := fmt.Fprintf(log, "%s\n", message[2:]); err != nil {
					return err
				}
			}
			if !isWatch {
				time.Sleep(rand.N(maxWork))
				return stream.SendMsg(&message)
			}
			if err := stream.SendMsg(&message); err != nil {
				return err
			}
		}
	}
}

func run(port, logPath string) error {
	log, err := os.OpenFile(logPath, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		return err
	}
	server := grpc.NewServer(grpc.ForceServerCodec(bytesCodec{}), grpc.UnknownServiceHandler(handle(log)))
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		server.GracefulStop()
	}()
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	return server.Serve(listener)
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: server PORT LOG")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
