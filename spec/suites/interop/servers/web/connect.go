package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"connectrpc.com/connect"
	"connectrpc.com/grpchealth"
	"connectrpc.com/grpcreflect"
	testpb "google.golang.org/grpc/interop/grpc_testing"
)

const (
	service      = "grpc.testing.TestService"
	echoInitial  = "x-grpc-test-echo-initial"
	echoTrailing = "x-grpc-test-echo-trailing-bin"
)

// connectHandler is TestService in connect-go's own words, as grpc's doc/interop-test-descriptions.md has it.
func connectHandler() http.Handler {
	mux := http.NewServeMux()
	handle := func(method string, handler http.Handler) { mux.Handle("/"+service+"/"+method, handler) }
	path := func(method string) string { return "/" + service + "/" + method }

	handle("EmptyCall", connect.NewUnaryHandler(path("EmptyCall"),
		func(_ context.Context, _ *connect.Request[testpb.Empty]) (*connect.Response[testpb.Empty], error) {
			return connect.NewResponse(&testpb.Empty{}), nil
		}))
	handle("CacheableUnaryCall", connect.NewUnaryHandler(path("CacheableUnaryCall"), unaryCall,
		connect.WithIdempotency(connect.IdempotencyNoSideEffects)))
	handle("UnaryCall", connect.NewUnaryHandler(path("UnaryCall"), unaryCall))
	handle("StreamingOutputCall", connect.NewServerStreamHandler(path("StreamingOutputCall"),
		func(ctx context.Context, request *connect.Request[testpb.StreamingOutputCallRequest],
			stream *connect.ServerStream[testpb.StreamingOutputCallResponse]) error {
			return respond(ctx, request.Msg, stream.Send)
		}))
	handle("StreamingInputCall", connect.NewClientStreamHandler(path("StreamingInputCall"), streamingInputCall))
	handle("FullDuplexCall", connect.NewBidiStreamHandler(path("FullDuplexCall"), fullDuplexCall))

	mux.Handle(grpcreflect.NewHandlerV1(grpcreflect.NewStaticReflector(service, grpchealth.HealthV1ServiceName,
		grpcreflect.ReflectV1ServiceName, grpcreflect.ReflectV1AlphaServiceName)))
	mux.Handle(grpcreflect.NewHandlerV1Alpha(grpcreflect.NewStaticReflector(service, grpchealth.HealthV1ServiceName,
		grpcreflect.ReflectV1ServiceName, grpcreflect.ReflectV1AlphaServiceName)))
	mux.Handle(grpchealth.NewHandler(grpchealth.NewStaticChecker(service)))
	return mux
}

func unaryCall(_ context.Context, request *connect.Request[testpb.SimpleRequest]) (
	*connect.Response[testpb.SimpleResponse], error) {
	if status := request.Msg.GetResponseStatus(); status.GetCode() != 0 {
		failed := connect.NewError(connect.Code(status.GetCode()), errors.New(status.GetMessage()))
		if failed.Code() == connect.CodeFailedPrecondition {
			info, err := connect.NewErrorDetail(detail)
			if err != nil {
				return nil, err
			}
			failed.AddDetail(info)
		}
		return nil, failed
	}
	response := connect.NewResponse(&testpb.SimpleResponse{Payload: payload(request.Msg.GetResponseSize())})
	echo(request.Header(), response.Header(), response.Trailer())
	return response, nil
}

func streamingInputCall(_ context.Context, stream *connect.ClientStream[testpb.StreamingInputCallRequest]) (
	*connect.Response[testpb.StreamingInputCallResponse], error) {
	size := 0
	for stream.Receive() {
		size += len(stream.Msg().GetPayload().GetBody())
	}
	if err := stream.Err(); err != nil {
		return nil, err
	}
	return connect.NewResponse(&testpb.StreamingInputCallResponse{AggregatedPayloadSize: int32(size)}), nil
}

func fullDuplexCall(ctx context.Context,
	stream *connect.BidiStream[testpb.StreamingOutputCallRequest, testpb.StreamingOutputCallResponse]) error {
	echo(stream.RequestHeader(), stream.ResponseHeader(), stream.ResponseTrailer())
	for {
		request, err := stream.Receive()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if status := request.GetResponseStatus(); status.GetCode() != 0 {
			return connect.NewError(connect.Code(status.GetCode()), errors.New(status.GetMessage()))
		}
		if err := respond(ctx, request, stream.Send); err != nil {
			return err
		}
	}
}

func respond(ctx context.Context, request *testpb.StreamingOutputCallRequest,
	send func(*testpb.StreamingOutputCallResponse) error) error {
	for _, parameters := range request.GetResponseParameters() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(parameters.GetIntervalUs()) * time.Microsecond):
		}
		if err := send(&testpb.StreamingOutputCallResponse{Payload: payload(parameters.GetSize())}); err != nil {
			return err
		}
	}
	return nil
}

func payload(size int32) *testpb.Payload {
	return &testpb.Payload{Type: testpb.PayloadType_COMPRESSABLE, Body: make([]byte, size)}
}

func echo(request, header, trailer http.Header) {
	if value := request.Get(echoInitial); value != "" {
		header.Set(echoInitial, value)
	}
	if value := request.Get(echoTrailing); value != "" {
		trailer.Set(echoTrailing, value)
	}
}
