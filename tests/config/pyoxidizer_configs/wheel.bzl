def make_wheel():
    wheel = PythonWheelBuilder("demo-app", "1.0")
    wheel.add_file(FileContent(filename = "demo_app.py", content = "print(1)\n"))
    wheel.add_file_dist_info(FileContent(filename = "METADATA", content = "Metadata-Version: 2.1\nName: demo-app\nVersion: 1.0\n"))
    wheel.add_file_data("scripts", FileContent(filename = "demo", content = "#!python\n", executable = True))
    wheel.platform_tag = "linux_x86_64"
    wheel.generator = "demo"
    print(wheel.wheel_file_name)
    return wheel

register_target("wheel", make_wheel)
resolve_targets()
