// Programs for calibrated.ts. `server` delays each call by a known time and keeps a record of what it really was.
// `reference` is a load generator in the manner of wrk2: an open loop that measures from the planned time, or a closed one,
// with every sample kept and sorted.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"net"
	"os"
	"os/signal"
	"sort"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
)

// The percentiles that are compared. None is where the delays jump, at 99 %: there one call more or less decides.
var percents = []float64{50, 90, 95, 98, 99.5, 99.9}

type record struct {
	mutex  sync.Mutex
	ok     []float64
	failed int
}

func (r *record) add(ms float64, failed bool) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if failed {
		r.failed++
	} else {
		r.ok = append(r.ok, ms)
	}
}

// quantiles are those of the nearest rank.
func quantiles(samples []float64) map[string]float64 {
	sorted := append([]float64{}, samples...)
	sort.Float64s(sorted)
	found := map[string]float64{}
	for _, percent := range percents {
		if len(sorted) == 0 {
			continue
		}
		rank := int(math.Max(1, math.Ceil(percent/100*float64(len(sorted)))))
		found[fmt.Sprint(percent)] = sorted[rank-1]
	}
	return found
}

func (r *record) print(more map[string]any) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	more["ok"] = len(r.ok)
	more["failed"] = r.failed
	more["quantiles"] = quantiles(r.ok)
	text, err := json.Marshal(more)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

type server struct {
	pb.UnimplementedBenchmarkServiceServer
	record   record
	calls    atomic.Int64
	first    atomic.Int64
	stallAt  time.Duration
	stallFor time.Duration
}

// delay is 20 ms, of each hundredth call 200 ms; each thousandth fails, after 20 ms.
func (s *server) UnaryCall(ctx context.Context, request *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	began := time.Now()
	number := s.calls.Add(1)
	s.first.CompareAndSwap(0, began.UnixNano())
	delay := 20 * time.Millisecond
	if number%100 == 50 {
		delay = 200 * time.Millisecond
	}
	if s.stallFor > 0 {
		from := time.Unix(0, s.first.Load()).Add(s.stallAt)
		until := from.Add(s.stallFor)
		if began.After(from) && began.Before(until) {
			delay += until.Sub(began)
		}
	}
	time.Sleep(delay)
	failed := number%1000 == 500
	s.record.add(ms(time.Since(began)), failed)
	if failed {
		return nil, status.Error(codes.Unavailable, "calibrated")
	}
	return &pb.SimpleResponse{Payload: request.GetPayload()}, nil
}

func serve(args []string) {
	flags := flag.NewFlagSet("server", flag.ExitOnError)
	stallAt := flags.Duration("stall-at", 0, "when it stalls, after its first call")
	stallFor := flags.Duration("stall-for", 0, "for how long")
	_ = flags.Parse(args)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	s := &server{stallAt: *stallAt, stallFor: *stallFor}
	grpcServer := grpc.NewServer()
	pb.RegisterBenchmarkServiceServer(grpcServer, s)
	go func() { _ = grpcServer.Serve(listener) }()
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	<-signals
	s.record.print(map[string]any{})
}

func reference(args []string) {
	flags := flag.NewFlagSet("reference", flag.ExitOnError)
	target := flags.String("target", "", "host:port")
	total := flags.Int("n", 1000, "calls")
	rate := flags.Float64("rate", 0, "calls a second of an open loop")
	callers := flags.Int("c", 10, "callers of a closed loop")
	_ = flags.Parse(args)
	connection, err := grpc.NewClient(*target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		panic(err)
	}
	client := pb.NewBenchmarkServiceClient(connection)
	var measured record
	call := func(from time.Time) {
		_, err := client.UnaryCall(context.Background(), &pb.SimpleRequest{})
		measured.add(ms(time.Since(from)), err != nil)
	}
	connection.Connect()
	var all sync.WaitGroup
	began := time.Now()
	if *rate > 0 {
		for i := 0; i < *total; i++ {
			planned := began.Add(time.Duration(float64(i) / *rate * float64(time.Second)))
			time.Sleep(time.Until(planned))
			all.Add(1)
			go func() { defer all.Done(); call(planned) }()
		}
	} else {
		var next atomic.Int64
		for i := 0; i < *callers; i++ {
			all.Add(1)
			go func() {
				defer all.Done()
				for next.Add(1) <= int64(*total) {
					call(time.Now())
				}
			}()
		}
	}
	all.Wait()
	measured.print(map[string]any{"elapsedMs": ms(time.Since(began))})
}

func main() {
	switch {
	case len(os.Args) > 1 && os.Args[1] == "server":
		serve(os.Args[2:])
	case len(os.Args) > 1 && os.Args[1] == "reference":
		reference(os.Args[2:])
	default:
		fmt.Fprintln(os.Stderr, "usage: calibrated server|reference")
		os.Exit(2)
	}
}
