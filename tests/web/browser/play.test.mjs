// nca play: the page as served, and the requests that the server refuses.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build, freePort, launch, open, until } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

async function serve(...more) {
  const child = spawn(join(build, "nca"), ["play", process.env.NCA_MODEL, "--no-open", ...more]);
  let printed = "";
  for await (const chunk of child.stdout) {
    printed += chunk;
    const found = /http:\/\/127\.0\.0\.1:(\d+)\//.exec(printed);
    if (found) return { child, address: found[0], port: Number(found[1]) };
  }
  throw new Error(`nca play ended: ${printed}`);
}

async function stop({ child }) {
  child.kill("SIGINT");
  const [code] = await once(child, "exit");
  assert.equal(code, 0);
}

const ask = (port, options) => new Promise((resolve, reject) => {
  const request = http.request({ host: "127.0.0.1", port, ...options }, (response) => {
    let body = "";
    response.on("data", (chunk) => { body += chunk; });
    response.on("end", () => resolve({ code: response.statusCode, headers: response.headers, body }));
  });
  request.on("error", reject);
  request.end();
});

test("the_page_is_served_and_runs", async () => {
  const server = await serve();
  const page = await open(browser, server.address);
  await until(page, "step > 20");
  assert.deepEqual(page.problems, []);
  await page.context().close();
  await stop(server);
});

test("only_its_own_name_path_and_method_are_answered", async () => {
  const server = await serve();
  const { port } = server;
  const good = await ask(port, { path: "/" });
  assert.equal(good.code, 200);
  assert.equal(good.headers["x-content-type-options"], "nosniff");
  assert.equal((await ask(port, { path: "/", method: "HEAD" })).body, "");
  assert.equal((await ask(port, { path: "/", headers: { Host: `localhost:${port}` } })).code, 200);
  assert.equal((await ask(port, { path: "/", headers: { Host: "localhost:9000" } })).code, 200, "through a tunnel");
  for (const host of ["evil.example", `evil.example:${port}`, `127.0.0.1.evil.example:${port}`, "0.0.0.0"]) {
    assert.equal((await ask(port, { path: "/", headers: { Host: host } })).code, 403, host);
  }
  for (const path of ["/other", "/../etc/passwd", "/%2e%2e/etc/passwd"]) {
    assert.notEqual((await ask(port, { path })).code, 200, path);
  }
  assert.equal((await ask(port, { path: "/", method: "POST" })).code, 405);
  await stop(server);
});

test("nonsense_and_idle_connections_leave_it_answering", async () => {
  const server = await serve();
  const sockets = [];
  for (const bytes of ["\0\0\0\0", "GET / HTTP/9.9\r\n\r\n", `GET /${"a".repeat(100000)} HTTP/1.1\r\n\r\n`, "GET / HTTP/1.1\r\nHost"]) {
    const socket = net.connect(server.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(bytes);
    sockets.push(socket);
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (const socket of sockets) socket.destroy();
  assert.equal((await ask(server.port, { path: "/" })).code, 200);
  await stop(server);
});

test("a_taken_port_is_named_and_another_one_found", async () => {
  const port = String(await freePort());
  const first = await serve("--port", port);
  const second = spawn(join(build, "nca"), ["play", process.env.NCA_MODEL, "--no-open", "--port", port]);
  let complaint = "";
  second.stderr.on("data", (chunk) => { complaint += chunk; });
  const [code] = await once(second, "close");
  assert.equal(code, 2);
  assert.match(complaint, new RegExp(`port ${port} .* is not available`));
  const one = await serve(), two = await serve();
  assert.notEqual(one.port, two.port);
  for (const server of [first, one, two]) await stop(server);
});
