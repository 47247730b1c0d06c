package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// orders are what a client is told to do: those of ../clients/orders.ts.
type orders struct {
	Target       string  `json:"target"`
	CA           string  `json:"ca"`
	Calls        int     `json:"calls"`
	InFlight     int     `json:"inFlight"`
	Octets       int     `json:"octets"`
	TimeoutMs    float64 `json:"timeoutMs"`
	WaitForReady bool    `json:"waitForReady"`
	Burst        *struct {
		Calls       int     `json:"calls"`
		FromPauseMs float64 `json:"fromPauseMs"`
		ToPauseMs   float64 `json:"toPauseMs"`
	} `json:"burst"`
	Streams struct {
		Count      int     `json:"count"`
		AtOnce     int     `json:"atOnce"`
		Messages   int     `json:"messages"`
		IntervalMs float64 `json:"intervalMs"`
	} `json:"streams"`
	Probe *struct {
		EveryMs float64 `json:"everyMs"`
	} `json:"probe"`
}

// tally counts what became of calls or streams.
type tally struct {
	mutex    sync.Mutex
	Answered int            `json:"answered"`
	Lost     map[string]int `json:"lost"`
}

func (t *tally) note(err error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if err == nil {
		t.Answered++
	} else {
		t.Lost[failureText(err)]++
	}
}

// probeResult is when a call began, on the wall clock, how long it took, and what it failed with.
type probeResult struct {
	AtMs   float64 `json:"atMs"`
	TookMs float64 `json:"tookMs"`
	Error  string  `json:"error"`
}

type load struct {
	orders     orders
	connection *grpc.ClientConn
	options    []grpc.CallOption
	begun      atomic.Int64
	settled    atomic.Int64
	calls      tally
	streams    tally
}

func failureText(err error) string {
	if s, ok := status.FromError(err); ok {
		return fmt.Sprintf("%s: %s", codeName(s.Code()), s.Message())
	}
	return err.Error()
}

func codeName(code codes.Code) string {
	names := []string{"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
		"ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
		"UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"}
	return names[code]
}

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

// message is a proxies.Id: field 1, a text.
func message(id string) []byte {
	return append(binary.AppendUvarint([]byte{0x0a}, uint64(len(id))), id...)
}

func (l *load) unary(id string) error {
	ctx, cancel := context.WithTimeout(context.Background(), milliseconds(l.orders.TimeoutMs))
	defer cancel()
	request := message(id)
	var reply []byte
	if err := l.connection.Invoke(ctx, "/proxies.Echo/Once", &request, &reply, l.options...); err != nil {
		return err
	}
	if !bytes.Equal(request, reply) {
		return fmt.Errorf("another reply")
	}
	return nil
}

func (l *load) stream(id string) error {
	ctx, cancel := context.WithTimeout(context.Background(), milliseconds(l.orders.TimeoutMs))
	defer cancel()
	description := &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
	stream, err := l.connection.NewStream(ctx, description, "/proxies.Echo/Watch", l.options...)
	if err != nil {
		return err
	}
	request := message(id)
	for range l.orders.Streams.Messages {
		// A write that fails is explained by the read.
		if err := stream.SendMsg(&request); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		var reply []byte
		if err := stream.RecvMsg(&reply); err != nil {
			return endedEarly(err)
		}
		if !bytes.Equal(request, reply) {
			return fmt.Errorf("another reply")
		}
		time.Sleep(milliseconds(l.orders.Streams.IntervalMs))
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	var reply []byte
	if err := stream.RecvMsg(&reply); !errors.Is(err, io.EOF) {
		if err == nil {
			return fmt.Errorf("a reply too many")
		}
		return err
	}
	return nil
}

func endedEarly(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("the stream ended early")
	}
	return err
}

func (l *load) noteCall(err error) {
	l.calls.note(err)
	settled := l.settled.Add(1)
	if settled%int64(max(1, l.orders.Calls/100)) == 0 {
		fmt.Printf("settled %d\n", settled)
	}
}

// closedLoop keeps inFlight calls running until the given number has begun.
func (l *load) closedLoop(calls int) {
	until := l.begun.Load() + int64(calls)
	var workers sync.WaitGroup
	for range l.orders.InFlight {
		workers.Go(func() {
			for {
				number := l.begun.Add(1)
				if number > until {
					l.begun.Add(-1)
					return
				}
				l.noteCall(l.unary(fmt.Sprintf("%-*s", l.orders.Octets, fmt.Sprintf("call %d", number))))
			}
		})
	}
	workers.Wait()
}

// bursts makes the calls some at a time, with a pause after each time that grows from one to the next.
func (l *load) bursts() {
	burst := l.orders.Burst
	times := l.orders.Calls / burst.Calls
	for index := range times {
		l.closedLoop(burst.Calls)
		share := float64(index) / float64(times)
		time.Sleep(milliseconds(burst.FromPauseMs + (burst.ToPauseMs-burst.FromPauseMs)*share))
	}
}

func (l *load) allStreams() {
	var begun atomic.Int64
	var workers sync.WaitGroup
	for range l.orders.Streams.AtOnce {
		workers.Go(func() {
			for {
				number := begun.Add(1)
				if number > int64(l.orders.Streams.Count) {
					return
				}
				l.streams.note(l.stream(fmt.Sprintf("stream %d", number)))
			}
		})
	}
	workers.Wait()
}

// probe makes a call at each interval until its stdin ends.
func (l *load) probe() []probeResult {
	over := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(over)
	}()
	var mutex sync.Mutex
	results := []probeResult{}
	var calls sync.WaitGroup
	ticker := time.NewTicker(milliseconds(l.orders.Probe.EveryMs))
	for {
		select {
		case <-over:
			calls.Wait()
			return results
		case <-ticker.C:
			calls.Go(func() {
				start := time.Now()
				result := probeResult{AtMs: float64(start.UnixMicro()) / 1000}
				if err := l.unary("probe"); err != nil {
					result.Error = failureText(err)
				}
				result.TookMs = float64(time.Since(start).Microseconds()) / 1000
				mutex.Lock()
				results = append(results, result)
				mutex.Unlock()
			})
		}
	}
}

func runLoad(text string) error {
	l := &load{calls: tally{Lost: map[string]int{}}, streams: tally{Lost: map[string]int{}}}
	if err := json.Unmarshal([]byte(text), &l.orders); err != nil {
		return err
	}
	transport := insecure.NewCredentials()
	if l.orders.CA != "" {
		var err error
		if transport, err = credentials.NewClientTLSFromFile(l.orders.CA, ""); err != nil {
			return err
		}
	}
	var dials atomic.Int64
	connection, err := grpc.NewClient("passthrough:///"+l.orders.Target,
		grpc.WithTransportCredentials(transport),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(bytesCodec{})),
		grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
			dials.Add(1)
			return (&net.Dialer{}).DialContext(ctx, "tcp", address)
		}))
	if err != nil {
		return err
	}
	l.connection = connection
	l.options = []grpc.CallOption{grpc.WaitForReady(l.orders.WaitForReady)}
	start := time.Now()
	probes := []probeResult{}
	if l.orders.Probe != nil {
		probes = l.probe()
	} else {
		go endWithStdin()
		var both sync.WaitGroup
		both.Go(l.allStreams)
		if l.orders.Burst == nil {
			l.closedLoop(l.orders.Calls)
		} else {
			l.bursts()
		}
		both.Wait()
	}
	result, err := json.Marshal(map[string]any{
		"calls": &l.calls, "streams": &l.streams, "connections": dials.Load(),
		"wallMs": time.Since(start).Milliseconds(), "probes": probes,
	})
	if err != nil {
		return err
	}
	fmt.Printf("result %s\n", result)
	return nil
}
