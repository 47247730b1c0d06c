package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
)

// soReusePort is SO_REUSEPORT of Linux, which package syscall does not name on every architecture.
const soReusePort = 0xf

// handle answers every method: Once echoes its request after some work, Sleep after a minute, Watch echoes each message.
func handle(maxWork time.Duration) grpc.StreamHandler {
	return func(_ any, stream grpc.ServerStream) error {
		method, _ := grpc.MethodFromServerStream(stream)
		isWatch := strings.HasSuffix(method, "/Watch")
		for {
			var message []byte
			if err := stream.RecvMsg(&message); err != nil {
				if errors.Is(err, io.EOF) {
					return nil
				}
				return err
			}
			if strings.HasSuffix(method, "/Sleep") {
				select {
				case <-stream.Context().Done():
				case <-time.After(time.Minute):
				}
			} else if !isWatch && maxWork > 0 {
				time.Sleep(rand.N(maxWork))
			}
			if err := stream.SendMsg(&message); err != nil || !isWatch {
				return err
			}
		}
	}
}

func serve(parameters []string) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	port := flags.Int("port", 0, "0: any that is free")
	work := flags.Duration("work", 5*time.Millisecond, "how long a unary call takes at most")
	age := flags.Duration("age", time.Duration(math.MaxInt64), "MaxConnectionAge")
	grace := flags.Duration("grace", time.Duration(math.MaxInt64), "MaxConnectionAgeGrace")
	idle := flags.Duration("idle", time.Duration(math.MaxInt64), "MaxConnectionIdle")
	maxStreams := flags.Uint("max-streams", 0, "MaxConcurrentStreams, 0: any number")
	if err := flags.Parse(parameters); err != nil {
		return err
	}
	// So that the next one can listen before this one is gone.
	config := net.ListenConfig{Control: func(_, _ string, connection syscall.RawConn) error {
		var failure error
		err := connection.Control(func(fd uintptr) {
			failure = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, soReusePort, 1)
		})
		return errors.Join(err, failure)
	}}
	listener, err := config.Listen(context.Background(), "tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		return err
	}
	options := []grpc.ServerOption{
		grpc.ForceServerCodec(bytesCodec{}),
		grpc.UnknownServiceHandler(handle(*work)),
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionAge: *age, MaxConnectionAgeGrace: *grace, MaxConnectionIdle: *idle,
		}),
	}
	if *maxStreams > 0 {
		options = append(options, grpc.MaxConcurrentStreams(uint32(*maxStreams)))
	}
	server := grpc.NewServer(options...)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		server.GracefulStop()
	}()
	go endWithStdin()
	fmt.Printf("listening %d\n", listener.Addr().(*net.TCPAddr).Port)
	return server.Serve(listener)
}
