package main

import (
	"bufio"
	"net/http"
)

// What a stream writes goes out in blocks of so many octets.
const blockOctets = 32 * 1024

// batched lets a handler's messages go out in blocks, as a server does that has more of them than it flushes: connect-go
// flushes each message by itself, and what a client spends on a packet hides what it spends on a message.
func batched(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		writer := &blockWriter{ResponseWriter: response, block: bufio.NewWriterSize(response, blockOctets)}
		handler.ServeHTTP(writer, request)
		_ = writer.block.Flush()
	})
}

type blockWriter struct {
	http.ResponseWriter
	block *bufio.Writer
}

func (w *blockWriter) Write(octets []byte) (int, error) { return w.block.Write(octets) }

// Flush is what connect-go calls after each message.
func (w *blockWriter) Flush() {}
