// Serves grpc's interop TestService in Connect and gRPC-Web on the loopback address, for spec/suites/interop, as other people's
// code speaks them. It prints the port that it got and lives until its stdin closes, so that it cannot outlast the runner.
//
// usage: server connect|connect-batched|vanguard|grpcweb|grpc|gateway|page|json [KEY CERTIFICATE]
//
// connect: handlers of connect-go, with its reflection and health service; connect-batched: the same, with the messages of
// streams in blocks, for benchmarks; vanguard: grpc-go's own service behind vanguard; grpcweb: the same behind improbable's
// gRPC-Web proxy. Each also over HTTP/1.1. grpc: the same alone. What speaks none of the protocols: gateway is grpc-gateway
// before it, page and json answer everything with a web page or with JSON.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"connectrpc.com/vanguard/vanguardgrpc"
	"github.com/improbable-eng/grpc-web/go/grpcweb"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/interop"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"

	"connectrpc.com/vanguard"
)

// detailed is grpc's test service, whose errors with FAILED_PRECONDITION have a detail.
type detailed struct{ testpb.TestServiceServer }

func (d detailed) UnaryCall(ctx context.Context, request *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
	if wanted := request.GetResponseStatus(); codes.Code(wanted.GetCode()) == codes.FailedPrecondition {
		failed, err := status.New(codes.FailedPrecondition, wanted.GetMessage()).WithDetails(detail)
		if err != nil {
			return nil, err
		}
		return nil, failed.Err()
	}
	return d.TestServiceServer.UnaryCall(ctx, request)
}

var detail = &errdetails.ErrorInfo{Reason: "TESTED", Domain: "interop.stubless.dev"}

func grpcServer() *grpc.Server {
	server := grpc.NewServer()
	testpb.RegisterTestServiceServer(server, detailed{interop.NewTestServer()})
	healthpb.RegisterHealthServer(server, health.NewServer())
	reflection.Register(server)
	return server
}

func handlerOf(kind string) http.Handler {
	switch kind {
	case "connect":
		return connectHandler()
	case "connect-batched":
		return batched(connectHandler())
	case "vanguard":
		// What vanguard makes of JSON goes on as JSON only where the server knows it.
		encoding.RegisterCodec(vanguardgrpc.NewCodec(&vanguard.JSONCodec{}))
		transcoder, err := vanguardgrpc.NewTranscoder(grpcServer())
		if err != nil {
			log.Fatal(err)
		}
		return transcoder
	case "grpcweb":
		return grpcweb.WrapServer(grpcServer(), grpcweb.WithOriginFunc(func(string) bool { return true }))
	case "gateway":
		return gatewayHandler()
	case "page":
		return pageHandler()
	case "json":
		return jsonHandler()
	default:
		log.Fatalf("there is no server %q", kind)
		return nil
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	if os.Args[1] == "grpc" {
		fmt.Printf("listening %s\n", listener.Addr())
		log.Fatal(grpcServer().Serve(listener))
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: handlerOf(os.Args[1]), Protocols: protocols}
	fmt.Printf("listening %s\n", listener.Addr())
	if len(os.Args) == 4 { // a key and its certificate
		log.Fatal(server.ServeTLS(listener, os.Args[3], os.Args[2]))
	}
	log.Fatal(server.Serve(listener))
}
