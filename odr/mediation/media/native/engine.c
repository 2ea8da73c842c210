/* Forwards RTP between peers on one UDP socket and hands every packet it received to Python.
 *
 * One thread receives in batches, decrypts, copies to whoever is routed, encrypts and sends in batches.
 * It knows no rooms: peers, streams, lines and routes are numbers. Everything else (STUN, DTLS, RTCP,
 * loss, recording) is Python's, which empties the records when it is rung or a few times a second.
 * One lock guards all state; Python's calls are short.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "engine.h"

enum { BATCH = 64, OUT = 256, BUFFER = 2048, LONGEST = 1400, PEERS = 4096, LINES = 65536 };
enum { TRAIN = 8, CONTROL = CMSG_SPACE(sizeof(uint16_t)) };
enum { STREAMS = 4, ROUTES = 16, TABLE = 16384, TRAILER = 148, RESTART = 3000 };
enum { RTP = 1, RTCP = 2, OTHER = 3, STRANGER = 4, RUN = 5, HEAD = 12, URGENT = 1, MISSING = 2 };
enum { LONGEST_RUN = 64, RUN_BYTES = 32768 };
enum { AHEAD = 0x4000 }; /* numbers run over: the first one follows the last at this distance */
static const uint64_t STRANGER_US = 20000, MISSING_US = 10000;
static const size_t MOST_RECORDS = 64u << 20;

typedef int (*srtp_call)(void *context, void *packet, int *length);

typedef struct { /* the packets of a stream that Python has not been told of: they are told together */
    int count, listed, bytes;
    uint32_t ssrc;
    uint16_t first;
    uint64_t at_us;
    run_head heads[LONGEST_RUN];
    uint8_t *data; /* RUN_BYTES, from the first packet on */
} pending;

typedef struct {
    int used, pt, rate, count;
    uint32_t ssrc, run;
    uint16_t highest;
    double transit, jitter;
    int routes[ROUTES];
    pending run_of;
} stream;

typedef struct {
    int used, peer, source, source_pt, out_pt, allowed;
    uint32_t ssrc, shift_seq, shift_ts, run, last_ts, packets, octets;
    int32_t from_peer, from_pt; /* whose numbers the shifts are of; -1: nobody's */
    uint16_t last_seq, first_seq; /* what lies before the first was not meant for this receiver */
    uint32_t floor_run; /* until the first one is sent: nothing of this run up to this number */
    uint16_t floor_seq;
    uint64_t last_us;
} line;

typedef struct {
    int used, level_id, train; /* the message that still takes packets for it, in this batch */
    uint32_t batch;
    void *rx, *tx;
    struct sockaddr_in to;
    stream streams[STREAMS];
} peer;

typedef struct {
    char *data;
    size_t used, room;
} pile;

struct engine {
    int fd, bell, port, nap_us, running;
    pthread_t thread;
    pthread_mutex_t lock;
    srtp_call protect, unprotect, protect_rtcp, unprotect_rtcp;
    peer peers[PEERS];
    line *lines;
    int line_count;
    int32_t table[TABLE]; /* open addressing over address and port; peer + 1 */
    pile piles[2];
    int current;
    int listed[PEERS * STREAMS], listed_count; /* streams with something pending: peer * STREAMS + place */
    engine_counts counts;
    uint64_t stranger_us;
    struct mmsghdr in[BATCH], out[OUT];
    struct iovec in_parts[BATCH], out_parts[OUT][TRAIN];
    char control[OUT][CONTROL];
    uint16_t segment[OUT]; /* the size of all packets of a message but the last; 0: it takes no more */
    uint32_t batch;
    int slots, trains;
    struct sockaddr_in from[BATCH], to[OUT];
    uint8_t in_data[BATCH][BUFFER], out_data[OUT][BUFFER];
    int outs;
};

static uint64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static uint32_t hash(uint32_t address, uint16_t port) {
    uint32_t h = address * 2654435761u ^ port * 40503u;
    return (h ^ h >> 15) & (TABLE - 1);
}

static int find(engine *e, const struct sockaddr_in *a) {
    uint32_t place = hash(a->sin_addr.s_addr, a->sin_port);
    for (; e->table[place]; place = (place + 1) & (TABLE - 1)) {
        int id = e->table[place] - 1;
        const struct sockaddr_in *b = &e->peers[id].to;
        if (b->sin_port == a->sin_port && b->sin_addr.s_addr == a->sin_addr.s_addr) return id;
    }
    return -1;
}

static void index_all(engine *e) {
    memset(e->table, 0, sizeof e->table);
    for (int id = 0; id < PEERS; id++) {
        peer *p = &e->peers[id];
        if (!p->used || !p->to.sin_port) continue;
        uint32_t place = hash(p->to.sin_addr.s_addr, p->to.sin_port);
        while (e->table[place]) place = (place + 1) & (TABLE - 1);
        e->table[place] = id + 1;
    }
}

/* One by one, where the kernel does not cut a message into packets (UDP_SEGMENT, Linux 4.18). */
static void send_singly(engine *e, const struct msghdr *m) {
    for (size_t i = 0; i < m->msg_iovlen; i++) {
        const struct iovec *part = &m->msg_iov[i];
        ssize_t n = sendto(e->fd, part->iov_base, part->iov_len, 0, m->msg_name, m->msg_namelen);
        if (n < 0) e->counts.unsent++;
        else e->counts.sent++;
    }
}

static void flush(engine *e) {
    int done = 0;
    while (done < e->outs) {
        int n = sendmmsg(e->fd, e->out + done, (unsigned)(e->outs - done), 0);
        for (int i = 0; i < n; i++) e->counts.sent += e->out[done + i].msg_hdr.msg_iovlen;
        if (n > 0) {
            done += n;
        } else if (errno != EINTR) { /* this one cannot be sent; the others can */
            const struct msghdr *m = &e->out[done++].msg_hdr;
            if (m->msg_iovlen == 1) {
                e->counts.unsent++;
                continue;
            }
            e->trains = 0;
            send_singly(e, m);
        }
    }
    e->outs = e->slots = 0;
    e->batch++;
}

/* A packet lies in the next slot. One that follows another of its size to the same peer goes with it. */
static void put(engine *e, peer *p, int length) {
    int m = p->train;
    struct iovec part = {e->out_data[e->slots++], (size_t)length};
    struct msghdr *h = &e->out[m].msg_hdr;
    if (e->trains && p->batch == e->batch && length <= e->segment[m] && h->msg_iovlen < TRAIN) {
        if (h->msg_iovlen == 1) {
            h->msg_control = e->control[m];
            h->msg_controllen = CONTROL;
            struct cmsghdr *c = CMSG_FIRSTHDR(h);
            c->cmsg_level = SOL_UDP;
            c->cmsg_type = UDP_SEGMENT;
            c->cmsg_len = CMSG_LEN(sizeof(uint16_t));
            memcpy(CMSG_DATA(c), &e->segment[m], sizeof(uint16_t));
        }
        e->out_parts[m][h->msg_iovlen++] = part;
        if (length < e->segment[m]) e->segment[m] = 0; /* the last one of a train may be shorter */
    } else {
        m = p->train = e->outs++;
        p->batch = e->batch;
        e->to[m] = p->to;
        e->out_parts[m][0] = part;
        e->segment[m] = (uint16_t)length;
        h = &e->out[m].msg_hdr;
        h->msg_iovlen = 1;
        h->msg_control = NULL;
        h->msg_controllen = 0;
    }
    if (e->slots == OUT) flush(e);
}

/* Room for one record and its data; NULL when Python has not emptied the records for long. */
static record *space(engine *e, int kind, int length) {
    pile *p = &e->piles[e->current];
    size_t size = (sizeof(record) + (size_t)length + 7) & ~(size_t)7;
    if (p->used + size > p->room) {
        size_t room = p->room ? p->room * 2 : 1u << 20;
        char *data_ = room <= MOST_RECORDS ? realloc(p->data, room) : NULL;
        if (!data_) {
            e->counts.overflow++;
            return NULL;
        }
        p->data = data_;
        p->room = room;
    }
    record *r = (record *)(p->data + p->used);
    memset(r, 0, sizeof *r);
    r->size = (uint32_t)size;
    r->kind = (uint16_t)kind;
    r->length = (uint16_t)length;
    r->at_us = now_us();
    p->used += size;
    return r;
}

static record *keep(engine *e, int kind, const void *data, int length) {
    record *r = space(e, kind, length);
    if (r) memcpy(r + 1, data, (size_t)length);
    return r;
}

/* What is pending of a stream becomes one record. */
static void tell(engine *e, int id, stream *s) {
    pending *p = &s->run_of;
    if (!p->count) return;
    int heads = p->count * (int)sizeof(run_head);
    record *r = space(e, RUN, heads + p->bytes);
    if (r) {
        r->peer = (uint32_t)id;
        r->port = (uint16_t)p->count;
        r->pt = (uint8_t)s->pt;
        r->seq = p->first;
        r->ssrc = p->ssrc;
        r->at_us = p->at_us;
        r->jitter = (uint32_t)s->jitter;
        memcpy(r + 1, p->heads, (size_t)heads);
        memcpy((uint8_t *)(r + 1) + heads, p->data, (size_t)p->bytes);
    }
    p->count = p->bytes = 0;
}

static void tell_all(engine *e) {
    for (int i = 0; i < e->listed_count; i++) {
        int id = e->listed[i] / STREAMS;
        stream *s = &e->peers[id].streams[e->listed[i] % STREAMS];
        s->run_of.listed = 0;
        tell(e, id, s);
    }
    e->listed_count = 0;
}

/* One more packet to be told of, with those before it as long as the numbers are consecutive. */
static void defer(engine *e, int id, int place, const record *r, const uint8_t *payload) {
    stream *s = &e->peers[id].streams[place];
    pending *p = &s->run_of;
    if (!p->data && !(p->data = malloc(RUN_BYTES))) {
        e->counts.overflow++;
        return;
    }
    int follows = r->ssrc == p->ssrc && r->seq == (uint16_t)(p->first + p->count);
    if (!follows || p->count == LONGEST_RUN || p->bytes + r->length > RUN_BYTES) tell(e, id, s);
    if (!p->count) {
        p->first = r->seq;
        p->ssrc = r->ssrc;
    }
    if (!p->listed) {
        p->listed = 1;
        e->listed[e->listed_count++] = id * STREAMS + place;
    }
    p->heads[p->count++] = (run_head){r->ts, r->length, r->marker, r->level};
    memcpy(p->data + p->bytes, payload, r->length);
    p->bytes += r->length;
    p->at_us = r->at_us;
}

/* RFC 3550 §6.4.1, over the packets that came in turn. */
static void measure(stream *s, const record *r) {
    double transit = (double)r->at_us * s->rate / 1e6 - r->ts;
    double change = transit > s->transit ? transit - s->transit : s->transit - transit;
    if (s->transit && change < s->rate * 5.0) s->jitter += (change - s->jitter) / 16;
    s->transit = transit;
}

static void header(uint8_t *out, int pt, int marker, uint32_t seq, uint32_t ts, uint32_t ssrc) {
    out[0] = 0x80;
    out[1] = (uint8_t)(pt | (marker ? 0x80 : 0));
    uint16_t s = htons((uint16_t)seq);
    uint32_t t = htonl(ts), c = htonl(ssrc);
    memcpy(out + 2, &s, 2);
    memcpy(out + 4, &t, 4);
    memcpy(out + 8, &c, 4);
}

static int level_of(const uint8_t *ext, int length, int wanted) {
    for (int place = 0; place + 1 < length;) {
        uint8_t head = ext[place];
        if (!head) {
            place++;
            continue;
        }
        if (head >> 4 == wanted) return ext[place + 1] & 0x7f;
        place += 2 + (head & 15);
    }
    return 127;
}

/* The numbers of a copy go on unbroken when its source restarts or another takes its place. */
static void switch_line(line *l, int source, const stream *s, uint16_t seq, uint32_t ts, uint64_t at) {
    if (l->packets) {
        uint64_t since = (at - l->last_us) * (uint64_t)s->rate / 1000000u;
        l->shift_seq = (uint32_t)(l->last_seq + 1 - seq);
        l->shift_ts = l->last_ts + (uint32_t)(since ? since : 1) - ts;
    }
    l->from_peer = source;
    l->from_pt = s->pt;
    l->run = s->run;
    l->last_seq = l->first_seq = (uint16_t)(seq + l->shift_seq);
    l->last_us = at;
}

static void copy(engine *e, int source, stream *s, const record *r, const uint8_t *payload) {
    for (int i = 0; i < s->count; i++) {
        line *l = &e->lines[s->routes[i]];
        peer *p = &e->peers[l->peer];
        if (!l->allowed) {
            l->from_peer = -1;
            l->floor_run = 0;
            continue;
        }
        if (l->from_peer < 0 && l->floor_run == s->run && (int16_t)(r->seq - l->floor_seq) <= 0) continue;
        if (!p->used || !p->tx || !p->to.sin_port) continue;
        if (l->from_peer != source || l->from_pt != s->pt || l->run != s->run)
            switch_line(l, source, s, r->seq, r->ts, r->at_us);
        uint32_t seq = r->seq + l->shift_seq, ts = r->ts + l->shift_ts;
        if ((uint16_t)(seq - l->first_seq) >= 0x8000) continue; /* late, from before it was routed */
        if ((uint16_t)(seq - l->last_seq) < 0x8000) {
            l->last_seq = (uint16_t)seq;
            l->last_ts = ts;
            l->last_us = r->at_us;
        }
        if ((uint16_t)(l->last_seq - l->first_seq) > AHEAD) l->first_seq = l->last_seq - AHEAD / 2;
        uint8_t *out = e->out_data[e->slots];
        header(out, l->out_pt, r->marker, seq, ts, l->ssrc);
        memcpy(out + 12, payload, r->length);
        int length = 12 + r->length;
        if (e->protect(p->tx, out, &length)) continue;
        l->packets++;
        l->octets += r->length;
        put(e, p, length);
    }
}

/* How far this packet goes on: 1 is the next one; more: some before it are missing. */
static int run_on(stream *s, uint32_t ssrc, uint16_t seq) {
    int16_t step = (int16_t)(seq - s->highest);
    if (ssrc != s->ssrc || !s->run || step > RESTART || step < -RESTART) {
        s->ssrc = ssrc;
        s->run++;
        s->highest = seq;
        s->transit = s->jitter = 0;
        return 0;
    }
    if (step > 0) s->highest = seq;
    return step;
}

static int rtp(engine *e, int id, uint8_t *data, int length) {
    peer *p = &e->peers[id];
    if (length < 12 || e->unprotect(p->rx, data, &length) || length < 12) {
        e->counts.refused++;
        return 0;
    }
    int begin = 12 + 4 * (data[0] & 15), end = length, level = 127;
    if (data[0] & 0x10) {
        if (begin + 4 > end) return 0;
        int words = data[begin + 2] << 8 | data[begin + 3];
        int one_byte = data[begin] == 0xbe && data[begin + 1] == 0xde;
        begin += 4;
        if (begin + 4 * words > end) return 0;
        if (p->level_id && one_byte) level = level_of(data + begin, 4 * words, p->level_id);
        begin += 4 * words;
    }
    if (data[0] & 0x20) end -= data[length - 1] ? data[length - 1] : length;
    if (begin > end || end - begin > LONGEST) return 0;
    record r = {.kind = RTP, .length = (uint16_t)(end - begin), .peer = (uint32_t)id,
                .level = (uint8_t)level, .at_us = now_us(), .pt = data[1] & 0x7f,
                .marker = data[1] >> 7, .seq = (uint16_t)(data[2] << 8 | data[3])};
    memcpy(&r.ts, data + 4, 4);
    memcpy(&r.ssrc, data + 8, 4);
    r.ts = ntohl(r.ts);
    r.ssrc = ntohl(r.ssrc);
    for (int i = 0; i < STREAMS; i++) {
        stream *s = &p->streams[i];
        if (!s->used || s->pt != r.pt) continue;
        int step = run_on(s, r.ssrc, r.seq);
        if (step == 1) measure(s, &r);
        defer(e, id, i, &r, data + begin); /* forwarding goes on whether or not it can be told */
        copy(e, id, s, &r, data + begin);
        return step > 1 ? MISSING : 0;
    }
    record *told = space(e, RTP, r.length);
    if (told) {
        r.size = told->size;
        *told = r;
        memcpy(told + 1, data + begin, r.length);
    }
    return 0;
}

/* Whether somebody waits for an answer: a request for packets (NACK) or for a whole picture (PLI, FIR). */
static int asks(const uint8_t *data, int length) {
    for (int place = 0; place + 4 <= length;) {
        int kind = data[place + 1], format = data[place] & 31;
        if ((kind == 205 && format == 1) || (kind == 206 && (format == 1 || format == 4))) return 1;
        place += 4 * (1 + (data[place + 2] << 8 | data[place + 3]));
    }
    return 0;
}

static int handle(engine *e, uint8_t *data, int length, const struct sockaddr_in *from) {
    e->counts.received++;
    if (length < 1) return 0;
    if (data[0] < 128 || data[0] > 191) {
        if (data[0] > 3 && (data[0] < 20 || data[0] > 63)) return 0;
        record *r = keep(e, OTHER, data, length);
        if (r) {
            r->peer = from->sin_addr.s_addr;
            r->port = ntohs(from->sin_port);
        }
        /* a connected peer's consent check may wait; a handshake and a stranger's question may not */
        return data[0] > 3 || find(e, from) < 0 ? URGENT : 0;
    }
    int id = find(e, from);
    if (id < 0 || !e->peers[id].rx) { /* before any decryption */
        e->counts.strangers++;
        uint64_t now = now_us();
        if (length < HEAD || now - e->stranger_us < STRANGER_US) return 0;
        e->stranger_us = now; /* whose it says it is: Python may ask that address for a proof */
        record *r = keep(e, STRANGER, data, HEAD);
        if (r) {
            r->peer = from->sin_addr.s_addr;
            r->port = ntohs(from->sin_port);
        }
        return URGENT;
    }
    if (length < 2 || data[1] < 192 || data[1] > 223) {
        return rtp(e, id, data, length);
    }
    if (length < HEAD || e->unprotect_rtcp(e->peers[id].rx, data, &length)) {
        e->counts.refused++;
        return 0;
    }
    int asked = asks(data, length);
    if (asked) tell_all(e); /* it may be for what is still pending */
    record *r = keep(e, RTCP, data, length);
    if (r) r->peer = (uint32_t)id;
    return asked ? MISSING : 0;
}

static void ring(engine *e) {
    uint64_t one = 1;
    if (write(e->bell, &one, sizeof one) < 0) { /* it is ringing already */ }
}

static void *work(void *argument) {
    engine *e = argument;
    prctl(PR_SET_TIMERSLACK, 20000UL);
    /* before Python where that is allowed (LimitRTPRIO): a packet waits for nobody's report */
    struct sched_param first = {.sched_priority = 1};
    pthread_setschedparam(pthread_self(), SCHED_RR, &first);
    uint64_t rung = 0;
    struct timespec nap = {0, (long)e->nap_us * 1000};
    while (__atomic_load_n(&e->running, __ATOMIC_ACQUIRE)) {
        for (int i = 0; i < BATCH; i++) e->in[i].msg_hdr.msg_namelen = sizeof e->from[i];
        int n = recvmmsg(e->fd, e->in, BATCH, MSG_WAITFORONE, NULL);
        if (n <= 0) continue; /* the time-out of the socket: look whether to stop */
        int urgent = 0;
        pthread_mutex_lock(&e->lock);
        for (int i = 0; i < n; i++)
            urgent |= handle(e, e->in_data[i], (int)e->in[i].msg_len, &e->from[i]);
        flush(e);
        urgent |= e->piles[e->current].used > MOST_RECORDS / 8;
        pthread_mutex_unlock(&e->lock);
        uint64_t now = now_us();
        if (urgent & URGENT || (urgent && now - rung > MISSING_US)) {
            rung = now;
            ring(e);
        }
        if (nap.tv_nsec && n < BATCH / 2) nanosleep(&nap, NULL);
    }
    return NULL;
}

static int bound(uint32_t address, int low, int high, int *port) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = address};
    int span = high - low + 1, first = (int)(now_us() % (uint64_t)span);
    for (int i = 0; i < span; i++) {
        a.sin_port = htons((uint16_t)(low + (first + i) % span));
        if (!bind(fd, (struct sockaddr *)&a, sizeof a)) {
            *port = ntohs(a.sin_port);
            return fd;
        }
    }
    close(fd);
    return -1;
}

engine *engine_new(uint32_t address, int low, int high, const srtp_functions *functions) {
    engine *e = calloc(1, sizeof *e);
    if (!e) return NULL;
    e->lines = calloc(LINES, sizeof *e->lines);
    e->fd = e->lines ? bound(address, low, high, &e->port) : -1;
    if (e->fd < 0) {
        free(e->lines);
        free(e);
        return NULL;
    }
    int size = 8 << 20;
    if (setsockopt(e->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size))
        setsockopt(e->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (setsockopt(e->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size))
        setsockopt(e->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    struct timeval patience = {0, 100000};
    setsockopt(e->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    e->batch = 1;
    e->trains = 1;
    e->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    pthread_mutex_init(&e->lock, NULL);
    e->protect = (srtp_call)functions->protect;
    e->unprotect = (srtp_call)functions->unprotect;
    e->protect_rtcp = (srtp_call)functions->protect_rtcp;
    e->unprotect_rtcp = (srtp_call)functions->unprotect_rtcp;
    for (int i = 0; i < BATCH; i++) {
        e->in_parts[i] = (struct iovec){e->in_data[i], BUFFER};
        e->in[i].msg_hdr.msg_iov = &e->in_parts[i];
        e->in[i].msg_hdr.msg_iovlen = 1;
        e->in[i].msg_hdr.msg_name = &e->from[i];
    }
    for (int i = 0; i < OUT; i++) {
        e->out[i].msg_hdr.msg_iov = e->out_parts[i];
        e->out[i].msg_hdr.msg_name = &e->to[i];
        e->out[i].msg_hdr.msg_namelen = sizeof e->to[i];
    }
    return e;
}

int engine_port(engine *e) { return e->port; }
int engine_bell(engine *e) { return e->bell; }

int engine_start(engine *e, int nap_us) {
    e->nap_us = nap_us;
    __atomic_store_n(&e->running, 1, __ATOMIC_RELEASE);
    if (!pthread_create(&e->thread, NULL, work, e)) return 0;
    e->running = 0;
    return -1;
}

void engine_stop(engine *e) {
    if (!__atomic_exchange_n(&e->running, 0, __ATOMIC_ACQ_REL)) return;
    pthread_join(e->thread, NULL);
}

void engine_free(engine *e) {
    engine_stop(e);
    close(e->fd);
    close(e->bell);
    pthread_mutex_destroy(&e->lock);
    for (int id = 0; id < PEERS; id++)
        for (int i = 0; i < STREAMS; i++) free(e->peers[id].streams[i].run_of.data);
    free(e->piles[0].data);
    free(e->piles[1].data);
    free(e->lines);
    free(e);
}

#define LOCKED pthread_mutex_lock(&e->lock)
#define UNLOCKED pthread_mutex_unlock(&e->lock)

int engine_peer(engine *e, int level_id) {
    LOCKED;
    int id = 0;
    while (id < PEERS && e->peers[id].used) id++;
    if (id < PEERS) {
        memset(&e->peers[id], 0, sizeof e->peers[id]);
        e->peers[id].used = 1;
        e->peers[id].level_id = level_id;
    }
    UNLOCKED;
    return id < PEERS ? id : -1;
}

void engine_keys(engine *e, int id, void *rx, void *tx) {
    LOCKED;
    e->peers[id].rx = rx;
    e->peers[id].tx = tx;
    UNLOCKED;
}

void engine_address(engine *e, int id, uint32_t address, uint16_t port) {
    LOCKED;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    a.sin_addr.s_addr = address;
    int other = find(e, &a); /* an address belongs to who proved it last */
    if (other >= 0) memset(&e->peers[other].to, 0, sizeof a);
    e->peers[id].to = a;
    index_all(e);
    UNLOCKED;
}

/* What comes while nothing is copied never gets a number of this line: nobody can ask for it later. */
static void cut(engine *e, int id) {
    line *l = &e->lines[id];
    l->from_peer = -1;
    if (l->source < 0) return;
    for (int i = 0; i < STREAMS; i++) {
        stream *s = &e->peers[l->source].streams[i];
        for (int j = 0; j < s->count; j++)
            if (s->routes[j] == id) s->routes[j--] = s->routes[--s->count];
    }
    l->source = -1;
}

void engine_drop(engine *e, int id) {
    LOCKED;
    for (int i = 0; i < e->line_count; i++) {
        line *l = &e->lines[i];
        if (!l->used) continue;
        if (l->peer == id || l->source == id) cut(e, i);
        if (l->from_peer == id) l->from_peer = -1;
        if (l->peer == id) l->used = 0;
    }
    tell_all(e); /* also what others have pending, so that nothing listed is this peer's */
    for (int i = 0; i < STREAMS; i++) free(e->peers[id].streams[i].run_of.data);
    memset(&e->peers[id], 0, sizeof e->peers[id]);
    index_all(e);
    UNLOCKED;
}

int engine_stream(engine *e, int id, int pt, int rate) {
    LOCKED;
    int place = -1;
    for (int i = 0; i < STREAMS; i++) {
        stream *s = &e->peers[id].streams[i];
        if (s->used && s->pt == pt) {
            UNLOCKED;
            return 0;
        }
        if (!s->used && place < 0) place = i;
    }
    if (place >= 0) {
        stream *s = &e->peers[id].streams[place];
        memset(s, 0, sizeof *s);
        s->used = 1;
        s->pt = pt;
        s->rate = rate;
    }
    UNLOCKED;
    return place < 0 ? -1 : 0;
}

int engine_line(engine *e, int id, uint32_t ssrc) {
    LOCKED;
    int place = 0;
    while (place < LINES && e->lines[place].used) place++;
    if (place < LINES) {
        e->lines[place] = (line){.used = 1, .peer = id, .source = -1, .from_peer = -1,
                                 .allowed = 1, .ssrc = ssrc};
        if (place >= e->line_count) e->line_count = place + 1;
    }
    UNLOCKED;
    return place < LINES ? place : -1;
}

int engine_route(engine *e, int source, int pt, int id, int out_pt) {
    LOCKED;
    cut(e, id);
    int good = -1;
    for (int i = 0; i < STREAMS; i++) {
        stream *s = &e->peers[source].streams[i];
        if (!s->used || s->pt != pt || s->count >= ROUTES) continue;
        s->routes[s->count++] = id;
        e->lines[id].source = source;
        e->lines[id].source_pt = pt;
        e->lines[id].out_pt = out_pt;
        e->lines[id].floor_run = s->run;
        e->lines[id].floor_seq = s->highest;
        good = 0;
    }
    UNLOCKED;
    return good;
}

void engine_unroute(engine *e, int id) {
    LOCKED;
    cut(e, id);
    UNLOCKED;
}

void engine_allow(engine *e, int id, int allowed) {
    LOCKED;
    e->lines[id].allowed = allowed;
    UNLOCKED;
}

void engine_line_state(engine *e, int id, line_state *out) {
    LOCKED;
    line *l = &e->lines[id];
    *out = (line_state){l->shift_seq, l->shift_ts, l->first_seq, l->packets, l->octets, l->from_peer, l->from_pt};
    UNLOCKED;
}

/* Encrypts and sends one packet of Python's; ``line`` >= 0 counts it as sent on that line. */
int engine_send(engine *e, int id, const char *data, int length, int line_id) {
    int good = -1;
    LOCKED;
    peer *p = &e->peers[id];
    if (p->used && p->tx && p->to.sin_port && length >= 8 && length <= BUFFER - TRAILER) {
        uint8_t *out = e->out_data[e->slots];
        memcpy(out, data, (size_t)length);
        int control = out[1] >= 192 && out[1] <= 223, size = length;
        good = (control ? e->protect_rtcp : e->protect)(p->tx, out, &length);
        if (!good) put(e, p, length);
        if (!good && line_id >= 0) {
            e->lines[line_id].packets++;
            e->lines[line_id].octets += (uint32_t)(size - 12);
        }
        flush(e);
    }
    UNLOCKED;
    return good;
}

int engine_send_to(engine *e, uint32_t address, uint16_t port, const char *data, int length) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    a.sin_addr.s_addr = address;
    ssize_t n = sendto(e->fd, data, (size_t)length, MSG_DONTWAIT, (struct sockaddr *)&a, sizeof a);
    return n < 0 ? errno : 0;
}

/* All records since the last call; the memory is good until the next one. */
size_t engine_drain(engine *e, char **data) {
    LOCKED;
    tell_all(e);
    pile *full = &e->piles[e->current];
    e->current ^= 1;
    e->piles[e->current].used = 0;
    size_t used = full->used;
    *data = full->data;
    UNLOCKED;
    return used;
}

void engine_count(engine *e, engine_counts *out) {
    LOCKED;
    *out = e->counts;
    UNLOCKED;
}
