// The worker of grpc-go's client: one row in a process of its own, as ../worker.ts does it for the others.
// Its messages are grpc-go's own generated ones (interop/grpc_testing), so nothing is generated here.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
)

const (
	smallOctets = 10
	bigOctets   = 1 << 20
	timeout     = 30 * time.Second
)

// task is what run.ts hands to every worker, and the row's own numbers beside.
type task struct {
	Port      int     `json:"port"`
	WarmUpMs  float64 `json:"warmUpMs"`
	MeasureMs float64 `json:"measureMs"`
	LatencyMs float64 `json:"latencyMs"`
	Work      string  `json:"work"`
	InFlight  int     `json:"inFlight"`
	Messages  int     `json:"messages"`
	Count     int     `json:"count"`
	WarmUp    int64   `json:"warmUpCalls"`
	Unit      string  `json:"unit"`
	Up        int     `json:"up"`
	Down      int     `json:"down"`
	// CA is the path of the certificates to trust; without, plaintext.
	CA string `json:"ca"`
}

type figures struct {
	Cost float64  `json:"cost"`
	Rate *float64 `json:"rate,omitempty"`
	P50  *float64 `json:"p50,omitempty"`
	P99  *float64 `json:"p99,omitempty"`
	// MemoryMiB is what the process grew by at most.
	MemoryMiB *float64 `json:"memoryMiB,omitempty"`
}

type worker struct {
	client pb.BenchmarkServiceClient
	task   task
	small  *pb.SimpleRequest
}

func (w *worker) context() (context.Context, context.CancelFunc) {
	ctx := metadata.AppendToOutgoingContext(context.Background(), "x-request-id", "6f1f2f0c-9f9c-4d5e-8a52-0c1b64f0a7d3")
	return context.WithTimeout(ctx, timeout)
}

func (w *worker) unary(ctx context.Context, octets int, request *pb.SimpleRequest) error {
	reply, err := w.client.UnaryCall(ctx, request)
	if err == nil && len(reply.GetPayload().GetBody()) != octets {
		return errors.New("a wrong reply")
	}
	return err
}

func (w *worker) serverStream(ctx context.Context, messages, octets int) error {
	call, err := w.client.StreamingFromServer(ctx, &pb.SimpleRequest{ResponseSize: int32(messages), Payload: w.small.Payload})
	if err != nil {
		return err
	}
	for count := 0; ; count++ {
		reply, err := call.Recv()
		if err == io.EOF && count == messages {
			return nil
		}
		if err != nil {
			return err
		}
		if len(reply.GetPayload().GetBody()) != octets {
			return errors.New("a wrong reply")
		}
	}
}

func (w *worker) clientStream(ctx context.Context, messages int, request *pb.SimpleRequest) error {
	call, err := w.client.StreamingFromClient(ctx)
	if err != nil {
		return err
	}
	for range messages {
		if err := call.Send(request); err != nil {
			return err
		}
	}
	_, err = call.CloseAndRecv()
	return err
}

func (w *worker) bidi(ctx context.Context, onReply func()) error {
	call, err := w.client.StreamingCall(ctx)
	if err != nil {
		return err
	}
	for range w.task.Messages {
		if err := call.Send(w.small); err != nil {
			return err
		}
		if _, err := call.Recv(); err != nil {
			return err
		}
		onReply()
	}
	if err := call.CloseSend(); err != nil {
		return err
	}
	if _, err := call.Recv(); err != io.EOF {
		return fmt.Errorf("a reply too many, or %w", err)
	}
	return nil
}

// once is one call of the row's kind.
func (w *worker) once() (func(onReply func()) error, error) {
	big := &pb.SimpleRequest{ResponseSize: bigOctets, Payload: &pb.Payload{Body: make([]byte, bigOctets)}}
	withAll := func(call func(context.Context) error) func(func()) error {
		return func(func()) error {
			ctx, cancel := w.context()
			defer cancel()
			return call(ctx)
		}
	}
	switch w.task.Work {
	case "unary":
		return withAll(func(ctx context.Context) error { return w.unary(ctx, smallOctets, w.small) }), nil
	case "plain-unary":
		return func(func()) error { return w.unary(context.Background(), smallOctets, w.small) }, nil
	case "big":
		return withAll(func(ctx context.Context) error { return w.unary(ctx, bigOctets, big) }), nil
	case "server-stream":
		return withAll(func(ctx context.Context) error { return w.serverStream(ctx, w.task.Messages, smallOctets) }), nil
	case "client-stream":
		return withAll(func(ctx context.Context) error { return w.clientStream(ctx, w.task.Messages, w.small) }), nil
	case "bidi":
		return func(onReply func()) error {
			ctx, cancel := w.context()
			defer cancel()
			return w.bidi(ctx, onReply)
		}, nil
	}
	return nil, fmt.Errorf("grpc-go cannot do %s", w.task.Work)
}

func nothing() {}

// lanes runs `lane` in as many goroutines as there are calls in flight.
func (w *worker) lanes(lane func() error) {
	var group sync.WaitGroup
	for range w.task.InFlight {
		group.Go(func() {
			if err := lane(); err != nil {
				fail(err)
			}
		})
	}
	group.Wait()
}

func (w *worker) keepRunning(ms float64, leastCalls int64, once func(func()) error) int64 {
	var isOver atomic.Bool
	var calls atomic.Int64
	timer := time.AfterFunc(time.Duration(ms*1e6), func() { isOver.Store(true) })
	defer timer.Stop()
	w.lanes(func() error {
		for {
			if err := once(nothing); err != nil {
				return err
			}
			if count := calls.Add(1); isOver.Load() && count >= leastCalls {
				return nil
			}
		}
	})
	return calls.Load()
}

func (w *worker) latencies(result *figures, once func(func()) error) {
	eachReply := w.task.Work == "bidi"
	if w.task.Messages != 1 && !eachReply {
		return
	}
	var mutex sync.Mutex
	var micros []float64
	end := time.Now().Add(time.Duration(w.task.LatencyMs * 1e6))
	w.lanes(func() error {
		now := time.Now()
		var own []float64
		lap := func() {
			then := now
			now = time.Now()
			own = append(own, float64(now.Sub(then).Nanoseconds())/1000)
		}
		for {
			onReply := nothing
			if eachReply {
				onReply = lap
			}
			if err := once(onReply); err != nil {
				return err
			}
			if !eachReply {
				lap()
			}
			if now.After(end) {
				break
			}
		}
		mutex.Lock()
		defer mutex.Unlock()
		micros = append(micros, own...)
		return nil
	})
	sort.Float64s(micros)
	p50, p99 := micros[len(micros)/2], micros[len(micros)*99/100]
	result.P50, result.P99 = &p50, &p99
}

func cpuMicros() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fail(err)
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1000
}

func (w *worker) measureCalls() figures {
	once, err := w.once()
	if err != nil {
		fail(err)
	}
	w.keepRunning(w.task.WarmUpMs, w.task.WarmUp, once)
	cpuBefore, wallBefore := cpuMicros(), time.Now()
	calls := w.keepRunning(w.task.MeasureMs, 0, once)
	wall, cpu := time.Since(wallBefore), cpuMicros()-cpuBefore
	operations := float64(calls) * float64(w.task.Messages)
	rate := operations / wall.Seconds()
	result := figures{Cost: cpu / operations, Rate: &rate}
	w.latencies(&result, once)
	return result
}

func residentKiB() float64 {
	runtime.GC()
	debug.FreeOSMemory()
	time.Sleep(200 * time.Millisecond)
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		fail(err)
	}
	pages, err := strconv.ParseFloat(strings.Fields(string(statm))[1], 64)
	if err != nil {
		fail(err)
	}
	return pages * float64(os.Getpagesize()) / 1024
}

func (w *worker) measureIdleStreams() figures {
	held := make([]any, 0, 2*w.task.Count)
	open := func(count int) {
		for range count {
			call, err := w.client.StreamingCall(metadata.AppendToOutgoingContext(context.Background(), "x-request-id", "6f1f2f0c-9f9c-4d5e-8a52-0c1b64f0a7d3"))
			if err == nil {
				err = call.Send(w.small)
			}
			if err == nil {
				_, err = call.Recv()
			}
			if err != nil {
				fail(err)
			}
			held = append(held, call)
		}
	}
	open(w.task.Count / 20)
	before := residentKiB()
	open(w.task.Count)
	after := residentKiB()
	runtime.KeepAlive(held)
	return figures{Cost: (after - before) / float64(w.task.Count)}
}

// transfer is one call of the row, or with small the same in small; see ../transfer.ts.
func (w *worker) transfer(request *pb.SimpleRequest, small bool) error {
	ctx, cancel := w.context()
	defer cancel()
	messages := w.task.Messages
	if small {
		messages = 64
	}
	switch {
	case w.task.Messages > 1 && w.task.Up > 0:
		return w.clientStream(ctx, messages, request)
	case w.task.Messages > 1:
		return w.serverStream(ctx, messages, w.task.Down)
	case small:
		return w.unary(ctx, smallOctets, w.small)
	}
	return w.unary(ctx, int(request.ResponseSize), request)
}

func statusMiB(field string) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		fail(err)
	}
	_, after, _ := strings.Cut(string(status), field+":")
	kib, err := strconv.ParseFloat(strings.Fields(after)[0], 64)
	if err != nil {
		fail(err)
	}
	return kib / 1024
}

func (w *worker) measureTransfer() figures {
	request := &pb.SimpleRequest{ResponseSize: smallOctets, Payload: &pb.Payload{Body: bytes.Repeat([]byte{1}, w.task.Up)}}
	if w.task.Down > 0 {
		request.ResponseSize = int32(w.task.Down)
	}
	run := func(count int, small bool) {
		for range count {
			if err := w.transfer(request, small); err != nil {
				fail(err)
			}
		}
	}
	if w.task.Messages > 1 {
		run(1, true)
	} else {
		run(50, true)
	}
	before := statusMiB("VmRSS")
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		fail(err)
	}
	run(1, false)
	memory := statusMiB("VmHWM") - before
	cpuBefore, wallBefore := cpuMicros(), time.Now()
	run(w.task.Count, false)
	wall, cpu := time.Since(wallBefore), cpuMicros()-cpuBefore
	operations := float64(w.task.Count * w.task.Messages)
	rate := operations / wall.Seconds()
	cost := cpu / operations
	if w.task.Unit == "ms" {
		cost /= 1000
	}
	return figures{Cost: cost, Rate: &rate, MemoryMiB: &memory}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// server answers unary calls over TLS, as server.c does in plaintext.
type server struct {
	pb.UnimplementedBenchmarkServiceServer
}

func (*server) UnaryCall(_ context.Context, request *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	return &pb.SimpleResponse{Payload: &pb.Payload{Body: make([]byte, request.ResponseSize)}}, nil
}

// serve prints its port, and exits when its standard input ends.
func serve(certificate, key string) {
	secured, err := credentials.NewServerTLSFromFile(certificate, key)
	if err != nil {
		fail(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err)
	}
	s := grpc.NewServer(grpc.Creds(secured))
	pb.RegisterBenchmarkServiceServer(s, &server{})
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	if err := s.Serve(listener); err != nil {
		fail(err)
	}
}

func (t *task) target() (string, credentials.TransportCredentials) {
	if t.CA == "" {
		return fmt.Sprintf("127.0.0.1:%d", t.Port), insecure.NewCredentials()
	}
	secured, err := credentials.NewClientTLSFromFile(t.CA, "")
	if err != nil {
		fail(err)
	}
	return fmt.Sprintf("localhost:%d", t.Port), secured
}

func main() {
	if os.Args[1] == "serve" {
		serve(os.Args[2], os.Args[3])
	}
	w := worker{small: &pb.SimpleRequest{ResponseSize: smallOctets, Payload: &pb.Payload{Body: make([]byte, smallOctets)}}}
	if err := json.Unmarshal([]byte(os.Args[1]), &w.task); err != nil {
		fail(err)
	}
	address, credentials := w.task.target()
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(credentials),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32), grpc.MaxCallSendMsgSize(math.MaxInt32)))
	if err != nil {
		fail(err)
	}
	w.client = pb.NewBenchmarkServiceClient(connection)
	result := figures{}
	switch w.task.Work {
	case "idle-streams":
		result = w.measureIdleStreams()
	case "transfer":
		result = w.measureTransfer()
	default:
		result = w.measureCalls()
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		fail(err)
	}
}
