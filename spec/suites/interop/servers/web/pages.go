package main

import (
	"net/http"
)

// pageHandler answers everything with 200 and a page: the login of a proxy, or what a single-page application serves for paths
// that it does not know.
func pageHandler() http.Handler {
	return answerAll("text/html; charset=utf-8", "<!doctype html><title>Sign in</title><h1>Sign in to continue</h1>")
}

// jsonHandler answers everything with 200 and JSON, as some APIs do.
func jsonHandler() http.Handler {
	return answerAll("application/json", `{"error":"no such endpoint"}`)
}

func answerAll(contentType, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write([]byte(body))
	})
}
