// A handler of typed values that tells how far it is: makes a picture (PGM, plain text) smaller.
// Submit and watch it with any HTTP client:
//
//   curl -H 'Content-Type: application/json' localhost:8002/v1/tasks -d '{"kind": "resize",
//     "args": {"from": "/tmp/a.pgm", "to": "/tmp/b.pgm", "factor": 2}}'
#include <errand/errand.hpp>

#include <fstream>
#include <iostream>

struct ResizeArgs {
  std::string from, to;
  int factor = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ResizeArgs, from, to, factor)

struct Size {
  int width = 0, height = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Size, width, height)

struct Picture {
  Size size;
  std::vector<int> pixels;
};

Picture read(const std::string& path) {
  std::ifstream file(path);
  std::string magic;
  Picture picture;
  int white = 0;
  if (!(file >> magic >> picture.size.width >> picture.size.height >> white) || magic != "P2")
    throw errand::PermanentError(path + " is no plain PGM picture");
  for (int pixel = 0; file >> pixel;)
    picture.pixels.push_back(pixel);
  if (picture.pixels.size()
      != static_cast<size_t>(picture.size.width) * static_cast<size_t>(picture.size.height))
    throw errand::PermanentError(path + " has not as many pixels as it says");
  return picture;
}

Size resize(const ResizeArgs& args, errand::TaskContext& task) {
  if (args.factor < 1)
    throw errand::PermanentError("factor must be 1 or more");
  const auto picture = read(args.from);
  const Size size{picture.size.width / args.factor, picture.size.height / args.factor};
  std::ofstream file(args.to);
  file << "P2\n" << size.width << ' ' << size.height << "\n255\n";
  for (int y = 0; y < size.height; ++y) {
    if (task.cancelled())
      throw std::runtime_error("told to end");
    for (int x = 0; x < size.width; ++x)
      file << picture.pixels[static_cast<size_t>(y * args.factor * picture.size.width
                                                 + x * args.factor)]
           << ' ';
    file << '\n';
    task.progress(double(y + 1) / size.height, "line " + std::to_string(y + 1));
  }
  if (!file.flush())
    throw std::runtime_error("can't write " + args.to); // tried again
  return size;
}

int main() try {
  errand::TaskServer server{errand::load_options()};
  server.handle<ResizeArgs, Size>("resize", resize);
  return server.run() ? 0 : 1;
} catch (const errand::StartError& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
