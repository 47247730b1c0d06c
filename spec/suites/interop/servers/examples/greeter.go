package main

import (
	"errors"
	"io"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const (
	// Comes back in the headers when a request carries it.
	echoed   = "x-request-id"
	servedBy = "x-served-by"
	sleep    = 30 * time.Second
)

var greetings = []string{"Hello", "Salut", "Hola"}

func greeting(word, name string) map[string]any {
	return map[string]any{"message": word + " " + name}
}

func sayHello(c *call) error {
	request, err := c.read()
	if err != nil {
		return err
	}
	if asked, ok := metadata.FromIncomingContext(c.stream.Context()); ok {
		if err := c.stream.SetHeader(metadata.MD{echoed: asked.Get(echoed)}); err != nil {
			return err
		}
	}
	c.stream.SetTrailer(metadata.Pairs(servedBy, "grpc-go"))
	name := field(request, "name").String()
	switch {
	case name == "nobody" || strings.HasPrefix(name, "nobody "):
		return status.Errorf(codes.NotFound, "no greeting for %s", name)
	case name == "sleepy":
		select {
		case <-time.After(sleep):
		case <-c.stream.Context().Done():
			return c.stream.Context().Err()
		}
	}
	return c.reply(greeting("Hello", name))
}

func sayHelloStreamReply(c *call) error {
	request, err := c.read()
	if err != nil {
		return err
	}
	for _, word := range greetings {
		if err := c.reply(greeting(word, field(request, "name").String())); err != nil {
			return err
		}
	}
	return nil
}

func sayHelloBidiStream(c *call) error {
	for {
		request, err := c.read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := c.reply(greeting("Hello", field(request, "name").String())); err != nil {
			return err
		}
	}
}
