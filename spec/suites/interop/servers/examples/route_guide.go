package main

import (
	"errors"
	"io"
	"math"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const (
	unitsADegree      = 1e7
	maxLatitude       = 90 * unitsADegree
	earthRadiusMetres = 6_371_000
)

// point is in degrees times ten million, as the schema has it.
type point struct{ latitude, longitude int32 }

var features = []struct {
	at   point
	name string
}{
	{point{407838351, -746143763}, "Patriots Path, Mendham, NJ 07945, USA"},
	{point{408122808, -743999179}, "101 New Jersey 10, Whippany, NJ 07981, USA"},
	{point{413628156, -749015468}, "U.S. 6, Shohola, PA 18458, USA"},
	{point{419999544, -740371136}, "5 Conners Road, Kingston, NY 12401, USA"},
	{point{414008389, -743951297}, "Mid Hudson Psychiatric Center, New Hampton, NY 10958, USA"},
	{point{419611318, -746524769}, "287 Flugertown Road, Livingston Manor, NY 12758, USA"},
	{point{406109563, -742186778}, "4001 Tremley Point Road, Linden, NJ 07036, USA"},
	{point{416802456, -742370183}, "352 South Mountain Road, Wallkill, NY 12589, USA"},
	{point{412950425, -741077389}, "Bailey Turn Road, Harriman, NY 10926, USA"},
	{point{412144655, -743949739}, "193-199 Wawayanda Road, Hewitt, NJ 07421, USA"},
	{point{415736605, -742847522}, "406-496 Ward Avenue, Pine Bush, NY 12566, USA"},
	{point{413843930, -740501726}, "162 Merrill Road, Highland Mills, NY 10930, USA"},
}

func pointOf(message protoreflect.Message) point {
	return point{int32(field(message, "latitude").Int()), int32(field(message, "longitude").Int())}
}

func nameOf(at point) string {
	for _, one := range features {
		if one.at == at {
			return one.name
		}
	}
	return ""
}

func feature(at point, name string) map[string]any {
	return map[string]any{
		"name":     name,
		"location": map[string]any{"latitude": at.latitude, "longitude": at.longitude},
	}
}

func getFeature(c *call) error {
	request, err := c.read()
	if err != nil {
		return err
	}
	at := pointOf(request)
	if math.Abs(float64(at.latitude)) > maxLatitude {
		return noSuchLatitude()
	}
	return c.reply(feature(at, nameOf(at)))
}

func noSuchLatitude() error {
	const beyond = "no latitude is beyond 90 degrees"
	failed, err := status.New(codes.InvalidArgument, beyond).WithDetails(&errdetails.BadRequest{
		FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "latitude", Description: beyond}},
	})
	if err != nil {
		return err
	}
	return failed.Err()
}

func listFeatures(c *call) error {
	request, err := c.read()
	if err != nil {
		return err
	}
	lo, hi := pointOf(field(request, "lo").Message()), pointOf(field(request, "hi").Message())
	for _, one := range features {
		if !isBetween(one.at.latitude, lo.latitude, hi.latitude) ||
			!isBetween(one.at.longitude, lo.longitude, hi.longitude) {
			continue
		}
		if err := c.reply(feature(one.at, one.name)); err != nil {
			return err
		}
	}
	return nil
}

func isBetween(value, one, other int32) bool {
	return value >= min(one, other) && value <= max(one, other)
}

func recordRoute(c *call) error {
	started := time.Now()
	var points, known int32
	var metres float64
	var last point
	for {
		request, err := c.read()
		if errors.Is(err, io.EOF) {
			return c.reply(map[string]any{
				"point_count":   points,
				"feature_count": known,
				"distance":      int32(math.Round(metres)),
				"elapsed_time":  int32(time.Since(started).Seconds()),
			})
		}
		if err != nil {
			return err
		}
		at := pointOf(request)
		if nameOf(at) != "" {
			known++
		}
		if points > 0 {
			metres += distance(last, at)
		}
		points++
		last = at
	}
}

// distance is the great-circle distance in metres, by the haversine formula.
func distance(from, to point) float64 {
	radians := func(units int32) float64 { return float64(units) / unitsADegree / 180 * math.Pi }
	haversine := func(angle float64) float64 { return math.Pow(math.Sin(angle/2), 2) }
	h := haversine(radians(to.latitude)-radians(from.latitude)) +
		math.Cos(radians(from.latitude))*math.Cos(radians(to.latitude))*
			haversine(radians(to.longitude)-radians(from.longitude))
	return 2 * earthRadiusMetres * math.Asin(math.Min(1, math.Sqrt(h)))
}
