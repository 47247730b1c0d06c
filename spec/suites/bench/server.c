// The server that the benchmark's clients call: gRPC over HTTP/2 with as little work a call as possible,
// so that it is never the bottleneck. One thread a connection, blocking reads, one write for each read.
// It never decodes HPACK: which kind of method is called is the process's first argument, and how much
// to send is read from the first message's response_size (field 2 of grpc.testing.SimpleRequest).
//
//   server unary           at the request's end: one reply with a body of response_size octets
//   server server-stream   at the request's end: response_size small replies
//   server server-chunks   the same with replies of 64 KiB
//   server client-stream   at the request's end: one small reply
//   server bidi            one small reply for each message, at once
//
// It listens on a free port of 127.0.0.1, prints the port, and exits when its standard input ends.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION };
enum { END_STREAM = 1, ACK = 1, END_HEADERS = 4, PADDED = 8 };
enum { MAX_FRAME = 16384, FRAME_HEAD = 9, BUCKETS = 1 << 14, SMALL_BODY = 10, CHUNK_BODY = 65536, FIRST_OCTETS = 24 };
enum { OUT_CAPACITY = 256 * 1024, OUT_FLUSH = OUT_CAPACITY - MAX_FRAME - 256, IN_CAPACITY = 256 * 1024 };
enum { CONNECTION_WINDOW = 16 << 20, STREAM_WINDOW = 4 << 20, MAX_STREAMS = 100000 };

static enum { UNARY, SERVER_STREAM, SERVER_CHUNKS, CLIENT_STREAM, BIDI } mode;

// The reply's body is the same message over and over: `owed` octets of it are due, `sent` have gone out.
typedef struct stream {
  struct stream *next;    // in its bucket
  struct stream *waiting; // in the connection's list of streams that wait for its window
  uint32_t id, consumed;
  int64_t window;
  uint64_t owed, sent;
  uint32_t message_octets, message_head_octets; // of one reply: length prefix and all; what is not zeros
  uint32_t left;                                // octets still to come of the request message being read
  uint8_t message_head[24], prefix[5], first[FIRST_OCTETS], prefix_octets, first_octets;
  bool is_waiting, request_ended, head_sent, has_first;
} stream;

typedef struct {
  int fd;
  uint8_t *in, *out;
  size_t in_octets, out_octets;
  stream *buckets[BUCKETS], *waiting_first, *waiting_last;
  int64_t window, initial_window;
  uint32_t consumed;
  bool is_indexing, type_indexed, status_indexed, is_broken, size_update_due;
} connection;

static void flush(connection *c) {
  for (size_t o = 0; o < c->out_octets && !c->is_broken;) {
    ssize_t n = write(c->fd, c->out + o, c->out_octets - o);
    if (n <= 0) c->is_broken = true;
    else o += (size_t)n;
  }
  c->out_octets = 0;
}

static void put32(uint8_t *p, uint32_t v) { p[0] = v >> 24; p[1] = v >> 16; p[2] = v >> 8; p[3] = v; }
static uint32_t get32(const uint8_t *p) { return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3]; }

/** Starts a frame; what it returns is the place of its payload. */
static uint8_t *frame(connection *c, uint32_t length, int type, int flags, uint32_t id) {
  if (c->out_octets > OUT_FLUSH) flush(c);
  uint8_t *p = c->out + c->out_octets;
  p[0] = length >> 16; p[1] = length >> 8; p[2] = length; p[3] = type; p[4] = flags;
  put32(p + 5, id);
  c->out_octets += FRAME_HEAD + length;
  return p + FRAME_HEAD;
}

static void window_update(connection *c, uint32_t id, uint32_t octets) {
  put32(frame(c, 4, WINDOW_UPDATE, 0, id), octets);
}

// ---- response heads: literals that enter the client's table the first time, indexes from then on

static void block(connection *c, uint32_t id, int flags, const void *octets, uint32_t length) {
  uint8_t *p = frame(c, length + c->size_update_due, HEADERS, flags, id);
  if (c->size_update_due) *p++ = 0x20; // the client's table has no room: its size is 0 from here on
  c->size_update_due = false;
  memcpy(p, octets, length);
}

static void send_head(connection *c, stream *s) {
  // :status 200, content-type: application/grpc
  static const char literal[] = "\x88\x0f\x10\x10" "application/grpc", indexing[] = "\x88\x5f\x10" "application/grpc";
  if (!c->is_indexing) block(c, s->id, END_HEADERS, literal, 20);
  else if (!c->type_indexed) block(c, s->id, END_HEADERS, indexing, 19);
  else block(c, s->id, END_HEADERS, c->status_indexed ? "\x88\xbf" : "\x88\xbe", 2);
  c->type_indexed = true;
  s->head_sent = true;
}

static void send_trailers(connection *c, stream *s) {
  // grpc-status: 0
  static const char literal[] = "\x00\x0bgrpc-status\x01" "0", indexing[] = "\x40\x0bgrpc-status\x01" "0";
  if (!c->is_indexing) block(c, s->id, END_HEADERS | END_STREAM, literal, 15);
  else if (!c->status_indexed) block(c, s->id, END_HEADERS | END_STREAM, indexing, 15);
  else block(c, s->id, END_HEADERS | END_STREAM, "\xbe", 1);
  c->status_indexed = true;
}

// ---- streams

static stream **place(connection *c, uint32_t id) {
  stream **p = &c->buckets[(id >> 1) & (BUCKETS - 1)];
  while (*p && (*p)->id != id) p = &(*p)->next;
  return p;
}

static void forget(connection *c, stream *s) {
  *place(c, s->id) = s->next;
  if (s->is_waiting) { // rare: looked for from the front
    stream **p = &c->waiting_first, *last = NULL;
    while (*p != s) { last = *p; p = &(*p)->waiting; }
    *p = s->waiting;
    if (c->waiting_last == s) c->waiting_last = last;
  }
  free(s);
}

static uint8_t *varint(uint8_t *p, uint32_t v) {
  for (; v > 127; v >>= 7) *p++ = v | 128;
  *p++ = v;
  return p;
}

/** SimpleResponse { payload: { body: `body_octets` zeros } } with its length prefix. */
static void set_reply(stream *s, uint32_t body_octets) {
  uint8_t inner[8], *i = inner, *p = s->message_head + 5;
  if (body_octets) { *i++ = 0x12; i = varint(i, body_octets); }
  *p++ = 0x0a;
  p = varint(p, (uint32_t)(i - inner) + body_octets);
  memcpy(p, inner, i - inner);
  p += i - inner;
  s->message_head_octets = p - s->message_head;
  s->message_octets = s->message_head_octets + body_octets;
  s->message_head[0] = 0;
  put32(s->message_head + 1, s->message_octets - 5);
}

/** The response_size of the request message that starts with these octets (fields are in order). */
static uint32_t response_size(const uint8_t *p, const uint8_t *end) {
  while (p < end) {
    uint8_t tag = *p++;
    if (tag != 0x08 && tag != 0x10) return 0;
    uint32_t v = 0;
    for (int shift = 0; p < end; shift += 7) {
      v |= (uint32_t)(*p & 127) << shift;
      if (!(*p++ & 128)) break;
    }
    if (tag == 0x10) return v;
  }
  return 0;
}

/** Sends what is owed and the windows let through, a frame a message; then, when all is sent, the trailers. */
static void pump(connection *c, stream *s) {
  while (s->sent < s->owed && s->window > 0 && c->window > 0) {
    if (!s->head_sent) send_head(c, s);
    uint32_t at = s->sent % s->message_octets, n = s->message_octets - at;
    if (n > MAX_FRAME) n = MAX_FRAME;
    if (n > s->window) n = s->window;
    if (n > c->window) n = c->window;
    uint8_t *p = frame(c, n, DATA, 0, s->id);
    uint32_t head = at < s->message_head_octets ? s->message_head_octets - at : 0;
    if (head > n) head = n;
    memcpy(p, s->message_head + at, head);
    memset(p + head, 0, n - head);
    s->sent += n;
    s->window -= n;
    c->window -= n;
  }
  if (s->sent < s->owed) {
    if (s->window > 0 && !s->is_waiting) { // it is the connection's window that is closed
      s->is_waiting = true;
      s->waiting = NULL;
      if (c->waiting_first) c->waiting_last->waiting = s;
      else c->waiting_first = s;
      c->waiting_last = s;
    }
  } else if (s->request_ended) {
    if (!s->head_sent) send_head(c, s);
    send_trailers(c, s);
    forget(c, s);
  }
}

static void connection_window_opened(connection *c) {
  stream *s = c->waiting_first;
  c->waiting_first = c->waiting_last = NULL;
  while (s) {
    stream *next = s->waiting;
    s->is_waiting = false;
    pump(c, s);
    s = next;
  }
}

static void message_done(stream *s) {
  s->prefix_octets = 0;
  if (!s->has_first) {
    s->has_first = true;
    uint32_t asked = response_size(s->first, s->first + s->first_octets);
    set_reply(s, mode == UNARY ? asked : mode == SERVER_CHUNKS ? CHUNK_BODY : SMALL_BODY);
    if (mode == SERVER_STREAM || mode == SERVER_CHUNKS) s->owed = (uint64_t)asked * s->message_octets;
    else if (mode != BIDI) s->owed = s->message_octets;
  }
  if (mode == BIDI) s->owed += s->message_octets;
}

static void read_messages(stream *s, const uint8_t *p, const uint8_t *end) {
  while (p < end) {
    if (s->prefix_octets < 5) {
      s->prefix[s->prefix_octets++] = *p++;
      if (s->prefix_octets < 5) continue;
      s->left = get32(s->prefix + 1);
    }
    size_t n = end - p < s->left ? (size_t)(end - p) : s->left;
    if (!s->has_first) {
      size_t room = FIRST_OCTETS - s->first_octets, k = n < room ? n : room;
      memcpy(s->first + s->first_octets, p, k);
      s->first_octets += k;
    }
    p += n;
    s->left -= n;
    if (s->left == 0) message_done(s);
  }
}

// ---- frames in

static void end_request(connection *c, stream *s) {
  s->request_ended = true;
  if (!s->has_first) { // no message at all: a reply all the same, but for a bidi stream
    set_reply(s, SMALL_BODY);
    s->owed = mode == UNARY || mode == CLIENT_STREAM ? s->message_octets : 0;
  }
  pump(c, s);
}

static void on_headers(connection *c, uint32_t id, int flags) {
  stream *s = *place(c, id);
  if (!s) {
    s = calloc(1, sizeof *s);
    s->id = id;
    s->window = c->initial_window;
    *place(c, id) = s;
  }
  if (flags & END_STREAM) end_request(c, s);
}

static void on_data(connection *c, uint32_t id, int flags, const uint8_t *p, uint32_t length) {
  c->consumed += length;
  if (c->consumed > CONNECTION_WINDOW / 2) {
    window_update(c, 0, c->consumed);
    c->consumed = 0;
  }
  stream *s = *place(c, id);
  if (!s || s->request_ended) return; // reset or done with
  s->consumed += length;
  if (s->consumed > STREAM_WINDOW / 2 && !(flags & END_STREAM)) {
    window_update(c, id, s->consumed);
    s->consumed = 0;
  }
  const uint8_t *end = p + length;
  if (flags & PADDED) {
    if (length < 1 || p[0] >= length) { c->is_broken = true; return; }
    end -= *p++;
  }
  read_messages(s, p, end);
  if (flags & END_STREAM) end_request(c, s);
  else if (mode == BIDI) pump(c, s);
}

static void on_settings(connection *c, int flags, const uint8_t *p, uint32_t length) {
  if (flags & ACK) return;
  for (; length >= 6; p += 6, length -= 6) {
    int id = p[0] << 8 | p[1];
    uint32_t value = get32(p + 2);
    if (id == 1 && value < 4096 && c->is_indexing) { c->is_indexing = false; c->size_update_due = true; }
    if (id != 4) continue;
    int64_t change = (int64_t)value - c->initial_window;
    c->initial_window = value;
    for (int b = 0; b < BUCKETS; b++)
      for (stream *s = c->buckets[b], *next; s; s = next) {
        next = s->next;
        s->window += change;
        if (change > 0 && s->sent < s->owed) pump(c, s);
      }
  }
  frame(c, 0, SETTINGS, ACK, 0);
}

static void on_window_update(connection *c, uint32_t id, const uint8_t *p) {
  uint32_t octets = get32(p) & 0x7fffffff;
  if (id == 0) {
    c->window += octets;
    connection_window_opened(c);
    return;
  }
  stream *s = *place(c, id);
  if (!s) return;
  s->window += octets;
  if (s->sent < s->owed) pump(c, s);
}

static void on_frame(connection *c, const uint8_t *head, const uint8_t *p, uint32_t length) {
  int flags = head[4];
  uint32_t id = get32(head + 5) & 0x7fffffff;
  stream *s;
  switch (head[3]) {
    case DATA: on_data(c, id, flags, p, length); break;
    case HEADERS: on_headers(c, id, flags); break;
    case RST_STREAM: if ((s = *place(c, id))) forget(c, s); break;
    case SETTINGS: on_settings(c, flags, p, length); break;
    case PING: if (!(flags & ACK) && length == 8) memcpy(frame(c, 8, PING, ACK, 0), p, 8); break;
    case WINDOW_UPDATE: if (length == 4) on_window_update(c, id, p); break;
    default: break; // PRIORITY, GOAWAY, CONTINUATION (its block is never decoded) and what is unknown
  }
}

static bool read_more(connection *c) {
  ssize_t n = read(c->fd, c->in + c->in_octets, IN_CAPACITY - c->in_octets);
  if (n <= 0) return false;
  c->in_octets += (size_t)n;
  return true;
}

static void greet(connection *c) {
  static const uint8_t settings[] = { 0, 3, 0, 1, 0x86, 0xa0, /* MAX_CONCURRENT_STREAMS 100,000 */
                                      0, 4, 0, 0x40, 0, 0 };  /* INITIAL_WINDOW_SIZE 4 MiB */
  memcpy(frame(c, sizeof settings, SETTINGS, 0, 0), settings, sizeof settings);
  window_update(c, 0, CONNECTION_WINDOW - 65535);
  flush(c);
}

static void *serve(void *argument) {
  static const size_t PREFACE = 24;
  connection *c = calloc(1, sizeof *c);
  c->fd = (int)(intptr_t)argument;
  c->in = malloc(IN_CAPACITY);
  c->out = malloc(OUT_CAPACITY);
  c->window = c->initial_window = 65535;
  c->is_indexing = true;
  int one = 1;
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  greet(c);
  while (c->in_octets < PREFACE && read_more(c)) {}
  if (c->in_octets < PREFACE) c->is_broken = true;
  size_t o = PREFACE;
  while (!c->is_broken) {
    while (c->in_octets >= o + FRAME_HEAD && !c->is_broken) {
      const uint8_t *head = c->in + o;
      uint32_t length = (uint32_t)head[0] << 16 | head[1] << 8 | head[2];
      if (length > MAX_FRAME) { c->is_broken = true; break; }
      if (c->in_octets < o + FRAME_HEAD + length) break;
      on_frame(c, head, head + FRAME_HEAD, length);
      o += FRAME_HEAD + length;
    }
    c->in_octets -= o;
    memmove(c->in, c->in + o, c->in_octets);
    o = 0;
    if (c->out_octets) flush(c);
    if (!read_more(c)) break;
  }
  close(c->fd);
  for (int b = 0; b < BUCKETS; b++)
    for (stream *s = c->buckets[b], *next; s; s = next) { next = s->next; free(s); }
  free(c->in);
  free(c->out);
  free(c);
  return NULL;
}

static void *exit_with_parent(void *unused) {
  char octet;
  while (read(0, &octet, 1) > 0) {}
  exit(0);
  return unused;
}

int main(int count, char **arguments) {
  static const char *modes[] = { "unary", "server-stream", "server-chunks", "client-stream", "bidi" };
  static const int MODES = sizeof modes / sizeof *modes;
  int m = 0;
  while (m < MODES && (count < 2 || strcmp(arguments[1], modes[m]))) m++;
  if (m == MODES) { fprintf(stderr, "usage: server unary|server-stream|server-chunks|client-stream|bidi\n"); return 2; }
  mode = m;
  signal(SIGPIPE, SIG_IGN);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  socklen_t length = sizeof address;
  if (bind(listener, (void *)&address, length) || listen(listener, 512) ||
      getsockname(listener, (void *)&address, &length)) { perror("server"); return 1; }
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  pthread_t thread;
  pthread_create(&thread, NULL, exit_with_parent, NULL);
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) continue;
    if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd)) close(fd);
    else pthread_detach(thread);
  }
}
