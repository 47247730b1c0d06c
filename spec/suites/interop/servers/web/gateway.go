package main

import (
	"context"
	"io"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/interop"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// gatewayHandler is grpc-gateway before TestService, which speaks JSON over HTTP and none of the three protocols. One method has a
// path of its own, and one that of gRPC, as generate_unbound_methods makes them; handlers are as its generator writes them.
func gatewayHandler() http.Handler {
	server := interop.NewTestServer()
	mux := runtime.NewServeMux()
	handle := func(method, path string, request func() proto.Message,
		call func(context.Context, proto.Message) (proto.Message, error)) {
		err := mux.HandlePath(method, path, func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			inbound, outbound := runtime.MarshalerForRequest(mux, r)
			message := request()
			if err := inbound.NewDecoder(r.Body).Decode(message); err != nil && err != io.EOF {
				err = status.Errorf(codes.InvalidArgument, "%v", err)
				runtime.HTTPError(r.Context(), mux, outbound, w, r, err)
				return
			}
			reply, err := call(r.Context(), message)
			if err != nil {
				runtime.HTTPError(r.Context(), mux, outbound, w, r, err)
				return
			}
			runtime.ForwardResponseMessage(r.Context(), mux, outbound, w, r, reply)
		})
		if err != nil {
			panic(err)
		}
	}
	handle("POST", "/v1/unary", func() proto.Message { return new(testpb.SimpleRequest) },
		func(ctx context.Context, request proto.Message) (proto.Message, error) {
			return server.UnaryCall(ctx, request.(*testpb.SimpleRequest))
		})
	handle("POST", "/"+service+"/UnaryCall", func() proto.Message { return new(testpb.SimpleRequest) },
		func(ctx context.Context, request proto.Message) (proto.Message, error) {
			return server.UnaryCall(ctx, request.(*testpb.SimpleRequest))
		})
	return mux
}
