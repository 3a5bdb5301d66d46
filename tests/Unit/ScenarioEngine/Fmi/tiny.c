/* A small FMU of our own, FMI 2 (-DFMI=2) and FMI 3 (-DFMI=3): der(x) = -k x + u by explicit Euler of 0.1 s, as the
   Dahlquist example of the Reference FMUs. What "mode" says makes it misbehave at the step that begins at t >= 0.2. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { X = 1, K = 2, U = 3, MODE = 4, STORY = 5, SECRET = 6 };
enum { HANG = 1, CRASH = 2, HALF = 3, FAIL = 4, NOT_A_NUMBER = 5, EAT = 6, PRINT = 7, ABORT = 8, DIE = 9, LIE = 10 };

typedef struct { double x, k, u, reached; int mode; char story[256]; } Model;

static double last_reached;

#if FMI == 2
typedef int Status;
typedef int Bool;
typedef void (*Logger)(void *, const char *, int, const char *, const char *, ...);
typedef struct { Logger logger; void *(*allocate)(size_t, size_t); void (*release)(void *); void *finished, *environment; } Callbacks;
static const Callbacks *callbacks;
#define SAY(status, ...) callbacks->logger(0, "tiny", status, "logStatusError", __VA_ARGS__)
#else
typedef int Status;
typedef unsigned char Bool;
typedef void (*Logger)(void *, int, const char *, const char *);
static Logger logger;
#define SAY(status, ...) do { char text[512]; snprintf(text, sizeof text, __VA_ARGS__); logger(0, status, "logStatusError", text); } while (0)
#endif

/* 0 OK, 2 Discard, 3 Error; *early: came to last_reached only. */
static Status advance(Model *m, double t, double h, Bool *early) {
    int n = (int)(h / 0.1 + 0.5), i;
    double end = t + h;
    last_reached = end;
    if (t >= 0.2 - 1e-9) {
        switch (m->mode) {
        case HANG: for (;;) usleep(1000);
        case CRASH: *(volatile int *)0 = 1; break;
        case ABORT: fprintf(stderr, "tiny gives up\n"); abort();
        case DIE: _exit(7);
        case HALF: last_reached = t + h / 2; *early = 1; return 2;
        case LIE: last_reached = t + h / 2; return 0;
        case FAIL:
            SAY(3, "step %d of %s at t=%.2f failed: %d %d %d %d %g %g %s", 3, "tiny", t, 1, 2, 3, 4, 0.5, 0.25, "end");
            return 3;
        case NOT_A_NUMBER: m->x = 0.0 / 0.0; return 0;
        case EAT: {
            char *p; size_t got = 0;
            while ((p = malloc(1 << 20)) != NULL) { memset(p, 1, 1 << 20); got++; }
            SAY(3, "no memory after %d MiB", (int)got);
            return 3;
        }
        case PRINT: printf("on standard output\n"); fflush(stdout); getchar(); break;
        default: break;
        }
    }
    for (i = 0; i < n; i++) m->x += 0.1 * (-m->k * m->x + m->u);
    return 0;
}

static Status read_real(Model *m, uint32_t r, double *v) {
    if (r == X) *v = m->x; else if (r == K) *v = m->k; else if (r == U) *v = m->u; else return 3;
    return 0;
}

static Status write_real(Model *m, uint32_t r, double v) {
    if (r == K) m->k = v; else if (r == U) m->u = v; else if (r == X) m->x = v; else return 3;
    return 0;
}

static const char *read_text(Model *m, uint32_t r) {
    const char *secret = getenv("TWIN_TEST_SECRET");
    return r == SECRET ? (secret ? secret : "none") : m->story;
}

static Model *create(void) { Model *m = calloc(1, sizeof *m); m->x = 1; m->k = 1; return m; }

#if FMI == 2
void *fmi2Instantiate(const char *name, int type, const char *guid, const char *where, const Callbacks *c, Bool visible, Bool logging) {
    callbacks = c;
    if (type != 1 || strcmp(guid, "{tiny}")) { SAY(3, "wrong guid %s", guid); return NULL; }
    return create();
}
void fmi2FreeInstance(Model *m) { free(m); }
Status fmi2SetupExperiment(Model *m, Bool td, double tol, double start, Bool sd, double stop) { return 0; }
Status fmi2EnterInitializationMode(Model *m) { return 0; }
Status fmi2ExitInitializationMode(Model *m) { return 0; }
Status fmi2Terminate(Model *m) { return 0; }
Status fmi2GetReal(Model *m, const uint32_t r[], size_t n, double v[]) { size_t i; for (i = 0; i < n; i++) if (read_real(m, r[i], v + i)) return 3; return 0; }
Status fmi2SetReal(Model *m, const uint32_t r[], size_t n, const double v[]) { size_t i; for (i = 0; i < n; i++) if (write_real(m, r[i], v[i])) return 3; return 0; }
Status fmi2GetInteger(Model *m, const uint32_t r[], size_t n, int v[]) { v[0] = m->mode; return 0; }
Status fmi2SetInteger(Model *m, const uint32_t r[], size_t n, const int v[]) { m->mode = v[0]; return 0; }
Status fmi2GetBoolean(Model *m, const uint32_t r[], size_t n, int v[]) { return 3; }
Status fmi2SetBoolean(Model *m, const uint32_t r[], size_t n, const int v[]) { return 3; }
Status fmi2GetString(Model *m, const uint32_t r[], size_t n, const char *v[]) { v[0] = read_text(m, r[0]); return 0; }
Status fmi2SetString(Model *m, const uint32_t r[], size_t n, const char *const v[]) { snprintf(m->story, sizeof m->story, "%s", v[0]); return 0; }
Status fmi2DoStep(Model *m, double t, double h, Bool no) { Bool early = 0; return advance(m, t, h, &early); }
Status fmi2GetRealStatus(Model *m, int kind, double *v) { if (kind != 2) return 3; *v = last_reached; return 0; }
#else
void *fmi3InstantiateCoSimulation(const char *name, const char *token, const char *where, Bool visible, Bool logging, Bool events, Bool early,
    const uint32_t required[], size_t n, void *environment, Logger log, void *update) {
    logger = log;
    if (strcmp(token, "{tiny}")) { SAY(3, "wrong token %s", token); return NULL; }
    return create();
}
void fmi3FreeInstance(Model *m) { free(m); }
Status fmi3EnterInitializationMode(Model *m, Bool td, double tol, double start, Bool sd, double stop) { return 0; }
Status fmi3ExitInitializationMode(Model *m) { return 0; }
Status fmi3Terminate(Model *m) { return 0; }
Status fmi3GetFloat64(Model *m, const uint32_t r[], size_t n, double v[], size_t nv) { size_t i; for (i = 0; i < n; i++) if (read_real(m, r[i], v + i)) return 3; return 0; }
Status fmi3SetFloat64(Model *m, const uint32_t r[], size_t n, const double v[], size_t nv) { size_t i; for (i = 0; i < n; i++) if (write_real(m, r[i], v[i])) return 3; return 0; }
Status fmi3GetInt32(Model *m, const uint32_t r[], size_t n, int32_t v[], size_t nv) { v[0] = m->mode; return 0; }
Status fmi3SetInt32(Model *m, const uint32_t r[], size_t n, const int32_t v[], size_t nv) { m->mode = v[0]; return 0; }
Status fmi3GetString(Model *m, const uint32_t r[], size_t n, const char *v[], size_t nv) { v[0] = read_text(m, r[0]); return 0; }
Status fmi3SetString(Model *m, const uint32_t r[], size_t n, const char *const v[], size_t nv) { snprintf(m->story, sizeof m->story, "%s", v[0]); return 0; }
Status fmi3DoStep(Model *m, double t, double h, Bool no, Bool *event, Bool *terminate, Bool *early, double *last) {
    Status s = advance(m, t, h, early);
    *event = 0; *terminate = 0; *last = last_reached;
    return s == 2 ? 0 : s;
}
#endif
