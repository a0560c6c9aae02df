/*
 * Sends lines of a file, over and over, as fast as the receiver takes them or at a given rate. In C, because Node spends more
 * on a write than a receiver of ours does on a line: with one line per write it would itself be what is measured.
 *
 *   sender tcp PORT FILE LINES CONNECTIONS BYTES_PER_WRITE   0: one write per line; ends when every receiver has closed
 *   sender udp PORT FILE LINES PER_SECOND                    0: as fast as the kernel takes them
 *
 * Prints {"sent": lines, "at": epoch ms of the first byte, "ms": from there until every receiver has closed}.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 64
#define DATAGRAMS_PER_CALL 64
#define SECONDS_MAX 900

static char *text;
static size_t text_bytes;
static size_t *starts; /* of each line; one more, the end, behind the last */
static size_t lines_in_text;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void tell(long sent, double begin) {
  printf("{\"sent\":%ld,\"at\":%.1f,\"ms\":%.1f}\n", sent, begin, now_ms() - begin);
}

static void load(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) fail(path);
  fseek(file, 0, SEEK_END);
  text_bytes = ftell(file);
  rewind(file);
  text = malloc(text_bytes + 1);
  if (!text || fread(text, 1, text_bytes, file) != text_bytes) fail(path);
  fclose(file);
  starts = malloc((text_bytes + 2) * sizeof *starts);
  if (!starts) fail("malloc");
  for (size_t at = 0; at < text_bytes;) {
    starts[lines_in_text++] = at;
    char *lf = memchr(text + at, '\n', text_bytes - at);
    if (!lf) {
      fprintf(stderr, "%s: no LF at its end\n", path);
      exit(1);
    }
    at = lf - text + 1;
  }
  starts[lines_in_text] = text_bytes;
}

static int open_socket(int type, int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, type, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) fail("connect");
  return fd;
}

static void write_all(int fd, const char *bytes, size_t left) {
  while (left > 0) {
    ssize_t done = write(fd, bytes, left);
    if (done < 0) fail("write");
    bytes += done;
    left -= done;
  }
}

static void send_stream(int fd, long lines, size_t bytes_per_write) {
  while (lines > 0) {
    long count = lines < (long)lines_in_text ? lines : (long)lines_in_text;
    if (bytes_per_write == 0)
      for (long i = 0; i < count; i++) write_all(fd, text + starts[i], starts[i + 1] - starts[i]);
    else
      for (size_t at = 0; at < starts[count]; at += bytes_per_write)
        write_all(fd, text + at, starts[count] - at < bytes_per_write ? starts[count] - at : bytes_per_write);
    lines -= count;
  }
  shutdown(fd, SHUT_WR);
  char rest[256];
  while (read(fd, rest, sizeof rest) > 0) continue;
}

static void send_streams(int port, long lines, int connections, size_t bytes_per_write) {
  int fds[CONNECTIONS_MAX];
  for (int i = 0; i < connections; i++) {
    fds[i] = open_socket(SOCK_STREAM, port);
    int one = 1;
    if (bytes_per_write == 0) setsockopt(fds[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  }
  double begin = now_ms();
  for (int i = 0; i < connections; i++) {
    if (fork() != 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    alarm(SECONDS_MAX);
    for (int other = 0; other < connections; other++)
      if (other != i) close(fds[other]);
    send_stream(fds[i], lines * (i + 1) / connections - lines * i / connections, bytes_per_write);
    _exit(0);
  }
  for (int i = 0; i < connections; i++) close(fds[i]);
  int failed = 0;
  for (int status; wait(&status) > 0;) failed |= status;
  if (failed) exit(1);
  tell(lines, begin);
}

static void send_datagrams(int port, long lines, double per_second) {
  int fd = open_socket(SOCK_DGRAM, port);
  struct mmsghdr messages[DATAGRAMS_PER_CALL];
  struct iovec parts[DATAGRAMS_PER_CALL];
  long sent = 0;
  double begin = now_ms();
  while (sent < lines) {
    double due = per_second > 0 ? (now_ms() - begin) * per_second / 1e3 : lines;
    int count = 0;
    for (; count < DATAGRAMS_PER_CALL && sent + count < lines && sent + count < due; count++) {
      size_t line = (sent + count) % lines_in_text;
      parts[count] = (struct iovec){text + starts[line], starts[line + 1] - starts[line] - 1};
      messages[count] = (struct mmsghdr){.msg_hdr = {.msg_iov = &parts[count], .msg_iovlen = 1}};
    }
    if (count == 0) {
      usleep(500);
      continue;
    }
    int done = sendmmsg(fd, messages, count, 0);
    if (done < 0) fail("sendmmsg");
    sent += done;
  }
  tell(sent, begin);
}

int main(int argc, char **argv) {
  if (argc < 6) {
    fprintf(stderr, "sender tcp PORT FILE LINES CONNECTIONS BYTES_PER_WRITE | sender udp PORT FILE LINES PER_SECOND\n");
    return 2;
  }
  alarm(SECONDS_MAX);
  load(argv[3]);
  if (argc == 7 && strcmp(argv[1], "tcp") == 0 && atoi(argv[5]) > 0 && atoi(argv[5]) <= CONNECTIONS_MAX)
    send_streams(atoi(argv[2]), atol(argv[4]), atoi(argv[5]), atol(argv[6]));
  else if (argc == 6 && strcmp(argv[1], "udp") == 0)
    send_datagrams(atoi(argv[2]), atol(argv[4]), atof(argv[5]));
  else
    return 2;
  return 0;
}
