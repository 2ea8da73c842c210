/* The load: wires (sockets with keys), what goes out on them, what comes in. See load.c. */
typedef struct load load;

typedef struct {
    void *protect, *unprotect, *protect_rtcp, *unprotect_rtcp;
} srtp_functions;

typedef struct {
    int32_t wire;
    uint16_t kind;  /* 1 RTP of a copy that is not known yet, 2 RTCP, 3 anything else; 1 and 2 in clear */
    uint16_t length;
} news;

typedef struct {
    uint32_t ssrc, lsr;
    int32_t source;       /* the stream it is a copy of; -1 not known yet, -2 will never be */
    uint32_t highest;
    uint64_t packets;     /* since it began */
    uint64_t in_window;   /* packets that left their sender inside the window, each once */
    uint64_t told_us;
} copy_state;

typedef struct {
    uint32_t ts, sent, octets, restarts;
    uint64_t in_window;
} stream_state;

typedef struct {
    uint64_t sent, received, not_sent, late_units, units, overflow, early, worst_late_us;
} load_counts;

load *load_new(const srtp_functions *functions);
int load_bell(load *l);
int load_start(load *l);
void load_stop(load *l);
void load_free(load *l);
int load_part(load *l, int voice, int kind, int unit, const char *data, int length);
int load_wire(load *l, int fd, void *tx, void *rx);
void load_unwire(load *l, int wire);
int load_stream(load *l, int wire, uint32_t ssrc, int pt, int voice, int kind, int level_id);
void load_restart(load *l, int stream);
void load_control(load *l, int wire, const char *data, int length);
size_t load_news(load *l, char *out, size_t room);
int load_learn(load *l, int wire, uint32_t ssrc, int seq, int stream, int index);
void load_forget(load *l, int wire, uint32_t ssrc);
void load_report(load *l, int wire, uint32_t ssrc, uint32_t lsr);
int load_copies(load *l, int wire, copy_state *out, int room);
void load_stream_state(load *l, int stream, stream_state *out);
void load_window(load *l, int open);
void load_count(load *l, load_counts *out);
int load_latency(load *l, uint32_t *out, int room);
uint64_t load_now_us(void);
