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

// maxLoggedWork is how long a unary call takes at most: so that there are always some running when a server is stopped.
const maxLoggedWork = 100 * time.Millisecond

// handleLogged answers every method: those of one request echo it after some work, Watch echoes each message. Each call
// has an id; it is written to a log before the answer, where a kill cannot reach it.
func handleLogged(log *os.File) grpc.StreamHandler {
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
				time.Sleep(rand.N(maxLoggedWork))
				return stream.SendMsg(&message)
			}
			if err := stream.SendMsg(&message); err != nil {
				return err
			}
		}
	}
}

// serveLogged is one of the servers that ../../restarts stops and starts. It prints its port when it listens; SIGTERM
// ends it gracefully (GOAWAY, running calls end).
func serveLogged(port, logPath string) error {
	log, err := os.OpenFile(logPath, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		return err
	}
	server := grpc.NewServer(grpc.ForceServerCodec(bytesCodec{}), grpc.UnknownServiceHandler(handleLogged(log)))
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		server.GracefulStop()
	}()
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	return server.Serve(listener)
}
