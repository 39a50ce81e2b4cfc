"""The folders of an application have its name."""

import platformdirs

assert platformdirs.user_cache_dir("demo").endswith("demo")
assert platformdirs.PlatformDirs("demo", version="1").user_data_path.name == "1"
