"""The program that Errand grew out of: answer now, sleep later in a pool of two threads."""
import time
from concurrent.futures import ThreadPoolExecutor

from tornado.concurrent import run_on_executor
from tornado.ioloop import IOLoop
from tornado.options import define, options, parse_command_line
from tornado.web import Application, RequestHandler

define("port", default=8002)


class Sleep(RequestHandler):
    executor = ThreadPoolExecutor(2)

    def get(self):
        IOLoop.current().add_callback(self.sleep)
        self.write("when i sleep")

    @run_on_executor
    def sleep(self):
        time.sleep(5)
        print("yes")
        return 5


if __name__ == "__main__":
    parse_command_line()
    Application([("/sleep", Sleep)]).listen(options.port, "127.0.0.1")
    IOLoop.current().start()
