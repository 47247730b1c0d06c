package main

import (
	"bufio"
	"io"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

type bufioReader = bufio.Reader

func newBufioReader(reader io.Reader) *bufioReader { return bufio.NewReader(reader) }

func schemeInternal(gvk schema.GroupVersionKind) schema.GroupVersion {
	return schema.GroupVersion{Group: gvk.Group, Version: runtime.APIVersionInternal}
}
