typedef struct engine engine;

typedef struct {
    void *protect, *unprotect, *protect_rtcp, *unprotect_rtcp;
} srtp_functions;

typedef struct {
    uint32_t size;      /* of this record, data and padding included */
    uint16_t kind;      /* 1 RTP nobody is routed, 2 RTCP, 3 STUN or DTLS, 4 the head of media from an
                           unproved address, 5 a run: consecutive RTP packets whose copies were sent */
    uint16_t length;    /* of the data behind this head */
    uint32_t peer;      /* RTP, runs, RTCP: whose; else the IPv4 address, network order */
    uint16_t port;      /* kinds 3 and 4: the port it came from; runs: how many packets */
    uint8_t reserved;
    uint8_t level;      /* RTP: -dBov, 127 unknown */
    uint64_t at_us;     /* CLOCK_MONOTONIC; of a run: when the last one came */
    uint8_t pt, marker; /* RTP header; the data is the payload alone */
    uint16_t seq;       /* of a run: the first one's */
    uint32_t ts, ssrc;
    uint32_t jitter;    /* runs: in time stamps */
} record;

typedef struct {        /* one packet of a run; all of these stand before all payloads */
    uint32_t ts;
    uint16_t length;
    uint8_t marker, level;
} run_head;

typedef struct {
    uint32_t shift_seq, shift_ts, first_seq, packets, octets;
    int32_t source_peer, source_pt;
} line_state;

typedef struct {
    uint64_t received, sent, strangers, refused, overflow, unsent;
} engine_counts;

engine *engine_new(uint32_t address, int low, int high, const srtp_functions *functions);
int engine_port(engine *e);
int engine_bell(engine *e);
int engine_start(engine *e, int nap_us);
void engine_stop(engine *e);
void engine_free(engine *e);
int engine_peer(engine *e, int level_id);
void engine_keys(engine *e, int peer, void *rx, void *tx);
void engine_address(engine *e, int peer, uint32_t address, uint16_t port);
void engine_drop(engine *e, int peer);
int engine_stream(engine *e, int peer, int pt, int rate);
int engine_line(engine *e, int peer, uint32_t ssrc);
int engine_route(engine *e, int source, int pt, int line, int out_pt);
void engine_unroute(engine *e, int line);
void engine_allow(engine *e, int line, int allowed);
void engine_line_state(engine *e, int line, line_state *out);
int engine_send(engine *e, int peer, const char *data, int length, int line);
int engine_send_to(engine *e, uint32_t address, uint16_t port, const char *data, int length);
size_t engine_drain(engine *e, char **data);
void engine_count(engine *e, engine_counts *out);
