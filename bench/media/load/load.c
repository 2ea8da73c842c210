/* Sends what all participants send, at its time, and notes when each copy comes back.
 *
 * One thread owns the sockets. Python adds wires and streams and takes the news (RTCP, STUN, copies not
 * known yet); a mutex is held whenever either side touches anything, and let go while the thread sleeps.
 * The moment of arrival is the kernel's, so that it is the server that is measured and not this thread.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "load.h"

#define WIRES 2048
#define STREAMS 4096
#define COPIES 16
#define RING 2048
#define VOICES 4
#define UNITS 256
#define PARTS 24
#define BATCH 32
#define PACKET 1600
#define NEWS (1 << 20)
#define BUCKETS 200000 /* of 10 us: two seconds */
#define DRAIN_NS 1500000LL
#define LATE_NS 5000000LL
#define TRIES 200

typedef int (*srtp_call)(void *, void *, int *);
typedef struct { uint16_t length; uint8_t data[1200]; } part;
typedef struct { int count; part parts[PARTS]; } unit;
typedef struct {
    int used, queued, wire, voice, kind, level_id, index, restart;
    uint32_t ssrc, ts, seq, sent, octets, restarts, picture;
    uint8_t pt;
    int64_t next, step;
    uint64_t in_window;
    uint64_t times[RING];
    int32_t indexes[RING];
    uint8_t windowed[RING];
} stream;
typedef struct {
    copy_state s;
    uint32_t shift;
    int tries;
    uint32_t seen[RING];
} copy;
typedef struct {
    int used, fd;
    void *tx, *rx;
    int copies;
    copy *copy[COPIES];
} wire;
struct load {
    pthread_t thread;
    pthread_mutex_t lock;
    int running, stop, epoll, bell, window;
    srtp_call protect, unprotect, protect_rtcp, unprotect_rtcp;
    wire wires[WIRES];
    stream *streams[STREAMS];
    int stream_count;
    int heap[STREAMS], heap_size;
    unit *units[VOICES][2][UNITS];
    int unit_count[VOICES][2];
    uint8_t *news;
    size_t news_size;
    load_counts counts;
    uint32_t latency[BUCKETS];
    uint8_t in[BATCH][PACKET], out[PARTS][PACKET];
    uint8_t control[BATCH][256];
};

static uint64_t clock_ns(clockid_t which)
{
    struct timespec t;
    clock_gettime(which, &t);
    return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

uint64_t load_now_us(void) { return clock_ns(CLOCK_MONOTONIC) / 1000; }
static void put16(uint8_t *p, uint32_t v) { p[0] = v >> 8; p[1] = v; }
static void put32(uint8_t *p, uint32_t v) { put16(p, v >> 16); put16(p + 2, v); }
static uint32_t get16(const uint8_t *p) { return (uint32_t)p[0] << 8 | p[1]; }
static uint32_t get32(const uint8_t *p) { return get16(p) << 16 | get16(p + 2); }

/* -- streams, the one that is due first on top of a heap -- */

static int earlier(load *l, int a, int b) { return l->streams[l->heap[a]]->next < l->streams[l->heap[b]]->next; }
static void swap(load *l, int a, int b) { int t = l->heap[a]; l->heap[a] = l->heap[b]; l->heap[b] = t; }

static void sink(load *l, int at)
{
    for (;;) {
        int small = at, left = 2 * at + 1;
        if (left < l->heap_size && earlier(l, left, small)) small = left;
        if (left + 1 < l->heap_size && earlier(l, left + 1, small)) small = left + 1;
        if (small == at) return;
        swap(l, at, small);
        at = small;
    }
}

static void push(load *l, int s)
{
    int at = l->heap_size++;
    l->heap[at] = s;
    while (at && earlier(l, at, (at - 1) / 2)) { swap(l, at, (at - 1) / 2); at = (at - 1) / 2; }
}

static int header(load *l, stream *s, uint8_t *to, const part *p, int marker)
{
    int head = 12;
    (void)l;
    to[0] = 0x80;
    to[1] = s->pt | (marker ? 0x80 : 0);
    put16(to + 2, s->seq & 0xffff);
    put32(to + 4, s->ts);
    put32(to + 8, s->ssrc);
    if (s->level_id && s->kind == 0) {
        to[0] = 0x90;
        put32(to + 12, 0xBEDE0001);
        to[16] = (uint8_t)(s->level_id << 4);
        to[17] = 30;
        put16(to + 18, 0);
        head = 20;
    }
    memcpy(to + head, p->data, p->length);
    if (s->kind == 1) put16(to + head + 2, 0x8000 | (s->picture & 0x7fff));
    return head + p->length;
}

static void send_unit(load *l, stream *s)
{
    struct mmsghdr m[PARTS];
    struct iovec v[PARTS];
    wire *w = &l->wires[s->wire];
    if (s->restart) { s->restart = 0; s->index = 0; s->restarts++; }
    int at = s->index++ % l->unit_count[s->voice][s->kind];
    unit *u = l->units[s->voice][s->kind][at];
    s->picture++;
    int count = 0;
    uint64_t moment = clock_ns(CLOCK_REALTIME);
    for (int i = 0; i < u->count; i++) {
        int size = header(l, s, l->out[count], &u->parts[i], s->kind == 1 && i == u->count - 1);
        uint32_t slot = s->seq % RING;
        s->times[slot] = moment;
        s->indexes[slot] = at * PARTS + i;
        s->windowed[slot] = (uint8_t)l->window;
        s->in_window += l->window;
        s->seq++; s->sent++; s->octets += u->parts[i].length;
        if (l->protect(w->tx, l->out[count], &size)) { l->counts.not_sent++; continue; }
        v[count] = (struct iovec){l->out[count], (size_t)size};
        memset(&m[count], 0, sizeof m[count]);
        m[count].msg_hdr.msg_iov = &v[count];
        m[count].msg_hdr.msg_iovlen = 1;
        count++;
    }
    int gone = sendmmsg(w->fd, m, (unsigned)count, 0);
    if (gone < 0) gone = 0;
    l->counts.sent += (uint64_t)gone;
    l->counts.not_sent += (uint64_t)(count - gone);
    s->ts += s->kind == 0 ? 960 : 3750;
}

static int64_t send_due(load *l, int64_t now)
{
    while (l->heap_size) {
        int id = l->heap[0];
        stream *s = l->streams[id];
        if (!s->used) { s->queued = 0; l->heap[0] = l->heap[--l->heap_size]; sink(l, 0); continue; }
        if (s->next > now) return s->next;
        int64_t late = now - s->next;
        if (l->window) {
            l->counts.units++;
            if (late > LATE_NS) l->counts.late_units++;
            if ((uint64_t)late / 1000 > l->counts.worst_late_us) l->counts.worst_late_us = (uint64_t)late / 1000;
        }
        send_unit(l, s);
        s->next += s->step;
        if (late > 500000000LL) s->next = now + s->step;
        sink(l, 0);
        now = (int64_t)clock_ns(CLOCK_MONOTONIC);
    }
    return now + 1000000;
}

/* -- what comes in -- */

static void tell(load *l, int w, int kind, const uint8_t *data, int length)
{
    news head = {w, (uint16_t)kind, (uint16_t)length};
    size_t whole = sizeof head + (size_t)length;
    if (l->news_size + whole > NEWS) { l->counts.overflow++; return; }
    memcpy(l->news + l->news_size, &head, sizeof head);
    memcpy(l->news + l->news_size + sizeof head, data, (size_t)length);
    l->news_size += whole;
}

static copy *copy_of(wire *w, uint32_t ssrc, int make)
{
    for (int i = 0; i < w->copies; i++)
        if (w->copy[i]->s.ssrc == ssrc) return w->copy[i];
    if (!make || w->copies == COPIES) return NULL;
    copy *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->s.ssrc = ssrc;
    c->s.source = -1;
    memset(c->seen, 0xff, sizeof c->seen);
    return w->copy[w->copies++] = c;
}

static void matched(load *l, copy *c, uint32_t seq, uint64_t arrived)
{
    stream *s = l->streams[c->s.source];
    /* the sender counts on beyond sixteen bits; the ring only needs the lower ones */
    uint32_t own = (seq + c->shift) & 0xffff, slot = own % RING;
    if (c->seen[slot] == own) return; /* came a second time */
    c->seen[slot] = own;
    if (!s->windowed[slot]) return;
    c->s.in_window++;
    if (arrived < s->times[slot]) { l->counts.early++; arrived = s->times[slot]; }
    uint64_t bucket = (arrived - s->times[slot]) / 10000;
    l->latency[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
}

static void packet_in(load *l, int id, uint8_t *data, int length, uint64_t arrived)
{
    wire *w = &l->wires[id];
    if (length < 12 || data[0] < 128 || data[0] > 191) { tell(l, id, 3, data, length); return; }
    if (data[1] >= 192 && data[1] < 224) {
        if (!l->unprotect_rtcp(w->rx, data, &length)) tell(l, id, 2, data, length);
        return;
    }
    copy *c = copy_of(w, get32(data + 8), 1);
    l->counts.received++;
    if (!c) return;
    uint32_t seq = get16(data + 2);
    c->s.packets++;
    if ((int16_t)(seq - c->s.highest) > 0 || c->s.packets == 1) {
        uint32_t cycles = c->s.highest & 0xffff0000;
        if (c->s.packets > 1 && seq < (c->s.highest & 0xffff)) cycles += 0x10000;
        c->s.highest = cycles | seq;
    }
    if (c->s.source >= 0) { matched(l, c, seq, arrived); return; }
    if (c->s.source == -1 && c->tries++ < TRIES) {
        if (!l->unprotect(w->rx, data, &length)) tell(l, id, 1, data, length);
    } else if (c->s.source == -1) c->s.source = -2;
}

static uint64_t arrival(struct msghdr *m)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec t;
            memcpy(&t, CMSG_DATA(c), sizeof t);
            return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
        }
    return clock_ns(CLOCK_REALTIME);
}

static void drain_wire(load *l, int id)
{
    struct mmsghdr m[BATCH];
    struct iovec v[BATCH];
    for (int turn = 0; turn < 8; turn++) {
        for (int i = 0; i < BATCH; i++) {
            v[i] = (struct iovec){l->in[i], PACKET};
            memset(&m[i], 0, sizeof m[i]);
            m[i].msg_hdr.msg_iov = &v[i];
            m[i].msg_hdr.msg_iovlen = 1;
            m[i].msg_hdr.msg_control = l->control[i];
            m[i].msg_hdr.msg_controllen = sizeof l->control[i];
        }
        int got = recvmmsg(l->wires[id].fd, m, BATCH, MSG_DONTWAIT, NULL);
        for (int i = 0; i < got; i++)
            packet_in(l, id, l->in[i], (int)m[i].msg_len, arrival(&m[i].msg_hdr));
        if (got < BATCH) return;
    }
}

static void drain(load *l)
{
    struct epoll_event events[64];
    int got;
    do {
        got = epoll_wait(l->epoll, events, 64, 0);
        for (int i = 0; i < got; i++)
            if (l->wires[events[i].data.u32].used) drain_wire(l, (int)events[i].data.u32);
    } while (got == 64);
}

static void *run(void *argument)
{
    load *l = argument;
    int64_t drained = 0;
    prctl(PR_SET_TIMERSLACK, 1);
    struct sched_param first = {.sched_priority = 1}; /* as root: what must leave on time is not kept waiting */
    if (sched_setscheduler(0, SCHED_FIFO, &first)) setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), -10);
    pthread_mutex_lock(&l->lock);
    while (!l->stop) {
        int64_t now = (int64_t)clock_ns(CLOCK_MONOTONIC);
        int64_t next = send_due(l, now);
        now = (int64_t)clock_ns(CLOCK_MONOTONIC);
        if (now - drained >= DRAIN_NS) {
            drain(l);
            if (l->news_size) { uint64_t one = 1; if (write(l->bell, &one, 8) < 0) l->counts.overflow++; }
            drained = now;
        }
        if (next > drained + DRAIN_NS) next = drained + DRAIN_NS;
        pthread_mutex_unlock(&l->lock);
        struct timespec t = {next / 1000000000LL, next % 1000000000LL};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
        pthread_mutex_lock(&l->lock);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

/* -- what Python calls -- */

#define LOCKED(l) pthread_mutex_lock(&(l)->lock)
#define FREE(l) pthread_mutex_unlock(&(l)->lock)

load *load_new(const srtp_functions *f)
{
    load *l = calloc(1, sizeof *l);
    if (!l) return NULL;
    l->news = malloc(NEWS);
    l->protect = (srtp_call)f->protect;
    l->unprotect = (srtp_call)f->unprotect;
    l->protect_rtcp = (srtp_call)f->protect_rtcp;
    l->unprotect_rtcp = (srtp_call)f->unprotect_rtcp;
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    l->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    pthread_mutex_init(&l->lock, NULL);
    if (!l->news || l->epoll < 0 || l->bell < 0) { free(l->news); free(l); return NULL; }
    return l;
}

int load_bell(load *l) { return l->bell; }

int load_start(load *l)
{
    int failed = pthread_create(&l->thread, NULL, run, l);
    l->running = !failed;
    return failed;
}

void load_stop(load *l)
{
    if (!l->running) return;
    LOCKED(l); l->stop = 1; FREE(l);
    pthread_join(l->thread, NULL);
    l->running = 0;
}

void load_free(load *l)
{
    load_stop(l);
    for (int i = 0; i < WIRES; i++)
        for (int c = 0; c < l->wires[i].copies; c++) free(l->wires[i].copy[c]);
    for (int i = 0; i < l->stream_count; i++) free(l->streams[i]);
    for (int v = 0; v < VOICES; v++)
        for (int k = 0; k < 2; k++)
            for (int u = 0; u < UNITS; u++) free(l->units[v][k][u]);
    close(l->epoll);
    close(l->bell);
    free(l->news);
    free(l);
}

int load_part(load *l, int voice, int kind, int at, const char *data, int length)
{
    if (voice < 0 || voice >= VOICES || kind < 0 || kind > 1 || at < 0 || at >= UNITS || length > 1200) return -1;
    unit **u = &l->units[voice][kind][at];
    if (!*u && !(*u = calloc(1, sizeof **u))) return -1;
    if ((*u)->count == PARTS) return -1;
    part *p = &(*u)->parts[(*u)->count++];
    p->length = (uint16_t)length;
    memcpy(p->data, data, (size_t)length);
    if (at >= l->unit_count[voice][kind]) l->unit_count[voice][kind] = at + 1;
    return 0;
}

int load_wire(load *l, int fd, void *tx, void *rx)
{
    int id = -1, on = 1;
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    LOCKED(l);
    for (int i = 0; i < WIRES && id < 0; i++) if (!l->wires[i].used) id = i;
    if (id >= 0) {
        l->wires[id].used = 1;
        l->wires[id].fd = fd;
        l->wires[id].tx = tx;
        l->wires[id].rx = rx;
        struct epoll_event e = {.events = EPOLLIN, .data.u32 = (uint32_t)id};
        epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e);
    }
    FREE(l);
    return id;
}

void load_unwire(load *l, int id)
{
    LOCKED(l);
    wire *w = &l->wires[id];
    epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, NULL);
    for (int i = 0; i < w->copies; i++) free(w->copy[i]);
    memset(w, 0, sizeof *w);
    for (int i = 0; i < l->stream_count; i++)
        if (l->streams[i]->used && l->streams[i]->wire == id) l->streams[i]->used = 0;
    FREE(l);
}

int load_stream(load *l, int w, uint32_t ssrc, int pt, int voice, int kind, int level_id)
{
    LOCKED(l);
    int id = 0;
    while (id < l->stream_count && (l->streams[id]->used || l->streams[id]->queued)) id++;
    if (id == STREAMS || !l->unit_count[voice][kind]) { FREE(l); return -1; }
    if (id == l->stream_count && !(l->streams[l->stream_count++] = malloc(sizeof(stream)))) abort();
    stream *s = l->streams[id];
    memset(s, 0, sizeof *s);
    s->queued = 1;
    s->used = 1; s->wire = w; s->voice = voice; s->kind = kind; s->level_id = level_id;
    s->ssrc = ssrc; s->pt = (uint8_t)pt;
    s->seq = (uint32_t)random() % 20000;
    s->ts = (uint32_t)random();
    s->step = kind == 0 ? 20000000LL : 1000000000LL / 24;
    s->next = (int64_t)clock_ns(CLOCK_MONOTONIC) + random() % s->step;
    memset(s->indexes, 0xff, sizeof s->indexes);
    push(l, id);
    FREE(l);
    return id;
}

void load_restart(load *l, int id)
{
    LOCKED(l);
    if (l->streams[id]->kind == 1) l->streams[id]->restart = 1;
    FREE(l);
}

void load_control(load *l, int id, const char *data, int length)
{
    uint8_t buffer[PACKET];
    if (length > PACKET - 200) return;
    memcpy(buffer, data, (size_t)length);
    LOCKED(l);
    wire *w = &l->wires[id];
    if (w->used && !l->protect_rtcp(w->tx, buffer, &length) && send(w->fd, buffer, (size_t)length, 0) < 0)
        l->counts.not_sent++;
    FREE(l);
}

size_t load_news(load *l, char *out, size_t room)
{
    uint64_t bell;
    if (read(l->bell, &bell, 8) < 0) bell = 0;
    LOCKED(l);
    size_t size = l->news_size;
    if (size > room) size = 0;
    memcpy(out, l->news, size);
    l->news_size = 0;
    FREE(l);
    return size;
}

int load_learn(load *l, int id, uint32_t ssrc, int seq, int from, int index)
{
    int found = 0;
    LOCKED(l);
    stream *s = l->streams[from];
    copy *c = copy_of(&l->wires[id], ssrc, 0);
    for (uint32_t back = 1; c && back < RING && back <= s->sent && !found; back++)
        if (s->indexes[(s->seq - back) % RING] == index) {
            c->shift = (s->seq - back) - (uint32_t)seq;
            c->s.source = from;
            memset(c->seen, 0xff, sizeof c->seen);
            found = 1;
        }
    FREE(l);
    return found;
}

void load_forget(load *l, int id, uint32_t ssrc)
{
    LOCKED(l);
    copy *c = copy_of(&l->wires[id], ssrc, 0);
    if (c) { c->s.source = -1; c->tries = 0; }
    FREE(l);
}

void load_report(load *l, int id, uint32_t ssrc, uint32_t lsr)
{
    LOCKED(l);
    copy *c = copy_of(&l->wires[id], ssrc, 0);
    if (c) { c->s.lsr = lsr; c->s.told_us = load_now_us(); }
    FREE(l);
}

int load_copies(load *l, int id, copy_state *out, int room)
{
    LOCKED(l);
    int n = l->wires[id].copies < room ? l->wires[id].copies : room;
    for (int i = 0; i < n; i++) out[i] = l->wires[id].copy[i]->s;
    FREE(l);
    return n;
}

void load_stream_state(load *l, int id, stream_state *out)
{
    LOCKED(l);
    stream *s = l->streams[id];
    *out = (stream_state){s->ts, s->sent, s->octets, s->restarts, s->in_window};
    FREE(l);
}

void load_window(load *l, int open)
{
    LOCKED(l);
    if (open && !l->window) {
        memset(l->latency, 0, sizeof l->latency);
        memset(&l->counts, 0, sizeof l->counts);
        for (int i = 0; i < l->stream_count; i++) l->streams[i]->in_window = 0;
        for (int i = 0; i < WIRES; i++)
            for (int c = 0; c < l->wires[i].copies; c++) l->wires[i].copy[c]->s.in_window = 0;
    }
    l->window = open;
    FREE(l);
}

void load_count(load *l, load_counts *out) { LOCKED(l); *out = l->counts; FREE(l); }

int load_latency(load *l, uint32_t *out, int room)
{
    LOCKED(l);
    int n = room < BUCKETS ? room : BUCKETS;
    memcpy(out, l->latency, (size_t)n * sizeof *out);
    FREE(l);
    return n;
}
