// The server of examples/ once more, on grpc-go: helloworld.Greeter and routeguide.RouteGuide of this repository's own
// .proto files, which protocompile reads as it starts, so that nothing is generated. It answers as
// spec/support/peers/greeter.ts and route-guide.ts do, but says in the trailer x-served-by that it is another.
// It listens on the loopback address, tells where, and lives until its stdin closes, so that it cannot outlast its runner.
//
// usage: server PROTOS   the folder of the .proto files
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"

	"github.com/bufbuild/protocompile"
	"google.golang.org/grpc"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/reflection"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: server PROTOS")
	}
	compiler := protocompile.Compiler{Resolver: &protocompile.SourceResolver{ImportPaths: os.Args[1:]}}
	files, err := compiler.Compile(context.Background(), "helloworld.proto", "route_guide.proto")
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	for _, file := range files {
		// Where reflection finds it.
		if err := protoregistry.GlobalFiles.RegisterFile(file); err != nil {
			log.Fatal(err)
		}
		for i := range file.Services().Len() {
			register(server, file.Services().Get(i))
		}
	}
	reflection.Register(server) // v1 and v1alpha

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Printf("listening %s\n", listener.Addr())
	log.Fatal(server.Serve(listener))
}

// handlers by full name; a method without one is UNIMPLEMENTED.
var handlers = map[protoreflect.FullName]func(*call) error{
	"helloworld.Greeter.SayHello":            sayHello,
	"helloworld.Greeter.SayHelloStreamReply": sayHelloStreamReply,
	"helloworld.Greeter.SayHelloBidiStream":  sayHelloBidiStream,
	"routeguide.RouteGuide.GetFeature":       getFeature,
	"routeguide.RouteGuide.ListFeatures":     listFeatures,
	"routeguide.RouteGuide.RecordRoute":      recordRoute,
}

// register has each method of a service answered by its handler. To grpc-go every one of them is a stream.
func register(server *grpc.Server, service protoreflect.ServiceDescriptor) {
	desc := grpc.ServiceDesc{
		ServiceName: string(service.FullName()),
		Metadata:    service.ParentFile().Path(),
	}
	for i := range service.Methods().Len() {
		method := service.Methods().Get(i)
		handle, ok := handlers[method.FullName()]
		if !ok {
			continue
		}
		desc.Streams = append(desc.Streams, grpc.StreamDesc{
			StreamName:    string(method.Name()),
			ServerStreams: true,
			ClientStreams: true,
			Handler: func(_ any, stream grpc.ServerStream) error {
				return handle(&call{stream: stream, method: method})
			},
		})
	}
	server.RegisterService(&desc, nil)
}

// call is one call of a method, whose messages are known by their descriptors alone.
type call struct {
	stream grpc.ServerStream
	method protoreflect.MethodDescriptor
}

// read gives the next request, or io.EOF behind the last.
func (c *call) read() (*dynamicpb.Message, error) {
	request := dynamicpb.NewMessage(c.method.Input())
	return request, c.stream.RecvMsg(request)
}

// reply sends one with these fields.
func (c *call) reply(fields map[string]any) error {
	return c.stream.SendMsg(message(c.method.Output(), fields))
}

// message makes one out of texts, int32s and messages.
func message(of protoreflect.MessageDescriptor, fields map[string]any) *dynamicpb.Message {
	made := dynamicpb.NewMessage(of)
	for name, value := range fields {
		field := of.Fields().ByName(protoreflect.Name(name))
		if inner, ok := value.(map[string]any); ok {
			made.Set(field, protoreflect.ValueOf(message(field.Message(), inner)))
		} else {
			made.Set(field, protoreflect.ValueOf(value))
		}
	}
	return made
}

func field(of protoreflect.Message, name string) protoreflect.Value {
	return of.Get(of.Descriptor().Fields().ByName(protoreflect.Name(name)))
}
