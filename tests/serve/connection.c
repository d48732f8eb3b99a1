#include "serve/connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

unsigned connection_port(const nca_server *server)
{
    unsigned port = 0;
    return sscanf(nca_server_address(server), "http://127.0.0.1:%u/", &port) == 1 ? port : 0;
}

int connection_open(unsigned port)
{
    const int connection = socket(AF_INET, SOCK_STREAM, 0);
    const struct timeval patience = {.tv_sec = 20};
    const struct sockaddr_in where = {.sin_family = AF_INET,
                                      .sin_port = htons((uint16_t)port),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(connection, (const struct sockaddr *)&where, sizeof where) != 0) {
        close(connection);
        return -1;
    }
    return connection;
}

bool connection_send(int connection, const void *bytes, size_t count)
{
    return send(connection, bytes, count, MSG_NOSIGNAL) == (ssize_t)count;
}

bool connection_receive(int connection, void *bytes, size_t count)
{
    return count == 0 || recv(connection, bytes, count, MSG_WAITALL) == (ssize_t)count;
}

int connection_ask(char *answer, size_t size, unsigned port, const char *request)
{
    const int connection = connection_open(port);
    size_t got = 0;
    if (connection >= 0) {
        connection_send(connection, request, strlen(request));
        for (ssize_t more = 1; more > 0 && got<size - 1; got += more> 0 ? (size_t)more : 0) {
            more = recv(connection, answer + got, size - 1 - got, 0);
        }
        close(connection);
    }
    answer[got] = 0;
    int code = 0;
    return sscanf(answer, "HTTP/1.1 %d ", &code) == 1 ? code : 0;
}

int page_open(unsigned port)
{
    const int page = connection_open(port);
    char request[512], answer[4096];
    const int length = snprintf(request, sizeof request,
                                "GET /live HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                                "Origin: http://127.0.0.1:%u\r\nUpgrade: websocket\r\n"
                                "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                                port, port);
    size_t got = 0;
    if (page >= 0 && connection_send(page, request, (size_t)length)) {
        while (got < sizeof answer - 1 && connection_receive(page, answer + got, 1)) {
            answer[++got] = 0;
            if (got >= 4 && memcmp(answer + got - 4, "\r\n\r\n", 4) == 0) {
                if (strncmp(answer, "HTTP/1.1 101", 12) == 0 &&
                    strstr(answer, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")) {
                    return page;
                }
                break;
            }
        }
    }
    close(page);
    return -1;
}

bool page_send(int page, unsigned first, bool masked, size_t claim, const void *bytes,
               size_t length)
{
    const size_t more = claim < 126 ? 0 : claim <= UINT16_MAX ? 2 : 8;
    const size_t mask = masked ? 4 : 0;
    uint8_t *frame = calloc(1, 14 + length);
    frame[0] = (uint8_t)first;
    frame[1] = (uint8_t)((masked ? 0x80u : 0) | (more == 0 ? claim : more == 2 ? 126u : 127u));
    for (size_t i = 0; i < more; i++) {
        frame[2 + i] = (uint8_t)(claim >> (8 * (more - 1 - i)));
    }
    if (length > 0) {
        memcpy(frame + 2 + more + mask, bytes, length);
    }
    const bool sent = connection_send(page, frame, 2 + more + mask + length);
    free(frame);
    return sent;
}

bool page_send_text(int page, const char *text)
{
    const size_t length = strlen(text);
    return page_send(page, FRAME_FINAL | FRAME_TEXT, true, length, text, length);
}

int page_read(int page, char *message, size_t *length)
{
    uint8_t head[10];
    if (!connection_receive(page, head, 2)) {
        return -1;
    }
    *length = head[1];
    const size_t more = head[1] == 126 ? 2 : head[1] == 127 ? 8 : 0;
    if (!connection_receive(page, head + 2, more)) {
        return -1;
    }
    for (size_t i = 0; i < more; i++) {
        *length = (i == 0 ? 0 : *length << 8) | head[2 + i];
    }
    if (*length >= MOST_FRAME || !connection_receive(page, message, *length)) {
        return -1;
    }
    message[*length] = 0;
    return head[0] & 15;
}

int page_close_code(int page)
{
    char *message = malloc(MOST_FRAME + 1);
    size_t length = 0;
    int kind;
    errno = 0;
    while ((kind = page_read(page, message, &length)) >= 0 && kind != FRAME_CLOSE) {
    }
    const bool open = kind < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    const int code =
        kind == FRAME_CLOSE && length >= 2 ? (uint8_t)message[0] << 8 | (uint8_t)message[1] : 0;
    free(message);
    return open ? -1 : code;
}
