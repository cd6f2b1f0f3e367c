/* A layer of LIF neurons that speaks the protocol: cc -O2 -o layer layer.c -lm; spikeproof conformance --serve ./layer */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char line[1 << 22];
static double w[1 << 16], times[1 << 16], channels[1 << 16];

static char *value(char *text, const char *key) { /* what stands after "key": */
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\":", key);
    char *found = strstr(text, quoted);
    return found ? found + strlen(quoted) : NULL;
}
static double number(char *text, const char *key, double otherwise) {
    char *p = value(text, key);
    return p ? strtod(p, NULL) : otherwise;
}
static int numbers(char *p, double *out) { /* of a list, or of lists in a list, one after the other */
    int n = 0, depth = 0;
    p = strchr(p, '[');
    do {
        if (*p == '[') depth++;
        if (*p == ']') depth--;
        if (strchr("-0123456789", *p)) out[n++] = strtod(p, &p); else p++;
    } while (depth);
    return n;
}
static double v, i, tm, ts, vth, reset; /* V and I since the last event, and the parameters */
static double at(double s) { /* V after s: tau_mem V' = -V + I, tau_syn I' = -I */
    double k = i * ts / (tm - ts);
    return (v + k) * exp(-s / tm) - k * exp(-s / ts);
}
static double crossing(double gap) { /* when V reaches v_th within a gap without events, else -1 */
    double k = i * ts / (tm - ts), a = v + k, peak = gap;
    if (i <= v) return -1;
    if (a / k > 0) peak = log(a * ts / (k * tm)) / (1 / tm - 1 / ts);
    if (!(peak > 0 && peak < gap)) peak = gap;
    double low = 0, high = peak;
    if (at(high) < vth) return -1;
    for (int n = 0; n < 200; n++) { double mid = 0.5 * (low + high); if (at(mid) < vth) low = mid; else high = mid; }
    return high;
}
static void neuron(int j, int size, int n, double end) { /* spikes of neuron j to n inputs */
    double now = 0, s;
    const char *comma = "";
    v = i = 0;
    for (int k = 0; k <= n; k++) {
        double next = k < n && times[k] < end ? times[k] : end;
        while ((s = crossing(next - now)) >= 0) {
            i *= exp(-s / ts); v = reset; now += s;
            printf("%s%.17g", comma, now); comma = ",";
        }
        v = at(next - now); i *= exp(-(next - now) / ts); now = next;
        if (k < n && times[k] < end) i += w[(int)channels[k] * size + j];
    }
}
int main(void) {
    while (fgets(line, sizeof line, stdin)) {
        if (strstr(value(line, "do"), "\"stop\"")) return 0;
        if (strstr(value(line, "do"), "\"start\"")) {
            puts("{\"engine\":\"a layer in C\",\"supports\":{\"quantities\":[\"spike_times\"],\"features\":[\"batch\","
                 "\"reset\",\"repeated spikes\",\"ratio 2\",\"other ratios\"]}}");
        } else {
            char *p = value(line, "parameters"), *name = value(value(line, "problem"), "name"), *s = line;
            tm = number(p, "tau_mem", 0); ts = number(p, "tau_syn", 0);
            vth = number(p, "v_th", 1); reset = number(p, "v_reset", 0);
            int size = (int)number(value(line, "populations"), "size", 0), batch = 0;
            double end = number(line, "duration", 0);
            numbers(value(p, "weights"), w);
            printf("{\"id\":%d,\"solution\":{\"format\":\"spikeproof-solution-1\",\"problem\":%.*s,\"samples\":[",
                   (int)number(line, "id", 0), (int)strcspn(name, ","), name);
            while ((s = value(s, "times")) != NULL) {
                int n = numbers(s, times);
                numbers(value(s, "channels"), channels);
                printf("%s{\"spike_times\":[", batch++ ? "," : "");
                for (int j = 0; j < size; j++) { printf(j ? ",[" : "["); neuron(j, size, n, end); printf("]"); }
                printf("]}");
            }
            puts("]}}");
        }
        fflush(stdout);
    }
    return 0;
}
